package engine

import (
	"context"
	"time"
)

// The ports as the engine uses them: each method is one call under a [guard]. A panic of a preparer, which has no effects,
// is Rejected; one while an event is read is Permanent, like an event that can't be decoded; every other one is Ambiguous,
// because the call may have had its effect.

// A guardedPreparer is a Preparer under a guard.
type guardedPreparer struct {
	guard *guard
	port  Preparer
}

var _ Preparer = guardedPreparer{}

// Prepare implements [Preparer].
func (g guardedPreparer) Prepare(ctx context.Context, r Review) (answer []byte, err error) {
	defer g.guard.caught("prepare", Rejected, &err)
	return g.port.Prepare(ctx, r)
}

// A guardedWorker is a Worker under a guard.
type guardedWorker struct {
	guard *guard
	port  Worker
}

var _ Worker = guardedWorker{}

// Start implements [Worker].
func (g guardedWorker) Start(ctx context.Context, request StartRequest) (answer WorkerReport, err error) {
	defer g.guard.caught("worker.start", Ambiguous, &err)
	return g.port.Start(ctx, request)
}

// Cancel implements [Worker].
func (g guardedWorker) Cancel(ctx context.Context, key AttemptKey) (answer WorkerReport, err error) {
	defer g.guard.caught("worker.cancel", Ambiguous, &err)
	return g.port.Cancel(ctx, key)
}

// Status implements [Worker].
func (g guardedWorker) Status(ctx context.Context, key AttemptKey) (answer WorkerReport, err error) {
	defer g.guard.caught("worker.status", Ambiguous, &err)
	return g.port.Status(ctx, key)
}

// Events implements [Worker].
func (g guardedWorker) Events(ctx context.Context, key AttemptKey, after int64, max int) (answer []Event, err error) {
	defer g.guard.caught("worker.events", Ambiguous, &err)
	return g.port.Events(ctx, key, after, max)
}

// Abandon implements [Worker].
func (g guardedWorker) Abandon(ctx context.Context, key AttemptKey, reason string) (answer WorkerReport, err error) {
	defer g.guard.caught("worker.abandon", Ambiguous, &err)
	return g.port.Abandon(ctx, key, reason)
}

// Inspect implements [Worker].
func (g guardedWorker) Inspect(ctx context.Context, key AttemptKey) (answer Inspection, err error) {
	defer g.guard.caught("worker.inspect", Ambiguous, &err)
	return g.port.Inspect(ctx, key)
}

// A guardedStore is a ReviewStore under a guard.
type guardedStore struct {
	guard *guard
	port  ReviewStore
}

var _ ReviewStore = guardedStore{}

// Submit implements [ReviewStore].
func (g guardedStore) Submit(ctx context.Context, s Submission, now time.Time) (r Review, superseded []Review, err error) {
	defer g.guard.caught("store.submit", Ambiguous, &err)
	return g.port.Submit(ctx, s, now)
}

// Get implements [ReviewStore].
func (g guardedStore) Get(ctx context.Context, id ReviewID) (answer Review, err error) {
	defer g.guard.caught("store.get", Ambiguous, &err)
	return g.port.Get(ctx, id)
}

// Attempts implements [ReviewStore].
func (g guardedStore) Attempts(ctx context.Context, id ReviewID) (answer []Attempt, err error) {
	defer g.guard.caught("store.attempts", Ambiguous, &err)
	return g.port.Attempts(ctx, id)
}

// Reserve implements [ReviewStore].
func (g guardedStore) Reserve(ctx context.Context, owner OwnerID, limit int, now time.Time) (answer []Review, err error) {
	defer g.guard.caught("store.reserve", Ambiguous, &err)
	return g.port.Reserve(ctx, owner, limit, now)
}

// Claim implements [ReviewStore].
func (g guardedStore) Claim(ctx context.Context, c Claim) (answer Token, err error) {
	defer g.guard.caught("store.claim", Ambiguous, &err)
	return g.port.Claim(ctx, c)
}

// Release implements [ReviewStore].
func (g guardedStore) Release(ctx context.Context, key AttemptKey, token Token, due, now time.Time) (err error) {
	defer g.guard.caught("store.release", Ambiguous, &err)
	return g.port.Release(ctx, key, token, due, now)
}

