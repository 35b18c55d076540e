package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// A script is a stream that delivers events, and then err. It ends its client's context before a step, if that is not 0.
type script struct {
	events []engine.Event
	err    error
	gone   int // before which call of Recv, from 1, the client goes away
	leave  context.CancelFunc
	asked  int
	closed bool
}

func (s *script) Recv(ctx context.Context) (engine.Event, error) {
	if s.asked++; s.asked == s.gone {
		s.leave()
		return engine.Event{}, ctx.Err()
	}
	if s.asked <= len(s.events) {
		return s.events[s.asked-1], nil
	}
	return engine.Event{}, s.err
}

func (s *script) Close() { s.closed = true }

// scriptedAgent is an agent whose one session is a script.
type scriptedAgent struct {
	engine.Agent
	*script
}

func (a scriptedAgent) Stream(context.Context, engine.AttemptKey, int64) (engine.EventStream, error) {
	return a.script, nil
}

// limited is an answer that can't be flushed, or whose connection breaks.
type limited struct {
	*httptest.ResponseRecorder
	writes  int // that succeed
	flushed int // that succeed
}

func (l *limited) Write(p []byte) (int, error) {
	if l.writes--; l.writes < 0 {
		return 0, errors.New("broken pipe")
	}
	return l.ResponseRecorder.Write(p)
}

func (l *limited) FlushError() error {
	if l.flushed--; l.flushed < 0 {
		return errors.New("broken pipe")
	}
	return nil
}

// TestHandlerOfStreams serves streams to clients that stay and to clients that go, and looks at when it stops asking.
func TestHandlerOfStreams(t *testing.T) {
	httpapi.Bound(t)
	progress := engine.Event{Seq: 1, Kind: engine.EventProgress}
	last := engine.Event{Seq: 2, Kind: engine.EventCompleted}
	const manyTimes = 99
	for _, test := range []struct {
		name            string
		events          []engine.Event
		err             error
		gone            int
		writes, flushed int
		asked           int // how often the session is
		body            string
	}{
		{"to its last event", []engine.Event{progress, last, progress}, nil, 0, manyTimes, manyTimes, 2, "id: 1\nevent: progress\n…id: 2\nevent: completed\n"},
		{"to the end of the session's stream", []engine.Event{progress}, io.EOF, 0, manyTimes, manyTimes, 2, "id: 1\nevent: progress\n"},
		{"to an error", []engine.Event{progress}, errors.New("lost it"), 0, manyTimes, manyTimes, 2, "event: error\ndata: {\"error\":\"lost it\",\"kind\":\"ambiguous\"}\n"},
		{"until the client goes", []engine.Event{progress, progress}, nil, 2, manyTimes, manyTimes, 2, "id: 1\nevent: progress\n"},
		{"not to a client that can't get it piece by piece", []engine.Event{progress}, nil, 0, manyTimes, 0, 0, ""},
		{"until an event can't be sent", []engine.Event{progress, progress}, nil, 0, 0, manyTimes, 1, ""},
		{"until an event does not get through", []engine.Event{progress, progress}, nil, 0, manyTimes, 1, 1, "id: 1\nevent: progress\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			s := &script{events: test.events, err: test.err, gone: test.gone, leave: leave}
			handler := httpapi.NewAgentHandler(scriptedAgent{script: s}, httpapi.HandlerConfig{})
			answer := &limited{ResponseRecorder: httptest.NewRecorder(), writes: test.writes, flushed: test.flushed}
			handler.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/sessions/r/1/events", nil))
			if s.asked != test.asked || !s.closed {
				t.Errorf("the session was asked %d times, want %d; closed: %t", s.asked, test.asked, s.closed)
			}
			body := answer.Body.String()
			for part := range strings.SplitSeq(test.body, "…") {
				if !strings.Contains(body, part) {
					t.Errorf("%q is not sent: %q", part, body)
				}
			}
			if strings.Contains(body, "event: error") != (test.err != nil && !errors.Is(test.err, io.EOF)) || test.body == "" && body != "" {
				t.Errorf("sent is %q", body)
			}
			if header := answer.Result().Header; header.Get("Content-Type") != "text/event-stream" || header.Get("Cache-Control") != "no-store" || answer.Code != 200 {
				t.Errorf("%d %v", answer.Code, header)
			}
		})
	}
}

// TestPositionsOfStreams asks for streams behind positions that there are, and that there can't be.
func TestPositionsOfStreams(t *testing.T) {
	stream := route{"agent", "GET", "/v1/sessions/REVIEW/ATTEMPT/events", ""}
	for position, good := range map[string]bool{"0": true, "7": true, "9223372036854775807": true, "-1": false, "x": false, "9223372036854775808": false} {
		s, answer, kind, _ := stream.ask(t, "r", "1", nil, "Last-Event-ID", position)
		if !good {
			refused(t, position, s, answer, 400, kind, "permanent")
		} else if want := []string{"stream r/1 after " + position}; !slices.Equal(s.behind.calls, want) {
			t.Errorf("%s: %d, and the agent was asked %q", position, answer.Code, s.behind.calls)
		}
	}
}

// deliveries is a body of which each read delivers a part. It leaves its reader's context just then, where leave is set,
// and fails the test if it is read on after its end.
type deliveries struct {
	t      *testing.T
	parts  []string
	leave  map[int]context.CancelFunc // by part, from 0
	err    error                      // after the parts
	read   int
	ended  bool
	closed bool
}

func (d *deliveries) Read([]byte) (int, error) { panic("a stream is read under a context") }

