package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// openText opens a stream that consists of a text.
func openText(t testing.TB, text string) engine.EventStream {
	t.Helper()
	client := httpapi.NewAgentClient("http://agent", "", doFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: eventStream, Body: io.NopCloser(strings.NewReader(text))}, nil
	}))
	client.EventBytesMax = 200
	stream, err := client.Stream(context.Background(), key, 0)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// receive returns the next event of a stream, past signs of life.
func receive(ctx context.Context, stream engine.EventStream) (engine.Event, error) {
	for {
		if event, err := stream.Recv(ctx); err != nil || event.Seq != 0 {
			return event, err
		}
	}
}

func TestEventsAreDecodedOrRefused(t *testing.T) {
	httpapi.Bound(t)
	const first = "id: 1\nevent: progress\ndata: {\"seq\":1,\"kind\":\"progress\",\"tokens\":3}\n\n"
	for _, test := range []struct {
		name string
		then string
		kind engine.ErrorKind
		text string
	}{
		{"end", "", engine.Ambiguous, "the stream ended"},
		{"end within an event", "id: 2\ndata: {", engine.Ambiguous, "the stream ended"},
		{"no JSON", "id: 2\nevent: progress\ndata: {\n\n", engine.Permanent, `event "2": unexpected end of JSON input`},
		{"no object", "data: 7\n\n", engine.Permanent, "cannot unmarshal number"},
		{"unknown kind", "data: {\"seq\":2,\"kind\":\"party\"}\n\n", engine.Rejected, `event kind is "party"`},
		{"unknown kind, named", "event: party\ndata: {\"seq\":2,\"kind\":\"party\"}\n\n", engine.Rejected, `event kind is "party"`},
		{"no kind", "data: {\"seq\":2}\n\n", engine.Permanent, "no kind"},
		{"no sequence number", "data: {\"kind\":\"progress\"}\n\n", engine.Permanent, "sequence number is 0"},
		{"negative tokens", "data: {\"seq\":2,\"kind\":\"progress\",\"tokens\":-1}\n\n", engine.Permanent, "tokens are -1"},
		{"another id", "id: 3\ndata: {\"seq\":2,\"kind\":\"progress\"}\n\n", engine.Permanent, `event "3": its sequence number is 2`},
		{"too large", "data: {\"seq\":2,\"kind\":\"progress\",\"text\":\"" + strings.Repeat("x", 300) + "\"}\n\n", engine.Permanent, "too large; allowed: 200 bytes"},
		{"error in the stream", "event: error\ndata: {\"error\":\"session is\\ngone\",\"kind\":\"not found\"}\n\n", engine.NotFound, "session is gone"},
		{"error of no kind", "event: error\ndata: {\"error\":\"oops\"}\n\n", engine.Ambiguous, "oops"},
		{"error that is none", "event: error\ndata: oops\n\n", engine.Permanent, "invalid character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := openText(t, ": comment\n\n"+first+"event: ping\ndata: other people's\n\n"+test.then)
			defer stream.Close()
			event, err := receive(t.Context(), stream)
			if err != nil || event != (engine.Event{Seq: 1, Kind: engine.EventProgress, Tokens: 3}) {
				t.Fatalf("got %+v, %v", event, err)
			}
			for range 2 { // what has ended stays so
				if event, err := receive(t.Context(), stream); !engine.IsKind(err, test.kind) || !strings.Contains(err.Error(), test.text) {
					t.Errorf("got %+v, %v, want %s with %q", event, err, test.kind, test.text)
				}
			}
		})
	}
}

func TestStreamsOverAConnection(t *testing.T) {
	httpapi.Bound(t)
	events := []engine.Event{{Seq: 8, Kind: engine.EventProgress, Text: "a\nb"}, {Seq: 9, Kind: engine.EventProgress, Tokens: 4}}

	t.Run("outlives its opening and interrupted receives", func(t *testing.T) {
		agent := newFakeAgent(key)
		agent.events, agent.hang = events, true
		url, doer := serve(t, httpapi.NewAgentHandler(agent, httpapi.HandlerConfig{}))
		opening, cancel := context.WithCancel(t.Context())
		stream, err := httpapi.NewAgentClient(url, "", doer).Stream(opening, key, 7)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		for _, want := range events {
			ended, end := context.WithCancel(t.Context())
			end()
			if _, err := receive(ended, stream); !errors.Is(err, context.Canceled) {
				t.Errorf("Recv under an ended context: %v", err)
			}
			if event, err := receive(t.Context(), stream); err != nil || event != want {
				t.Errorf("got %+v, %v, want %+v", event, err, want)
			}
		}
	})

	for _, test := range []struct {
		name string
		err  error // of the agent's stream
		kind engine.ErrorKind
		text string
	}{
		{"the agent's stream ends", io.EOF, engine.Ambiguous, "the stream ended"},
		{"the agent's stream breaks", errors.New("cut"), engine.Ambiguous, "cut"},
		{"an event can't be decoded", engine.Errorf(engine.Permanent, "agent.recv", "malformed"), engine.Permanent, "malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			agent := newFakeAgent(key)
			agent.events, agent.streamErr = events, test.err
			url, doer := serve(t, httpapi.NewAgentHandler(agent, httpapi.HandlerConfig{}))
			stream, err := httpapi.NewAgentClient(url, "", doer).Stream(t.Context(), key, 7)
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Close()
			for range events {
				if _, err := receive(t.Context(), stream); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := receive(t.Context(), stream); !engine.IsKind(err, test.kind) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %s with %q", err, test.kind, test.text)
			}
		})
	}

	t.Run("a connection that breaks within an event", func(t *testing.T) {
		url, doer := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "id: 1\ndata: {")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}))
		stream, err := httpapi.NewAgentClient(url, "", doer).Stream(t.Context(), key, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if _, err := receive(t.Context(), stream); !engine.IsKind(err, engine.Ambiguous) || !strings.Contains(err.Error(), "the stream broke") {
			t.Errorf("got %v", err)
		}
	})
}

