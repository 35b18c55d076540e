package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/run"
)

// The checker sees calls as records, the history of reviews as operations, and pictures as messages. A call is observed
// when
//
//	observeBegan    the engine makes it,
//	observeSent     it is about to leave,
//	observeMessage  its request leaves, and later its answer,
//	observeLoss     one of them is lost on its way,
//	observeAnswer   its caller is answered, or gives up,
//	observeEnded    the engine learns the result.

// perform makes a call for the engine and observes its beginning and its end. A call that fails has an empty response.
func (c *call) perform(ctx context.Context) error {
	c.observeBegan(ctx)
	err := c.send(ctx)
	if err != nil {
		c.response = response{}
	}
	c.observeError(ctx, err)
	return err
}

func (c *call) observeBegan(ctx context.Context) {
	r := c.from.callBegan(ctx, c.method.call, c.key)
	if c.method.record != nil {
		c.method.record(c, r)
	}
	c.world.observe(r)
}

// observeError is observeEnded for a remote call, whose callee may be throttled.
func (c *call) observeError(ctx context.Context, err error) {
	c.learned(ctx, checker.FailureOf(err))
	r := c.from.callEnded(c.method.call, c.key, checker.FailureOf(err))
	r.RetryAfter, r.Throttled = engine.IsThrottled(err)
	r.Truth = &c.truth
	if c.method.record != nil {
		c.method.record(c, r)
	}
	c.world.observe(r)
}

func (c *call) observeEnded(ctx context.Context, failure checker.Failure) {
	c.learned(ctx, failure)
	r := c.from.callEnded(c.method.call, c.key, failure)
	r.Canceled, r.Truth = c.canceled, &c.truth
	if c.method.record != nil {
		c.method.record(c, r)
	}
	c.world.observe(r)
}

// callBegan returns the record that the engine in a process begins a call.
func (n *node) callBegan(ctx context.Context, called checker.Call, key engine.AttemptKey) *checker.Record {
	r := n.world.record(checker.CallBegan, n.name, n.process.Incarnation())
	r.Call, r.Key, r.Clock = called, key, n.process.Now()
	if deadline, limited := ctx.Deadline(); limited {
		r.Within = max(deadline.Sub(r.Clock), 1) // 0 means no deadline
	}
	return r
}

// callEnded returns the record that the engine learns the result of a call.
func (n *node) callEnded(called checker.Call, key engine.AttemptKey, failure checker.Failure) *checker.Record {
	r := n.world.record(checker.CallEnded, n.name, n.process.Incarnation())
	r.Call, r.Key, r.Clock, r.Error = called, key, n.process.Now(), failure
	return r
}

// failureOf returns how an operation of a store ended.
func failureOf(failed bool, kind engine.ErrorKind) checker.Failure {
	if !failed {
		return checker.NoFailure
	}
	return checker.FailedAs(kind)
}

func (c *call) observeSent() {
	if c.method.link == &toDatabase {
		c.tag = c.world.history.begin(c)
	}
	if c.method.sent != 0 {
		r := c.world.record(c.method.sent, c.from.name, c.life)
		r.Key, r.From = c.key, c.request.after
		c.world.observe(r)
	}
}

func (c *call) observeAnswer(err error) {
	if c.method.link == &toDatabase {
		c.world.history.end(c, err)
	}
}

// observeMessage reports that the request or the answer leaves: how long it travels, or that it gets lost.
func (c *call) observeMessage(latency time.Duration, lost bool) {
	w := c.world
	if w.spec.OnMessage == nil || w.kernel.Unwinding() {
		return
	}
	w.sent++
	m := run.Message{
		Number: w.sent, Step: w.kernel.Steps(), Sent: w.kernel.Now(), Arrives: w.kernel.Now() + latency,
		From: c.from.name, To: c.to.party(), Name: c.method.name, Route: c.method.route,
		Subject: string(c.key.Review), Part: partOf(c.key), Copy: c.copy, Lost: lost,
	}
	if c.answering {
		m.From, m.To, m.Answer, m.Of = m.To, m.From, true, c.message
	}
	c.message = m.Number
	w.spec.OnMessage(m)
}

// observeLoss reports that the message that left last does not arrive.
func (c *call) observeLoss() {
	if w := c.world; c.message != 0 && w.spec.OnMessage != nil {
		w.spec.OnMessage(run.Message{Number: c.message, Lost: true, Step: w.kernel.Steps(), Arrives: w.kernel.Now()})
	}
}