// Defer implements [ReviewStore].
func (g guardedStore) Defer(ctx context.Context, key AttemptKey, token Token, due, now time.Time) (err error) {
	defer g.guard.caught("store.defer", Ambiguous, &err)
	return g.port.Defer(ctx, key, token, due, now)
}

// Fail implements [ReviewStore].
func (g guardedStore) Fail(ctx context.Context, key AttemptKey, token Token, reason string, now time.Time) (err error) {
	defer g.guard.caught("store.fail", Ambiguous, &err)
	return g.port.Fail(ctx, key, token, reason, now)
}

// Apply implements [ReviewStore].
func (g guardedStore) Apply(ctx context.Context, report Report) (answer Review, err error) {
	defer g.guard.caught("store.apply", Ambiguous, &err)
	return g.port.Apply(ctx, report)
}

// SetAgentVersion implements [ReviewStore].
func (g guardedStore) SetAgentVersion(ctx context.Context, key AttemptKey, version string, now time.Time) (err error) {
	defer g.guard.caught("store.set-agent-version", Ambiguous, &err)
	return g.port.SetAgentVersion(ctx, key, version, now)
}

// Cancel implements [ReviewStore].
func (g guardedStore) Cancel(ctx context.Context, key AttemptKey, reason string, now time.Time) (answer Review, err error) {
	defer g.guard.caught("store.cancel", Ambiguous, &err)
	return g.port.Cancel(ctx, key, reason, now)
}

// Stopped implements [ReviewStore].
func (g guardedStore) Stopped(ctx context.Context, key AttemptKey, now time.Time) (answer Review, err error) {
	defer g.guard.caught("store.stopped", Ambiguous, &err)
	return g.port.Stopped(ctx, key, now)
}

// Retrigger implements [ReviewStore].
func (g guardedStore) Retrigger(ctx context.Context, key AttemptKey, now time.Time) (answer Review, err error) {
	defer g.guard.caught("store.retrigger", Ambiguous, &err)
	return g.port.Retrigger(ctx, key, now)
}

// Sweep implements [ReviewStore].
func (g guardedStore) Sweep(ctx context.Context, s Search) (answer Work, err error) {
	defer g.guard.caught("store.sweep", Ambiguous, &err)
	return g.port.Sweep(ctx, s)
}

// A guardedJournal is a Journal under a guard.
type guardedJournal struct {
	guard *guard
	port  Journal
}

var _ Journal = guardedJournal{}

// Create implements [Journal].
func (g guardedJournal) Create(ctx context.Context, request StartRequest, host HostID, now time.Time) (o Orchestration, created bool, err error) {
	defer g.guard.caught("journal.create", Ambiguous, &err)
	return g.port.Create(ctx, request, host, now)
}

// Load implements [Journal].
func (g guardedJournal) Load(ctx context.Context, key AttemptKey) (answer Orchestration, err error) {
	defer g.guard.caught("journal.load", Ambiguous, &err)
	return g.port.Load(ctx, key)
}

// Payload implements [Journal].
func (g guardedJournal) Payload(ctx context.Context, key AttemptKey) (answer []byte, err error) {
	defer g.guard.caught("journal.payload", Ambiguous, &err)
	return g.port.Payload(ctx, key)
}

// RenewLease implements [Journal].
func (g guardedJournal) RenewLease(ctx context.Context, host HostID, suspects []Heartbeat, max int) (taken int, err error) {
	defer g.guard.caught("journal.renew-lease", Ambiguous, &err)
	return g.port.RenewLease(ctx, host, suspects, max)
}

// Held implements [Journal].
func (g guardedJournal) Held(ctx context.Context, host HostID) (answer Holding, err error) {
	defer g.guard.caught("journal.held", Ambiguous, &err)
	return g.port.Held(ctx, host)
}

// ReleaseLease implements [Journal].
func (g guardedJournal) ReleaseLease(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) (err error) {
	defer g.guard.caught("journal.release-lease", Ambiguous, &err)
	return g.port.ReleaseLease(ctx, key, epoch, now)
}

// RecordIntent implements [Journal].
func (g guardedJournal) RecordIntent(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.record-intent", Ambiguous, &err)
	return g.port.RecordIntent(ctx, key, epoch, now)
}

// Append implements [Journal].
func (g guardedJournal) Append(ctx context.Context, key AttemptKey, epoch Epoch, events []Event, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.append", Ambiguous, &err)
	return g.port.Append(ctx, key, epoch, events, now)
}

