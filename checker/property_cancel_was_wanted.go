package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A worker that is told to cancel can't know why. The app has told it so for a reason
// that stands in its database from then on: the user has cancelled the attempt, or a
// later one has followed it. There is one exception: of a running review that the
// worker turns out not to know, the app first has every later start refused.
var cancelWasWanted = Property{
	ID:       "cancel-was-wanted",
	Class:    Protocol,
	Sentence: "A worker is told to cancel an attempt only when the app's user wanted it, or to bury a running one that it does not know.",
	Source:   "design.md 3.3 and 3.4",
	watches:  []watching{on(checkCancelWasWanted, JournalExecuted)},
}

func checkCancelWasWanted(l *ledger, r *Record) *Violation {
	if r.JournalOp.Kind != model.JournalRequestCancel || r.JournalResult.Failed {
		return nil
	}
	if r.RowBefore != nil && r.RowBefore.Phase == engine.PhaseOver {
		return nil // it has no effect
	}
	v, attempt := l.review, r.Key.Attempt
	switch row := &v.row; {
	case !v.hasRow:
	case row.Attempt > attempt, row.Stopping == attempt:
		return nil
	case row.Attempt == attempt && row.Status == engine.Cancelled:
		return nil
	case r.RowBefore == nil && row.Attempt == attempt && row.Status == engine.Running:
		return nil
	}
	status := "unknown to the app"
	if v.hasRow {
		status = v.row.Status.String()
	}
	return violated(r, "cancelled though nobody wanted it", "%s was told to cancel review %s, attempt %d, which is %s for its user",
		r.Actor, r.Key.Review, attempt, status)
}
