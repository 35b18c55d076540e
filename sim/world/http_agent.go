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
)

// eventBytesMax is the limit of an event on the simulated wire. It is small, so that an event beyond it is cheap.
const eventBytesMax = 4 << 10

var opMalformed = timingOp(460, "stream.malformed")

// agentOverHTTP returns the production client of the agent, for one call.
func (c *call) agentOverHTTP() *httpapi.AgentClient {
	client := httpapi.NewAgentClient(agentURL, agentToken, callDoer{c})
	client.EventBytesMax = eventBytesMax
	return client
}

// serveOverHTTP is the task that serves a call in the agent's process. It serves a stream as long as that lasts, which
// is long after the call was answered; by then the call belongs to its caller.
func (a *agent) serveOverHTTP(ctx context.Context, c *call) {
	x := c.exchange
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
	c.reply()
}

// An agentAnswer is the [http.ResponseWriter] of a call to the agent. The first flush makes the answer a stream.
type agentAnswer struct {
	*exchange
	call      *call
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
		return nil // what is written is sent
	}
	if a.pipe == nil {
		return http.ErrNotSupported
	}
	a.streaming = true
	a.WriteHeader(http.StatusOK)
	a.note(a.call.world)
	body := a.pipe // a failing answer gets another one
	a.call.reply()
	a.call = nil
	if body.closed {
		return io.ErrClosedPipe
	}
	return nil
}

// An agentService is the simulated agent as its production handler sees it.
type agentService struct{ agent *agent }

var _ engine.Agent = agentService{}

// serve carries out the call that is being handed to the handler. Nothing happens between that and the handler's call
// of the agent.
func (s agentService) serve(ctx context.Context, key engine.AttemptKey, payload []byte) (*call, error) {
	c := s.agent.serving
	s.agent.serving = nil
	c.key, c.request.payload = key, payload
	if c.faults.withoutEffect {
		return c, c.faults.error(c.method.name)
	}
	return c, c.decided(c.method.direct(ctx, c))
}

// Create implements [engine.Agent].
func (s agentService) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	c, err := s.serve(ctx, key, payload)
	return c.response.session, err
}

// Interrupt implements [engine.Agent].
func (s agentService) Interrupt(ctx context.Context, key engine.AttemptKey) (bool, error) {
	c, err := s.serve(ctx, key, nil)
	return c.response.over, err
}

// Stream implements [engine.Agent].
func (s agentService) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	c, err := s.serve(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	pipe := c.exchange.pipe
	if pipe.closed {
		return nil, errHungUp
	}
	stream := c.response.found.open(c.from, after)
	stream.pipe, pipe.stream = pipe, stream
	return stream, nil
}

// failOverHTTP injects a fault into the next event of a stream. The error ends the handler; the client learns of it by
// reading.
func (e *eventStream) failOverHTTP(kind faults.Kind) error {
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

// malformed returns an event that cannot be decoded, in one of several ways.
func (e *eventStream) malformed() []byte {
	forms := [...]string{
		"id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"prog\n\n",                     // cut short
		"id: %d\nevent: progress\ndata: <html>\ndata: <h1>502 Bad Gateway</h1>\n\n",             // not an event at all
		"id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"rejoiced\",\"tokens\":1}\n\n", // of a later version
		"id: 0\nevent: progress\ndata: {\"seq\":%d,\"kind\":\"progress\",\"tokens\":1}\n\n",     // two numbers
		"id: %d\nevent: progress\ndata: {\"seq\":%[1]d,\"kind\":\"progress\",\"tokens\":-1}\n\n",
		"id: %d\nevent: progress\ndata: []\n\n",
	}
	form := forms[e.session.agent.world.kernel.Pick(e.session.actor, opMalformed, len(forms))]
	return fmt.Appendf(nil, form, e.position+1)
}
