package engine

import (
	"context"
	"time"
)

// A ReviewStore is the app database. Every method is one atomic step, and takes the caller's time and tokens as
// arguments: no store reads a clock of its own. Any number of tasks may call it at once.
//
// All methods fail as [Ambiguous] when the effect is unknown and as [Rejected] when the store was out of reach before it
// had one. Any other failure has no effect either.
//
// Times are kept in whole microseconds. Names (of reviews, owners, repositories, hosts) are compared and ordered byte by
// byte, and a tie goes to the lower one. A name that can't be stored is Permanent where it would be created, and unknown
// everywhere else. A text that names nothing (a reason, a version) may hold any bytes, and none is refused. Lists that
// are passed or returned belong to the caller once the method has returned.
//
// Package engine/enginetest has the contract as tests.
type ReviewStore interface {
	// Submit records a pending review and supersedes the older heads of its pull
	// request; where a newer head is known already, the new review is born
	// cancelled. A repeated submission changes nothing and returns the review.
	// superseded lists the reviews that went on until now and whose sessions have to
	// be stopped.
	// Permanent: the identifier stands for something else, or the head for another
	// review.
	Submit(ctx context.Context, s Submission, now time.Time) (r Review, superseded []Review, err error)

	// Get reads a review. NotFound.
	Get(ctx context.Context, id ReviewID) (Review, error)

	// Attempts lists the ended attempts of a review, oldest first. NotFound.
	Attempts(ctx context.Context, id ReviewID) ([]Attempt, error)

	// Reserve chooses what an owner's cycle should dispatch: every stale claim, for
	// the slot that it holds already, and the oldest due pending reviews for the
	// slots that are left. Stale claims come first, and both are in the order of
	// [Review.Older]. It writes nothing: the claim decides.
	Reserve(ctx context.Context, owner OwnerID, limit int, now time.Time) ([]Review, error)

	// Claim takes the exclusive right to dispatch a review and returns its fencing
	// token. In one step it requires that the review is still the candidate that
	// was reserved (same attempt and claim, and due), and that a pending one fits
	// into its owner's limit together with every older one that waits.
	// Stale: it is that candidate no more. Rejected: no slot. NotFound.
	Claim(ctx context.Context, c Claim) (Token, error)

	// Release gives a claim up, but not the slot, after a dispatch that had no
	// effect: the review may be claimed again from due on. A duplicate of the
	// refused message may still be on its way, so the review must not look as if
	// nobody could be running it. Stale: the claim was overtaken.
	Release(ctx context.Context, key AttemptKey, token Token, due, now time.Time) error

	// Defer moves the time at which a review is looked at again. The token is the
	// claim that was seen, which must still be the latest. For an attempt that is
	// not running yet it counts a failed preparation. Stale.
	Defer(ctx context.Context, key AttemptKey, token Token, due, now time.Time) error

	// Fail ends an attempt that can never be dispatched, since it can't be prepared.
	// token as in Defer. The
	// caller knows that no session exists: the review was never claimed, or the
	// worker has promised never to start it. Stale.
	Fail(ctx context.Context, key AttemptKey, token Token, reason string, now time.Time) error

	// Apply merges what a worker said about an attempt into the review: statuses
	// only move forward, terminal ones are final, and older news changes nothing.
	// A retryable failure with retries left becomes the next attempt. It returns
	// the review as it is afterwards. Stale: the report carries a claim that was
	// overtaken. NotFound.
	Apply(ctx context.Context, report Report) (Review, error)

	// SetAgentVersion notes the version of the agent that runs an attempt. Stale.
	SetAgentVersion(ctx context.Context, key AttemptKey, version string, now time.Time) error

	// Cancel ends an attempt for its user. One that may have a session keeps its
	// slot (Stopping) until [ReviewStore.Stopped]. A terminal attempt stays as it
	// is. Stale: the review is at another attempt. NotFound.
	Cancel(ctx context.Context, key AttemptKey, reason string, now time.Time) (Review, error)

	// Stopped frees the slot of a cancelled attempt whose session is known to be
	// over, and makes the attempt that waited for that due. It returns the review; for
	// any other attempt nothing changes. NotFound.
	Stopped(ctx context.Context, key AttemptKey, now time.Time) (Review, error)

	// Retrigger starts the attempt after a terminal one. When that has happened
	// already it changes nothing and returns the review. Rejected: the attempt is
	// not over. Permanent: a newer head has superseded the review. NotFound.
	Retrigger(ctx context.Context, key AttemptKey, now time.Time) (Review, error)

	// Sweep finds what no trigger will, at most max of each, longest due first. It
	// writes nothing.
	Sweep(ctx context.Context, now time.Time, max int) (Work, error)
}

// A Claim asks for the right to dispatch one candidate.
type Claim struct {
	Key   AttemptKey
	Owner OwnerID
	Seen  Token // the review's latest claim when it was reserved
	Limit int   // slots of the owner
	Now   time.Time
	DueAt time.Time // when the new claim goes stale
}

// A Report is what a worker said about an attempt, on its way into the store.
type Report struct {
	WorkerReport
	// Token is the claim under which a dispatcher got the answer; 0 for a callback,
	// which carries no claim and is fenced by its attempt alone.
	Token      Token
	Now        time.Time
	DueAt      time.Time // when a running review counts as silent
	RetryAt    time.Time // when the attempt after a retryable failure may start
	MaxRetries int
}

// Work is what a sweep found.
type Work struct {
	Owners   []OwnerID // have candidates: lost triggers and stale claims
	Silent   []Review  // running and not heard of for too long
	Stopping []Review  // cancelled, and not known to be over
}
