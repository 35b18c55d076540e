package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/run"
)

// perform makes a call of the engine's, and describes its beginning and its end to the checker. A call that fails has no
// response.
func (c *call) perform(ctx context.Context) error {
	c.began(ctx)
	err := c.send(ctx)
	if err != nil {
		c.response = response{}
	}
	c.ended(checker.FailureOf(err))
	return err
}

// began describes the call to the checker as the engine makes it.
func (c *call) began(ctx context.Context) {
	r := c.from.callBegan(ctx, c.method.call, c.key)
	if c.method.describe != nil {
		c.method.describe(c, r)
	}
	c.world.observe(r)
}

// sent describes the request to the checker as it leaves.
func (c *call) sent(kind checker.Kind) {
	r := c.world.record(kind, c.from.name, c.life)
	r.Key, r.From = c.key, c.request.after
	c.world.observe(r)
}

// ended describes the call to the checker as the engine learns what came of it.
func (c *call) ended(failure checker.Failure) {
	r := c.from.callEnded(c.method.call, c.key, failure)
	if c.method.describe != nil {
		c.method.describe(c, r)
	}
	c.world.observe(r)
}

// callBegan is the record of a call that the engine in a process makes to one of its
// ports, about to be observed.
func (n *node) callBegan(ctx context.Context, called checker.Call, key engine.AttemptKey) *checker.Record {
	r := n.world.record(checker.CallBegan, n.name, n.process.Incarnation())
	r.Call, r.Key, r.Clock = called, key, n.process.Now()
	if deadline, limited := ctx.Deadline(); limited {
		r.Within = max(deadline.Sub(r.Clock), 1) // 0 says that there is none
	}
	return r
}

// callEnded is the record of such a call as the engine learns what came of it.
func (n *node) callEnded(called checker.Call, key engine.AttemptKey, failure checker.Failure) *checker.Record {
	r := n.world.record(checker.CallEnded, n.name, n.process.Incarnation())
	r.Call, r.Key, r.Clock, r.Error = called, key, n.process.Now(), failure
	return r
}

// sends describes the request, or the answer, to those who draw messages, as it leaves: when it is going to arrive, or
// that it gets lost.
func (c *call) sends(latency time.Duration, lost bool) {
	if c.world.spec.OnMessage == nil {
		return
	}
	m := run.Message{
		From: c.from.name, To: c.to.party(), Name: c.method.name, Route: c.picture(),
		Subject: string(c.key.Review), Part: partOf(c.key), Copy: c.copy, Lost: lost,
	}
	if c.answering {
		m.From, m.To, m.Answer, m.Of = m.To, m.From, true, c.message
	}
	c.message = c.world.sends(m, latency)
}

// failureOf is how an operation of a store has ended.
func failureOf(failed bool, kind engine.ErrorKind) checker.Failure {
	if !failed {
		return checker.NoFailure
	}
	return checker.FailedAs(kind)
}

// picture is the route of the call's messages in a picture.
func (c *call) picture() string {
	switch {
	case c.from.role == roleClients:
		return routeClient
	case c.method.call == checker.CallAppCallback:
		return routeCallback
	}
	if service, ok := routeOf[c.to.party()]; ok {
		return service
	}
	return routeDispatch
}
