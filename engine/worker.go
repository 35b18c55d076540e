package engine

import (
	"context"
	"time"
)

// A Worker is the service that hosts orchestrators, as the app sees it. All
// methods are idempotent by (review, attempt).
type Worker interface {
	// Start has the attempt executed and returns once that is durable. For a known
	// attempt it answers with its state and touches nothing. Rejected: no effect.
	// Permanent: the request can never be started.
	Start(ctx context.Context, request StartRequest) (WorkerReport, error)
	// Cancel durably stops the attempt, also one that has not arrived yet. The
	// session is over when the answer's status is terminal.
	Cancel(ctx context.Context, key AttemptKey) (WorkerReport, error)
	// Status says where the attempt stands. NotFound: it never arrived.
	Status(ctx context.Context, key AttemptKey) (WorkerReport, error)
	// Events reads journaled events after a sequence number, at most max. NotFound.
	Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error)
}

// A StartRequest is one dispatch.
type StartRequest struct {
	Key     AttemptKey `json:"key"`
	Owner   OwnerID    `json:"owner"`
	Token   Token      `json:"token"` // the claim it is sent under
	Payload []byte     `json:"payload"`
	// Abandon, when not empty, says why the attempt can't be executed. A worker that
	// does not know it records that it has failed for that reason, so that no other
	// start can execute it; one that does answers as ever.
	Abandon string `json:"abandon,omitempty"`
}

// A WorkerReport is where an attempt stands according to the worker: Queued until
// the agent may have been called, Running from then on, terminal once the session
// is known to be over.
type WorkerReport struct {
	Key          AttemptKey `json:"key"`
	Status       Status     `json:"status"`
	Reason       string     `json:"reason,omitempty"`
	Retryable    bool       `json:"retryable,omitempty"` // of Failed: infrastructure
	AgentVersion string     `json:"agent_version,omitempty"`
	Events       int64      `json:"events"` // journaled
	Tokens       int64      `json:"tokens"` // used by journaled events
}

// A Callback is the app as a worker sees it.
type Callback interface {
	// Report tells the app where an attempt stands. A nil error and the kinds
	// NotFound, Stale and Permanent are answers; after any other the app may not
	// know.
	Report(ctx context.Context, report WorkerReport) error
}

// A Preparer makes what a review needs to run: configuration, flags, the change
// itself from GitHub or GitLab. It is slow and has no effects.
type Preparer interface {
	// Prepare returns the payload. Permanent: it can never be made.
	Prepare(ctx context.Context, r Review) ([]byte, error)
}

// A SessionID names an agent's session: one execution of a review.
type SessionID string

// An Agent is the outside service that does the reviewing. The attempt's key is
// the idempotency key of its session.
type Agent interface {
	// Create starts the session of an attempt, or finds it. Permanent: refused, as
	// after an interrupt. Rejected: throttled or out of reach, no effect.
	Create(ctx context.Context, key AttemptKey, payload []byte) (SessionID, error)
	// Stream opens the session's events after a sequence number. Everything up to
	// there is acknowledged: the agent may forget it. NotFound.
	Stream(ctx context.Context, key AttemptKey, after int64) (EventStream, error)
	// Interrupt ends the session, also one whose create arrives later. It reports
	// whether the session is known to be over; if not, it is asked again.
	Interrupt(ctx context.Context, key AttemptKey) (over bool, err error)
}

// An EventStream delivers the events of one session.
type EventStream interface {
	// Recv waits for the next event. Any error but the context's ends the stream.
	// Permanent: the event can't be decoded or is too large. A stream may be read
	// again after the context of one Recv has ended.
	Recv(ctx context.Context) (Event, error)
	// Close lets the connection go.
	Close()
}

// A HostID names one life of a worker process: a restarted host has a new one.
type HostID string

// An Epoch numbers the holders of one orchestration's lease. A journal write with
// an older one is refused. Zero: never held.
type Epoch uint64

// A Phase is how far an orchestration has come.
type Phase uint8

const (
	// PhaseAccepted: the start is durable.
	PhaseAccepted Phase = iota + 1
	// PhaseIntended: the agent may have been called.
	PhaseIntended
	// PhaseStopping: it is decided that the attempt has failed; its session is
	// being ended.
	PhaseStopping
	// PhaseOver: the outcome is decided and no session is left.
	PhaseOver
)

// An Orchestration is one attempt in the worker's journal.
type Orchestration struct {
	Key     AttemptKey
	Owner   OwnerID
	Payload []byte
	Phase   Phase
	// Cancel: the attempt is to be stopped. On an attempt that never started (it was
	// cancelled before, or abandoned) it is the tombstone that refuses a later start.
	Cancel bool
	// Outcome of PhaseStopping and PhaseOver. CallbackPending: the outbox holds the callback, because the app has not
	// answered it yet.
	Outcome         Outcome
	CallbackPending bool
	// Events is the sequence number of the last journaled event, Tokens the usage
	// that the journaled events add up to.
	Events int64
	Tokens int64
	// Holder may run the orchestration, under Epoch, for as long as it renews its
	// lease. Empty: nobody holds it.
	Holder    HostID
	Epoch     Epoch
	UpdatedAt time.Time
}

