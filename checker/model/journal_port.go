package model

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/engine"
)

// A JournalPort is an [engine.Journal] that turns every call into a [JournalOp] and lets its field Do execute it, as
// [ReviewsPort] does for the review store.
type JournalPort struct {
	port[JournalOp, JournalResult, *JournalResult]
}

var _ engine.Journal = (*JournalPort)(nil)

// NewJournalPort returns a port for that Do, which must not keep op or result.
func NewJournalPort(do func(ctx context.Context, op *JournalOp, result *JournalResult)) *JournalPort {
	p := &JournalPort{}
	p.Do = do
	return p
}

// Port returns a journal with this state: every call takes effect at once. Only a call whose context has ended is
// rejected.
func (j *Journal) Port() *JournalPort { return NewJournalPort(atOnce(j.Apply)) }

// orchestration executes an operation that answers with an orchestration.
func (p *JournalPort) orchestration(ctx context.Context, op JournalOp) (engine.Orchestration, error) {
	c, err := p.call(ctx, op)
	defer p.done(c)
	return c.result.Orchestration, err
}

// Create implements [engine.Journal].
func (p *JournalPort) Create(ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
	c, err := p.call(ctx, Create(request, host, now))
	defer p.done(c)
	return c.result.Orchestration, c.result.Created, err
}

// Load implements [engine.Journal].
func (p *JournalPort) Load(ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
	return p.orchestration(ctx, Load(key))
}

// Payload implements [engine.Journal].
func (p *JournalPort) Payload(ctx context.Context, key engine.AttemptKey) ([]byte, error) {
	c, err := p.call(ctx, Payload(key))
	defer p.done(c)
	return c.result.Payload, err
}

// RenewLease implements [engine.Journal].
func (p *JournalPort) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
	c, err := p.call(ctx, RenewLease(host, suspects, max))
	defer p.done(c)
	return c.result.Taken, err
}

// Held implements [engine.Journal].
func (p *JournalPort) Held(ctx context.Context, host engine.HostID) (engine.Holding, error) {
	c, err := p.call(ctx, Held(host))
	defer p.done(c)
	return engine.Holding{Leases: c.result.Leases, Others: c.result.Others}, err
}

// ReleaseLease implements [engine.Journal].
func (p *JournalPort) ReleaseLease(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	return p.write(ctx, ReleaseLease(key, epoch, now))
}

// RecordIntent implements [engine.Journal].
func (p *JournalPort) RecordIntent(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, RecordIntent(key, epoch, now))
}

// Append implements [engine.Journal].
func (p *JournalPort) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, Append(key, epoch, events, now))
}

// Spend implements [engine.Journal].
func (p *JournalPort) Spend(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, spent, throttled time.Duration, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, Spend(key, epoch, spent, throttled, now))
}

// Decide implements [engine.Journal].
func (p *JournalPort) Decide(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, Decide(key, epoch, outcome, now))
}

// Finish implements [engine.Journal].
func (p *JournalPort) Finish(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, Finish(key, epoch, outcome, now))
}

// ClearOutbox implements [engine.Journal].
func (p *JournalPort) ClearOutbox(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	return p.write(ctx, ClearOutbox(key, epoch, now))
}

// RequestCancel implements [engine.Journal].
func (p *JournalPort) RequestCancel(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, RequestCancel(key, now))
}

// Abandon implements [engine.Journal].
func (p *JournalPort) Abandon(ctx context.Context, key engine.AttemptKey, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return p.orchestration(ctx, Abandon(key, outcome, now))
}

// Events implements [engine.Journal].
func (p *JournalPort) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	c, err := p.call(ctx, Events(key, after, max))
	defer p.done(c)
	return c.result.Events, err
}

// Purge implements [engine.Journal].
func (p *JournalPort) Purge(ctx context.Context, before time.Time, max int) (int, error) {
	c, err := p.call(ctx, Purge(before, max))
	defer p.done(c)
	return c.result.Purged, err
}

// Execute calls the method of a journal that the operation stands for, as [ReviewsOp.Execute] does for a review store.
//
// It panics on a kind that is not one of the constants.
func (o *JournalOp) Execute(ctx context.Context, journal engine.Journal) (r JournalResult, err error) {
	switch o.Kind {
	case JournalCreate:
		request := engine.StartRequest{Key: o.Key, Owner: o.Owner, Token: o.Token, Payload: o.Payload, Abandon: o.Outcome.Reason}
		r.Orchestration, r.Created, err = journal.Create(ctx, request, o.Host, o.Now)
	case JournalLoad:
		r.Orchestration, err = journal.Load(ctx, o.Key)
	case JournalPayload:
		r.Payload, err = journal.Payload(ctx, o.Key)
	case JournalRenewLease:
		r.Taken, err = journal.RenewLease(ctx, o.Host, o.Suspects, o.Max)
	case JournalHeld:
		var holding engine.Holding
		holding, err = journal.Held(ctx, o.Host)
		r.Leases, r.Others = holding.Leases, holding.Others
	case JournalReleaseLease:
		err = journal.ReleaseLease(ctx, o.Key, o.Epoch, o.Now)
	case JournalRecordIntent:
		r.Orchestration, err = journal.RecordIntent(ctx, o.Key, o.Epoch, o.Now)
	case JournalAppend:
		r.Orchestration, err = journal.Append(ctx, o.Key, o.Epoch, o.Events, o.Now)
	case JournalSpend:
		r.Orchestration, err = journal.Spend(ctx, o.Key, o.Epoch, o.Spent, o.Throttled, o.Now)
	case JournalDecide:
		r.Orchestration, err = journal.Decide(ctx, o.Key, o.Epoch, o.Outcome, o.Now)
	case JournalFinish:
		r.Orchestration, err = journal.Finish(ctx, o.Key, o.Epoch, o.Outcome, o.Now)
	case JournalClearOutbox:
		err = journal.ClearOutbox(ctx, o.Key, o.Epoch, o.Now)
	case JournalRequestCancel:
		r.Orchestration, err = journal.RequestCancel(ctx, o.Key, o.Now)
	case JournalAbandon:
		r.Orchestration, err = journal.Abandon(ctx, o.Key, o.Outcome, o.Now)
	case JournalEvents:
		r.Events, err = journal.Events(ctx, o.Key, o.After, o.Max)
	case JournalPurge:
		r.Purged, err = journal.Purge(ctx, o.Before, o.Max)
	default:
		panic(fmt.Sprintf("model: journal operation kind %d is none of create (%d) to purge (%d)", o.Kind, JournalCreate, JournalPurge))
	}
	if err != nil {
		return JournalResult{Failure: FailureOf(engine.KindOf(err))}, err
	}
	return r, nil
}