func (d *deliveries) ReadContext(ctx context.Context, p []byte) (int, error) {
	if leave := d.leave[d.read]; leave != nil {
		leave()
	}
	if d.read == len(d.parts) {
		if d.ended {
			d.t.Error("read on after the end")
			panic("read on after the end")
		}
		d.ended = true
		return 0, d.err
	}
	part := d.parts[d.read]
	d.read++
	if part == "" {
		return 0, ctx.Err()
	}
	return copy(p, part), nil
}

func (d *deliveries) Close() error {
	d.closed = true
	return nil
}

// eventStream is the header of an answer that is a stream of events.
var eventStream = http.Header{"Content-Type": {"text/event-stream"}}

// A proxy answers for the agent, with a page and 200. That is no stream, however it reads.
func TestStreamOfAnotherType(t *testing.T) {
	for _, media := range []string{"", "text/html; charset=utf-8", "application/json", "text/event-stream; charset"} {
		url, doer := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{media}
			_, _ = io.WriteString(w, "<html>We'll be back soon.</html>")
		}))
		if _, err := httpapi.NewAgentClient(url, "", doer).Stream(t.Context(), key, 0); !engine.IsKind(err, engine.Ambiguous) {
			t.Errorf("%q: got %v, want ambiguous", media, err)
		}
	}
}

// doStream is a transport of one body.
type doStream struct {
	doFunc
	body io.ReadCloser
}

func (d doStream) DoStream(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: eventStream, Body: d.body, Request: r}, nil
}

// TestReceiving receives from streams whose reads end in every way.
func TestReceiving(t *testing.T) {
	httpapi.Bound(t)
	const one, two = "data: {\"seq\":1,\"kind\":\"progress\"}\n\n", "event: message\ndata: {\"seq\":2,\"kind\":\"completed\"}\n\n"
	receive := func(d *deliveries) func(context.Context) (int64, error) {
		stream, err := httpapi.NewAgentClient("http://agent", "", doStream{body: d}).Stream(t.Context(), key, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if stream.Close(); !d.closed {
				t.Error("the body was not closed")
			}
		})
		return func(ctx context.Context) (int64, error) {
			event, err := stream.Recv(ctx)
			for err == nil && event.Seq == 0 { // a sign of life
				event, err = stream.Recv(ctx)
			}
			return event.Seq, err
		}
	}

	// What arrives while a reader leaves is not lost, and a reader that left can come back.
	leaving, leave := context.WithCancel(t.Context())
	recv := receive(&deliveries{t: t, parts: []string{one, "", two}, leave: map[int]context.CancelFunc{0: leave}, err: io.EOF})
	if seq, err := recv(leaving); seq != 1 || err != nil {
		t.Errorf("an event that came with the end of the context: %d, %v", seq, err)
	}
	if seq, err := recv(leaving); seq != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("a context that had ended: %d, %v", seq, err)
	}
	again, leaveAgain := context.WithCancel(t.Context())
	leaveAgain()
	if _, err := recv(again); !errors.Is(err, context.Canceled) {
		t.Errorf("another context that had ended: %v", err)
	}

	// A read that its context ends leaves the stream as it is.
	waiting, giveUp := context.WithCancel(t.Context())
	recv = receive(&deliveries{t: t, parts: []string{one, "", two}, leave: map[int]context.CancelFunc{1: giveUp}, err: io.EOF})
	for i, want := range []struct {
		seq int64
		err error
	}{{1, nil}, {0, context.Canceled}} {
		if seq, err := recv(waiting); seq != want.seq || !errors.Is(err, want.err) {
			t.Errorf("call %d: %d, %v, want %d, %v", i, seq, err, want.seq, want.err)
		}
	}
	if seq, err := recv(t.Context()); seq != 2 || err != nil {
		t.Errorf("after a read that was given up: %d, %v", seq, err)
	}
	for range 3 { // nobody reads on behind the end
		if seq, err := recv(t.Context()); seq != 0 || !engine.IsKind(err, engine.Ambiguous) {
			t.Errorf("after the end: %d, %v", seq, err)
		}
	}

	// What nobody listens to is skipped, however much of it there is; an id may be missing or has to fit.
	recv = receive(&deliveries{t: t, parts: []string{"event: ping\ndata: x\n\nevent: ping\ndata: y\n\n" + one, "id: 2\n" + two, "id: 2\ndata: {\"seq\":0,\"kind\":\"progress\"}\n\n"}, err: io.EOF})
	for _, want := range []int64{1, 2} {
		if seq, err := recv(t.Context()); seq != want || err != nil {
			t.Errorf("%d, %v, want event %d", seq, err, want)
		}
	}
	if seq, err := recv(t.Context()); seq != 0 || !engine.IsKind(err, engine.Permanent) {
		t.Errorf("event 0: %d, %v", seq, err)
	}
	recv = receive(&deliveries{t: t, parts: []string{"data: {\"seq\":-1,\"kind\":\"progress\"}\n\n"}, err: io.EOF})
	if _, err := recv(t.Context()); !engine.IsKind(err, engine.Permanent) {
		t.Errorf("event -1: %v", err)
	}
	recv = receive(&deliveries{t: t, err: errors.New("connection reset")})
	if _, err := recv(t.Context()); !engine.IsKind(err, engine.Ambiguous) {
		t.Errorf("a stream that breaks: %v", err)
	}
}

// TestOpeningsLetGo: a body that is no stream, or of an answer that is none, is closed.
func TestOpeningsLetGo(t *testing.T) {
	body := &closed{Reader: strings.NewReader("")}
	stream, err := httpapi.NewAgentClient("http://agent", "", doStream{body: body}).Stream(t.Context(), key, 0)
	if !engine.IsKind(err, engine.Rejected) || stream != nil || !body.is {
		t.Errorf("a body that can't be read under a context: %v, %v, closed %t", stream, err, body.is)
	}
}
