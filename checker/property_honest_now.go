package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// Time reaches a store as a parameter. It may be wrong, as clocks are, but it is what
// the caller's clock shows: a predicate on another time is no predicate.
var honestNow = Property{
	ID:       "honest-now",
	Class:    Protocol,
	Sentence: "The time that an operation of a store carries is what its caller's clock shows.",
	Source:   "design.md 3.2",
	watches:  []watching{on(checkHonestNow, CallBegan)},
}

func checkHonestNow(l *ledger, r *Record) *Violation {
	carried, carries := l.carriedNow(r)
	if !carries || carried.Equal(r.Clock) {
		return nil
	}
	return violated(r, "another time than the clock's", "%s calls %s of review %s, attempt %d with the time %s; its clock shows %s",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt, carried.UTC().Format(time.RFC3339Nano), r.Clock.UTC().Format(time.RFC3339Nano))
}

// carriedNow is the time that a call of a store says it is.
func (l *ledger) carriedNow(r *Record) (carried time.Time, carries bool) {
	switch {
	case r.Op != nil:
		return r.Op.Now, r.Op.Kind != model.OpGet && r.Op.Kind != model.OpAttempts
	case r.JournalOp == nil:
		return time.Time{}, false
	}
	switch op := r.JournalOp; op.Kind {
	case model.JournalLoad, model.JournalEvents, model.JournalHold:
		return time.Time{}, false
	case model.JournalPurge:
		return op.Before.Add(l.config.Worker.KeepFor), true
	default:
		return op.Now, true
	}
}
