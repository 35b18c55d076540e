package engine

import (
	"fmt"
	"time"
)

// ReviewID identifies a review. The submitter chooses it; it is the idempotency
// key of the submission.
type ReviewID string

// OwnerID identifies a user or an organisation.
type OwnerID string

// Status is where the current attempt of a review stands, as its user sees it.
type Status uint8

const (
	// Pending: waits for a slot of its owner.
	Pending Status = iota + 1
	// Queued: claimed by a dispatcher. It may or may not have reached a worker.
	Queued
	// Running: the worker said that it runs.
	Running
	// Completed, Failed and Cancelled are terminal: final for their attempt.
	Completed
	Failed
	Cancelled
)

var statusNames = [...]string{"", "pending", "queued", "running", "completed", "failed", "cancelled"}

// String returns the status in lower case, as it is stored and sent.
func (s Status) String() string {
	if s >= Pending && s <= Cancelled {
		return statusNames[s]
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// ParseStatus is the inverse of [Status.String].
func ParseStatus(text string) (Status, error) {
	for s := Pending; s <= Cancelled; s++ {
		if statusNames[s] == text {
			return s, nil
		}
	}
	return 0, fmt.Errorf("status %q is none of pending, queued, running, completed, failed, cancelled", text)
}

// MarshalText writes the status as [Status.String] does.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseStatus] reads.
func (s *Status) UnmarshalText(text []byte) error {
	parsed, err := ParseStatus(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Terminal reports whether the attempt is over for its user.
func (s Status) Terminal() bool { return s >= Completed && s <= Cancelled }

// A Token is the fencing token of a claim: each claim of a review gets a higher
// one, and a write that carries an older one is refused. Zero is no claim.
type Token uint64

// AttemptKey is the identity of one execution: it stands in every message, key
// and row, and is the idempotency key towards worker and agent.
type AttemptKey struct {
	Review  ReviewID `json:"review"`
	Attempt int      `json:"attempt"`
}

// String is the key as it appears on the wire: review/attempt.
func (k AttemptKey) String() string { return fmt.Sprintf("%s/%d", k.Review, k.Attempt) }

// A Submission asks for a review of one head of one pull request.
type Submission struct {
	Review      ReviewID `json:"review"`
	Owner       OwnerID  `json:"owner"`
	Platform    string   `json:"platform"` // github or gitlab
	Repository  string   `json:"repository"`
	PullRequest int      `json:"pull_request"`
	HeadSHA     string   `json:"head_sha"`
	// HeadOrder orders the heads of one pull request: a higher one is newer. It is
	// the platform's own sequence (or push time), because deliveries overtake each
	// other and arrival says nothing.
	HeadOrder int64 `json:"head_order"`
}

// A Review is one row of the app database.
type Review struct {
	Submission
	Status  Status `json:"status"`
	Attempt int    `json:"attempt"` // of the execution the user sees, from 1
	Reason  string `json:"reason,omitempty"`
	// Claim is the token of the latest claim of this review, over all attempts.
	Claim Token `json:"claim"`
	// Stopping is the attempt whose session is not yet known to be over although
	// its user has been told cancelled; 0 if there is none. It keeps its slot.
	Stopping int `json:"stopping,omitempty"`
	// SupersededBy is the newest head of the same pull request, if this is not it.
	SupersededBy ReviewID `json:"superseded_by,omitempty"`
	// DueAt is when the sweep should look again. Pending: may be dispatched from
	// then on. Queued: the claim is stale from then on. Running: silent from then
	// on. Stopping: the worker is asked again.
	DueAt time.Time `json:"due_at"`
	// EnqueuedAt orders the pending reviews of an owner, oldest first.
	EnqueuedAt time.Time `json:"enqueued_at"`
	// Retries counts the automatic attempts since the last submission or retrigger,
	// Deferrals the failed preparations of this attempt.
	Retries   int `json:"retries,omitempty"`
	Deferrals int `json:"deferrals,omitempty"`
	// AgentVersion is what the worker said about the agent; informative.
	AgentVersion string    `json:"agent_version,omitempty"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// Key is the identity of the review's current attempt.
func (r *Review) Key() AttemptKey { return AttemptKey{Review: r.ID(), Attempt: r.Attempt} }

// ID returns the review's identifier.
func (r *Review) ID() ReviewID { return r.Review }

// HoldsSlot reports whether the review counts against its owner's limit: what is
// claimed, what runs, and what has been cancelled without being known to be over.
func (r *Review) HoldsSlot() bool {
	return r.Status == Queued || r.Status == Running || r.Stopping != 0
}

// Candidate reports whether a dispatcher may claim the review now: due pending
// reviews whose earlier attempt is over, and stale claims.
func (r *Review) Candidate(now time.Time) bool {
	switch r.Status {
	case Pending:
		return r.Stopping == 0 && Due(r.DueAt, now)
	case Queued:
		return Due(r.DueAt, now)
	default:
		return false
	}
}

// Older orders the reviews of an owner for dispatch.
func (r *Review) Older(than *Review) bool {
	if c := r.EnqueuedAt.Compare(than.EnqueuedAt); c != 0 {
		return c < 0
	}
	return r.Review < than.Review
}

// SamePullRequest reports whether two submissions are heads of one pull request.
func (s *Submission) SamePullRequest(as *Submission) bool {
	return s.PullRequest == as.PullRequest && s.Repository == as.Repository &&
		s.Platform == as.Platform && s.Owner == as.Owner
}

// An Attempt is one ended execution of a review, as the app remembers it.
type Attempt struct {
	Number  int       `json:"number"`
	Status  Status    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	EndedAt time.Time `json:"ended_at"`
}

// An EventKind says what an agent's event tells.
type EventKind uint8

const (
	// EventProgress: the review goes on.
	EventProgress EventKind = iota + 1
	// EventCompleted: last event of a session that did its work.
	EventCompleted
	// EventFailed: last event of a session that did not.
	EventFailed
)

var eventKindNames = [...]string{"", "progress", "completed", "failed"}

// String returns the kind in lower case, as it is stored and sent.
func (k EventKind) String() string {
	if k >= EventProgress && k <= EventFailed {
		return eventKindNames[k]
	}
	return fmt.Sprintf("EventKind(%d)", uint8(k))
}

// MarshalText writes the kind as [EventKind.String] does.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads progress, completed or failed.
func (k *EventKind) UnmarshalText(text []byte) error {
	for kind := EventProgress; kind <= EventFailed; kind++ {
		if eventKindNames[kind] == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("event kind %q is none of progress, completed, failed", text)
}

// An Event is one thing an agent's session reported. Sequence numbers start at 1
// and have no gaps.
type Event struct {
	Seq    int64     `json:"seq"`
	Kind   EventKind `json:"kind"`
	Tokens int64     `json:"tokens"` // tokens used since the event before
	Text   string    `json:"text,omitempty"`
	// Retryable, of an EventFailed: the infrastructure failed, not the review.
	Retryable bool `json:"retryable,omitempty"`
}

// Last reports whether no event follows.
func (e *Event) Last() bool { return e.Kind != EventProgress }

// Outcome is how a session ended, according to its last event.
func (e *Event) Outcome() Outcome {
	if e.Kind == EventCompleted {
		return Outcome{Status: Completed, Cause: CauseSession}
	}
	return Outcome{Status: Failed, Cause: CauseSession, Reason: e.Text, Retryable: e.Retryable}
}
