package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

var key = engine.AttemptKey{Review: "a/b c", Attempt: 3}

// clientCalls are all calls of all clients, each with a service of its own.
func clientCalls() []clientCall {
	ctx := context.Background()
	config := httpapi.HandlerConfig{Token: token, CallbackToken: callbackToken}
	worker, app, agent := &fakeWorker{}, &fakeApp{}, newFakeAgent(key)
	var (
		workerHandler = httpapi.NewWorkerHandler(worker, config)
		appHandler    = httpapi.NewAppHandler(app, config)
		agentHandler  = httpapi.NewAgentHandler(agent, config)
	)
	onWorker := func(name string, call func(*httpapi.WorkerClient) (any, error)) clientCall {
		return clientCall{"worker " + name, workerHandler, &worker.fake, func(url string, doer httpapi.StreamDoer) (any, error) {
			return call(httpapi.NewWorkerClient(url, token, doer))
		}}
	}
	onApp := func(name string, call func(*httpapi.AppClient) (any, error)) clientCall {
		return clientCall{"app " + name, appHandler, &app.fake, func(url string, doer httpapi.StreamDoer) (any, error) {
			return call(httpapi.NewAppClient(url, token, doer))
		}}
	}
	onAgent := func(name string, call func(*httpapi.AgentClient) (any, error)) clientCall {
		return clientCall{"agent " + name, agentHandler, &agent.fake, func(url string, doer httpapi.StreamDoer) (any, error) {
			return call(httpapi.NewAgentClient(url, token, doer))
		}}
	}
	return []clientCall{
		onWorker("start", func(c *httpapi.WorkerClient) (any, error) {
			return c.Start(ctx, engine.StartRequest{Key: key, Owner: "acme", Token: 9, Payload: []byte{0, 255}})
		}),
		onWorker("cancel", func(c *httpapi.WorkerClient) (any, error) { return c.Cancel(ctx, key) }),
		onWorker("status", func(c *httpapi.WorkerClient) (any, error) { return c.Status(ctx, key) }),
		onWorker("events", func(c *httpapi.WorkerClient) (any, error) { return c.Events(ctx, key, 4, 10) }),
		onWorker("abandon", func(c *httpapi.WorkerClient) (any, error) { return c.Abandon(ctx, key, "gone") }),
		onWorker("inspect", func(c *httpapi.WorkerClient) (any, error) { return c.Inspect(ctx, key) }),
		onApp("submit", func(c *httpapi.AppClient) (any, error) {
			return c.Submit(ctx, engine.Submission{Review: key.Review, Owner: "acme", HeadSHA: "abc"})
		}),
		onApp("get", func(c *httpapi.AppClient) (any, error) { return c.Get(ctx, key.Review) }),
		onApp("attempts", func(c *httpapi.AppClient) (any, error) { return c.Attempts(ctx, key.Review) }),
		onApp("events", func(c *httpapi.AppClient) (any, error) { return c.Events(ctx, key, 4, 10) }),
		onApp("cancel", func(c *httpapi.AppClient) (any, error) { return c.Cancel(ctx, key, "typo") }),
		onApp("retrigger", func(c *httpapi.AppClient) (any, error) { return c.Retrigger(ctx, key) }),
		onApp("abandon", func(c *httpapi.AppClient) (any, error) { return c.Abandon(ctx, key, "gone") }),
		onApp("inspect", func(c *httpapi.AppClient) (any, error) { return c.Inspect(ctx, key) }),
		{"callback report", appHandler, &app.fake, func(url string, doer httpapi.StreamDoer) (any, error) {
			return nil, httpapi.NewCallbackClient(url, callbackToken, doer).Report(ctx, engine.WorkerReport{Key: key, Status: engine.Failed, Events: 2})
		}},
		onAgent("create", func(c *httpapi.AgentClient) (any, error) { return c.Create(ctx, key, []byte("payload")) }),
		onAgent("stream", func(c *httpapi.AgentClient) (any, error) {
			stream, err := c.Stream(ctx, key, 4)
			if err != nil {
				return nil, err
			}
			defer stream.Close()
			var events []engine.Event
			for {
				event, err := receive(ctx, stream)
				if err != nil {
					return nil, err
				}
				if events = append(events, event); event.Last() {
					return events, nil
				}
			}
		}),
		onAgent("interrupt", func(c *httpapi.AgentClient) (any, error) { return c.Interrupt(ctx, key) }),
	}
}

type clientCall struct {
	name    string
	handler http.Handler
	behind  *fake
	call    func(url string, doer httpapi.StreamDoer) (any, error)
}

