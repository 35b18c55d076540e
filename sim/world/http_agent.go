package world

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// eventBytesMax is the limit of an event on the simulated wire: small, so that one
// that is over it costs little.
const eventBytesMax = 4 << 10

var opMalformed = kernel.NewOp("stream.malformed")

// overHTTP is the production client of the agent, for one call.
func (c agentClient) overHTTP(m agentMethod, key engine.AttemptKey, after int64) *httpapi.AgentClient {
	client := httpapi.NewAgentClient(agentURL, agentToken, agentDoer{c, m, key, after})
	client.EventBytesMax = eventBytesMax
	return client
}

// An agentDoer carries the one HTTP request of a call to the agent. It knows what
// the call is about for the sake of records and faults.
type agentDoer struct {
	client agentClient
	method agentMethod
	key    engine.AttemptKey
	after  int64
}

var _ httpapi.StreamDoer = agentDoer{}

// Do implements [httpapi.Doer].
func (d agentDoer) Do(request *http.Request) (*http.Response, error) { return d.carry(request, nil) }

// DoStream implements [httpapi.StreamDoer].
func (d agentDoer) DoStream(request *http.Request) (*http.Response, error) {
	n := d.client.node
	return d.carry(request, &pipe{world: n.world, actor: n.process.Actor()})
}

func (d agentDoer) carry(request *http.Request, body *pipe) (*http.Response, error) {
	x, err := newExchange(request)
	if err != nil {
		return nil, err
	}
	x.pipe = body
	n := d.client.node
	call, err := d.client.call(request.Context(), d.method, d.key, nil, d.after, x)
	n.world.tellAnswer(n.name, x, err)
	if err != nil {
		x.hangUp()
		return nil, err
	}
	call.agent.put(call)
	return x.response(request), nil
}

// hangUp lets go of a stream that the caller does not wait for any more.
func (x *exchange) hangUp() {
	if x != nil && x.pipe != nil {
		_ = x.pipe.Close() // it never fails
	}
}

// arriveOverHTTP is a call's arrival at the agent.
func (c *agentCall) arriveOverHTTP() {
	w := c.agent.world
	if c.fate.withoutEffect && c.fate.err == engine.Ambiguous {
		c.answerOverHTTP() // the agent's front fails before the agent sees the call
		return
	}
	w.kernel.Spawn(c.agent.process, agentMethodNames[c.method], c.serveOverHTTP)
}

// serveOverHTTP is the task that serves a call in the agent's process. A stream is
// served for as long as it lasts, which is long after the call was answered: from
// then on the call is the caller's.
func (c *agentCall) serveOverHTTP(ctx context.Context) {
	a, x := c.agent, c.exchange
	a.serving = c
	answer := agentAnswer{exchange: x, call: c}
	a.handler.ServeHTTP(&answer, x.request(ctx))
	if answer.streaming {
		x.pipe.closeWriting(nil)
		return
	}
	x.WriteHeader(http.StatusOK)
	if x.pipe != nil {
		x.pipe.closeWriting(x.answer)
	}
	x.note(a.world)
	c.answerOverHTTP()
}

// answerOverHTTP sends the answer on its way, or what its fate has made of it.
func (c *agentCall) answerOverHTTP() {
	w, x := c.agent.world, c.exchange
	if c.fate.fails && c.fate.err == engine.Ambiguous {
		if x.pipe != nil {
			x.hangUp()
			x.pipe = &pipe{world: w, actor: x.pipe.actor}
		}
		c.err = x.fail(agentFaultError(&c.fate))
	}
	if c.fate.answerLost {
		c.tell(0)
		x.hangUp()
		return
	}
	c.schedule(c.fate.answerDelay, labelAgentAnswer)
}

// An agentAnswer is the [http.ResponseWriter] of a call to the agent. The first
// flush makes the answer a stream.
type agentAnswer struct {
	*exchange
	call      *agentCall
	streaming bool
}

