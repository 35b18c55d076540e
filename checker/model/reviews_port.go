package model

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/engine"
)

// A ReviewsPort is an [engine.ReviewStore] that turns every call into a [ReviewsOp] and lets its field Do execute it.
// [Reviews.Port] puts the model behind it; the simulator puts latency and faults in between, and a test notes every
// call.
//
// Unless its field Shared is set, it is not safe for use by several goroutines, but a Do may let other tasks call while
// it waits.
type ReviewsPort struct {
	port[ReviewsOp, ReviewsResult, *ReviewsResult]
}

var _ engine.ReviewStore = (*ReviewsPort)(nil)

// NewReviewsPort returns a port for that Do. The result is zero when Do is called, and Do fills it in; it must not keep
// op or result.
func NewReviewsPort(do func(ctx context.Context, op *ReviewsOp, result *ReviewsResult)) *ReviewsPort {
	p := &ReviewsPort{}
	p.Do = do
	return p
}

// Port returns a review store with this state: every call takes effect at once. Only a call whose context has ended is
// rejected.
func (s *Reviews) Port() *ReviewsPort { return NewReviewsPort(atOnce(s.Apply)) }

// review executes an operation that answers with a review.
func (p *ReviewsPort) review(ctx context.Context, op ReviewsOp) (engine.Review, error) {
	c, err := p.call(ctx, op)
	defer p.done(c)
	return c.result.Review, err
}

// Submit implements [engine.ReviewStore].
func (p *ReviewsPort) Submit(ctx context.Context, s engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	c, err := p.call(ctx, Submit(s, now))
	defer p.done(c)
	return c.result.Review, c.result.Reviews, err
}

// Get implements [engine.ReviewStore].
func (p *ReviewsPort) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	return p.review(ctx, Get(id))
}

// Attempts implements [engine.ReviewStore].
func (p *ReviewsPort) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	c, err := p.call(ctx, Attempts(id))
	defer p.done(c)
	return c.result.Attempts, err
}

// Reserve implements [engine.ReviewStore].
func (p *ReviewsPort) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
	c, err := p.call(ctx, Reserve(owner, limit, now))
	defer p.done(c)
	return c.result.Reviews, err
}

// Claim implements [engine.ReviewStore].
func (p *ReviewsPort) Claim(ctx context.Context, claim engine.Claim) (engine.Token, error) {
	c, err := p.call(ctx, Claim(claim))
	defer p.done(c)
	return c.result.Token, err
}

// Release implements [engine.ReviewStore].
func (p *ReviewsPort) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return p.write(ctx, Release(key, token, due, now))
}

// Defer implements [engine.ReviewStore].
func (p *ReviewsPort) Defer(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return p.write(ctx, Defer(key, token, due, now))
}

// Fail implements [engine.ReviewStore].
func (p *ReviewsPort) Fail(ctx context.Context, key engine.AttemptKey, token engine.Token, reason string, now time.Time) error {
	return p.write(ctx, Fail(key, token, reason, now))
}

// Apply implements [engine.ReviewStore].
func (p *ReviewsPort) Apply(ctx context.Context, report engine.Report) (engine.Review, error) {
	return p.review(ctx, Apply(report))
}

// SetAgentVersion implements [engine.ReviewStore].
func (p *ReviewsPort) SetAgentVersion(ctx context.Context, key engine.AttemptKey, version string, now time.Time) error {
	return p.write(ctx, SetAgentVersion(key, version, now))
}

// Cancel implements [engine.ReviewStore].
func (p *ReviewsPort) Cancel(ctx context.Context, key engine.AttemptKey, reason string, now time.Time) (engine.Review, error) {
	return p.review(ctx, Cancel(key, reason, now))
}

// Stopped implements [engine.ReviewStore].
func (p *ReviewsPort) Stopped(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return p.review(ctx, Stopped(key, now))
}

// Retrigger implements [engine.ReviewStore].
func (p *ReviewsPort) Retrigger(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return p.review(ctx, Retrigger(key, now))
}

// Sweep implements [engine.ReviewStore].
func (p *ReviewsPort) Sweep(ctx context.Context, s engine.Search) (engine.Work, error) {
	c, err := p.call(ctx, Sweep(s))
	defer p.done(c)
	return c.result.Work, err
}

// Execute calls the method of a store that the operation stands for. The error is the store's, and the result has its
// kind; an error that nobody classified is [engine.Ambiguous].
//
// It panics on a kind that is not one of the constants.
func (o *ReviewsOp) Execute(ctx context.Context, store engine.ReviewStore) (r ReviewsResult, err error) {
	switch o.Kind {
	case ReviewsSubmit:
		r.Review, r.Reviews, err = store.Submit(ctx, o.Submission, o.Now)
	case ReviewsGet:
		r.Review, err = store.Get(ctx, o.Key.Review)
	case ReviewsAttempts:
		r.Attempts, err = store.Attempts(ctx, o.Key.Review)
	case ReviewsReserve:
		r.Reviews, err = store.Reserve(ctx, o.Owner, o.Limit, o.Now)
	case ReviewsClaim:
		r.Token, err = store.Claim(ctx, engine.Claim{
			Key: o.Key, Owner: o.Owner, Seen: o.Token, Limit: o.Limit,
			Now: o.Now, DueAt: o.DueAt,
		})
	case ReviewsRelease:
		err = store.Release(ctx, o.Key, o.Token, o.DueAt, o.Now)
	case ReviewsDefer:
		err = store.Defer(ctx, o.Key, o.Token, o.DueAt, o.Now)
	case ReviewsFail:
		err = store.Fail(ctx, o.Key, o.Token, o.Text, o.Now)
	case ReviewsApply:
		report := o.Report
		report.Key = o.Key
		r.Review, err = store.Apply(ctx, engine.Report{
			WorkerReport: report, Token: o.Token, Now: o.Now, DueAt: o.DueAt,
			RetryAt: o.RetryAt, MaxRetries: o.MaxRetries,
		})
	case ReviewsSetAgentVersion:
		err = store.SetAgentVersion(ctx, o.Key, o.Text, o.Now)
	case ReviewsCancel:
		r.Review, err = store.Cancel(ctx, o.Key, o.Text, o.Now)
	case ReviewsStopped:
		r.Review, err = store.Stopped(ctx, o.Key, o.Now)
	case ReviewsRetrigger:
		r.Review, err = store.Retrigger(ctx, o.Key, o.Now)
	case ReviewsSweep:
		r.Work, err = store.Sweep(ctx, o.Search)
	default:
		panic(fmt.Sprintf("model: operation kind %d is none of submit (%d) to sweep (%d)", o.Kind, ReviewsSubmit, ReviewsSweep))
	}
	if err != nil {
		return ReviewsResult{Failure: FailureOf(engine.KindOf(err))}, err
	}
	return r, nil
}