func TestCallsArriveAndAreAnswered(t *testing.T) {
	httpapi.Bound(t)
	events := []engine.Event{
		{Seq: 5, Kind: engine.EventProgress, Tokens: 12, Text: "first\nsecond \u2028 <b>"},
		{Seq: 6, Kind: engine.EventFailed, Retryable: true},
	}
	report := engine.WorkerReport{Key: key, Status: engine.Running, AgentVersion: "7", Events: 3, Tokens: 40}
	review, _ := new(fakeApp).review(key.Review)
	seen, _ := new(fake).inspect(key)
	want := map[string]struct {
		asked  []string
		answer any
	}{
		"worker start":    {[]string{`start a/b c/3 of acme claim 9 payload "\x00\xff"`}, report},
		"worker cancel":   {[]string{`cancel a/b c/3`}, report},
		"worker status":   {[]string{`status a/b c/3`}, report},
		"worker abandon":  {[]string{`abandon a/b c/3 because "gone"`}, report},
		"worker inspect":  {[]string{`inspect a/b c/3`}, seen},
		"app abandon":     {[]string{`abandon a/b c/3 because "gone"`}, review},
		"app inspect":     {[]string{`inspect a/b c/3`}, seen},
		"worker events":   {[]string{`events a/b c/3 after 4 max 10`}, events},
		"app submit":      {[]string{`submit a/b c of acme head abc`}, review},
		"app get":         {[]string{`get a/b c`}, review},
		"app attempts":    {[]string{`attempts a/b c`}, []engine.Attempt{{Number: 1, Status: engine.Failed, Reason: "lost"}}},
		"app events":      {[]string{`events a/b c/3 after 4 max 10`}, events},
		"app cancel":      {[]string{`cancel a/b c/3 because "typo"`}, review},
		"app retrigger":   {[]string{`retrigger a/b c/3`}, review},
		"callback report": {[]string{`report a/b c/3 failed 2 events`}, nil},
		"agent create":    {[]string{`create a/b c/3 payload "payload"`}, engine.SessionID(key.String())},
		"agent interrupt": {[]string{`interrupt a/b c/3`}, true},
		"agent stream":    {[]string{`stream a/b c/3 after 4`, `closed`}, events},
	}
	for _, c := range clientCalls() {
		t.Run(c.name, func(t *testing.T) {
			url, overTCP := serve(t, c.handler)
			// Over TCP comes last: a stream's handler goes on after the client has its last event.
			for _, doer := range []httpapi.StreamDoer{direct{c.handler}, overTCP} {
				c.behind.events, c.behind.calls = events, nil
				answer, err := c.call(url+"/", doer)
				if err != nil {
					t.Fatalf("%T: %v", doer, err)
				}
				if !reflect.DeepEqual(answer, want[c.name].answer) {
					t.Errorf("%T: answer %+v, want %+v", doer, answer, want[c.name].answer)
				}
				if doer != overTCP && !slices.Equal(c.behind.calls, want[c.name].asked) {
					t.Errorf("%T: asked %q, want %q", doer, c.behind.calls, want[c.name].asked)
				}
			}
		})
	}
}

func TestErrorKindsSurviveTheWire(t *testing.T) {
	httpapi.Bound(t)
	for _, c := range clientCalls() {
		for kind := engine.Ambiguous; kind <= engine.Permanent; kind++ {
			t.Run(c.name+" "+kind.String(), func(t *testing.T) {
				c.behind.err = engine.Errorf(kind, "host.operation", "the reason\nin two lines")
				defer func() { c.behind.err = nil }()
				url, doer := serve(t, c.handler)
				_, err := c.call(url, doer)
				if !engine.IsKind(err, kind) {
					t.Fatalf("got %v, want kind %s", err, kind)
				}
				text := err.Error()
				if !strings.Contains(text, "host.operation: the reason in two lines") || strings.Contains(text, "\n") {
					t.Errorf("error %q, want the reason on one line", text)
				}
			})
		}
		t.Run(c.name+" untyped", func(t *testing.T) {
			c.behind.err = errors.New("something went wrong")
			defer func() { c.behind.err = nil }()
			_, err := c.call("http://service", direct{c.handler})
			if !engine.IsKind(err, engine.Ambiguous) || !strings.Contains(err.Error(), "something went wrong") {
				t.Errorf("got %v, want it ambiguous", err)
			}
		})
	}
}

// doFunc is a transport that answers by itself.
type doFunc func(request *http.Request) (*http.Response, error)

func (f doFunc) Do(request *http.Request) (*http.Response, error) { return f(request) }
func (f doFunc) DoStream(request *http.Request) (*http.Response, error) {
	response, err := f(request)
	if response != nil {
		response.Body = readAll{response.Body}
	}
	return response, err
}

