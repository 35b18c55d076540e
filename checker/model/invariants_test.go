package model_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// limitOf is the constant limit of each owner of the properties.
func limitOf(owner engine.OwnerID) int {
	if owner == "ann" {
		return 2
	}
	return 1
}

// drawOp draws an operation that makes sense in the state more often than not.
func drawOp(t *rapid.T, store *model.Reviews, now int) model.ReviewsOp {
	pick := func(label string, low, high int) int { return rapid.IntRange(low, high).Draw(t, label) }
	number := pick("review", 1, 6)
	id := engine.ReviewID(fmt.Sprintf("r%d", number))
	owner := engine.OwnerID("ann")
	if number%3 == 0 {
		owner = "bob"
	}
	kind := model.ReviewsOpKind(pick("kind", int(model.ReviewsSubmit), int(model.ReviewsSweep)))

	known, ok := store.Review(id)
	if !ok {
		known = &engine.Review{Attempt: 1}
		if rapid.Bool().Draw(t, "submit first") {
			kind = model.ReviewsSubmit
		}
	}
	key := engine.AttemptKey{Review: id, Attempt: known.Attempt}
	token := known.Claim
	switch pick("twist", 0, 9) {
	case 0:
		key.Attempt = max(1, key.Attempt-1)
	case 1:
		key.Attempt++
	case 2:
		token++
	case 3:
		token = 0
	case 4, 5:
		if known.Stopping != 0 {
			key.Attempt = known.Stopping
		}
	}
	due := at(now + pick("due in", 0, 20))
	switch kind {
	case model.ReviewsSubmit:
		return model.Submit(engine.Submission{
			Review: id, Owner: owner, Repository: string(owner) + "/app", PullRequest: number % 2,
			HeadSHA: string(id), HeadOrder: int64(pick("head", 1, 7)),
		}, at(now))
	case model.ReviewsGet:
		return model.Get(id)
	case model.ReviewsAttempts:
		return model.Attempts(id)
	case model.ReviewsReserve:
		return model.Reserve(owner, limitOf(owner), at(now))
	case model.ReviewsClaim:
		return model.Claim(engine.Claim{Key: key, Owner: owner, Seen: token, Limit: limitOf(owner), Now: at(now), DueAt: due})
	case model.ReviewsRelease:
		return model.Release(key, token, due, at(now))
	case model.ReviewsDefer:
		return model.Defer(key, token, due, at(now))
	case model.ReviewsFail:
		return model.Fail(key, token, "failed", at(now))
	case model.ReviewsApply:
		return model.Apply(engine.Report{
			WorkerReport: engine.WorkerReport{
				Key: key, Status: engine.Status(pick("status", int(engine.Queued), int(engine.Cancelled))),
				Retryable: rapid.Bool().Draw(t, "retryable"),
			},
			Token: token, Now: at(now), DueAt: due, RetryAt: due, MaxRetries: 1,
		})
	case model.ReviewsSetAgentVersion:
		return model.SetAgentVersion(key, "v1", at(now))
	case model.ReviewsCancel:
		return model.Cancel(key, "cancelled", at(now))
	case model.ReviewsStopped:
		return model.Stopped(key, at(now))
	case model.ReviewsRetrigger:
		return model.Retrigger(key, at(now))
	default:
		return model.Sweep(engine.Search{Now: at(now), Max: pick("sweep", 0, 3), Limit: 20})
	}
}