// Spend implements [Journal].
func (g guardedJournal) Spend(ctx context.Context, key AttemptKey, epoch Epoch, spent, throttled time.Duration, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.spend", Ambiguous, &err)
	return g.port.Spend(ctx, key, epoch, spent, throttled, now)
}

// Decide implements [Journal].
func (g guardedJournal) Decide(ctx context.Context, key AttemptKey, epoch Epoch, outcome Outcome, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.decide", Ambiguous, &err)
	return g.port.Decide(ctx, key, epoch, outcome, now)
}

// Finish implements [Journal].
func (g guardedJournal) Finish(ctx context.Context, key AttemptKey, epoch Epoch, outcome Outcome, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.finish", Ambiguous, &err)
	return g.port.Finish(ctx, key, epoch, outcome, now)
}

// ClearOutbox implements [Journal].
func (g guardedJournal) ClearOutbox(ctx context.Context, key AttemptKey, epoch Epoch, now time.Time) (err error) {
	defer g.guard.caught("journal.clear-outbox", Ambiguous, &err)
	return g.port.ClearOutbox(ctx, key, epoch, now)
}

// RequestCancel implements [Journal].
func (g guardedJournal) RequestCancel(ctx context.Context, key AttemptKey, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.request-cancel", Ambiguous, &err)
	return g.port.RequestCancel(ctx, key, now)
}

// Abandon implements [Journal].
func (g guardedJournal) Abandon(ctx context.Context, key AttemptKey, outcome Outcome, now time.Time) (answer Orchestration, err error) {
	defer g.guard.caught("journal.abandon", Ambiguous, &err)
	return g.port.Abandon(ctx, key, outcome, now)
}

// Events implements [Journal].
func (g guardedJournal) Events(ctx context.Context, key AttemptKey, after int64, max int) (answer []Event, err error) {
	defer g.guard.caught("journal.events", Ambiguous, &err)
	return g.port.Events(ctx, key, after, max)
}

// Purge implements [Journal].
func (g guardedJournal) Purge(ctx context.Context, before time.Time, max int) (purged int, err error) {
	defer g.guard.caught("journal.purge", Ambiguous, &err)
	return g.port.Purge(ctx, before, max)
}

// A guardedAgent is an Agent under a guard.
type guardedAgent struct {
	guard *guard
	port  Agent
}

var _ Agent = guardedAgent{}

// Create implements [Agent].
func (g guardedAgent) Create(ctx context.Context, key AttemptKey, payload []byte) (answer SessionID, err error) {
	defer g.guard.caught("agent.create", Ambiguous, &err)
	return g.port.Create(ctx, key, payload)
}

// Stream implements [Agent].
func (g guardedAgent) Stream(ctx context.Context, key AttemptKey, after int64) (stream EventStream, err error) {
	defer g.guard.caught("agent.stream", Ambiguous, &err)
	stream, err = g.port.Stream(ctx, key, after)
	if err == nil {
		stream = guardedStream{g.guard, stream}
	}
	return stream, err
}

// Interrupt implements [Agent].
func (g guardedAgent) Interrupt(ctx context.Context, key AttemptKey) (over bool, err error) {
	defer g.guard.caught("agent.interrupt", Ambiguous, &err)
	return g.port.Interrupt(ctx, key)
}

// A guardedStream is an EventStream under a guard.
type guardedStream struct {
	guard *guard
	port  EventStream
}

var _ EventStream = guardedStream{}

// Recv implements [EventStream].
func (g guardedStream) Recv(ctx context.Context) (answer Event, err error) {
	defer g.guard.caught("agent.recv", Permanent, &err)
	return g.port.Recv(ctx)
}

// Close implements [EventStream].
func (g guardedStream) Close() {
	var err error // logged; the connection is given up either way
	defer g.guard.caught("agent.close", Ambiguous, &err)
	g.port.Close()
}

// A guardedCallback is a Callback under a guard.
type guardedCallback struct {
	guard *guard
	port  Callback
}

var _ Callback = guardedCallback{}

// Report implements [Callback].
func (g guardedCallback) Report(ctx context.Context, report WorkerReport) (err error) {
	defer g.guard.caught("callback.report", Ambiguous, &err)
	return g.port.Report(ctx, report)
}
