package httpapi_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/engine/live"
)

// A fake is what the fakes of worker, app and agent have in common: it notes its calls, and answers as a test has set it.
type fake struct {
	calls []string
	err   error
	// events are what Events and a stream deliver; streamErr is what the stream ends with.
	events    []engine.Event
	streamErr error
	// hang makes a stream wait for its context after the events.
	hang bool
}

var (
	_ engine.Worker = (*fakeWorker)(nil)
	_ httpapi.App   = (*fakeApp)(nil)
	_ engine.Agent  = (*fakeAgent)(nil)
)

func (f *fake) note(format string, args ...any) {
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
}

func (f *fake) page(key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	f.note("events %s after %d max %d", key, after, max)
	return f.events, f.err
}

type fakeWorker struct{ fake }

func (f *fakeWorker) report(key engine.AttemptKey) (engine.WorkerReport, error) {
	return engine.WorkerReport{Key: key, Status: engine.Running, AgentVersion: "7", Events: 3, Tokens: 40}, f.err
}

func (f *fakeWorker) Start(_ context.Context, r engine.StartRequest) (engine.WorkerReport, error) {
	f.note("start %s of %s claim %d payload %q", r.Key, r.Owner, r.Token, r.Payload)
	return f.report(r.Key)
}

func (f *fakeWorker) Cancel(_ context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	f.note("cancel %s", key)
	return f.report(key)
}

func (f *fakeWorker) Status(_ context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	f.note("status %s", key)
	return f.report(key)
}

func (f *fakeWorker) Events(_ context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	return f.page(key, after, max)
}

func (f *fakeWorker) Abandon(_ context.Context, key engine.AttemptKey, reason string) (engine.WorkerReport, error) {
	f.note("abandon %s because %q", key, reason)
	return f.report(key)
}

func (f *fakeWorker) Inspect(_ context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	return f.inspect(key)
}

func (f *fake) inspect(key engine.AttemptKey) (engine.Inspection, error) {
	f.note("inspect %s", key)
	return engine.Inspection{
		Key: key, Waiting: engine.WaitInterrupt, Since: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Holder: "h1",
		Takeovers: 3, Interrupts: 12, Spent: time.Minute, Dispatches: 2,
	}, f.err
}

type fakeApp struct{ fake }

func (f *fakeApp) review(id engine.ReviewID) (engine.Review, error) {
	return engine.Review{
		Submission: engine.Submission{Review: id, Owner: "acme"},
		Status:     engine.Pending, Attempt: 2, DueAt: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC),
	}, f.err
}

func (f *fakeApp) Submit(_ context.Context, s engine.Submission) (engine.Review, error) {
	f.note("submit %s of %s head %s", s.Review, s.Owner, s.HeadSHA)
	return f.review(s.Review)
}

func (f *fakeApp) Get(_ context.Context, id engine.ReviewID) (engine.Review, error) {
	f.note("get %s", id)
	return f.review(id)
}

func (f *fakeApp) Attempts(_ context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	f.note("attempts %s", id)
	return []engine.Attempt{{Number: 1, Status: engine.Failed, Reason: "lost"}}, f.err
}

func (f *fakeApp) Events(_ context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	return f.page(key, after, max)
}

func (f *fakeApp) Cancel(_ context.Context, key engine.AttemptKey, reason string) (engine.Review, error) {
	f.note("cancel %s because %q", key, reason)
	return f.review(key.Review)
}

func (f *fakeApp) Retrigger(_ context.Context, key engine.AttemptKey) (engine.Review, error) {
	f.note("retrigger %s", key)
	return f.review(key.Review)
}

func (f *fakeApp) Report(_ context.Context, r engine.WorkerReport) error {
	f.note("report %s %s %d events", r.Key, r.Status, r.Events)
	return f.err
}

func (f *fakeApp) Abandon(_ context.Context, key engine.AttemptKey, reason string) (engine.Review, error) {
	f.note("abandon %s because %q", key, reason)
	return f.review(key.Review)
}

func (f *fakeApp) Inspect(_ context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	return f.inspect(key)
}

// A fakeAgent is an agent with a session of each key, which notes its calls.
type fakeAgent struct {
	fake
	*enginetest.Agent
}

func newFakeAgent(keys ...engine.AttemptKey) *fakeAgent {
	f := &fakeAgent{}
	f.Agent = enginetest.NewAgent(live.New(context.Background()), func(enginetest.Opening) []enginetest.Step {
		var steps []enginetest.Step
		for _, event := range f.events {
			steps = append(steps, enginetest.Step{Event: event})
		}
		if f.hang {
			return steps
		}
		return append(steps, enginetest.Step{Err: cmp.Or(f.streamErr, io.EOF)})
	})
	for _, key := range keys {
		if _, err := f.Create(context.Background(), key, nil); err != nil {
			panic(err)
		}
	}
	f.Before = func(c *enginetest.AgentCall) error {
		switch c.Method {
		case enginetest.AgentCreate:
			f.note("create %s payload %q", c.Key, c.Payload)
		case enginetest.AgentInterrupt:
			f.note("interrupt %s", c.Key)
		case enginetest.AgentStream:
			f.note("stream %s after %d", c.Key, c.Position)
		case enginetest.AgentReceive, enginetest.AgentClose:
			return nil
		}
		return f.err
	}
	f.After = func(c *enginetest.AgentCall) {
		if c.Method == enginetest.AgentClose {
			f.note("closed")
		}
	}
	return f
}

// serve runs a handler and returns its URL and a client for it.
func serve(t testing.TB, handler http.Handler) (url string, doer *live.HTTPClient) {
	t.Helper()
	server := httptest.NewServer(handler)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return server.URL, live.NewHTTPClient(transport)
}

// direct calls a handler as the simulator does: no server, no connection.
type direct struct{ handler http.Handler }

func (d direct) Do(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, request)
	return recorder.Result(), nil
}

func (d direct) DoStream(request *http.Request) (*http.Response, error) {
	response, _ := d.Do(request)
	response.Body = readAll{response.Body}
	return response, nil
}

// readAll is a body that is all there already.
type readAll struct{ io.ReadCloser }

func (r readAll) ReadContext(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return r.Read(p)
}
