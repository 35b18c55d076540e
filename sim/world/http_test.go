package world

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// overHTTP is a run whose calls go over HTTP, whatever the seed says; direct is one
// whose calls do not.
func overHTTP(profile string, seed uint64) run.Spec {
	return transported(profile, seed, math.MaxUint64)
}

func direct(profile string, seed uint64) run.Spec {
	return transported(profile, seed, 0)
}

func transported(profile string, seed, value uint64) run.Spec {
	return run.Spec{Seed: seed, Profile: profile, Overrides: []kernel.Override{
		{Key: kernel.Key{Actor: "world", Operation: "plan.http"}, Value: value},
	}}
}

func TestSeedsOverHTTPPassAndAreDeterministic(t *testing.T) {
	seeds := uint64(150)
	if testing.Short() {
		seeds = 20
	}
	for _, profile := range []string{"default", "storm"} {
		t.Run(profile, func(t *testing.T) {
			w, again := New(), New()
			defer w.Close()
			defer again.Close()
			for seed := uint64(1); seed <= seeds; seed++ {
				outcome := w.Run(overHTTP(profile, seed))
				if outcome.Verdict != run.Pass {
					t.Fatalf("seed %d: %s: %v %s", seed, outcome.Verdict, outcome.Violation, outcome.Unknown)
				}
				if second := again.Run(overHTTP(profile, seed)); second.Hash != outcome.Hash {
					t.Fatalf("seed %d: hash %x, then %x", seed, outcome.Hash, second.Hash)
				}
				if outcome.Goals.Of(checker.OverHTTP.String()) != 1 || outcome.Overrides != 1 {
					t.Fatalf("seed %d: goal %s counted %d times with %d overrides applied; want 1 and 1",
						seed, checker.OverHTTP, outcome.Goals.Of(checker.OverHTTP.String()), outcome.Overrides)
				}
			}
		})
	}
}

func TestAShareOfTheSeedsGoesOverHTTP(t *testing.T) {
	w := New()
	defer w.Close()
	const seeds = 4000
	for _, test := range []struct {
		name     string
		kinds    []faults.Kind
		overHTTP bool // of the profile
		want     float64
	}{
		{"no fault that needs HTTP", []faults.Kind{faults.NetworkDelay}, false, shareOverHTTP},
		{"proxies", []faults.Kind{faults.NetworkGateway}, false, shareWithFaultsOfHTTP},
		{"versions", []faults.Kind{faults.ProcessNewerVersion}, false, shareWithFaultsOfHTTP},
		{"profile http", nil, true, 1},
	} {
		w.profile.OverHTTP, w.mix = test.overHTTP, faults.Mix{}
		for _, kind := range test.kinds {
			if err := w.mix.Set(kind, 0.1); err != nil {
				t.Fatal(err)
			}
		}
		count := 0
		for seed := range uint64(seeds) {
			w.reset(run.Spec{Seed: seed})
			w.chooseTransport()
			if w.overHTTP {
				count++
			}
		}
		if share := float64(count) / seeds; math.Abs(share-test.want) > test.want/4 {
			t.Errorf("%s: %.4f of the seeds go over HTTP; want about %.4f", test.name, share, test.want)
		}
	}
	outcome := w.Run(direct("calm", 1))
	if outcome.Goals.Of(checker.OverHTTP.String()) != 0 {
		t.Errorf("a direct run counts the goal %s", checker.OverHTTP)
	}
}

// routes are the calls of the trace, and the answers that runs must show for each:
// those of the engine, of the faults, and of a network that does not answer at all.
var routes = map[string][]string{
	"PUT /v1/reviews/R":               {"200", "429", "500", refused, reset, deadline},
	"GET /v1/reviews/R":               {"200", "429", "500", refused, reset, deadline},
	"GET /v1/reviews/R/attempts":      {"200", "404", deadline},
	"POST /v1/reviews/R/N/cancel":     {"200", "409", "429", "500", deadline},
	"POST /v1/reviews/R/N/retrigger":  {"200", "422", "429", deadline},
	"GET /v1/reviews/R/N/events":      {"200", "404", "500", deadline},
	"POST /v1/callbacks/R/N":          {"204", "401", "404", "429", "500", refused, reset, hungUp, deadline},
	"PUT /v1/attempts/R/N":            {"200", "413", "429", "500", reset, deadline},
	"DELETE /v1/attempts/R/N":         {"200", deadline},
	"GET /v1/attempts/R/N":            {"200", deadline}, // asked about running attempts only, which the worker knows
	"GET /v1/attempts/R/N/events":     {"200", "404", deadline},
	"GET /v1/attempts/R/N/inspection": {"200", "404", deadline},
	"POST /v1/attempts/R/N/abandon":   {"200", deadline}, // an operator abandons only what its app or its worker knows
	"GET /v1/reviews/R/N/inspection":  {"200", "404", deadline},
	"POST /v1/reviews/R/N/abandon":    {"200", "404", deadline},
	"PUT /v1/sessions/R/N":            {"200", "422", "429", "500", reset, deadline},
	"GET /v1/sessions/R/N/events":     {"200", "429", "500", reset, deadline},
	"DELETE /v1/sessions/R/N":         {"200", "429", "500", deadline},
}

