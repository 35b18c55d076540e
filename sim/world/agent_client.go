package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// agentClient calls the agent for a worker host.
type agentClient struct{ node *node }

var _ engine.Agent = agentClient{}

// Create implements [engine.Agent].
func (a agentClient) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	a.node.swallow(key, 0)
	c := a.node.newAgentCall(checker.CallAgentCreate, key)
	defer c.release()
	c.request.payload = payload
	err := c.perform(ctx)
	return c.response.session, err
}

// Interrupt implements [engine.Agent].
func (a agentClient) Interrupt(ctx context.Context, key engine.AttemptKey) (over bool, err error) {
	c := a.node.newAgentCall(checker.CallAgentInterrupt, key)
	defer c.release()
	err = c.perform(ctx)
	return c.response.over, err
}

// Stream implements [engine.Agent].
func (a agentClient) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	c := a.node.newAgentCall(checker.CallAgentStream, key)
	defer c.release()
	c.request.after = after
	c.observeBegan(ctx)
	err := c.send(ctx)
	stream := c.response.stream
	if err == nil && stream == nil { // not over HTTP: this end opens the stream
		stream = c.response.found.open(a.node, after)
	}
	c.observeError(ctx, err)
	if err != nil {
		return nil, err
	}
	return a.follow(stream, key), nil
}

// delivered is a stream that records what its reader receives.
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
		d.record(checker.ReceiveEnded, 0, checker.NoFailure)
	case err != nil:
		d.record(checker.ReceiveEnded, 0, checker.FailureOf(err))
	case event.Seq == 0: // a sign of life
	default:
		d.record(checker.EventDelivered, event.Seq, checker.NoFailure)
		if s := w.agent.find(d.key); s != nil {
			s.received = max(s.received, event.Seq)
		}
		d.node.swallow(d.key, event.Seq)
	}
	return event, err
}

// Close implements [engine.EventStream].
func (d delivered) Close() {
	d.EventStream.Close()
	d.record(checker.StreamClosed, 0, checker.NoFailure)
}

func (d delivered) record(kind checker.Kind, seq int64, failure checker.Failure) {
	w := d.node.world
	r := w.record(kind, d.node.name, d.node.process.Incarnation())
	r.Key, r.Seq, r.Error = d.key, seq, failure
	w.observe(r)
}

// follow records that the caller has a stream, and returns it as one that records the rest.
func (a agentClient) follow(stream engine.EventStream, key engine.AttemptKey) engine.EventStream {
	d := delivered{stream, a.node, key}
	d.record(checker.StreamOpened, 0, checker.NoFailure)
	return d
}

// agentFaults decides which faults a call of the agent meets.
func agentFaults(w *Deployment, c *call) (f callFaults) {
	n, at := c.from, &c.method.faults
	switch {
	case w.agent.overloaded(c):
		f.throttled(w.agent.retryAfter(c))
	case w.inject(n, at, faults.AgentThrottle):
		f.throttled(w.briefThrottle(n))
	case w.inject(n, at, faults.AgentError):
		f.fail(engine.Ambiguous, errServer)
		f.withoutEffect = !w.kernel.Chance(n.process.Actor(), opErrorEffect, 0.5)
	case w.inject(n, at, faults.NetworkRequestLost):
		f.requestLost = true
	case w.inject(n, at, faults.NetworkAnswerLost):
		f.answerLost = true
	case w.inject(n, at, faults.NetworkDelay):
		f.requestDelay = w.delay(n, 15*time.Second, 2*time.Minute)
	case w.inject(n, at, faults.NetworkReset):
		f.resetConnection()
	case w.inject(n, at, faults.NetworkReorder):
		f.requestDelay = w.delay(n, 100*time.Millisecond, 8*time.Second)
	}
	if w.inject(n, at, faults.NetworkDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 3*time.Minute)
	}
	w.answeredByGateway(c, &f)
	return f
}
