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
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// waits is a clock of waits that end when a session says so.
type waits struct {
	began []time.Duration
	over  int // that were cancelled
	end   context.CancelFunc
}

// timeout bounds a wait. It is over when end is called.
func (w *waits) timeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	w.began = append(w.began, d)
	wait, cancel := context.WithCancel(ctx)
	w.end = cancel
	return wait, func() {
		w.over++
		cancel()
	}
}

// A step is what a session does while the handler waits for it.
type step struct {
	event   engine.Event
	err     error
	expires bool // the wait, before the answer
}

// idleAgent has one session that takes steps.
type idleAgent struct {
	engine.Agent
	*waits
	steps []step
	asked int
}

func (a *idleAgent) Stream(context.Context, engine.AttemptKey, int64) (engine.EventStream, error) {
	return a, nil
}

func (a *idleAgent) Recv(ctx context.Context) (engine.Event, error) {
	s := a.steps[a.asked]
	a.asked++
	if s.expires {
		if a.end(); s.err == nil && s.event.Seq == 0 {
			return engine.Event{}, ctx.Err()
		}
	}
	return s.event, s.err
}

func (a *idleAgent) Close() {}

// TestKeepalives serves sessions that have nothing to report for a while. Their readers hear that they go on.
func TestKeepalives(t *testing.T) {
	httpapi.Bound(t)
	const alive, event = ": keepalive\n\n", "id: 1\nevent: completed\ndata: "
	last := step{event: engine.Event{Seq: 1, Kind: engine.EventCompleted}}
	lastInTime := last
	lastInTime.expires = true
	lost := step{err: engine.Errorf(engine.Ambiguous, "agent.recv", "lost it")}
	for _, test := range []struct {
		name            string
		steps           []step
		writes, flushed int      // that succeed
		asked           int      // how often the session is
		want            []string // parts of the body, each once in this order
	}{
		{"events alone", []step{last}, 9, 9, 1, []string{event}},
		{"silence", []step{{expires: true}, {expires: true}, last}, 9, 9, 3, []string{alive, alive, event}},
		{"a sign of life of the session", []step{{}, last}, 9, 9, 2, []string{alive, event}},
		{"an event just in time", []step{lastInTime}, 9, 9, 1, []string{event}},
		{"an error while nobody is idle", []step{lost}, 9, 9, 1, []string{"event: error\n"}},
		{"a reader that is gone", []step{{expires: true}, last}, 0, 9, 1, nil},
		{"a reader that gets nothing", []step{{expires: true}, last}, 9, 1, 1, []string{alive}},
	} {
		t.Run(test.name, func(t *testing.T) {
			agent := &idleAgent{waits: &waits{}, steps: test.steps}
			handler := httpapi.NewAgentHandler(agent, httpapi.HandlerConfig{Keepalive: 7 * time.Second, WithTimeout: agent.timeout})
			answer := &limited{ResponseRecorder: httptest.NewRecorder(), writes: test.writes, flushed: test.flushed}
			handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/sessions/r/1/events", nil))
			if agent.asked != test.asked || agent.over != test.asked {
				t.Errorf("the session was asked %d times, want %d; %d waits are over", agent.asked, test.asked, agent.over)
			}
			if want := slices.Repeat([]time.Duration{7 * time.Second}, test.asked); !slices.Equal(agent.began, want) {
				t.Errorf("waits of %s, want %s", agent.began, want)
			}
			rest := answer.Body.String()
			for _, part := range test.want {
				at := strings.Index(rest, part)
				if at < 0 {
					t.Fatalf("no %q in %q", part, answer.Body)
				}
				rest = rest[at+len(part):]
			}
			if strings.Contains(rest, alive) || strings.Count(answer.Body.String(), alive) != len(test.want)-strings.Count(strings.Join(test.want, ""), "event: ") {
				t.Errorf("other signs of life than %q in %q", test.want, answer.Body)
			}
		})
	}
}

// TestKeepaliveByDefault: a configuration that says nothing has the pause of the documentation.
func TestKeepaliveByDefault(t *testing.T) {
	agent := &idleAgent{waits: &waits{}, steps: []step{{event: engine.Event{Seq: 1, Kind: engine.EventFailed}}}}
	handler := httpapi.NewAgentHandler(agent, httpapi.HandlerConfig{WithTimeout: agent.timeout})
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/sessions/r/1/events", nil))
	if !slices.Equal(agent.began, []time.Duration{httpapi.Keepalive}) {
		t.Errorf("waits of %s, want one of %s", agent.began, httpapi.Keepalive)
	}
}

// TestSignsOfLifeArrive receives from streams in which bytes arrive that are no event, and from one that its context ends.
func TestSignsOfLifeArrive(t *testing.T) {
	httpapi.Bound(t)
	leaving, leave := context.WithCancel(t.Context())
	d := &deliveries{t: t, parts: []string{": keepalive\n\n", "data: {", ""}, leave: map[int]context.CancelFunc{2: leave}, err: io.EOF}
	stream, err := httpapi.NewAgentClient("http://agent", "", doStream{body: d}).Stream(t.Context(), key, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for reads := 1; reads <= 2; reads++ {
		if event, err := stream.Recv(leaving); err != nil || event.Seq != 0 || d.read != reads {
			t.Errorf("%+v, %v after %d reads; want a sign of life after each", event, err, d.read)
		}
	}
	if event, err := stream.Recv(leaving); !errors.Is(err, context.Canceled) || event.Seq != 0 {
		t.Errorf("%+v, %v; want the error of the context that has ended", event, err)
	}
}

// TestEventsOfKnownNames: what is sent under a name that this version knows is an event, and refused if it can't be read.
// What is sent under another name is skipped then.
func TestEventsOfKnownNames(t *testing.T) {
	for name, known := range map[string]bool{
		"": true, "message": true, "progress": true, "completed": true, "failed": true, "ping": false,
	} {
		event, err := openText(t, "event: "+name+"\ndata: {\"seq\":0}\n\n").Recv(t.Context())
		if refused := engine.IsKind(err, engine.Permanent); refused != known || event.Seq != 0 {
			t.Errorf("%q is refused: %t (%v), want %t", name, refused, err, known)
		}
	}
}

// TestStreamOfAnError: an answer that is no success is no stream, whatever its type.
func TestStreamOfAnError(t *testing.T) {
	url, doer := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusGone)
	}))
	if _, err := httpapi.NewAgentClient(url, "", doer).Stream(t.Context(), key, 0); !engine.IsKind(err, engine.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}