const (
	refused  = "dial tcp: connection refused"
	reset    = "read tcp: connection reset by peer"
	hungUp   = "unexpected EOF"
	deadline = "context deadline exceeded"
)

// pathValues finds a review, or an attempt of one. Reviews have names of all kinds, which paths escape.
var pathValues = regexp.MustCompile(`^([A-Z]+ /v1/[a-z]+)/[^/?]+(?:/attempts)?(/\d+)?`)

// routeTo takes a line of a call over HTTP apart.
func routeTo(line string) (route, answer string) {
	call, answer, _ := strings.Cut(line, " -> ")
	call, _, _ = strings.Cut(call, "?")
	if of, list := strings.CutSuffix(call, "/attempts"); list {
		route, answer = routeTo(of + " -> " + answer)
		return route + "/attempts", answer
	}
	values := pathValues.FindStringSubmatch(call)
	if values == nil {
		return call, answer
	}
	route = values[1] + "/R"
	if values[2] != "" {
		route += "/N"
	}
	return route + call[len(values[0]):], answer
}

// profileOf returns a profile of the catalogue.
func profileOf(t *testing.T, name string) faults.Profile {
	t.Helper()
	profile, err := faults.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return profile
}

// unseenAnswers reports whether an answer of routes has not been seen.
func unseenAnswers(seen map[string][]string) bool {
	for route, answers := range routes {
		for _, answer := range answers {
			if !slices.Contains(seen[route], answer) {
				return true
			}
		}
	}
	return false
}

func TestEveryRouteIsUsedAndFails(t *testing.T) {
	seen := map[string][]string{}
	w := New()
	defer w.Close()
	profile := profileOf(t, "storm")
	profile.Name = "storm without proxies"
	profile.Intensities[faults.NetworkGateway] = faults.Intensity{} // a proxy answers anything on any route
	for seed := uint64(1); seed <= 150 || seed <= 1500 && unseenAnswers(seen); seed++ {
		spec := overHTTP(w.Use(profile), seed)
		spec.Trace = func(line run.Line) {
			if !strings.Contains(line.Text, " -> ") {
				return
			}
			route, answer := routeTo(line.Text)
			if routes[route] == nil {
				t.Errorf("unknown route %s in %q", route, line.Text)
			}
			if !slices.Contains(seen[route], answer) {
				seen[route] = append(seen[route], answer)
			}
		}
		w.Run(spec)
		for _, session := range w.agent.sessions {
			if len(session.streams) > 0 {
				t.Errorf("seed %d: session %s of %s ends the run with %d streams that nobody reads",
					seed, session.id, session.work, len(session.streams))
			}
		}
	}
	for route, answers := range routes {
		for _, answer := range answers {
			if !slices.Contains(seen[route], answer) {
				t.Errorf("%s was never answered %s, but %q", route, answer, seen[route])
			}
		}
		if slices.Contains(seen[route], "401") != slices.Contains(answers, "401") {
			t.Errorf("%s was answered %q; only callbacks are sent with a wrong token", route, seen[route])
		}
	}
}

