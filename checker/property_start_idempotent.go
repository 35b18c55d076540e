package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var startIdempotent = Property{
	ID:       "start-idempotent",
	Class:    Protocol,
	Sentence: "A start of a known attempt changes nothing, and no write takes an attempt back.",
	Source:   "seed.txt (a duplicate start resets a live orchestrator); design.md 3.4",
	watches:  []watching{on(checkNothingTakenBack, JournalExecuted)},
}

func checkNothingTakenBack(l *ledger, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil {
		return nil
	}
	op := r.JournalOp.Kind
	if after == nil {
		return violated(r, "an attempt was forgotten", "%s removed review %s, attempt %d from the journal", op, r.Key.Review, r.Key.Attempt)
	}
	if op == model.JournalCreate && !sameProgress(before, after) {
		return violated(r, "a duplicate start had an effect", "a start of review %s, attempt %d, which was known, changed it from %s to %s",
			r.Key.Review, r.Key.Attempt, describeRow(before), describeRow(after))
	}
	if after.Phase < before.Phase || after.Events < before.Events || after.Epoch < before.Epoch || before.Cancel && !after.Cancel ||
		before.Phase >= engine.PhaseStopping && after.Outcome != before.Outcome && before.Outcome.Status != 0 {
		return violated(r, "an attempt was taken back", "%s took review %s, attempt %d from %s back to %s",
			op, r.Key.Review, r.Key.Attempt, describeRow(before), describeRow(after))
	}
	return nil
}

// sameProgress compares all that a start could touch.
func sameProgress(a, b *engine.Orchestration) bool {
	return a.Phase == b.Phase && a.Cancel == b.Cancel && a.Outcome == b.Outcome && a.Owed == b.Owed &&
		a.Events == b.Events && a.Tokens == b.Tokens && a.Holder == b.Holder && a.Epoch == b.Epoch
}