func TestAnswersOfStrangers(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header string // set to none
		body   string
		kind   engine.ErrorKind
		text   string
	}{
		{"a proxy knows no review", 404, "", "<html>\n<h1>Not   Found</h1>", engine.Ambiguous, "404 Not Found: <html> <h1>Not Found</h1>"},
		{"conflict without a kind", 409, "", `{"error":"conflict"}`, engine.Ambiguous, "409 Conflict: conflict"},
		{"unknown kind", 422, "", `{"error":"no","kind":"odd"}`, engine.Ambiguous, "no"},
		{"bare bad request", 400, "", "", engine.Ambiguous, "400 Bad Request: no explanation"},
		{"bare 401", 401, "", "", engine.Ambiguous, "401 Unauthorized: no explanation"},
		{"bare 403", 403, "", "forbidden", engine.Ambiguous, "403 Forbidden: forbidden"},
		{"401 of the service", 401, httpapi.EffectHeader, `{"error":"wrong bearer token","kind":"rejected"}`, engine.Rejected, "wrong bearer token"},
		{"501 of the service", 501, httpapi.EffectHeader, `{"error":"not yet","kind":"rejected"}`, engine.Rejected, "not yet"},
		{"bare 501", 501, "", "", engine.Ambiguous, "501 Not Implemented: no explanation"},
		{"bare 408", 408, "", "", engine.Ambiguous, "408 Request Timeout"},
		{"bare 413", 413, "", "<html>", engine.Ambiguous, "413 Request Entity Too Large: <html>"},
		{"a health page", 200, "", `{"status":"ok"}`, engine.Ambiguous, ""},
		{"bare 429", 429, "", "slow down", engine.Rejected, "429 Too Many Requests: slow down"},
		{"503 from anybody", 503, "", "upstream", engine.Ambiguous, "503 Service Unavailable: upstream"},
		{"503 without effect", 503, httpapi.EffectHeader, "shutting down", engine.Rejected, "shutting down"},
		{"500 without effect is not in the table", 500, httpapi.EffectHeader, "", engine.Ambiguous, "500"},
		{"5xx that claims a kind", 500, "", `{"error":"no","kind":"permanent"}`, engine.Ambiguous, "no"},
		{"502", 502, "", "bad gateway", engine.Ambiguous, "502 Bad Gateway"},
		{"a redirect", 307, "", "", engine.Ambiguous, "307"},
		{"unknown status", 599, "", "\x00\xff\x1b[31m", engine.Ambiguous, "599"},
		{"kind of the API", 404, "", `{"error":"gone","kind":"not found"}`, engine.NotFound, "gone"},
		{"a long body is quoted in part", 502, "", strings.Repeat("é", 5000), engine.Ambiguous, "é…"},
		{"another success", 202, "", `{}`, engine.Ambiguous, "202 Accepted"},
		{"success that is no JSON", 200, "", "<html>", engine.Ambiguous, ""},
		{"success about nothing", 200, "", "{}", engine.Ambiguous, ""},
		{"cut success", 200, "", `{"key":{"review":"a/b c"`, engine.Ambiguous, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			doer := doFunc(func(request *http.Request) (*http.Response, error) {
				response := &http.Response{StatusCode: test.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(test.body)), Request: request}
				if test.header != "" {
					response.Header.Set(test.header, httpapi.EffectNone)
				}
				return response, nil
			})
			for _, c := range clientCalls() {
				_, err := c.call("http://service", doer)
				if !engine.IsKind(err, test.kind) || !strings.Contains(err.Error(), test.text) {
					t.Errorf("%s: got %v, want %s with %q", c.name, err, test.kind, test.text)
					continue
				}
				if text := err.Error(); strings.ContainsAny(text, "\n\x00\x1b") || !utf8.ValidString(text) || len(text) > 500 {
					t.Errorf("%s: error %q is no good line", c.name, text)
				}
			}
		})
	}
}

// refusing returns the URL of an address that nobody listens on.
func refusing(t *testing.T) string {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + listener.Addr().String()
}