// A token that was replaced is refused by the handlers themselves.
func TestWrongTokensAreRefusedByTheHandlers(t *testing.T) {
	w := New()
	defer w.Close()
	w.Run(overHTTP("calm", 1))
	for name, test := range map[string]struct {
		handler        http.Handler
		method, path   string
		right, foreign string
	}{
		"app":      {w.apps[0].app.handler, http.MethodGet, appURL + "/v1/nowhere", "", ""},
		"callback": {w.apps[0].app.handler, http.MethodPost, appURL + "/v1/callbacks/R1/1", callbackToken, appToken},
		"client":   {w.apps[0].app.handler, http.MethodPut, appURL + "/v1/reviews/R1", appToken, callbackToken},
		"worker":   {w.hosts[0].host.handler, http.MethodPut, workerURL + "v1/attempts/R1/1", workerToken, appToken},
		"agent":    {w.agent.handler, http.MethodPut, agentURL + "/v1/sessions/R1/1", agentToken, workerToken},
	} {
		t.Run(name, func(t *testing.T) {
			serve := func(token string, unauthorize bool) *exchange {
				request, err := http.NewRequestWithContext(t.Context(), test.method, test.path, strings.NewReader("{"))
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("Authorization", "Bearer "+token)
				x, err := newExchange(request)
				if err != nil {
					t.Fatal(err)
				}
				if unauthorize {
					x.unauthorize()
				}
				test.handler.ServeHTTP(x, x.request(context.Background()))
				return x
			}
			if test.right == "" {
				if x := serve(appToken, false); x.status != http.StatusNotFound {
					t.Errorf("a path outside the API is answered %d", x.status)
				}
				return
			}
			// The body is no JSON, so a request that is let in is answered 400.
			if x := serve(test.right, false); x.status != http.StatusBadRequest {
				t.Errorf("the right token: %d %s; want 400", x.status, x.answer)
			}
			for _, x := range []*exchange{serve(test.right, true), serve(test.foreign, false)} {
				if x.status != http.StatusUnauthorized || !strings.Contains(string(x.answer), "wrong bearer token") {
					t.Errorf("a wrong token: %d %s; want 401", x.status, x.answer)
				}
			}
		})
	}
}

// A pipeDoer hands out a stream.
type pipeDoer struct{ pipe *pipe }

func (d pipeDoer) Do(*http.Request) (*http.Response, error) { return nil, errors.New("not a stream") }

func (d pipeDoer) DoStream(request *http.Request) (*http.Response, error) {
	x := &exchange{pipe: d.pipe, status: http.StatusOK, answerHeader: http.Header{"Content-Type": {"text/event-stream"}}}
	return x.response(request), nil
}

// What happens to an event on the wire is bytes, or their absence. The production
// client makes of them what a direct stream says of the same fault.
func TestStreamFaultsAreBytes(t *testing.T) {
	w := New()
	defer w.Close()
	for _, kind := range []faults.Kind{faults.AgentCut, faults.NetworkReset, faults.AgentMalformed, faults.AgentOversized} {
		t.Run(kind.String(), func(t *testing.T) {
			want := engine.KindOf(streamErrors[kind])
			causes := map[string]bool{}
			for seed := range uint64(60) {
				w.reset(run.Spec{Seed: seed})
				process := w.kernel.NewProcess("reader")
				body := &pipe{world: w, actor: process.Actor()}
				stream := &eventStream{session: &session{agent: w.agent, actor: process.Actor()}, pipe: body, position: 4}
				var got error
				process.Go("reader", func(ctx context.Context) {
					client := httpapi.NewAgentClient(agentURL, "", pipeDoer{body})
					client.EventBytesMax = eventBytesMax
					events, err := client.Stream(ctx, engine.AttemptKey{Review: "R1", Attempt: 1}, 4)
					var event engine.Event
					for err == nil && event.Seq == 0 { // bytes without an event are a sign of life
						event, err = events.Recv(ctx)
					}
					got = err
				})
				process.Go("agent", func(context.Context) {
					_ = stream.failOverHTTP(kind)
					body.closeWriting(nil) // as the handler's end does
				})
				if err := w.kernel.Run(time.Hour); err != nil {
					t.Fatal(err)
				}
				want := want
				if kind == faults.AgentMalformed && errors.As(got, new(*engine.UnknownValueError)) {
					want = engine.Rejected // an event of a later version is one for another host
				}
				if got == nil || engine.KindOf(got) != want {
					t.Fatalf("the client says %v; want an error of the kind %s", got, want)
				}
				causes[got.Error()] = true
			}
			if kind == faults.AgentMalformed && len(causes) < 5 {
				t.Errorf("malformed events look alike: %v", causes)
			}
		})
	}
}

