package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// An agentCall is one call under way to the agent and back.
type agentCall struct {
	agent      *agent
	method     agentMethod
	node       *node
	life       int
	key        engine.AttemptKey
	payload    []byte
	after      int64
	answering  bool
	copy       bool   // it is delivered a second time
	message    uint64 // that is on its way, if somebody listens
	waiting    bool
	fate       fate
	completion kernel.Completion
	exchange   *exchange // of a call over HTTP

	err     error
	session *session
	over    bool
}

// agentClient is a worker host's way to the agent.
type agentClient struct{ node *node }

// Create implements [engine.Agent].
func (c agentClient) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (id engine.SessionID, err error) {
	c.began(ctx, agentCreate, key)
	if c.node.world.overHTTP {
		id, err = c.overHTTP(agentCreate, key, 0).Create(ctx, key, payload)
	} else {
		var call *agentCall
		if call, err = c.call(ctx, agentCreate, key, payload, 0, nil); err == nil {
			id = call.session.id
			call.agent.put(call)
		}
	}
	c.ended(agentCreate, key, err)
	return id, err
}

// Interrupt implements [engine.Agent].
func (c agentClient) Interrupt(ctx context.Context, key engine.AttemptKey) (over bool, err error) {
	c.began(ctx, agentInterrupt, key)
	if c.node.world.overHTTP {
		over, err = c.overHTTP(agentInterrupt, key, 0).Interrupt(ctx, key)
	} else {
		var call *agentCall
		if call, err = c.call(ctx, agentInterrupt, key, nil, 0, nil); err == nil {
			over = call.over
			call.agent.put(call)
		}
	}
	c.ended(agentInterrupt, key, err)
	return over, err
}

// Stream implements [engine.Agent].
func (c agentClient) Stream(ctx context.Context, key engine.AttemptKey, after int64) (stream engine.EventStream, err error) {
	c.began(ctx, agentStream, key)
	if c.node.world.overHTTP {
		stream, err = c.overHTTP(agentStream, key, after).Stream(ctx, key, after)
	} else {
		var call *agentCall
		if call, err = c.call(ctx, agentStream, key, nil, after, nil); err == nil {
			stream = call.session.open(c.node, after)
			call.agent.put(call)
		}
	}
	c.ended(agentStream, key, err)
	if err != nil {
		return nil, err
	}
	return c.follow(stream, key), nil
}

func (c agentClient) began(ctx context.Context, m agentMethod, key engine.AttemptKey) {
	c.node.world.observe(c.node.callBegan(ctx, m.call(), key))
}

func (c agentClient) ended(m agentMethod, key engine.AttemptKey, err error) {
	c.node.world.observe(c.node.callEnded(m.call(), key, checker.FailureOf(err)))
}

// delivered is a stream as its reader sees it: it records what has arrived.
type delivered struct {
	engine.EventStream
	node *node
	key  engine.AttemptKey
}

// Recv implements [engine.EventStream].
func (d delivered) Recv(ctx context.Context) (engine.Event, error) {
	event, err := d.EventStream.Recv(ctx)
	switch w := d.node.world; {
	case err != nil && ctx.Err() != nil:
		d.tell(checker.ReceiveEnded, 0, checker.NoFailure)
	case err != nil:
		d.tell(checker.ReceiveEnded, 0, checker.FailureOf(err))
	default:
		d.tell(checker.EventDelivered, event.Seq, checker.NoFailure)
		if s := w.agent.find(d.key); s != nil {
			s.received = max(s.received, event.Seq)
		}
	}
	return event, err
}

// Close implements [engine.EventStream].
func (d delivered) Close() {
	d.EventStream.Close()
	d.tell(checker.StreamClosed, 0, checker.NoFailure)
}

func (d delivered) tell(kind checker.Kind, seq int64, failure checker.Failure) {
	w := d.node.world
	r := w.record(kind, d.node.name, d.node.process.Incarnation())
	r.Key, r.Seq, r.Error = d.key, seq, failure
	w.observe(r)
}

// follow is a stream that its reader has from now on.
func (c agentClient) follow(stream engine.EventStream, key engine.AttemptKey) engine.EventStream {
	d := delivered{stream, c.node, key}
	d.tell(checker.StreamOpened, 0, checker.NoFailure)
	return d
}

var agentRecords = [...]checker.Kind{
	agentCreate: checker.CreateSent, agentStream: checker.StreamSent, agentInterrupt: checker.InterruptSent,
}

