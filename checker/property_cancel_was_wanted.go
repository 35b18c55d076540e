package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A worker that is told to cancel can't know why. The app has told it so for a reason
// that stands in its database from then on: the user has cancelled the attempt, or a
// later one has followed it. There is one exception. Before the app calls a claimed
// attempt failed that it can't dispatch, it has the worker promise never to start it:
// so an attempt that the worker has never heard of may be buried while it is claimed.
// One that an old start brings to the worker between its being asked and its being
// told is cancelled by that, and what the app says so may be minutes on its way: so a
// claim that was granted before the worker knew the attempt, and under which no
// dispatch was sent, excuses it.
var cancelWasWanted = Property{
	ID:       "cancel-was-wanted",
	Sentence: "A worker is told to cancel an attempt only when the app's user wanted it, or to bury one that it does not know.",
	Source:   "design.md 3.3 and 3.4",
	watches:  []watching{on(checkCancelWasWanted, JournalExecuted)},
}

// failWhenBuried: to call a claimed attempt failed that has never been heard of is
// what the first of all bugs did.
var failWhenBuried = Property{
	ID:       "fail-when-buried",
	Sentence: "The app calls an attempt failed by itself only if it was never claimed, or the worker has promised never to start it.",
	Source:   "seed.txt (a timed-out dispatch marked failed); design.md 3.3",
	watches:  []watching{on(checkFailWhenBuried, StoreChanged)},
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
	case r.RowBefore == nil && row.Attempt == attempt && row.Status != engine.Pending:
		return nil
	case row.Attempt == attempt && (row.Status == engine.Queued || row.Status == engine.Running):
		if v.claimedToEnd(attempt, l.attempt.createdAt) {
			return nil
		}
	}
	status := "unknown to the app"
	if v.hasRow {
		status = v.row.Status.String()
	}
	return violated(r, "cancelled though nobody wanted it", "%s was told to cancel review %s, attempt %d, which is %s for its user",
		r.Actor, r.Key.Review, attempt, status)
}

// claimedToEnd reports whether somebody may have claimed an attempt, before a time, to
// end it: no dispatch was sent under that claim.
func (v *reviewEntry) claimedToEnd(attempt int, before time.Duration) bool {
	for i := range v.claims {
		if c := &v.claims[i]; c.attempt == attempt && !c.used && c.at <= before {
			return true
		}
	}
	return false
}

func checkFailWhenBuried(l *ledger, r *Record) *Violation {
	before := r.Before
	if r.Op.Kind != model.OpFail || before == nil || before.Status == engine.Pending || before.Status.Terminal() {
		return nil
	}
	if a := l.review.known(r.Op.Key.Attempt); a != nil && a.over() && a.row.Outcome.Status == engine.Cancelled {
		return nil
	}
	return violated(r, "failed without a promise", "%s called review %s, attempt %d failed, which was %s and which no worker had promised never to start",
		r.Actor, r.Key.Review, r.Op.Key.Attempt, before.Status)
}