// A reader whose patience ends in the middle of a segment loses nothing.
func TestPipeKeepsOrderAndLosesNothing(t *testing.T) {
	w := New()
	defer w.Close()
	impatient := 0
	for seed := range uint64(40) {
		w.reset(run.Spec{Seed: seed})
		process := w.kernel.NewProcess("both")
		body := &pipe{world: w, actor: process.Actor()}
		var sent, got strings.Builder
		process.Go("writer", func(ctx context.Context) {
			for i := range 20 {
				text := fmt.Sprintf("event %d\n", i)
				sent.WriteString(text)
				if err := body.write([]byte(text)); err != nil {
					t.Error(err)
				}
				_ = process.Sleep(ctx, 20*time.Millisecond)
			}
			body.closeWriting([]byte("end"))
			sent.WriteString("end")
		})
		process.Go("reader", func(ctx context.Context) {
			buffer := make([]byte, 7)
			for {
				patience, cancel := process.WithTimeout(ctx, 13*time.Millisecond)
				n, err := body.ReadContext(patience, buffer)
				cancel()
				got.Write(buffer[:n])
				if errors.Is(err, io.EOF) {
					return
				}
				if err != nil {
					impatient++
				}
			}
		})
		if err := w.kernel.Run(time.Hour); err != nil {
			t.Fatal(err)
		}
		if got.String() != sent.String() {
			t.Fatalf("seed %d: sent %q, got %q", seed, sent.String(), got.String())
		}
	}
	if impatient == 0 {
		t.Error("no reader ever gave up waiting")
	}
}

// A writer to a pipe without a reader gets an error, and a broken one has
// nothing left to read.
func TestPipeEnds(t *testing.T) {
	w := New()
	defer w.Close()
	ctx := context.Background()
	for name, test := range map[string]struct {
		end  func(p *pipe)
		want error
	}{
		"reset":  {func(p *pipe) { p.reset() }, errResetStream},
		"closed": {func(p *pipe) { _ = p.Close() }, io.ErrClosedPipe},
	} {
		t.Run(name, func(t *testing.T) {
			w.reset(run.Spec{})
			p := &pipe{world: w, actor: w.actor}
			if err := p.write([]byte("unread")); err != nil {
				t.Fatal(err)
			}
			test.end(p)
			if err := p.write([]byte("more")); err == nil {
				t.Error("the writer gets no error")
			}
			p.closeWriting([]byte("last"))
			if n, err := p.ReadContext(ctx, make([]byte, 9)); n != 0 || !errors.Is(err, test.want) {
				t.Errorf("the reader gets %d bytes and %v; want 0 and %v", n, err, test.want)
			}
		})
	}
}

// BenchmarkTransport shows what going over HTTP costs a run: it decides how large
// the share of such seeds can be.
func BenchmarkTransport(b *testing.B) {
	for _, profile := range []string{"default", "storm"} {
		for i, spec := range []func(string, uint64) run.Spec{direct, overHTTP} {
			b.Run(profile+"/"+[]string{"direct", "http"}[i], func(b *testing.B) {
				w := New()
				defer w.Close()
				var seed, steps uint64
				b.ReportAllocs()
				for b.Loop() {
					seed++
					steps += w.Run(spec(profile, seed)).Steps
				}
				b.ReportMetric(float64(steps)/float64(seed), "steps/seed")
			})
		}
	}
}

// TestProxiesAnswerForServices looks at what callers get from every answer of a proxy: never one that makes them give up,
// and never the promise that there was no effect.
func TestProxiesAnswerForServices(t *testing.T) {
	w := New()
	defer w.Close()
	profile := faults.Profile{Name: "proxies"}
	profile.Intensities[faults.NetworkGateway] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: 0.3, High: 0.3}}
	seen := make(map[string]bool)
	for seed := uint64(1); seed <= 40; seed++ {
		spec := overHTTP(w.Use(profile), seed)
		spec.Trace = func(line run.Line) {
			if _, answer, found := strings.Cut(line.Text, " -> "); found {
				seen[answer] = true
			}
		}
		if outcome := w.Run(spec); outcome.Verdict != run.Pass {
			t.Fatalf("seed %d: %s: %v %s", seed, outcome.Verdict, outcome.Violation, outcome.Unknown)
		}
	}
	for _, g := range gatewayAnswers {
		if !seen[fmt.Sprint(g.status)] {
			t.Errorf("no proxy has answered %d", g.status)
		}
		response := &http.Response{
			StatusCode: g.status, Header: http.Header{"Content-Type": {g.content}}, Body: io.NopCloser(strings.NewReader(g.body)),
		}
		client := httpapi.NewWorkerClient(workerURL, workerToken, answers{response})
		if _, err := client.Status(t.Context(), engine.AttemptKey{Review: "R1", Attempt: 1}); !engine.IsKind(err, engine.Ambiguous) {
			t.Errorf("%d %s: %v; want it ambiguous", g.status, g.body, err)
		}
	}
}

// answers gives every request the same answer.
type answers struct{ response *http.Response }

// Do implements [httpapi.Doer].
func (a answers) Do(request *http.Request) (*http.Response, error) {
	a.response.Request = request
	return a.response, nil
}
