package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// When the sweep, or a cycle, looks at a review again follows from the configuration:
// too soon, and a claim that is alive is taken for an abandoned one; too late, and a
// review waits for nothing. A process that runs an older configuration has other
// pauses, within what is allowed at all.
var dueTimes = Property{
	ID:       "due-times",
	Class:    Protocol,
	Sentence: "A due time lies ahead by what the configuration says for the operation that sets it, and is what the row has then.",
	Source:   "design.md 3.3",
	watches:  []watching{on(checkDueTimes, CallBegan), on(checkDueKept, StoreExecuted)},
}

// leastPause is the shortest pause that any configuration allows. Half of it is jitter.
const leastPause = 10 * time.Millisecond / 2

func checkDueTimes(l *ledger, r *Record) *Violation {
	if r.Op == nil {
		return nil
	}
	op, app := r.Op, &l.config.App
	due := dueRange{r, l.process(r.Actor).old}
	switch op.Kind {
	case model.OpClaim:
		return due.check("due time", op.DueAt, app.StaleAfter, app.StaleAfter)
	case model.OpRelease:
		return due.check("due time", op.DueAt, app.BackoffMin/2, app.BackoffMax)
	case model.OpDefer:
		return due.check("due time", op.DueAt, min(app.BackoffMin/2, app.StopEvery), max(app.BackoffMax, app.StopEvery, app.SilentAfter))
	case model.OpApply:
		if v := due.check("due time", op.DueAt, app.SilentAfter, app.SilentAfter); v != nil {
			return v
		}
		return due.check("retry time", op.RetryAt, app.BackoffMin/2, app.BackoffMax)
	default:
		return nil
	}
}

// A dueRange judges the times of an operation. old is the latest life of its caller
// that ran an older configuration.
type dueRange struct {
	r   *Record
	old int
}

func (d dueRange) check(what string, at time.Time, low, high time.Duration) *Violation {
	r := d.r
	if r.Life <= d.old {
		low, high = leastPause, aheadMax
	}
	if ahead := at.Sub(r.Op.Now); ahead < low || ahead > high {
		return violated(r, "a "+what+" out of range", "%s calls %s of review %s, attempt %d with a %s that is %s ahead; allowed: %s to %s",
			r.Actor, r.Text, r.Key.Review, r.Key.Attempt, what, ahead, low, high)
	}
	return nil
}

func checkDueKept(l *ledger, r *Record) *Violation {
	if r.Result.Failed || l.review == nil || !l.review.changed {
		return nil
	}
	switch op, row := r.Op, &l.review.row; op.Kind {
	case model.OpClaim, model.OpRelease, model.OpDefer:
		if row.DueAt.Equal(op.DueAt) {
			return nil
		}
		return violated(r, "a due time was not kept", "%s of review %s, attempt %d is to make it due at %s; it is due at %s",
			op.Kind, r.Key.Review, r.Key.Attempt, op.DueAt.UTC().Format(time.RFC3339Nano), row.DueAt.UTC().Format(time.RFC3339Nano))
	default:
		return nil
	}
}
