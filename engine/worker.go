package engine

import (
	"context"
	"time"
)

// A Worker runs attempts: it is the service of the hosts, as the app calls it. All methods are idempotent by (review,
// attempt).
type Worker interface {
	// Start accepts an attempt for execution and returns once that is durable. For a known attempt it returns the state
	// and changes nothing. The error is Rejected if there was no effect, and Permanent if the request can never be
	// started. If even an abandoned start without a reason of its own is Permanent, then nothing about the attempt can
	// be recorded: no start of it is accepted, whatever arrives later.
	Start(ctx context.Context, request StartRequest) (WorkerReport, error)
	// Cancel durably stops an attempt, even one that has not arrived yet. The session has ended if the status of the
	// answer is terminal.
	Cancel(ctx context.Context, key AttemptKey) (WorkerReport, error)
	// Status returns the state of an attempt. The error is NotFound if it never arrived.
	Status(ctx context.Context, key AttemptKey) (WorkerReport, error)
	// Events returns the journaled events after a sequence number, at most max of them, and at least one if there is
	// one: a page ends before its texts exceed [PageBytesMax]. The error is NotFound if the attempt never arrived, and
	// Permanent if [CheckPage] refuses the page.
	Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error)
	// Abandon ends an attempt for a reason that an operator gives, although its session may be running: it is the way out
	// of waiting for an agent that never answers whether the session has ended. The operator has to make sure that the
	// session is gone and that none begins. The attempt is Failed from then on, unless another outcome was decided
	// before; one that has not arrived never starts. On an attempt that has ended, Abandon gives up the callback that
	// the app has not answered.
	Abandon(ctx context.Context, key AttemptKey, reason string) (WorkerReport, error)
	// Inspect returns what an attempt waits for. The error is NotFound if it never arrived.
	Inspect(ctx context.Context, key AttemptKey) (Inspection, error)
}

// A StartRequest is one dispatch.
type StartRequest struct {
	Key     AttemptKey `json:"key"`
	Owner   OwnerID    `json:"owner"`
	Token   Token      `json:"token"` // of the claim under which it is sent
	Payload []byte     `json:"payload"`
	// Abandon, when not empty, is the reason why the attempt can't be executed. A worker that does not know the attempt
	// records it as failed for that reason, so that no other start can execute it. A worker that knows the attempt
	// answers with its state, as always.
	Abandon string `json:"abandon,omitempty"`
}

// A WorkerReport is the state of an attempt according to the worker. It is Queued until the agent may have been called,
// then Running, and terminal once the session is known to have ended.
type WorkerReport struct {
	Key          AttemptKey `json:"key"`
	Status       Status     `json:"status"`
	Reason       string     `json:"reason,omitempty"`
	Retryable    bool       `json:"retryable,omitempty"` // Failed only: the infrastructure failed
	AgentVersion string     `json:"agent_version,omitempty"`
	Events       int64      `json:"events"` // number of journaled events
	Tokens       int64      `json:"tokens"` // used by journaled events
}

// A Callback is the app, as a worker calls it.
type Callback interface {
	// Report delivers the state of an attempt to the app. nil and the kinds NotFound, Stale and Permanent are answers.
	// After any other error the app may not know the state.
	Report(ctx context.Context, report WorkerReport) error
}

// A Preparer makes what a review needs to run: configuration, flags, and the change itself from GitHub or GitLab. It is
// slow and has no effects.
type Preparer interface {
	// Prepare returns the payload of a review. The error is Permanent if it can never be made.
	Prepare(ctx context.Context, r Review) ([]byte, error)
}

// A SessionID identifies a session of the agent: one execution of a review.
type SessionID string

