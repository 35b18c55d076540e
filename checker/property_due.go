package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A due time that is further ahead than any process sets it was set by a wrong clock, and is due at once. So a process
// must not set one close to that bound: for a process with a clock that is a little behind, a fresh claim would be stale
// and a report of a moment ago silence. Clocks of servers differ by less than a second when they are kept in time, and by
// skewMax here.
var _ = callProperties.add(Property{
	ID:       "clocks-may-differ",
	Class:    Protocol,
	Sentence: "A due time leaves room for clocks that differ, and no review is claimed long before it is due.",
	Source:   "3.3; 3: safety never depends on a clock",
	NotMistakenFor: "A claim by a process whose clock is ahead, by no more than clocks differ, and claims in a run in which a " +
		"clock jumped.",
	watches: []watching{on(checkRoomForClocks, CallBegan), on(checkClaimedWhenDue, StoreChanged).store(model.ReviewsClaim)},
})

const (
	causeNoRoomForClocks       Cause = "no-room-for-clocks"
	causeClaimedLongBeforeItIs Cause = "claimed-long-before-it-is-due"
)

// skewMax is how far a clock may be off (fault clock.skew), either way.
const skewMax = 10 * time.Minute

func checkRoomForClocks(_ *facts, r *Record) *Violation {
	if r.Op == nil {
		return nil
	}
	due := r.Op.DueAt
	if r.Op.Kind == model.ReviewsApply && r.Op.RetryAt.After(due) {
		due = r.Op.RetryAt
	}
	if ahead := due.Sub(r.Op.Now); !due.IsZero() && ahead > aheadMax-2*skewMax {
		return violated(r, causeNoRoomForClocks, "%s was put off too far: at %s replica %s made it due %s ahead, and a clock that is %s behind takes that for a mistake",
			r.Key, moment(r.At), r.Actor, ahead, aheadMax-ahead)
	}
	return nil
}

func checkClaimedWhenDue(f *facts, r *Record) *Violation {
	before := r.Before
	if before == nil || f.clockJumped ||
		before.Status != engine.Pending && before.Status != engine.Queued {
		return nil
	}
	if early := before.DueAt.Sub(f.config.Start) - r.At; early > skewMax {
		return violated(r, causeClaimedLongBeforeItIs, "%s was claimed too early: at %s replica %s claimed it, %s, %s before it was due",
			engine.AttemptKey{Review: r.Key.Review, Attempt: before.Attempt}, moment(r.At), r.Actor, before.Status, early)
	}
	return nil
}