// r1 is the attempt that the URLs below name.
var r1 = engine.AttemptKey{Review: "r", Attempt: 1}

func TestStreamPosition(t *testing.T) {
	httpapi.Bound(t)
	for _, test := range []struct {
		header string
		status int
		call   string
	}{
		{"", 200, "stream r/1 after 0"},
		{"12", 200, "stream r/1 after 12"},
		{"-1", 400, ""},
		{"twelve", 400, ""},
		{"99999999999999999999", 400, ""},
	} {
		agent := newFakeAgent(r1)
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://agent/v1/sessions/r/1/events", nil)
		if test.header != "" {
			request.Header.Set("Last-Event-ID", test.header)
		}
		response, _ := direct{httpapi.NewAgentHandler(agent, httpapi.HandlerConfig{})}.Do(request)
		call := ""
		if len(agent.calls) > 0 {
			call = agent.calls[0]
		}
		if response.StatusCode != test.status || call != test.call {
			t.Errorf("Last-Event-ID %q: %d, the agent was asked %q, want %d, %q", test.header, response.StatusCode, call, test.status, test.call)
		}
	}
}

func TestWhatAStreamLooksLike(t *testing.T) {
	httpapi.Bound(t)
	agent := newFakeAgent(r1)
	agent.events = []engine.Event{
		{Seq: 1, Kind: engine.EventProgress, Tokens: 5, Text: "two\nlines"},
		{Seq: 2, Kind: engine.EventCompleted},
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://agent/v1/sessions/r/1/events", nil)
	response, _ := direct{httpapi.NewAgentHandler(agent, httpapi.HandlerConfig{})}.Do(request)
	raw, _ := io.ReadAll(response.Body)
	const want = `id: 1
event: progress
data: {"seq":1,"kind":"progress","tokens":5,"text":"two\nlines"}

id: 2
event: completed
data: {"seq":2,"kind":"completed","tokens":0}

`
	if string(raw) != want || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %s:\n%s", response.Header.Get("Content-Type"), raw)
	}
}

func TestABodyThatCantBeBoundIsRefused(t *testing.T) {
	client := httpapi.NewAgentClient("http://agent", "", plainStreams{direct{httpapi.NewAgentHandler(newFakeAgent(key), httpapi.HandlerConfig{})}})
	if _, err := client.Stream(t.Context(), key, 0); !engine.IsKind(err, engine.Rejected) || !strings.Contains(err.Error(), "is no BodyReader") {
		t.Errorf("got %v", err)
	}
}

// plainStreams forgets to make its bodies BodyReaders.
type plainStreams struct{ direct }

func (p plainStreams) DoStream(request *http.Request) (*http.Response, error) { return p.Do(request) }

func FuzzStream(f *testing.F) {
	f.Add("id: 1\nevent: progress\ndata: {\"seq\":1,\"kind\":\"progress\"}\n\n")
	f.Add("event: error\ndata: {\"error\":\"x\",\"kind\":\"stale\"}\n\n")
	f.Add("data: {\"seq\":1e3,\"kind\":\"failed\",\"retryable\":true}\n\ndata: null\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		stream := openText(t, text)
		defer stream.Close()
		for {
			event, err := receive(t.Context(), stream)
			if err != nil {
				if typed := new(engine.Error); !errors.As(err, &typed) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%q: error %q", text, err)
				}
				return
			}
			if event.Seq < 1 || event.Kind < engine.EventProgress || event.Kind > engine.EventFailed || event.Tokens < 0 {
				t.Errorf("%q: event %s", text, fmt.Sprintf("%+v", event))
			}
		}
	})
}