// An Agent is the external service that reviews the code. The key of an attempt is the idempotency key of its session.
type Agent interface {
	// Every method fails as [Throttled] if the agent asks its callers to make fewer calls.

	// Create creates the session of an attempt, or finds it. The error is Permanent if the agent refuses, as after an
	// interrupt, and Rejected if there was no effect, as when the agent can't be reached.
	Create(ctx context.Context, key AttemptKey, payload []byte) (SessionID, error)
	// Stream opens the events of the session after a sequence number. It acknowledges everything up to that number: the
	// agent may forget it. The error is NotFound if the agent does not know the session.
	Stream(ctx context.Context, key AttemptKey, after int64) (EventStream, error)
	// Interrupt ends the session, even one that is created later, and even if the agent restarts before that. It reports
	// whether the session is known to have ended; if not, the caller repeats it. The error is NotFound if the agent does
	// not know the session and takes no note of the interrupt: then it does not hold against a later Create.
	Interrupt(ctx context.Context, key AttemptKey) (over bool, err error)
}

// An EventStream delivers the events of one session.
type EventStream interface {
	// Recv waits for the next event. An event with sequence number 0 is a sign of life: the session goes on and has
	// nothing to report. The error is Permanent if the event can't be decoded or is too large. Every error
	// ends the stream, except that of the context: after it the stream may be read again.
	Recv(ctx context.Context) (Event, error)
	// Close releases the connection.
	Close()
}

// A HostID identifies one life of a worker process: a restarted host has a new one.
type HostID string

// An Epoch numbers the holders of an orchestration's lease. A journal write with an older one is refused. Zero means
// that it was never held.
type Epoch uint64

// A Phase is the progress of an orchestration.
type Phase uint8

const (
	// PhaseAccepted means that the start is durable.
	PhaseAccepted Phase = iota + 1
	// PhaseIntended means that the agent may have been called.
	PhaseIntended
	// PhaseStopping means that the attempt is known to have failed, and its session is being ended.
	PhaseStopping
	// PhaseOver means that the outcome is decided and no session is left.
	PhaseOver
)

