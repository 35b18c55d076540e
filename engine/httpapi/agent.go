package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/onceover/onceover/engine"
)

// EventBytesMax is the default limit of one event on the wire: the longest text, in JSON that escapes every byte of it,
// and what goes around it.
const EventBytesMax = 6*engine.EventTextBytesMax + 4<<10

// lastEventIDHeader carries the resume position, as EventSource sends it.
const lastEventIDHeader = "Last-Event-ID"

// errorEvent is the name of the event that ends a stream with an error.
const errorEvent = "error"

type createBody struct {
	Payload []byte `json:"payload"`
}

type sessionBody struct {
	Session engine.SessionID `json:"session"`
}

type overBody struct {
	Over *bool `json:"over"`
}

// NewAgentHandler serves the agent API. A stream is received from and written to by the goroutine, or the simulator's
// task, that serves the request; every event is flushed.
func NewAgentHandler(agent engine.Agent, config HandlerConfig) http.Handler {
	routes := newRoutes(config)
	handler := agentHandler{agent: agent, routes: routes, keepalive: config.Keepalive, withTimeout: config.WithTimeout}
	if handler.keepalive == 0 {
		handler.keepalive = Keepalive
	}
	if handler.withTimeout == nil {
		handler.withTimeout = context.WithTimeout
	}
	routes.handle(config.Token, "/v1/sessions/{review}/{attempt}",
		method{http.MethodPut, handler.create},
		method{http.MethodDelete, handler.interrupt})
	routes.handle(config.Token, "/v1/sessions/{review}/{attempt}/events",
		method{http.MethodGet, handler.stream})
	return routes
}

type agentHandler struct {
	agent       engine.Agent
	routes      *routes
	keepalive   time.Duration
	withTimeout func(context.Context, time.Duration) (context.Context, context.CancelFunc)
}

func (h *agentHandler) create(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	var body createBody
	if err := h.routes.readJSON(w, request, &body, false); err != nil {
		return err
	}
	session, err := h.agent.Create(request.Context(), key, body.Payload)
	return answer(w, &sessionBody{session}, err)
}

func (h *agentHandler) interrupt(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	over, err := h.agent.Interrupt(request.Context(), key)
	return answer(w, &overBody{&over}, err)
}

// keepalive is a comment of an event stream, which has no other meaning than that the stream is alive.
var keepalive = []byte(": keepalive\n\n")

// stream writes events until the session's last one, an error, or the end of the connection, and a comment when there
// has been none for a while. Once the header is out, an error can only be reported in the stream.
func (h *agentHandler) stream(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	var after int64
	if text := request.Header.Get(lastEventIDHeader); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return badRequest("%s: %s; allowed: whole numbers from 0", lastEventIDHeader, oneLine(text, errorTextBytesMax))
		}
	}
	ctx := request.Context()
	stream, err := h.agent.Stream(ctx, key, after)
	if err != nil {
		return err
	}
	defer stream.Close()
	w.Header().Set("Content-Type", eventStreamType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	flusher := http.NewResponseController(w)
	if err := flusher.Flush(); err != nil {
		return nil
	}
	var encoded []byte
	for {
		wait, cancel := h.withTimeout(ctx, h.keepalive)
		event, err := stream.Recv(wait)
		idle := err != nil && wait.Err() != nil || err == nil && event.Seq == 0
		cancel()
		switch {
		case ctx.Err() != nil || errors.Is(err, io.EOF):
			return nil
		case idle:
			if _, err := w.Write(keepalive); err != nil || flusher.Flush() != nil {
				return nil
			}
			continue
		case err != nil:
			raw, _ := json.Marshal(bodyOf(err)) // two strings: it can't fail
			_, _ = w.Write(appendFrame(encoded[:0], "", errorEvent, raw))
			return nil
		}
		raw, err := json.Marshal(&event)
		if err != nil {
			return nil
		}
		encoded = appendFrame(encoded[:0], strconv.FormatInt(event.Seq, 10), event.Kind.String(), raw)
		if _, err := w.Write(encoded); err != nil {
			return nil
		}
		if err := flusher.Flush(); err != nil || event.Last() {
			return nil
		}
	}
}

// eventStreamType is the media type of a stream of events.
const eventStreamType = "text/event-stream"

// A StreamDoer is a [Doer] that also carries out requests whose answer is read for as long as a session takes.
// engine/live.HTTPClient is one.
type StreamDoer interface {
	Doer
	// DoStream waits for the header of the answer, at most until the request's context ends. The answer's body outlives
	// that context and is a [BodyReader].
	DoStream(request *http.Request) (*http.Response, error)
}

// A BodyReader reads from a body until a context ends, which loses nothing: the next call goes on.
type BodyReader interface {
	ReadContext(ctx context.Context, p []byte) (int, error)
}

// An AgentClient is the agent. Its methods fail as [engine.Agent] says, and as the package does about transport errors.
type AgentClient struct {
	// EventBytesMax limits one event on the wire. 0: [EventBytesMax]. It may be set until the client is first used.
	EventBytesMax int

	client client
	doer   StreamDoer
}

var _ engine.Agent = (*AgentClient)(nil)

// NewAgentClient returns the client of the agent API at baseURL. An empty token sends none.
func NewAgentClient(baseURL, token string, doer StreamDoer) *AgentClient {
	return &AgentClient{client: newClient(baseURL, token, doer), doer: doer}
}

const sessionsPrefix = "/v1/sessions/"

