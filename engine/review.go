package engine

import (
	"fmt"
	"time"
)

// ReviewID identifies a review. The submitter chooses it, and it is the idempotency key of the submission.
type ReviewID string

// OwnerID identifies a user or an organisation.
type OwnerID string

// Status is the state of a review's current attempt, as its user sees it.
type Status uint8

const (
	// Pending means that the review waits for a slot of its owner.
	Pending Status = iota + 1
	// Queued means that a dispatcher has claimed the review. The dispatch may or may not have reached a worker.
	Queued
	// Running means that a worker has reported the attempt as running.
	Running
	// Completed, Failed and Cancelled are terminal: they are final for their attempt.
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

// ParseStatus returns the status that [Status.String] writes as text. The error is an [*UnknownValueError].
func ParseStatus(text string) (Status, error) {
	for s := Pending; s <= Cancelled; s++ {
		if statusNames[s] == text {
			return s, nil
		}
	}
	return 0, &UnknownValueError{Of: "status", Value: text, Known: "pending, queued, running, completed, failed, cancelled"}
}

// MarshalText returns the text of [Status.String]. It never fails.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets the status to what [ParseStatus] returns. After an error it is unchanged.
func (s *Status) UnmarshalText(text []byte) error {
	parsed, err := ParseStatus(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Terminal reports whether the attempt has ended for its user.
func (s Status) Terminal() bool { return s >= Completed && s <= Cancelled }

// A Token is the fencing token of a claim. Each claim of a review gets a higher one, and a write that carries an older
// one is refused. Zero means no claim.
type Token uint64

// An AttemptKey identifies one execution of a review. It is in every message, key and row, and is the idempotency key
// for the worker and for the agent.
type AttemptKey struct {
	Review  ReviewID `json:"review"`
	Attempt int      `json:"attempt"` // from 1
}

// String returns the key as review/attempt, as it is sent.
func (k AttemptKey) String() string { return fmt.Sprintf("%s/%d", k.Review, k.Attempt) }

// A Submission requests a review of one head of one pull request.
type Submission struct {
	Review      ReviewID `json:"review"`
	Owner       OwnerID  `json:"owner"`
	Platform    string   `json:"platform"` // github or gitlab
	Repository  string   `json:"repository"`
	PullRequest int      `json:"pull_request"`
	HeadSHA     string   `json:"head_sha"`
	// HeadOrder orders the heads of one pull request: see [Submission.Newer]. It is the platform's own sequence number
	// or the time of the event. The order of arrival means nothing, because deliveries overtake each other. A head that
	// comes back, after a force-push or when a pull request is reopened, comes with a higher order, under the same
	// identifier or under another one.
	HeadOrder int64 `json:"head_order"`
}

// A Review is one row of the app's database.
type Review struct {
	Submission
	Status  Status `json:"status"`
	Attempt int    `json:"attempt"` // number of the execution that the user sees, from 1
	Reason  string `json:"reason,omitempty"`
	// Claim is the token of the latest claim of this review, over all attempts.
	Claim Token `json:"claim"`
	// Stopping is the attempt that was cancelled and is not yet known to have ended, or 0. It keeps its slot.
	Stopping int `json:"stopping,omitempty"`
	// SupersededBy is the review of the newest head of the same pull request, or empty if this is the one.
	SupersededBy ReviewID `json:"superseded_by,omitempty"`
	// DueAt is when the sweep looks at the review again. From then on a pending review may be dispatched, the claim of
	// a queued one is stale, a running one is silent, and for one that is stopping the worker is asked again.
	DueAt time.Time `json:"due_at"`
	// EnqueuedAt orders the pending reviews of an owner, oldest first.
	EnqueuedAt time.Time `json:"enqueued_at"`
	// Retries counts the automatic attempts since the last submission or retrigger, Deferrals the failed preparations
	// of this attempt.
	Retries   int `json:"retries,omitempty"`
	Deferrals int `json:"deferrals,omitempty"`
	// AgentVersion is the version of the agent as a worker reported it. It is informative.
	AgentVersion string    `json:"agent_version,omitempty"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// Key returns the key of the review's current attempt.
func (r *Review) Key() AttemptKey { return AttemptKey{Review: r.ID(), Attempt: r.Attempt} }

// ID returns the review's identifier.
func (r *Review) ID() ReviewID { return r.Review }

// HoldsSlot reports whether the review counts against its owner's limit. It does if it is claimed or running, or if its
// cancelled attempt is not yet known to have ended.
func (r *Review) HoldsSlot() bool {
	return r.Status == Queued || r.Status == Running || r.Stopping != 0
}

// Candidate reports whether a dispatcher may claim the review at the time now. It may if the review is pending and due,
// with no earlier attempt to be stopped, or if its claim is stale.
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

// Older reports whether the review comes before another one in their owner's queue.
func (r *Review) Older(than *Review) bool {
	if c := r.EnqueuedAt.Compare(than.EnqueuedAt); c != 0 {
		return c < 0
	}
	return r.Review < than.Review
}

// Newer reports whether the head of a submission is newer than another one of the same pull request: the one with the
// higher order, and of two with the same order (in the same second, say) the one with the higher identifier. So all
// stores agree on the newest head, in whatever order the heads arrive.
func (s *Submission) Newer(than *Submission) bool {
	if s.HeadOrder != than.HeadOrder {
		return s.HeadOrder > than.HeadOrder
	}
	return s.Review > than.Review
}

// SameHead reports whether two submissions with one identifier are of the same head. They may differ in its order.
func (s *Submission) SameHead(as *Submission) bool {
	return s.Review == as.Review && s.HeadSHA == as.HeadSHA && s.SamePullRequest(as)
}

// SamePullRequest reports whether two submissions are heads of the same pull request.
func (s *Submission) SamePullRequest(as *Submission) bool {
	return s.PullRequest == as.PullRequest && s.Repository == as.Repository &&
		s.Platform == as.Platform && s.Owner == as.Owner
}

// An Attempt is one ended execution of a review, as the app stores it.
type Attempt struct {
	Number  int       `json:"number"`
	Status  Status    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	EndedAt time.Time `json:"ended_at"`
}

// An EventKind classifies the events of an agent.
type EventKind uint8

const (
	// EventProgress means that the session continues.
	EventProgress EventKind = iota + 1
	// EventCompleted is the last event of a session that succeeded.
	EventCompleted
	// EventFailed is the last event of a session that failed.
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

// MarshalText returns the text of [EventKind.String]. It never fails.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText sets the kind that is called progress, completed or failed. After an error it is unchanged. The error is
// an [*UnknownValueError].
func (k *EventKind) UnmarshalText(text []byte) error {
	for kind := EventProgress; kind <= EventFailed; kind++ {
		if eventKindNames[kind] == string(text) {
			*k = kind
			return nil
		}
	}
	return &UnknownValueError{Of: "event kind", Value: string(text), Known: "progress, completed, failed"}
}

// An Event is one event of an agent's session. Sequence numbers start at 1 and have no gaps.
type Event struct {
	Seq    int64     `json:"seq"`
	Kind   EventKind `json:"kind"`
	Tokens int64     `json:"tokens"` // used since the event before
	Text   string    `json:"text,omitempty"`
	// Retryable, of an EventFailed, means that the infrastructure failed and not the review.
	Retryable bool `json:"retryable,omitempty"`
}

// Last reports whether this is the last event of its session.
func (e *Event) Last() bool { return e.Kind != EventProgress }

// Outcome returns the outcome of the session that ends with this event.
func (e *Event) Outcome() Outcome {
	if e.Kind == EventCompleted {
		return Outcome{Status: Completed, Cause: CauseSession}
	}
	return Outcome{Status: Failed, Cause: CauseSession, Reason: CleanText(e.Text), Retryable: e.Retryable}
}
