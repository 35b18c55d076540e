package model

import (
	"context"
	"fmt"

	"github.com/onceover/onceover/engine"
)

// A Failure is what a result holds in place of an answer when the operation failed: the kind of the error and nothing
// else, because the kind is what a caller may act on.
type Failure struct {
	Failed bool
	Err    engine.ErrorKind // counts if Failed
}

// FailureOf returns a failure of that kind.
func FailureOf(kind engine.ErrorKind) Failure { return Failure{Failed: true, Err: kind} }

// failure returns the failure of the result that it is embedded in.
func (f *Failure) failure() *Failure { return f }

// refuse makes the result a failure.
func (f *Failure) refuse(kind engine.ErrorKind) { *f = FailureOf(kind) }

// ambiguous reports whether the effect of the operation is unknown.
func (f *Failure) ambiguous() bool { return f.Failed && f.Err == engine.Ambiguous }

// rejected reports whether the operation had no effect, because the store was out of reach or for a reason of its own.
func (f *Failure) rejected() bool { return f.Failed && f.Err == engine.Rejected }

// An operation is a pointer to an operation of one port: a [*ReviewsOp] or a [*JournalOp].
type operation[Op any] interface {
	*Op
	fmt.Stringer
}

// An answer is a pointer to the result of an operation: a [*ReviewsResult] or a [*JournalResult].
type answer[Op, Result any] interface {
	*Result
	fmt.Stringer
	// Error returns the failure as a store would return it from op, or nil.
	Error(op *Op) error
	failure() *Failure
}

// A port turns the calls of one of the engine's ports into operations. It is what [ReviewsPort] and [JournalPort] have
// in common.
type port[Op, Result any, Answer answer[Op, Result]] struct {
	// Do executes op and fills in result, which is zero before. It must not keep either of them.
	Do func(ctx context.Context, op *Op, result *Result)
	// Shared allows several goroutines to call at once, as far as Do allows it. Every call then allocates.
	Shared bool

	free []*call[Op, Result]
}

// A call is the memory of one call. It is used again, so that a steady stream of calls does not allocate.
type call[Op, Result any] struct {
	op     Op
	result Result
}

// call executes one operation. The caller returns the memory with done.
func (p *port[Op, Result, Answer]) call(ctx context.Context, op Op) (*call[Op, Result], error) {
	var c *call[Op, Result]
	if n := len(p.free); n > 0 {
		c, p.free = p.free[n-1], p.free[:n-1]
	} else {
		c = new(call[Op, Result])
	}
	c.op = op
	c.result = *new(Result)
	p.Do(ctx, &c.op, &c.result)
	return c, Answer(&c.result).Error(&c.op)
}

// done returns the memory of a call.
func (p *port[Op, Result, Answer]) done(c *call[Op, Result]) {
	if !p.Shared {
		p.free = append(p.free, c)
	}
}

// write executes an operation that is answered by success or failure alone.
func (p *port[Op, Result, Answer]) write(ctx context.Context, op Op) error {
	c, err := p.call(ctx, op)
	p.done(c)
	return err
}

// atOnce returns a Do that executes every operation when it is called, unless the context has ended.
func atOnce[Op, Result any, Answer answer[Op, Result]](apply func(*Op, Answer)) func(ctx context.Context, op *Op, result *Result) {
	return func(ctx context.Context, op *Op, result *Result) {
		if ctx.Err() != nil {
			Answer(result).failure().refuse(engine.Rejected)
			return
		}
		apply(op, result)
	}
}

// prefixed returns names of methods as errors name them, such as store.claim.
func prefixed(prefix string, methods []string) []string {
	names := make([]string, len(methods))
	for i, method := range methods {
		names[i] = prefix + method
	}
	return names
}