// Create starts the session of an attempt, or finds it.
func (c *AgentClient) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	const op = "agent.create"
	path, err := attemptPath(op, sessionsPrefix, key)
	if err != nil {
		return "", err
	}
	var body sessionBody
	err = c.client.call(ctx, op, http.MethodPut, path, &createBody{payload}, &body)
	if err == nil && body.Session == "" {
		err = engine.Errorf(engine.Ambiguous, op, "answer about %q names no session", key.String())
	}
	return body.Session, err
}

// Interrupt ends the session, and reports whether it is known to be over.
func (c *AgentClient) Interrupt(ctx context.Context, key engine.AttemptKey) (over bool, err error) {
	const op = "agent.interrupt"
	path, err := attemptPath(op, sessionsPrefix, key)
	if err != nil {
		return false, err
	}
	var body overBody
	err = c.client.call(ctx, op, http.MethodDelete, path, nil, &body)
	if err == nil && body.Over == nil {
		err = engine.Errorf(engine.Ambiguous, op, "answer about %q does not have whether it is over", key.String())
	}
	return err == nil && *body.Over, err
}

// Stream opens the session's events after a sequence number. ctx bounds the opening; the stream lasts until it is
// closed.
func (c *AgentClient) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	const op = "agent.stream"
	path, err := attemptPath(op, sessionsPrefix, key)
	if err != nil {
		return nil, err
	}
	request, err := c.client.request(ctx, op, http.MethodGet, path+"/events", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", eventStreamType)
	request.Header.Set(lastEventIDHeader, strconv.FormatInt(after, 10))
	response, err := c.doer.DoStream(request)
	if err != nil {
		return nil, transportError(op, err)
	}
	body, ok := response.Body.(BodyReader)
	if !ok {
		response.Body.Close()
		return nil, engine.Errorf(engine.Rejected, op, "body %T of %T is no BodyReader", response.Body, c.doer)
	}
	if response.StatusCode != http.StatusOK || !isEventStream(response.Header) {
		defer response.Body.Close()
		return nil, answerError(op, request, response, contextReader{ctx, body})
	}
	limit := c.EventBytesMax
	if limit == 0 {
		limit = EventBytesMax
	}
	return &agentStream{events: newEventReader(body, limit), body: response.Body}, nil
}

// isEventStream reports whether an answer is a stream of events, and not the page of a proxy.
func isEventStream(header http.Header) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == eventStreamType
}

// An agentStream decodes the events of one connection.
type agentStream struct {
	events *eventReader
	body   io.Closer
	ended  error
}

// Close lets the connection go.
func (s *agentStream) Close() { _ = s.body.Close() }

// Recv waits for the next event. Bytes that complete no event, such as a comment, are a sign of life. An ended context
// wins over an event that is there already. After an error other than the context's it returns that error for ever.
func (s *agentStream) Recv(ctx context.Context) (engine.Event, error) {
	const op = "agent.recv"
	for s.ended == nil {
		if err := ctx.Err(); err != nil {
			return engine.Event{}, err
		}
		f, err := s.events.next(ctx)
		switch {
		case errors.Is(err, errFrameTooLarge):
			s.ended = engine.Errorf(engine.Permanent, op, "%w; allowed: %d bytes", err, s.events.bytesMax)
			continue
		case err != nil && ctx.Err() != nil:
			return engine.Event{}, ctx.Err()
		case errors.Is(err, io.EOF):
			s.ended = engine.Errorf(engine.Ambiguous, op, "the stream ended: %w", io.ErrUnexpectedEOF)
			continue
		case err != nil:
			s.ended = engine.Errorf(engine.Ambiguous, op, "the stream broke: %w", err)
			continue
		case f.alive:
			return engine.Event{}, nil
		}
		switch string(f.name) {
		case "", "message", engine.EventProgress.String(), engine.EventCompleted.String(), engine.EventFailed.String():
			var event engine.Event
			if event, err = decodeEvent(&f); err == nil {
				return event, nil
			}
		case errorEvent:
			var body errorBody
			if err = json.Unmarshal(f.data, &body); err == nil {
				kind, _ := parseKind(body.Kind)
				s.ended = engine.Errorf(kind, op, "%s", oneLine(body.Error, errorBytesMax))
				continue
			}
		default:
			var event engine.Event
			if event, err = decodeEvent(&f); err == nil {
				return event, nil
			}
			if !errors.As(err, new(*engine.UnknownValueError)) {
				return engine.Event{}, nil // as EventSource skips events that nobody listens to
			}
		}
		kind := engine.Permanent
		if errors.As(err, new(*engine.UnknownValueError)) {
			kind = engine.Rejected // by this version; the event is numbered, so it can't be skipped
		}
		s.ended = engine.Errorf(kind, op, "event %q: %w", oneLine(string(f.id), errorTextBytesMax), err)
	}
	return engine.Event{}, s.ended
}

// decodeEvent reads an event from a frame. No error of its goes away by itself.
func decodeEvent(f *frame) (engine.Event, error) {
	var event engine.Event
	if err := json.Unmarshal(f.data, &event); err != nil {
		return engine.Event{}, err
	}
	outOfBounds := event.Check()
	switch {
	case event.Seq < 1:
		return engine.Event{}, fmt.Errorf("sequence number is %d; allowed: from 1", event.Seq)
	case event.Kind == 0:
		return engine.Event{}, errors.New("it has no kind")
	case outOfBounds != nil:
		return engine.Event{}, outOfBounds
	case len(f.id) > 0 && string(f.id) != strconv.FormatInt(event.Seq, 10):
		return engine.Event{}, fmt.Errorf("its sequence number is %d", event.Seq)
	}
	return event, nil
}
