package world

import (
	"context"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// What became of a call is recorded where it happens: at the engine's own method that carries it out, at the store, at
// the agent, and on the way. So a client, a handler or a method between two calls that says something else is found.

// A serving is the context of the task that carries a call out. The calls that it makes find the call by it.
type serving struct {
	context.Context
	call *call
}

// servingKey is the key under which contexts have the call that is being carried out.
type servingKey struct{}

// Value implements [context.Context].
func (s *serving) Value(key any) any {
	if key == (servingKey{}) {
		return s.call
	}
	return s.Context.Value(key)
}

// servedBy returns the call that is being carried out under a context, or nil.
func servedBy(ctx context.Context) *call {
	c, _ := ctx.Value(servingKey{}).(*call)
	return c
}

// begun notes that the callee begins to carry out the call of a context, and returns that call.
func begun(ctx context.Context) *call {
	c := servedBy(ctx)
	if c != nil {
		c.truth.Begun = true
	}
	return c
}

// decided notes how the callee's own method ended, and returns its error.
func (c *call) decided(err error) error {
	if c != nil {
		c.truth.Begun, c.truth.Executed, c.truth.Decided = true, true, checker.FailureOf(err)
	}
	return err
}

// decidedStore is decided for an operation of a store.
func (c *call) decidedStore(failed bool, kind engine.ErrorKind) {
	c.truth.Begun, c.truth.Executed, c.truth.Decided = true, true, failureOf(failed, kind)
}

// learned notes what the caller was told, if it makes the call to carry out another one that is decided by it.
func (c *call) learned(ctx context.Context, failure checker.Failure) {
	if outer := servedBy(ctx); outer != nil && outer.method.call.DecidedBy() == c.method.call {
		outer.truth.Inner, outer.truth.InnerError = c.method.call, failure
	}
}

// noteFaults notes what happened to the call on its way, when its caller waits no longer.
func (c *call) noteFaults(gaveUp error) {
	if gaveUp == nil && c.faults == (callFaults{}) {
		return
	}
	c.truth.Touched = true
	if c.faults.fails {
		c.truth.Caused = checker.FailedAs(c.faults.kind)
	}
}

// The methods of a port are those of the engine. They note that the engine's own method was reached, and how it ended.

// Submit implements [httpapi.App].
func (p *appPort) Submit(ctx context.Context, s engine.Submission) (engine.Review, error) {
	c := begun(ctx)
	r, err := p.App.Submit(ctx, s)
	return r, c.decided(err)
}

// Get implements [httpapi.App].
func (p *appPort) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	c := begun(ctx)
	r, err := p.App.Get(ctx, id)
	return r, c.decided(err)
}

// Attempts implements [httpapi.App].
func (p *appPort) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	c := begun(ctx)
	attempts, err := p.App.Attempts(ctx, id)
	return attempts, c.decided(err)
}

// Events implements [httpapi.App].
func (p *appPort) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	c := begun(ctx)
	events, err := p.App.Events(ctx, key, after, max)
	return events, c.decided(err)
}

// Cancel implements [httpapi.App].
func (p *appPort) Cancel(ctx context.Context, key engine.AttemptKey, reason string) (engine.Review, error) {
	c := begun(ctx)
	r, err := p.App.Cancel(ctx, key, reason)
	return r, c.decided(err)
}

// Retrigger implements [httpapi.App].
func (p *appPort) Retrigger(ctx context.Context, key engine.AttemptKey) (engine.Review, error) {
	c := begun(ctx)
	r, err := p.App.Retrigger(ctx, key)
	return r, c.decided(err)
}

// Abandon implements [httpapi.App].
func (p *appPort) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.Review, error) {
	c := begun(ctx)
	r, err := p.App.Abandon(ctx, key, reason)
	return r, c.decided(err)
}

// Inspect implements [httpapi.App].
func (p *appPort) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	c := begun(ctx)
	seen, err := p.App.Inspect(ctx, key)
	return seen, c.decided(err)
}

// Abandon implements [engine.Worker].
func (p *workerPort) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.WorkerReport, error) {
	c := begun(ctx)
	report, err := p.Host.Abandon(ctx, key, reason)
	return report, c.decided(err)
}

// Inspect implements [engine.Worker].
func (p *workerPort) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	c := begun(ctx)
	seen, err := p.Host.Inspect(ctx, key)
	return seen, c.decided(err)
}

// Cancel implements [engine.Worker].
func (p *workerPort) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	c := begun(ctx)
	report, err := p.Host.Cancel(ctx, key)
	return report, c.decided(err)
}

// Status implements [engine.Worker].
func (p *workerPort) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	c := begun(ctx)
	report, err := p.Host.Status(ctx, key)
	return report, c.decided(err)
}

// Events implements [engine.Worker].
func (p *workerPort) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	c := begun(ctx)
	events, err := p.Host.Events(ctx, key, after, max)
	return events, c.decided(err)
}
