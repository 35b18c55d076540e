package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/engine/live"
)

// A fake is worker, app and agent in one: it notes what it was asked, and answers with what it was told.
type fake struct {
	calls []string
	err   error
	// events are what Events and a stream deliver; streamErr is what the stream ends with, opened the error of its
	// opening.
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

type fakeAgent struct{ fake }

func (f *fakeAgent) Create(_ context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	f.note("create %s payload %q", key, payload)
	return "session-1", f.err
}

func (f *fakeAgent) Interrupt(_ context.Context, key engine.AttemptKey) (bool, error) {
	f.note("interrupt %s", key)
	return true, f.err
}

func (f *fakeAgent) Stream(_ context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	f.note("stream %s after %d", key, after)
	if f.err != nil {
		return nil, f.err
	}
	return &fakeStream{fake: &f.fake}, nil
}

type fakeStream struct {
	*fake
	next int
}

func (s *fakeStream) Recv(ctx context.Context) (engine.Event, error) {
	if s.next < len(s.events) {
		s.next++
		return s.events[s.next-1], nil
	}
	if s.hang {
		<-ctx.Done()
		return engine.Event{}, ctx.Err()
	}
	if s.streamErr != nil {
		return engine.Event{}, s.streamErr
	}
	return engine.Event{}, io.EOF
}

func (s *fakeStream) Close() { s.note("closed") }

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
