package certify

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A failure is to be understood by somebody who reads it in a log.
func TestViolationTellsTheHistory(t *testing.T) {
	ops := []model.Op{submit("a", 0), claim(first("a"), 0, 1, 10), claim(first("a"), 0, 1, 11), model.Get("a")}
	clients := []int{clientBefore, 0, 1, clientAfter}
	returned := []int64{15, 45, 55, 75}
	store := model.NewStore()
	var history []porcupine.Operation
	for i, op := range ops {
		var result model.Result
		store.Apply(&op, &result)
		if i == 2 {
			result = model.Result{Token: 1} // the same token again: the predicate is gone
		}
		history = append(history, porcupine.Operation{
			ClientId: clients[i], Input: model.Call{Op: op}, Output: result, Call: int64(20 * i), Return: returned[i],
		})
	}
	err := inRound(judge(model.Model(), history), Scenarios()[1], 7, LockedRows)
	var violation *RaceViolation
	if !errors.As(err, &violation) {
		t.Fatalf("%v, want a violation", err)
	}
	const want = `not linearizable: claims-of-one-review, round 7, behind locked rows: dispatchers claim one review, pending or with a stale claim
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
	if got := err.Error(); got != want {
		t.Errorf("told as\n%s\nwant\n%s", got, want)
	}
	page := filepath.Join(t.TempDir(), "history.html")
	file, err := os.Create(page)
	if err != nil {
		t.Fatal(err)
	}
	if err := violation.Visualize(file); err != nil {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

// An answer that nobody got explains a token that nobody was given.
func TestAmbiguousOperationsStayOpen(t *testing.T) {
	lost := porcupine.Operation{
		ClientId: 0, Input: model.Call{Op: claim(first("a"), 0, 1, 10)},
		Output: model.Result{Failed: true, Err: engine.Ambiguous}, Call: 3, Return: 4,
	}
	submitted := porcupine.Operation{ClientId: clientBefore, Input: model.Call{Op: submit("a", 0)}, Call: 1, Return: 2}
	store := model.NewStore()
	op := submit("a", 0)
	var result model.Result
	store.Apply(&op, &result)
	submitted.Output = result
	second := porcupine.Operation{
		ClientId: 1, Input: model.Call{Op: claim(first("a"), 1, 1, 11+stale)}, Output: model.Result{Token: 2}, Call: 5, Return: 6,
	}
	if err := judge(model.Model(), []porcupine.Operation{submitted, lost, second}); err != nil {
		t.Error(err)
	}
	if err := judge(model.Model(), []porcupine.Operation{submitted, second}); err == nil {
		t.Error("a second token without a first passes")
	}
	if n := ambiguous(model.Model(), []porcupine.Operation{submitted, lost, second}); n != 1 {
		t.Errorf("%d ambiguous operations, want 1", n)
	}
}
