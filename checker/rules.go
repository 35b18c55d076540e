package checker

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// The rules of the design that properties apply to rows. The engine has functions for each of them, which the simulated
// store uses too; properties that used those would share their mistakes.

// aheadMax is how far ahead a due time may be (section 3.3 of the design): one that is further ahead was set by a wrong
// clock, and counts as due.
const aheadMax = time.Hour

// pauseMax is the longest pause that a configuration may set. A clock may be off by the rest of aheadMax before somebody
// takes such a pause for the mistake of a clock.
const pauseMax = 30 * time.Minute

// due reports whether the time for something has come on a clock that shows now.
func due(at, now time.Time) bool {
	ahead := at.Sub(now)
	return ahead <= 0 || ahead > aheadMax
}

// candidate reports whether a review may be claimed: pending, with no earlier attempt left, or under a claim that is
// stale.
func candidate(row *engine.Review, now time.Time) bool {
	waits := row.Status == engine.Pending && row.Stopping == 0
	return (waits || row.Status == engine.Queued) && due(row.DueAt, now)
}

// holdsSlot reports whether a review counts against its owner's limit.
func holdsSlot(row *engine.Review) bool {
	switch row.Status {
	case engine.Queued, engine.Running:
		return true
	default:
		return row.Stopping != 0
	}
}

// olderThan reports whether a review comes before another of its owner.
func olderThan(row, than *engine.Review) bool {
	if row.EnqueuedAt.Equal(than.EnqueuedAt) {
		return row.Review < than.Review
	}
	return row.EnqueuedAt.Before(than.EnqueuedAt)
}

// newerHead reports whether the head of a submission is newer than another of its pull request: of two with one order
// the one with the higher identifier is.
func newerHead(s, than *engine.Submission) bool {
	return s.HeadOrder > than.HeadOrder || s.HeadOrder == than.HeadOrder && s.Review > than.Review
}

// samePullRequest reports whether two reviews are of heads of one pull request.
func samePullRequest(a, b *engine.Submission) bool {
	return a.Owner == b.Owner && a.Platform == b.Platform && a.Repository == b.Repository && a.PullRequest == b.PullRequest
}