// call carries one call out: what is given or, over HTTP, an exchange. Without an
// error the caller puts it back.
func (c agentClient) call(ctx context.Context, m agentMethod, key engine.AttemptKey, payload []byte, after int64, x *exchange) (*agentCall, error) {
	n := c.node
	w, a := n.world, n.world.agent
	n.faultPoint(pointOfAgent[m])
	sent := w.record(agentRecords[m], n.name, n.process.Incarnation())
	sent.Key, sent.From = key, after
	w.observe(sent)
	call := a.take()
	call.method, call.node, call.life, call.key, call.payload, call.after = m, n, n.process.Incarnation(), key, payload, after
	call.exchange = x
	call.fate = w.agentFate(n, m)
	call.waiting = true
	call.completion.Reset(w.kernel)
	w.operations++
	if call.fate.duplicate > 0 {
		again := a.take()
		again.method, again.node, again.key, again.payload, again.after = m, n, key, payload, after
		if x != nil {
			again.exchange = x.again()
		}
		again.completion.Reset(w.kernel)
		again.copy = true
		again.schedule(call.fate.duplicate, labelAgentRequest)
	}
	call.schedule(call.fate.requestDelay, labelAgentRequest)
	n.faultPoint(pointOfAgent[m])
	err := call.completion.Wait(ctx)
	if err != nil {
		call.waiting = false
		return nil, err
	}
	err = call.err
	if err != nil {
		a.put(call)
	}
	n.faultPoint(pointOfAgent[m])
	return call, err
}

func (c *agentCall) latency() time.Duration {
	return c.agent.world.kernel.Latency(c.node.process.Actor(), opAgentLatency, agentLatency)
}

// Fire is the arrival at the agent, or of the answer.
func (c *agentCall) Fire() {
	w := c.agent.world
	if c.answering {
		if !c.waiting || !c.node.lives(c.life) {
			c.exchange.hangUp()
			c.agent.put(c)
			return
		}
		if c.node.loses(partyAgent, agentMethodNames[c.method]) {
			w.loses(c.message)
			c.exchange.hangUp()
			return
		}
		c.completion.Complete()
		return
	}
	c.answering = true
	if c.fate.requestLost || c.node.loses(partyAgent, agentMethodNames[c.method]) {
		w.loses(c.message)
		return // nothing arrives, so nothing is answered
	}
	if c.method == agentCreate && c.agent.refuses(c) {
		c.fate.refuse(engine.Permanent)
	}
	if c.exchange != nil {
		c.arriveOverHTTP()
		return
	}
	if !c.fate.withoutEffect {
		c.err = c.agent.serve(c)
	}
	if c.fate.fails {
		c.err = &engine.Error{Kind: c.fate.err, Op: agentMethodNames[c.method], Err: agentFaultError(&c.fate)}
	}
	if c.fate.answerLost {
		c.tell(0)
		return
	}
	c.schedule(c.fate.answerDelay, labelAgentAnswer)
}

// schedule sends the call, or its answer.
func (c *agentCall) schedule(delay time.Duration, label kernel.Label) {
	after := c.latency() + delay
	c.tell(after)
	c.agent.world.kernel.Schedule(after, label, c)
}

// tell tells of the call, or its answer, as it is sent.
func (c *agentCall) tell(latency time.Duration) {
	m := exchangeWith(c.node.name, partyAgent, agentMethodNames[c.method], c.key, c.answering, c.message)
	m.Copy, m.Lost = c.copy, c.answering && c.fate.answerLost
	c.message = c.agent.world.sends(m, latency)
}

func agentFaultError(f *fate) error {
	switch {
	case f.reset:
		return errConnectionReset
	case f.err == engine.Permanent:
		return errRefused
	case f.err == engine.Rejected:
		return errThrottled
	}
	return errServer
}

func (a *agent) take() *agentCall {
	if n := len(a.free); n > 0 {
		c := a.free[n-1]
		a.free = a.free[:n-1]
		return c
	}
	return &agentCall{agent: a}
}

func (a *agent) put(c *agentCall) {
	*c = agentCall{agent: a}
	a.free = append(a.free, c)
}

// agentFate decides what becomes of a call.
func (w *World) agentFate(n *node, m agentMethod) (f fate) {
	if !w.stormy {
		return f
	}
	at := &agentPoints[m]
	switch {
	case w.strikes(n, at, faults.AgentThrottle):
		f.refuse(engine.Rejected)
	case w.strikes(n, at, faults.AgentError):
		f.fails, f.err = true, engine.Ambiguous
		f.withoutEffect = !w.kernel.Chance(n.process.Actor(), opErrorEffect, 0.5)
	case w.strikes(n, at, faults.NetworkRequestLost):
		f.requestLost = true
	case w.strikes(n, at, faults.NetworkAnswerLost):
		f.answerLost = true
	case w.strikes(n, at, faults.NetworkDelay):
		f.requestDelay = w.delay(n, 15*time.Second, 2*time.Minute)
	case w.strikes(n, at, faults.NetworkReset):
		f.fails, f.err, f.reset = true, engine.Ambiguous, true
	case w.strikes(n, at, faults.NetworkReorder):
		f.requestDelay = w.delay(n, 100*time.Millisecond, 8*time.Second)
	}
	if w.strikes(n, at, faults.NetworkDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 3*time.Minute)
	}
	return f
}
