package certify

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/run"
)

// TestFailureShowsTheHistory pins the text of a failure, which people read in a log.
func TestFailureShowsTheHistory(t *testing.T) {
	ops := []operation{submit("a", 0), claim(first("a"), 0, 1, 10), claim(first("a"), 0, 1, 11), onReviews(model.Get("a"))}
	clients := []int{clientBefore, 0, 1, clientAfter}
	returned := []int64{15, 45, 55, 75}
	s := emptyState()
	var history []porcupine.Operation
	for i, op := range ops {
		result := s.apply(op)
		if i == 2 {
			result = answer{review: &model.ReviewsResult{Token: 1}} // the same token again: the predicate is gone
		}
		history = append(history, porcupine.Operation{
			ClientId: clients[i], Input: op.input(), Output: result.output(), Call: int64(20 * i), Return: returned[i],
		})
	}
	failure := judge(scenarios()[1], 7, lockedRows, history)
	if failure == nil || failure.Verdict != run.Violated {
		t.Fatalf("%v, want a violation", failure)
	}
	const want = `not linearizable: claims-of-one-review, round 7, behind locked rows: dispatchers claim one review, which is pending or has a stale claim
  before     0 to 15    submit a of ann: github onceover/a#1 head sha-a, order 1, now 12:00:00.000 -> a/1 pending, due 12:00:00.000
  rival 1    20 to 45   claim a/1 for ann, seen 0, limit 1, due 12:05:10.000, now 12:00:10.000 -> token 1
  rival 2    40 to 55   claim a/1 for ann, seen 0, limit 1, due 12:05:11.000, now 12:00:11.000 -> token 1
  after      60 to 75   get a -> a/1 queued, claim 1, due 12:05:10.000
the longest order that explains its answers:
   1. before: submit a of ann: github onceover/a#1 head sha-a, order 1, now 12:00:00.000 -> a/1 pending, due 12:00:00.000
   2. rival 1: claim a/1 for ann, seen 0, limit 1, due 12:05:10.000, now 12:00:10.000 -> token 1
no order has a place for all of these as well:
      rival 2: claim a/1 for ann, seen 0, limit 1, due 12:05:11.000, now 12:00:11.000 -> token 1
      after: get a -> a/1 queued, claim 1, due 12:05:10.000`
	if got := failure.String(); got != want {
		t.Errorf("the failure is\n%s\nwant\n%s", got, want)
	}
	page := filepath.Join(t.TempDir(), "history.html")
	file, err := os.Create(page)
	if err != nil {
		t.Fatal(err)
	}
	if err := failure.Visualize(file); err != nil {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

// TestAmbiguousOperationsStayOpen has a lost answer explain a token that no caller got.
func TestAmbiguousOperationsStayOpen(t *testing.T) {
	submitted, lost, second := submit("a", 0), claim(first("a"), 0, 1, 10), claim(first("a"), 1, 1, 11+staleAfter)
	s := emptyState()
	history := []porcupine.Operation{
		{ClientId: clientBefore, Input: submitted.input(), Output: s.apply(submitted).output(), Call: 1, Return: 2},
		{ClientId: 0, Input: lost.input(), Output: model.ReviewsResult{Failure: model.FailureOf(engine.Ambiguous)}, Call: 3, Return: 4},
		{ClientId: 1, Input: second.input(), Output: model.ReviewsResult{Token: 2}, Call: 5, Return: 6},
	}
	if n := ambiguous(history); n != 1 {
		t.Errorf("%d ambiguous operations, want 1", n)
	}
	if f := judge(scenarios()[1], 0, noGate, slices.Clone(history)); f != nil {
		t.Error(f)
	}
	without := []porcupine.Operation{history[0], history[2]}
	if f := judge(scenarios()[1], 0, noGate, without); f == nil || f.Verdict != run.Violated {
		t.Errorf("a second token without a first passes: %v", f)
	}
}