// Whatever is called in whatever order, these hold after every operation.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, now := model.NewReviews(), 0
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			now += rapid.IntRange(0, 10).Draw(t, "later by")
			op := drawOp(t, store, now)

			before := store.Clone()
			next, result := store.Step(&op)
			if !store.Equal(before) {
				t.Fatalf("%s: Step changed its input", &op)
			}
			executed, _ := op.Execute(context.Background(), store.Port())
			if !executed.Equal(&result) || !store.Equal(next) {
				t.Fatalf("%s: the port answered %s, Step %s", &op, &executed, &result)
			}
			if (op.Kind.Reads() || result.Failed) && !store.Equal(before) {
				t.Fatalf("%s -> %s changed\n%s\nto\n%s", &op, &result, before, store)
			}
			checkSlots(t, store)
			store.Each(func(v *engine.Review) {
				checkReview(t, store, v)
				if old, ok := before.Review(v.ID()); ok {
					checkProgress(t, before, store, old, v)
					if *v != *old && v.UpdatedAt != op.Now {
						t.Fatalf("%s changed %s, which was last updated at %s", &op, v.Key(), v.UpdatedAt)
					}
				}
			})
		}
	})
}

// The limit holds although nothing but the claim knows it.
func checkSlots(t *rapid.T, store *model.Reviews) {
	for _, owner := range []engine.OwnerID{"ann", "bob"} {
		if held := store.Held(owner); held > limitOf(owner) {
			t.Fatalf("%s holds %d slots of %d:\n%s", owner, held, limitOf(owner), store)
		}
	}
}

func checkReview(t *rapid.T, store *model.Reviews, v *engine.Review) {
	switch {
	case v.Status < engine.Pending || v.Status > engine.Cancelled:
		t.Fatalf("%s has status %s", v.Key(), v.Status)
	case v.Stopping > v.Attempt || (v.Stopping != 0 && (v.Status == engine.Queued || v.Status == engine.Running)):
		t.Fatalf("%s is %s and stopping %d: two sessions in one slot", v.Key(), v.Status, v.Stopping)
	case (v.Status == engine.Queued || v.Status == engine.Running) && v.Claim == 0:
		t.Fatalf("%s is %s without a claim", v.Key(), v.Status)
	case v.SupersededBy != "" && !v.Status.Terminal():
		t.Fatalf("%s is superseded and %s", v.Key(), v.Status)
	}
	newest := v
	store.Each(func(other *engine.Review) {
		later := other.HeadOrder > newest.HeadOrder || other.HeadOrder == newest.HeadOrder && other.Review > newest.Review
		if other.SamePullRequest(&v.Submission) && later {
			newest = other
		}
	})
	if by := v.SupersededBy; (newest == v && by != "") || (newest != v && by != newest.ID()) {
		t.Fatalf("%s is superseded by %q, but the newest head is %s", v.Key(), by, newest.ID())
	}
	ended := run(store.Clone(), model.Attempts(v.ID())).Attempts
	for i, a := range ended {
		if a.Number != i+1 || !a.Status.Terminal() {
			t.Fatalf("%s: ended attempts %v", v.Key(), ended)
		}
	}
	if over := v.Status.Terminal(); (over && len(ended) != v.Attempt) || (!over && len(ended) != v.Attempt-1) {
		t.Fatalf("%s is %s with %d ended attempts", v.Key(), v.Status, len(ended))
	}
}

func checkProgress(t *rapid.T, before, after *model.Reviews, old, v *engine.Review) {
	switch {
	case v.Claim < old.Claim || v.Attempt < old.Attempt || v.Attempt > old.Attempt+1:
		t.Fatalf("%s with claim %d went to %s with claim %d", old.Key(), old.Claim, v.Key(), v.Claim)
	case v.Attempt == old.Attempt && old.Status.Terminal() && (v.Status != old.Status || v.Reason != old.Reason):
		t.Fatalf("%s was %s (%s) and is %s (%s)", v.Key(), old.Status, old.Reason, v.Status, v.Reason)
	case v.Attempt == old.Attempt && v.Status < old.Status:
		t.Fatalf("%s was %s and is %s", v.Key(), old.Status, v.Status)
	}
	was, is := run(before, model.Attempts(v.ID())).Attempts, run(after, model.Attempts(v.ID())).Attempts
	if len(is) < len(was) || !slices.Equal(is[:len(was)], was) {
		t.Fatalf("%s: ended attempts went from %v to %v", v.Key(), was, is)
	}
}