func TestTransportErrors(t *testing.T) {
	fails := func(err error) httpapi.StreamDoer {
		return doFunc(func(*http.Request) (*http.Response, error) { return nil, err })
	}
	_, overTCP := serve(t, http.NotFoundHandler())
	breaks, _ := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	for _, test := range []struct {
		name string
		url  string
		doer httpapi.StreamDoer
		kind engine.ErrorKind
	}{
		{"connection refused", refusing(t), overTCP, engine.Rejected},
		{"connection broken before the answer", breaks, overTCP, engine.Ambiguous},
		{"dial timeout", "http://service", fails(fmt.Errorf("wrapped: %w", &net.OpError{Op: "dial", Err: errors.New("i/o timeout")})), engine.Rejected},
		{"refused without more", "http://service", fails(syscall.ECONNREFUSED), engine.Rejected},
		{"no such host", "http://service", fails(&net.DNSError{Err: "no such host", Name: "service"}), engine.Rejected},
		{"reset while reading", "http://service", fails(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), engine.Ambiguous},
		{"written, then lost", "http://service", fails(&net.OpError{Op: "write", Err: syscall.EPIPE}), engine.Ambiguous},
		{"timeout", "http://service", fails(context.DeadlineExceeded), engine.Ambiguous},
		{"end of file", "http://service", fails(io.ErrUnexpectedEOF), engine.Ambiguous},
		{"no URL", "http://a b", fails(errors.New("must not be sent")), engine.Rejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, c := range clientCalls() {
				if _, err := c.call(test.url, test.doer); !engine.IsKind(err, test.kind) || strings.Contains(err.Error(), "must not be sent") {
					t.Errorf("%s: got %v, want %s", c.name, err, test.kind)
				}
			}
		})
	}
}

// brokenBody is an answer that breaks off, or never ends.
type brokenBody struct{ err error }

func (b brokenBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
func (b brokenBody) Close() error { return nil }

func TestAnswersThatCantBeReadAreAmbiguous(t *testing.T) {
	for name, body := range map[string]brokenBody{"broken": {io.ErrUnexpectedEOF}, "endless": {nil}} {
		doer := doFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: body}, nil
		})
		if _, err := httpapi.NewWorkerClient("http://worker", "", doer).Status(t.Context(), key); !engine.IsKind(err, engine.Ambiguous) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestKeysThatCantBeSent(t *testing.T) {
	doer := doFunc(func(*http.Request) (*http.Response, error) { panic("sent") })
	for _, bad := range []engine.AttemptKey{{}, {Review: "r"}, {Review: "r", Attempt: -1}, {Attempt: 1}, {Review: "\xff", Attempt: 1}, {Review: "/", Attempt: 1}} {
		_, err := httpapi.NewWorkerClient("http://worker", "", doer).Status(t.Context(), bad)
		if !engine.IsKind(err, engine.Permanent) || !strings.Contains(err.Error(), "allowed: ") {
			t.Errorf("%q: got %v, want it permanent", bad, err)
		}
		if _, err := httpapi.NewAppClient("http://app", "", doer).Events(t.Context(), bad, 0, 1); !engine.IsKind(err, engine.Permanent) {
			t.Errorf("%q: got %v, want it permanent", bad, err)
		}
	}
}

func FuzzReviewIdentifiers(f *testing.F) {
	for _, id := range []string{
		"r", "a/b", "/", "//", ".", "..", "...", "a/../b", "%2F", "%", "%zz", "a b", "a+b", "?x=1", "#f", "ü", "審査", "\u202e",
		"\x00", "\n", "\\", "'\"<>", ";a=b", "{review}", "events", "1/events", "\xff", "", "a\u0301",
		strings.Repeat("long/", 200),
	} {
		f.Add(id, 1)
	}
	f.Add("r", 1<<31-1)
	worker, app := &fakeWorker{}, &fakeApp{}
	workerURL, workerDoer := serve(f, httpapi.NewWorkerHandler(worker, httpapi.HandlerConfig{}))
	appURL, appDoer := serve(f, httpapi.NewAppHandler(app, httpapi.HandlerConfig{}))
	f.Fuzz(func(t *testing.T, text string, attempt int) {
		id := engine.ReviewID(text)
		key := engine.AttemptKey{Review: id, Attempt: attempt}
		valid := text != "" && text != "/" && utf8.ValidString(text)
		_, err := httpapi.NewWorkerClient(workerURL, "", workerDoer).Status(t.Context(), key)
		if (err == nil) != (valid && attempt > 0) {
			t.Errorf("status of %q: %v", key, err)
		}
		review, err := httpapi.NewAppClient(appURL, "", appDoer).Submit(t.Context(), engine.Submission{Review: id})
		if (err == nil) != valid || valid && review.Review != id {
			t.Errorf("submission of %q: %v, %v", id, review.Review, err)
		}
		if err != nil && !engine.IsKind(err, engine.Permanent) {
			t.Errorf("submission of %q: %v, want it permanent", id, err)
		}
	})
}

// A call without a network: what the HTTP layer costs a simulated one.
func BenchmarkDirectCall(b *testing.B) {
	client := httpapi.NewWorkerClient("http://worker", token, direct{httpapi.NewWorkerHandler(&discard{}, httpapi.HandlerConfig{Token: token})})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Status(b.Context(), key); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is a worker that notes nothing.
type discard struct{ engine.Worker }

func (discard) Status(_ context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return engine.WorkerReport{Key: key, Status: engine.Running}, nil
}
