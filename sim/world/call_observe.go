package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// perform makes a call of the engine's, and describes its beginning and its end to the checker. A call that fails has no
// response.
func (c *call) perform(ctx context.Context) error {
	c.began(ctx)
	err := c.send(ctx)
	if err != nil {
		c.response = response{}
	}
	c.ended(kindText(err))
	return err
}

// began describes the call to the checker as the engine makes it.
func (c *call) began(ctx context.Context) {
	r := c.from.callBegan(ctx, c.method.name, c.key)
	if c.method.describe != nil {
		c.method.describe(c, r)
	}
	c.world.observe(r)
}

// ended describes the call to the checker as the engine learns what came of it: nothing wrong, or the kind of an error.
func (c *call) ended(problem string) {
	r := c.from.callEnded(c.method.name, c.key, problem)
	if c.method.describe != nil {
		c.method.describe(c, r)
	}
	c.world.observe(r)
}

// callBegan is the record of a call that the engine in a process makes to one of its
// ports, about to be observed.
func (n *node) callBegan(ctx context.Context, operation string, key engine.AttemptKey) *checker.Record {
	r := n.world.record(checker.CallBegan, n.name, n.process.Incarnation())
	r.Text, r.Key, r.Clock = operation, key, n.process.Now()
	if deadline, limited := ctx.Deadline(); limited {
		r.Within = max(deadline.Sub(r.Clock), 1) // 0 says that there is none
	}
	return r
}

// callEnded is the record of such a call as the engine learns what came of it.
func (n *node) callEnded(operation string, key engine.AttemptKey, problem string) *checker.Record {
	r := n.world.record(checker.CallEnded, n.name, n.process.Incarnation())
	r.Text, r.Key, r.Clock, r.Error = operation, key, n.process.Now(), problem
	return r
}

// sends describes the request, or the answer, to those who draw messages, as it leaves: when it is going to arrive, or
// that it gets lost.
func (c *call) sends(latency time.Duration, lost bool) {
	if c.world.spec.OnMessage == nil {
		return
	}
	m := Message{From: c.from.name, To: c.to.party(), Name: c.method.name, Key: c.key, Copy: c.copy, Lost: lost}
	if c.answering {
		m.From, m.To, m.Answer, m.Of = m.To, m.From, true, c.message
	}
	c.message = c.world.sends(m, latency)
}

// kindOf is the kind of an error of a store in words, "" for none.
func kindOf(failed bool, kind engine.ErrorKind) string {
	if !failed {
		return ""
	}
	return kind.String()
}

// kindText is the kind of an error in words, "" for none.
func kindText(err error) string {
	if err == nil {
		return ""
	}
	return engine.KindOf(err).String()
}
