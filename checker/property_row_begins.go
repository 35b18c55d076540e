package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var rowBegins = Property{
	ID:       "row-begins",
	Class:    Protocol,
	Sentence: "A start that is accepted is journaled for the review's owner and held by the host that took it; a tombstone is over at once and held by nobody.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkRowBegins, JournalExecuted)},
}

func checkRowBegins(l *ledger, r *Record) *Violation {
	op, row := r.JournalOp, r.Row
	if r.RowBefore != nil || row == nil {
		return nil
	}
	switch tombstone := op.Kind == model.JournalRequestCancel || op.Outcome.Status != 0; {
	case op.Kind == model.JournalCreate && l.review.hasRow && row.Owner != l.review.row.Owner:
		return violated(r, "journaled for another owner", "review %s, attempt %d of %s was journaled for %q",
			r.Key.Review, r.Key.Attempt, l.review.row.Owner, row.Owner)
	case tombstone && (row.Phase != engine.PhaseOver || row.Holder != "" || row.Owed):
		return violated(r, "a tombstone was given work", "review %s, attempt %d was buried, and is %s, held by %q",
			r.Key.Review, r.Key.Attempt, describeRow(row), row.Holder)
	case !tombstone && (row.Holder != op.Host || row.Phase != engine.PhaseAccepted):
		return violated(r, "a new row was not its creator's", "%s accepted review %s, attempt %d, which is %s, held by %q",
			op.Host, r.Key.Review, r.Key.Attempt, describeRow(row), row.Holder)
	}
	return nil
}
