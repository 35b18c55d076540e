package engine

import (
	"context"
	"time"
)

// A ReviewStore is the app's database. Every method is one atomic step, and takes the time and the tokens of its caller
// as arguments: a store reads no clock. The methods may be called concurrently.
//
// Every method fails as [Ambiguous] if the effect is unknown, and as [Rejected] if the store could not be reached
// before any effect. No other failure has an effect.
//
// Times have whole microseconds. Names (of reviews, owners, repositories, hosts) are compared and ordered byte by byte;
// where two things tie, the lower name comes first. A name that can't be stored is Permanent where it would be created,
// and unknown everywhere else. A text that names nothing (a reason, a version) may hold any bytes. Slices that are
// passed or returned belong to the caller once the method has returned.
//
// Package engine/enginetest has this contract as tests.
type ReviewStore interface {
	// Submit records a pending review and supersedes the older heads of its pull request; see [Submission.Newer]. If a
	// newer head is known already, the new review is cancelled at once. A repeated submission returns the review and
	// changes nothing, unless its order is higher than that of all before: then the head has come back. The review gets
	// that order. If it is of the newest head now, it is superseded no longer and supersedes the others, and if it was
	// cancelled, by a newer head or by a user, its next attempt begins, as by Retrigger. superseded lists the reviews
	// that were claimed or running until now: their sessions have to be stopped. The error is Permanent if the
	// identifier names a review of another head already.
	Submit(ctx context.Context, s Submission, now time.Time) (r Review, superseded []Review, err error)

	// Get returns a review. The error is NotFound if there is no such review.
	Get(ctx context.Context, id ReviewID) (Review, error)

	// Attempts returns the ended attempts of a review, oldest first. The error is NotFound if there is no such review.
	Attempts(ctx context.Context, id ReviewID) ([]Attempt, error)

	// Reserve returns what a cycle of the owner should dispatch: every stale claim, for the slot that it holds already,
	// and the oldest due pending reviews for the slots that are left. Stale claims come first, and both are in the
	// order of [Review.Older]. Reserve writes nothing: the claim decides.
	Reserve(ctx context.Context, owner OwnerID, limit int, now time.Time) ([]Review, error)

	// Claim takes the exclusive right to dispatch a review and returns its fencing token. In one step it checks that
	// the review is still the candidate that was reserved (same attempt, same claim, due), and that a pending one fits
	// into its owner's limit together with every older one that waits. The error is Stale if the review is no longer
	// that candidate, Rejected if there is no slot, and NotFound if there is no such review.
	Claim(ctx context.Context, c Claim) (Token, error)

	// Release gives up a claim after a dispatch that had no effect: the review may be claimed again from due on. It
	// keeps its slot and its status. A duplicate of the refused message may still be in flight, so the review must not
	// look as if it could not be running. The error is Stale if a newer claim exists.
	Release(ctx context.Context, key AttemptKey, token Token, due, now time.Time) error

	// Defer sets when the sweep looks at a review again. The token is the claim that the caller has seen. If the
	// attempt is not running yet, Defer counts a failed preparation. The error is Stale if the claim is no longer the
	// latest, or the attempt no longer the current one or one to be stopped.
	Defer(ctx context.Context, key AttemptKey, token Token, due, now time.Time) error

	// Fail ends an attempt that can't be prepared. The token is the claim that the caller has seen, and the caller
	// knows that no session exists: the review was never claimed, or the worker has promised never to start it. The
	// error is Stale if the claim is no longer the latest, or the attempt no longer one that waits.
	Fail(ctx context.Context, key AttemptKey, token Token, reason string, now time.Time) error

	// Apply merges a worker's report into the review and returns the review after that. Statuses only move forward,
	// terminal ones are final, and an older report changes nothing. A retryable failure with retries left starts the
	// next attempt. The error is Stale if the report carries an overtaken claim or the review has not reached the
	// attempt, and NotFound if there is no such review.
	Apply(ctx context.Context, report Report) (Review, error)

	// SetAgentVersion records the version of the agent that runs an attempt. The error is Stale if the review is at
	// another attempt.
	SetAgentVersion(ctx context.Context, key AttemptKey, version string, now time.Time) error

	// Cancel ends an attempt for its user. An attempt that may have a session keeps its slot until
	// [ReviewStore.Stopped]; see [Review].Stopping. A terminal attempt stays as it is. The error is Stale if the review
	// is at another attempt, and NotFound if there is no such review.
	Cancel(ctx context.Context, key AttemptKey, reason string, now time.Time) (Review, error)

	// Stopped frees the slot of a cancelled attempt with a session that is known to have ended. If the next attempt
	// waits for that, it becomes due. Stopped returns the review. For any other attempt it changes nothing. The error
	// is NotFound if there is no such review.
	Stopped(ctx context.Context, key AttemptKey, now time.Time) (Review, error)

	// Retrigger starts the attempt that follows a terminal one. If it has started already, Retrigger changes nothing
	// and returns the review. The error is Rejected if the attempt has not ended, Permanent if a newer head has
	// superseded the review, Stale if the review has not reached the attempt, and NotFound if there is no such review.
	Retrigger(ctx context.Context, key AttemptKey, now time.Time) (Review, error)

	// Sweep returns what no trigger finds, at most s.Max of each kind. It writes nothing. Owners come in the order of
	// their names, from the one behind s.After on and then from the beginning; reviews come longest due first.
	Sweep(ctx context.Context, s Search) (Work, error)
}

// A Search is what a sweep looks for.
type Search struct {
	Now time.Time
	Max int // of each kind
	// Limit is the number of slots of an owner. OwnerLimits overrides it for single owners.
	Limit       int
	OwnerLimits map[OwnerID]int
	After       OwnerID // the last owner that the search before has found
}

// LimitOf returns the number of slots of an owner.
func (s *Search) LimitOf(owner OwnerID) int {
	if limit, ok := s.OwnerLimits[owner]; ok {
		return limit
	}
	return s.Limit
}

// A Claim requests the right to dispatch one candidate.
type Claim struct {
	Key   AttemptKey
	Owner OwnerID
	Seen  Token // the review's latest claim when it was reserved
	Limit int   // slots of the owner
	Now   time.Time
	DueAt time.Time // when the new claim becomes stale
}

// A Report is a worker's report on its way into the store.
type Report struct {
	WorkerReport
	// Token is the claim of the dispatch that this report answers. It is 0 for a callback, which carries no claim and
	// is fenced by its attempt alone.
	Token      Token
	Now        time.Time
	DueAt      time.Time // when a running review becomes silent
	RetryAt    time.Time // when the attempt after a retryable failure may start
	MaxRetries int
}

// Work is what a sweep has found.
type Work struct {
	Owners   []OwnerID // with a stale claim, or with a due pending review and a free slot
	Silent   []Review  // running, without a report for too long
	Stopping []Review  // cancelled, and not known to have ended
}