// A Heartbeat is one renewal of a host's lease, by its number. A lease has expired when its heartbeat has stood still
// for LeaseFor on the clock of the host that watches it. No two clocks are ever compared.
type Heartbeat struct {
	Host  HostID
	Count uint64
}

// A Holding is what a renewal found.
type Holding struct {
	// Orchestrations are all the unfinished ones that the host holds now, in the
	// order of their keys.
	Orchestrations []Orchestration
	// Others are the latest heartbeats of all other hosts that hold something unfinished, in the order of their names.
	// The heartbeat of a host that has never renewed its lease is 0.
	Others []Heartbeat
}

// An Outcome is how an attempt ended. Code compares its status and its cause; the
// reason is text for people.
type Outcome struct {
	Status    Status
	Cause     Cause
	Reason    string
	Retryable bool
}

// Unfinished reports whether the orchestration still needs a holder.
func (o *Orchestration) Unfinished() bool { return o.Phase != PhaseOver || o.CallbackPending }

// Report is the orchestration as the app is told about it.
func (o *Orchestration) Report() WorkerReport {
	report := WorkerReport{Key: o.Key, Status: Queued, Events: o.Events, Tokens: o.Tokens}
	switch o.Phase {
	case PhaseAccepted: // queued
	case PhaseIntended, PhaseStopping:
		report.Status = Running
	case PhaseOver:
		report.Status = o.Outcome.Status
		report.Reason = o.Outcome.Reason
		report.Retryable = o.Outcome.Retryable
	}
	return report
}

// A Journal is the worker's own durable storage, apart from the app database. Every method is one atomic step. Writes
// that carry an epoch fail as Stale when a later one was given out, as NotFound when the attempt is unknown, and are
// idempotent, so that one whose answer was lost is simply repeated. The rules of a [ReviewStore] for failures, times,
// names, texts and lists hold here, too. A payload that was returned is shared, and nobody writes to it.
type Journal interface {
	// Create records an accepted start, held by host; one that is abandoned is over at
	// once, has failed, and is held by nobody. When the attempt is known already,
	// created is false and nothing changes.
	Create(ctx context.Context, request StartRequest, host HostID, now time.Time) (o Orchestration, created bool, err error)
	// Load reads an attempt. NotFound.
	Load(ctx context.Context, key AttemptKey) (Orchestration, error)
	// RenewLease renews the lease of host by one heartbeat. It gives host at most max of the unfinished orchestrations
	// that nobody holds, or that a suspect holds which has not renewed its lease since that heartbeat, each under a
	// higher epoch. A new holder is no progress of the attempt: its UpdatedAt stays.
	RenewLease(ctx context.Context, host HostID, suspects []Heartbeat, max int) (Holding, error)
	// ReleaseLease gives up an orchestration: nobody holds it then.
	ReleaseLease(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) error
	// RecordIntent records that the agent is about to be called.
	RecordIntent(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) (Orchestration, error)
	// Append journals events. Those journaled already are skipped. The session's
	// last event finishes the attempt in the same step, with the outcome that it
	// tells. Permanent: the first new event does not follow the last one. Stale:
	// there are new events although the attempt is over.
	Append(ctx context.Context, key AttemptKey, epoch Epoch, events []Event, now time.Time) (Orchestration, error)
	// Decide records that the attempt ends with this outcome, once its session is
	// over. The first decision stays.
	Decide(ctx context.Context, key AttemptKey, epoch Epoch, outcome Outcome, now time.Time) (Orchestration, error)
	// Finish ends the attempt, with the outcome decided before, if any, and puts the terminal callback into the outbox.
	Finish(ctx context.Context, key AttemptKey, epoch Epoch, outcome Outcome, now time.Time) (Orchestration, error)
	// ClearOutbox removes the callback from the outbox: the app has answered it.
	ClearOutbox(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) error
	// RequestCancel marks an attempt to be stopped, or leaves a tombstone for one
	// that has not arrived.
	RequestCancel(ctx context.Context, key AttemptKey, now time.Time) (Orchestration, error)
	// Events reads journaled events after a sequence number. NotFound.
	Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error)
	// Purge forgets payload and events of at most max finished attempts that have
	// not changed since before. The identity and outcome stay, since a late start
	// must be refused however long it took.
	Purge(ctx context.Context, before time.Time, max int) (purged int, err error)
}
