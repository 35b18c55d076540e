package checker

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// The sweep is the net under everything that gets lost, and most of what it catches
// would come right by itself, later: a callback arrives, a stream limit passes. So it
// is watched by itself. Whatever is done about a review that is due changes its row:
// it is put off, claimed, or over. Pending reviews may wait for a slot.
//
// Due is meant in true time. A due time that was more than an hour ahead when it was
// written is due at once. Clocks that are wrong see it otherwise, though never for
// more than an hour, which [Config].StarvedAfter allows for.
var nothingNeglected = Property{
	ID:       "nothing-neglected",
	Class:    Protocol,
	Sentence: "In the quiet phase nothing that is due stays untouched for long: silent reviews, stale claims, attempts to be stopped.",
	Source:   "design.md 3.3: the sweep",
	watches:  []watching{on(checkNothingNeglected, StoreExecuted)},
	ending:   checkNothingNeglected,
}

func checkNothingNeglected(l *ledger, r *Record) *Violation {
	if l.phase != "quiet" || r.At-l.phaseBegan <= l.config.StarvedAfter {
		return nil
	}
	for _, v := range l.reviews {
		row := &v.row
		if !v.hasRow || row.Status != engine.Running && row.Status != engine.Queued && row.Stopping == 0 {
			continue
		}
		since := max(v.dueSince(l.config.Start), l.phaseBegan)
		if waited := r.At - since; waited > l.config.StarvedAfter {
			return &Violation{
				At: r.At, Key: row.Key(), Cause: neglected(row) + " was neglected",
				Message: violated(r, "", "review %s, attempt %d is %s (stopping attempt %d), has been due for %s, and nobody has looked at it",
					row.Review, row.Attempt, row.Status, row.Stopping, waited).Message,
			}
		}
	}
	return nil
}

// dueSince is when a row was due by a clock that is right.
func (v *reviewEntry) dueSince(start time.Time) time.Duration {
	at := v.row.DueAt.Sub(start)
	if at-v.changedAt > aheadMax {
		return v.changedAt
	}
	return max(at, v.changedAt)
}

func neglected(row *engine.Review) string {
	switch {
	case row.Stopping != 0:
		return "an attempt to be stopped"
	case row.Status == engine.Queued:
		return "a stale claim"
	}
	return "a silent review"
}
