package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// That its outcome stays is for start-idempotent to say.
var rowEnds = Property{
	ID:       "row-ends",
	Class:    Protocol,
	Sentence: "Of a row that is over nothing changes but who delivers its callback, and that it is delivered.",
	Source:   "design.md 3: decide first, act after",
	watches:  []watching{on(checkRowEnds, JournalExecuted)},
}

func checkRowEnds(_ *ledger, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil || after == nil || before.Phase != engine.PhaseOver {
		return nil
	}
	settled := before.Owed && !after.Owed && r.JournalOp.Kind == model.JournalSettle
	if after.Phase != before.Phase || after.Events != before.Events || after.Tokens != before.Tokens ||
		after.Cancel != before.Cancel || after.Owner != before.Owner || after.Owed != before.Owed && !settled {
		return violated(r, "a row changed that was over", "%s of review %s, attempt %d made it %s, which was %s",
			r.JournalOp.Kind, r.Key.Review, r.Key.Attempt, describeRow(after), describeRow(before))
	}
	return nil
}