// An Orchestration is one attempt in the worker's journal, without its payload and its events: they may be large, and
// have methods of their own.
type Orchestration struct {
	Key   AttemptKey
	Owner OwnerID
	Phase Phase
	// Cancel means that the attempt is to be stopped. On an attempt that never started, because it was cancelled before
	// or abandoned, it is the tombstone that refuses a later start.
	Cancel bool
	// Outcome is set in PhaseStopping and PhaseOver. CallbackPending means that the callback is in the outbox, because
	// the app has not answered it yet.
	Outcome         Outcome
	CallbackPending bool
	// Events is the sequence number of the last journaled event, Tokens the sum of the tokens of all journaled events.
	Events int64
	Tokens int64
	// Spent is how long its holders have followed the session, and Throttled how long they have waited for an agent that
	// throttled its callers, as far as that is journaled.
	Spent     time.Duration
	Throttled time.Duration
	// Holder is the host that may run the orchestration, under Epoch, for as long as it renews its lease. It is empty
	// if no host does.
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

// A Holding is what a host needs to know after a renewal. It carries no more than that, because every host reads one
// all the time.
type Holding struct {
	// Leases are those of all unfinished orchestrations that the host holds now, in the order of their keys.
	Leases []Lease
	// Others are the latest heartbeats of all other hosts that hold something unfinished, in the order of their names.
	// The heartbeat of a host that has never renewed its lease is 0.
	Others []Heartbeat
}

// A Lease is the right to run one orchestration.
type Lease struct {
	Key    AttemptKey
	Epoch  Epoch
	Cancel bool // as in [Orchestration]
}

// An Outcome is how an attempt ended. Code compares its status and its cause; the reason is text for people.
type Outcome struct {
	Status    Status
	Cause     Cause
	Reason    string
	Retryable bool
}

// Unfinished reports whether the orchestration still needs a holder: it has not ended, or its callback is in the
// outbox.
func (o *Orchestration) Unfinished() bool { return o.Phase != PhaseOver || o.CallbackPending }

// Report returns the orchestration as it is reported to the app.
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

// A Journal is the durable storage of the workers, separate from the app's database. Every method is one atomic step.
// Writes that carry an epoch are idempotent, so that a caller that got no answer repeats the write. They fail as Stale
// if a later epoch exists, and as NotFound if the attempt is unknown. The rules of [ReviewStore] for failures, times,
// names, texts and slices hold here, too, except that a returned payload is shared and must not be modified. No answer
// carries a payload, except that of Payload.
type Journal interface {
	// Create records an accepted start, held by host. An abandoned start has failed at once, and no host holds it. If
	// the attempt is known already, created is false and nothing changes.
	Create(ctx context.Context, request StartRequest, host HostID, now time.Time) (o Orchestration, created bool, err error)
	// Load returns an attempt. The error is NotFound if it is unknown.
	Load(ctx context.Context, key AttemptKey) (Orchestration, error)
	// Payload returns the payload of an attempt, or nothing if it has been purged. The error is NotFound if the attempt
	// is unknown.
	Payload(ctx context.Context, key AttemptKey) ([]byte, error)
	// RenewLease renews the lease of host by one heartbeat. It then gives host at most max of the unfinished
	// orchestrations that no host holds, or that a suspect holds which has not renewed its lease since that heartbeat,
	// and returns how many. Each gets a higher epoch. A new holder is no progress of the attempt: its UpdatedAt stays.
	//
	// Renewals exclude each other, so RenewLease answers with a number only. A list could be longer than what fits into
	// a connection; if its reader were stopped, the locks would outlive the statement. Held is that list.
	RenewLease(ctx context.Context, host HostID, suspects []Heartbeat, max int) (taken int, err error)
	// Held returns what host holds, and the heartbeats of the others.
	Held(ctx context.Context, host HostID) (Holding, error)
	// ReleaseLease gives up an orchestration: no host holds it after that.
	ReleaseLease(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) error
	// RecordIntent records that the agent is about to be called.
	RecordIntent(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) (Orchestration, error)
	// Append journals events, and skips those that are journaled already. The session's last event ends the attempt in
	// the same step, with the outcome of that event. The error is Permanent if an event is out of bounds (see
	// [CheckEvents]) or the first new event does not follow the last journaled one, and Stale if there are new events
	// although the attempt has ended.
	Append(ctx context.Context, key AttemptKey, epoch Epoch, events []Event, now time.Time) (Orchestration, error)
	// Spend records how long all holders have followed the session and have waited for a throttled agent. A lower value
	// than the journaled one changes nothing.
	Spend(ctx context.Context, key AttemptKey, epoch Epoch, spent, throttled time.Duration, now time.Time) (Orchestration, error)
	// Decide records the outcome with which the attempt ends once its session has ended. The first decision stays.
	Decide(ctx context.Context, key AttemptKey, epoch Epoch, outcome Outcome, now time.Time) (Orchestration, error)
	// Finish ends the attempt and puts the terminal callback into the outbox. An outcome that was decided before stays.
	Finish(ctx context.Context, key AttemptKey, epoch Epoch, outcome Outcome, now time.Time) (Orchestration, error)
	// ClearOutbox removes the callback from the outbox, because the app has answered it.
	ClearOutbox(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) error
	// RequestCancel marks an attempt to be stopped, or leaves a tombstone for one that has not arrived.
	RequestCancel(ctx context.Context, key AttemptKey, now time.Time) (Orchestration, error)
	// Abandon ends an attempt with an outcome, although its session may be running: an operator has decided so. It takes
	// the attempt from its holder and puts the callback into the outbox; an outcome that was decided before stays. An
	// attempt that has not arrived gets a tombstone. The callback of an attempt that is over is taken out of the outbox.
	Abandon(ctx context.Context, key AttemptKey, outcome Outcome, now time.Time) (Orchestration, error)
	// Events returns the journaled events after a sequence number, at most max of them, and no more than [FitPage]
	// allows. The error is NotFound if the attempt is unknown.
	Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error)
	// Purge deletes the payload and the events of at most max finished attempts that have not changed since before. It
	// keeps identity and outcome, since a late start must be refused however long it took.
	Purge(ctx context.Context, before time.Time, max int) (purged int, err error)
}