// Write adds to the answer, or to the stream.
func (a *agentAnswer) Write(p []byte) (int, error) {
	if !a.streaming {
		return a.exchange.Write(p)
	}
	if err := a.pipe.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// FlushError implements what [http.ResponseController] asks for.
func (a *agentAnswer) FlushError() error {
	if a.streaming {
		return nil // written is sent
	}
	if a.pipe == nil {
		return http.ErrNotSupported
	}
	a.streaming = true
	a.WriteHeader(http.StatusOK)
	a.note(a.call.agent.world)
	body := a.pipe // a failing answer gets another one
	a.call.answerOverHTTP()
	a.call = nil
	if body.closed {
		return io.ErrClosedPipe
	}
	return nil
}

// An agentService is the simulated agent as its production handler sees it.
type agentService struct{ agent *agent }

var _ engine.Agent = agentService{}

// enter returns the call that is being served. Nothing happens between its being
// handed to the handler and the handler's coming here.
func (s agentService) enter(key engine.AttemptKey) (*agentCall, error) {
	c := s.agent.serving
	s.agent.serving = nil
	c.key = key
	if c.fate.withoutEffect {
		return nil, &engine.Error{Kind: c.fate.err, Op: agentMethodNames[c.method], Err: agentFaultError(&c.fate)}
	}
	return c, nil
}

// Create implements [engine.Agent].
func (s agentService) Create(_ context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	c, err := s.enter(key)
	if err != nil {
		return "", err
	}
	c.payload = payload
	if err := s.agent.serve(c); err != nil {
		return "", err
	}
	return c.session.id, nil
}

// Interrupt implements [engine.Agent].
func (s agentService) Interrupt(_ context.Context, key engine.AttemptKey) (bool, error) {
	c, err := s.enter(key)
	if err != nil {
		return false, err
	}
	err = s.agent.serve(c)
	return c.over, err
}

// Stream implements [engine.Agent].
func (s agentService) Stream(_ context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	c, err := s.enter(key)
	if err != nil {
		return nil, err
	}
	if err := s.agent.serve(c); err != nil {
		return nil, err
	}
	pipe := c.exchange.pipe
	if pipe.closed {
		return nil, errHungUp
	}
	stream := c.session.open(c.node, after)
	stream.pipe, pipe.stream = pipe, stream
	return stream, nil
}

// mishapOverHTTP does to a stream what happens to its next event on the wire. The
// error ends the handler; the client finds out by what it reads.
func (e *eventStream) mishapOverHTTP(kind faults.Kind) error {
	switch kind {
	case faults.NetworkReset:
		e.pipe.reset()
		return errResetStream
	case faults.AgentMalformed:
		e.pipe.closeWriting(e.malformed())
	case faults.AgentOversized:
		e.pipe.closeWriting(fmt.Appendf(nil, "id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"progress\",\"text\":\"%s\"}\n\n",
			e.position+1, strings.Repeat("x", eventBytesMax)))
	default: // the stream is cut
	}
	return io.EOF
}

// malformed is an event that can't be decoded, in one of several ways.
func (e *eventStream) malformed() []byte {
	forms := [...]string{
		"id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"prog\n\n",                     // cut short
		"id: %d\nevent: progress\ndata: <html>\ndata: <h1>502 Bad Gateway</h1>\n\n",             // not an event at all
		"id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"rejoiced\",\"tokens\":1}\n\n", // of a version to come
		"id: 0\nevent: progress\ndata: {\"seq\":%d,\"kind\":\"progress\",\"tokens\":1}\n\n",     // two numbers
		"id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"progress\",\"tokens\":-1}\n\n",
		"id: %d\nevent: progress\ndata: []\n\n",
	}
	form := forms[e.session.agent.world.kernel.Pick(e.session.actor, opMalformed, len(forms))]
	return fmt.Appendf(nil, form, e.position+1)
}