// Operations that took effect one after the other form a linearizable history, however early they were called and late
// they returned, and whether the effect of a lost one came to pass or not.
func TestModelAcceptsConcurrentHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, now := model.NewReviews(), 0
		var history []porcupine.Operation
		for i := range rapid.IntRange(1, 16).Draw(t, "operations") {
			now += rapid.IntRange(0, 10).Draw(t, "later by")
			op := drawOp(t, store, now)
			moment := int64(100 * i)
			call, ret := moment-rapid.Int64Range(0, 300).Draw(t, "called before"), moment+rapid.Int64Range(0, 300).Draw(t, "returned after")
			switch rapid.IntRange(0, 7).Draw(t, "fate") {
			case 0:
				run(store, op)
				history = append(history, lost(call, op))
			case 1:
				history = append(history, lost(call, op))
			default:
				history = append(history, did(call, ret, op, run(store, op)))
			}
		}
		if !porcupine.CheckOperations(model.ReviewsModel(), history) {
			for _, operation := range history {
				t.Log(operation.Call, operation.Return, model.ReviewsModel().DescribeOperation(operation.Input, operation.Output))
			}
			t.Fatal("not linearizable")
		}
	})
}

// drawJournalOp draws an operation that makes sense in the state more often than not.
func drawJournalOp(t *rapid.T, j *model.Journal, now int) model.JournalOp {
	pick := func(label string, low, high int) int { return rapid.IntRange(low, high).Draw(t, label) }
	op := model.JournalOp{
		Kind: model.JournalOpKind(pick("kind", int(model.JournalCreate), int(model.JournalPurge))),
		Key:  key(fmt.Sprintf("r%d", pick("review", 1, 2)), pick("attempt", 1, 2)),
		Host: engine.HostID(fmt.Sprintf("h%d", pick("host", 1, 3))), Payload: []byte("diff"), Owner: "ann",
		Now: at(now), Before: at(now), Max: pick("max", 0, 3),
		Outcome: engine.Outcome{Status: engine.Status(pick("outcome", int(engine.Completed), int(engine.Cancelled)))},
	}
	if op.Kind == model.JournalCreate {
		op.Outcome = engine.Outcome{}
		if pick("abandoned", 0, 3) == 0 {
			op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: "hopeless"}
		}
	}
	for range pick("suspects", 0, 2) {
		op.Suspects = append(op.Suspects, beat(engine.HostID(fmt.Sprintf("h%d", pick("suspect", 1, 3))), uint64(pick("beat", 0, 3))))
	}
	if known, ok := j.Orchestration(op.Key); ok {
		op.Epoch = known.Epoch
		if known.Epoch > 0 && pick("twist", 0, 4) == 0 {
			op.Epoch--
		}
		first := max(1, known.Events+int64(pick("from", -1, 2)))
		for seq := first; seq < first+int64(pick("events", 0, 3)); seq++ {
			op.Events = append(op.Events, engine.Event{
				Seq: seq, Tokens: seq, Kind: engine.EventKind(pick("event", 1, 6)/6 + 1),
			})
		}
		op.After = int64(pick("after", 0, 3))
	}
	return op
}

func TestJournalInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j, now := model.NewJournal(), 0
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			now += rapid.IntRange(0, 10).Draw(t, "later by")
			op := drawJournalOp(t, j, now)

			before := j.Clone()
			next, result := j.Step(&op)
			if !j.Equal(before) {
				t.Fatalf("%s: Step changed its input", &op)
			}
			executed, _ := op.Execute(context.Background(), j.Port())
			if !executed.Equal(&result) || !j.Equal(next) {
				t.Fatalf("%s: the port answered %s, Step %s", &op, &executed, &result)
			}
			if (op.Kind.Reads() || result.Failed) && !j.Equal(before) {
				t.Fatalf("%s -> %s changed\n%s\nto\n%s", &op, &result, before, j)
			}
			// Done once and done twice come to the same, at the same time.
			if again, _ := j.Step(&op); op.Epoch != 0 && op.Kind.Fenced() && !again.Equal(j) {
				t.Fatalf("%s done again changed\n%s\nto\n%s", &op, j, again)
			}
			j.Each(func(o *engine.Orchestration) {
				checkOrchestration(t, j, o)
				if old, ok := before.Orchestration(o.Key); ok {
					checkOrchestrationProgress(t, old, o)
					news := o.Phase != old.Phase || o.Cancel != old.Cancel || o.CallbackPending != old.CallbackPending || o.Events != old.Events
					if want := map[bool]time.Time{true: op.Now, false: old.UpdatedAt}[news]; o.UpdatedAt != want {
						t.Fatalf("%s: %s was last updated at %s, want %s", &op, o.Key, o.UpdatedAt, want)
					}
				}
			})
		}
	})
}

func checkOrchestration(t *rapid.T, j *model.Journal, o *engine.Orchestration) {
	read := record(j, model.JournalOp{Kind: model.JournalEvents, Key: o.Key, Max: 1 << 30}).Events
	tokens := int64(0)
	for i, event := range read {
		if event.Seq != int64(i+1) || (event.Last() && i+1 != len(read)) {
			t.Fatalf("%s: events %v", o.Key, read)
		}
		tokens += event.Tokens
	}
	if purged := len(read) == 0; !purged && (int64(len(read)) != o.Events || tokens != o.Tokens) {
		t.Fatalf("%s counts %d events and %d tokens of %v", o.Key, o.Events, o.Tokens, read)
	}
	if o.CallbackPending && o.Phase != engine.PhaseOver {
		t.Fatalf("%s owes a callback before its end", o.Key)
	}
	if !o.Unfinished() && o.Holder != "" {
		t.Fatalf("%s is finished and held by %s", o.Key, o.Holder)
	}
}

func checkOrchestrationProgress(t *rapid.T, old, o *engine.Orchestration) {
	switch {
	case o.Phase < old.Phase || o.Epoch < old.Epoch || o.Events < old.Events || (old.Cancel && !o.Cancel):
		t.Fatalf("%v went back to %v", *old, *o)
	case old.Phase >= engine.PhaseStopping && o.Outcome != old.Outcome:
		t.Fatalf("%s was decided %v and is %v", o.Key, old.Outcome, o.Outcome)
	case o.Holder != old.Holder && o.Holder != "" && o.Epoch == old.Epoch:
		t.Fatalf("%s went from %s to %s under epoch %d", o.Key, old.Holder, o.Holder, o.Epoch)
	}
}

func TestJournalModelAcceptsConcurrentHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j, now := model.NewJournal(), 0
		var history []porcupine.Operation
		for i := range rapid.IntRange(1, 16).Draw(t, "operations") {
			now += rapid.IntRange(0, 10).Draw(t, "later by")
			op := drawJournalOp(t, j, now)
			moment := int64(100 * i)
			call, ret := moment-rapid.Int64Range(0, 300).Draw(t, "called before"), moment+rapid.Int64Range(0, 300).Draw(t, "returned after")
			switch rapid.IntRange(0, 7).Draw(t, "fate") {
			case 0:
				record(j, op)
				history = append(history, unknown(call, op))
			case 1:
				history = append(history, unknown(call, op))
			default:
				history = append(history, wrote(call, ret, op, record(j, op)))
			}
		}
		if !porcupine.CheckOperations(model.JournalModel(), history) {
			for _, operation := range history {
				t.Log(operation.Call, operation.Return, model.JournalModel().DescribeOperation(operation.Input, operation.Output))
			}
			t.Fatal("not linearizable")
		}
	})
}
