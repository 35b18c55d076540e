// Package engine dispatches code reviews and runs each of them exactly once against a coding agent. It takes pending
// reviews, runs them in parallel up to a limit per owner, and keeps every event that the agent reports.
//
// Two programs are built from it. The app owns the reviews: it accepts submissions, claims what may run, sends it to a
// worker and takes the worker's callbacks. The worker runs one orchestrator per attempt: it records what it is about to
// do, calls the agent, journals the agent's events and reports back. Both are plain sequential Go above one seam,
// [Runtime], and a few ports.
//
// # The app
//
// An [App] is what users, webhooks and workers call. Its [Dispatcher] finds the reviews that may run and brings them to
// a worker. Any number of replicas may run. [NewDispatcher] and [NewApp] make one, configured by an [AppConfig].
//
// # The worker
//
// A [Host] is one worker process. It implements [Worker], renews its lease, and takes over what other hosts have left.
// Any number of hosts may run. [NewHost] makes one, configured by a [WorkerConfig].
//
// # The ports
//
// A program passes an implementation of each port to the engine. Those of production are in parentheses. Package
// engine/enginetest has the contracts of the ports as tests.
//
//   - [Runtime], with [Signal] and [Mutex]: the clock, pauses, tasks and locks (engine/live).
//   - [ReviewStore]: the app's database (engine/postgres). A [Claim] and a [Report] are written to it, and its sweep
//     returns [Work].
//   - [Journal]: the workers' database (engine/postgres). It keeps an [Orchestration] with its [Phase] for each attempt.
//     A host, named by a [HostID], holds an orchestration under an [Epoch] for as long as it renews its lease with a
//     [Heartbeat]. A [Holding] names the [Lease] of each orchestration that it holds.
//   - [Worker]: the hosts, as the app calls them (engine/httpapi). They take a [StartRequest] and answer with a
//     [WorkerReport].
//   - [Callback]: the app, as a host calls it (engine/httpapi).
//   - [Preparer]: makes the payload of a review.
//   - [Agent]: the coding agent (engine/httpapi). It has a [SessionID] and an [EventStream] for each session.
//
// # Values
//
// A [Submission] becomes a [Review], which a [ReviewID] and an [OwnerID] identify and which has a [Status] (see
// [ParseStatus]). Each execution of a review is an attempt, identified by an [AttemptKey]; the app keeps an [Attempt] for
// each that has ended. A [Token] fences the claims of a review. An [Event] of the agent has an [EventKind]. The [Outcome]
// of an attempt has a [Cause]. [Due] decides on a clock that may be wrong, within [MaxAhead], whether something is due.
//
// # Operators
//
// Every wait for somebody else has a bound or an operator's way out. An [Inspection] shows an operator what an attempt waits
// for, a [Wait], and since when; long waits are logged. [App.Abandon] ends an attempt that nothing else ends.
//
// # Errors
//
// A port fails with an [*Error]. Its [ErrorKind] states what the caller may do next: [Ambiguous], [Rejected], [NotFound],
// [Stale] or [Permanent]. [Errorf] makes such an error, [KindOf] and [IsKind] classify any error. A [*ConfigError] names
// a field of a config that is out of range.
//
// # Principles
//
// Safety never depends on a clock. Stale limits, leases and timeouts decide when a process tries something; fences,
// predicates and idempotency keys decide whether it may happen.
//
// Decide first, act after. A decision is a fenced write. An effect outside only carries out a recorded decision, and any
// process may repeat it.
//
// Ambiguity is a value. A call with an unknown effect ([Ambiguous]) is neither a success nor a failure until the engine
// has asked what happened.
//
// Wake-ups are hints. A [Dispatcher.Trigger] and a [Signal] may be lost; the sweep and the renewal of leases find what
// they have missed.
//
// Identity is (review, attempt): the [AttemptKey] is in every message, key and row.
//
// # The life of a review
//
// A submission is pending. A cycle of its owner reserves it, prepares its payload and claims it (queued). The dispatch
// sends it to a worker, which makes the start durable, answers, and executes it (running). The terminal callback
// (completed, failed) frees the owner's slot and triggers the next cycle. A claim becomes stale if nothing more is heard
// of it, and the next cycle asks the worker. A cancelled review has ended for its user at once, but keeps its slot until
// its session is known to have ended ([Review].Stopping).
package engine
