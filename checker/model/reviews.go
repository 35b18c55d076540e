package model

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

// Reviews is an [engine.ReviewStore] that turns every call into an [Op] and lets
// Do execute it. [NewReviews] puts a [Store] behind it; the simulator puts
// latency and faults in between.
//
// Unless it is Shared, it is not safe for use by several goroutines, but a Do may
// let other tasks call while it waits.
type Reviews struct {
	// Do executes op and fills in result, which is zero before. It must keep
	// neither of them.
	Do func(ctx context.Context, op *Op, result *Result)
	// Shared lets several goroutines call at once, as far as Do allows it. Every
	// call then allocates.
	Shared bool

	free []*reviewCall
}

// A reviewCall is the memory of one call. Calls hand it back, so that a steady
// stream of them does not allocate.
type reviewCall struct {
	op     Op
	result Result
}

var _ engine.ReviewStore = (*Reviews)(nil)

// NewReviews returns the synchronous adapter of a store: every call takes effect
// at once. Only a call whose context has ended is rejected.
func NewReviews(store *Store) *Reviews {
	return &Reviews{Do: func(ctx context.Context, op *Op, result *Result) {
		if ctx.Err() != nil {
			result.refuse(engine.Rejected)
			return
		}
		store.Apply(op, result)
	}}
}

// call executes one operation. The caller hands the memory back with done.
func (r *Reviews) call(ctx context.Context, op Op) (*reviewCall, error) {
	var c *reviewCall
	if n := len(r.free); n > 0 {
		c, r.free = r.free[n-1], r.free[:n-1]
	} else {
		c = new(reviewCall)
	}
	c.op, c.result = op, Result{}
	r.Do(ctx, &c.op, &c.result)
	if c.result.Failed {
		return c, c.result.Error(&c.op)
	}
	return c, nil
}

func (r *Reviews) done(c *reviewCall) {
	if !r.Shared {
		r.free = append(r.free, c)
	}
}

// review executes an operation that answers with a review.
func (r *Reviews) review(ctx context.Context, op Op) (engine.Review, error) {
	c, err := r.call(ctx, op)
	defer r.done(c)
	return c.result.Review, err
}

// write executes an operation that answers nothing.
func (r *Reviews) write(ctx context.Context, op Op) error {
	c, err := r.call(ctx, op)
	r.done(c)
	return err
}

// Submit implements [engine.ReviewStore].
func (r *Reviews) Submit(ctx context.Context, s engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	c, err := r.call(ctx, Submit(s, now))
	defer r.done(c)
	return c.result.Review, c.result.Reviews, err
}

// Get implements [engine.ReviewStore].
func (r *Reviews) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	return r.review(ctx, Get(id))
}

// Attempts implements [engine.ReviewStore].
func (r *Reviews) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	c, err := r.call(ctx, Attempts(id))
	defer r.done(c)
	return c.result.Attempts, err
}

// Reserve implements [engine.ReviewStore].
func (r *Reviews) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
	c, err := r.call(ctx, Reserve(owner, limit, now))
	defer r.done(c)
	return c.result.Reviews, err
}

// Claim implements [engine.ReviewStore].
func (r *Reviews) Claim(ctx context.Context, claim engine.Claim) (engine.Token, error) {
	c, err := r.call(ctx, Claim(claim))
	defer r.done(c)
	return c.result.Token, err
}

// Release implements [engine.ReviewStore].
func (r *Reviews) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return r.write(ctx, Release(key, token, due, now))
}

// Defer implements [engine.ReviewStore].
func (r *Reviews) Defer(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return r.write(ctx, Defer(key, token, due, now))
}

// Fail implements [engine.ReviewStore].
func (r *Reviews) Fail(ctx context.Context, key engine.AttemptKey, token engine.Token, reason string, now time.Time) error {
	return r.write(ctx, Fail(key, token, reason, now))
}

// Apply implements [engine.ReviewStore].
func (r *Reviews) Apply(ctx context.Context, report engine.Report) (engine.Review, error) {
	return r.review(ctx, Apply(report))
}

// SetAgentVersion implements [engine.ReviewStore].
func (r *Reviews) SetAgentVersion(ctx context.Context, key engine.AttemptKey, version string, now time.Time) error {
	return r.write(ctx, SetAgentVersion(key, version, now))
}

// Cancel implements [engine.ReviewStore].
func (r *Reviews) Cancel(ctx context.Context, key engine.AttemptKey, reason string, now time.Time) (engine.Review, error) {
	return r.review(ctx, Cancel(key, reason, now))
}

// Stopped implements [engine.ReviewStore].
func (r *Reviews) Stopped(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return r.review(ctx, Stopped(key, now))
}

// Retrigger implements [engine.ReviewStore].
func (r *Reviews) Retrigger(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return r.review(ctx, Retrigger(key, now))
}

// Sweep implements [engine.ReviewStore].
func (r *Reviews) Sweep(ctx context.Context, now time.Time, max int) (engine.Work, error) {
	c, err := r.call(ctx, Sweep(now, max))
	defer r.done(c)
	return c.result.Work, err
}
