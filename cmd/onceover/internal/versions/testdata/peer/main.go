// Command peer is both ends of every call between app, worker and agent: "peer serve" answers, "peer call URL" asks.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/engine/live"
)

func main() {
	if os.Args[1] == "serve" {
		serve()
		return
	}
	call(os.Args[2])
}

// serve answers until its standard input ends.
func serve() {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var config httpapi.HandlerConfig
	mux := http.NewServeMux()
	mux.Handle("/v1/attempts/", httpapi.NewWorkerHandler(worker{}, config))
	mux.Handle("/v1/reviews/", httpapi.NewAppHandler(app{}, config))
	mux.Handle("/v1/callbacks/", httpapi.NewAppHandler(app{}, config))
	mux.Handle("/v1/sessions/", httpapi.NewAgentHandler(agent{}, config))
	go func() { _ = (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(listener) }()
	fmt.Println("http://" + listener.Addr().String())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// call makes every call, and prints what comes of it.
func call(url string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	doer := live.NewHTTPClient(&http.Transport{})
	w, a, s := httpapi.NewWorkerClient(url, "", doer), httpapi.NewAppClient(url, "", doer), httpapi.NewAgentClient(url, "", doer)
	key := engine.AttemptKey{Review: "r", Attempt: 1}
	report, err := w.Start(ctx, engine.StartRequest{Key: key, Owner: "acme", Token: 3, Payload: []byte("p")})
	print("start", report.Status, err)
	report, err = w.Status(ctx, key)
	print("status", report.Status, err)
	report, err = w.Cancel(ctx, key)
	print("cancel", report.Status, err)
	events, err := w.Events(ctx, key, 0, 10)
	print("events", len(events), err)
	seen, err := w.Inspect(ctx, key)
	print("worker inspect", seen.Waiting, err)
	report, err = w.Abandon(ctx, key, "gone")
	print("worker abandon", report.Status, err)
	review, err := a.Submit(ctx, engine.Submission{Review: "r", Owner: "acme"})
	print("submit", review.Owner, err)
	review, err = a.Get(ctx, "r")
	print("get", review.Status, err)
	seen, err = a.Inspect(ctx, key)
	print("inspect", seen.Waiting, err)
	review, err = a.Abandon(ctx, key, "gone")
	print("abandon", review.Status, err)
	print("report", "done", a.Report(ctx, engine.WorkerReport{Key: key, Status: engine.Completed}))
	var status engine.Status
	if status.UnmarshalText([]byte("expired")) == nil {
		print("report expired", "done", a.Report(ctx, engine.WorkerReport{Key: key, Status: status}))
	}
	session, err := s.Create(ctx, key, []byte("p"))
	print("create", session, err)
	over, err := s.Interrupt(ctx, key)
	print("interrupt", over, err)
	for _, id := range []engine.ReviewID{"r", "with a note"} {
		stream, err := s.Stream(ctx, engine.AttemptKey{Review: id, Attempt: 1}, 0)
		for received := 0; err == nil; {
			var event engine.Event
			if event, err = stream.Recv(ctx); err == nil && event.Seq > 0 {
				received++
			}
			if err != nil || event.Kind == engine.EventCompleted {
				print("stream of "+string(id), received, err)
				break
			}
		}
	}
}

func print(name string, answer any, err error) {
	if err != nil {
		answer = engine.KindOf(err)
	}
	fmt.Printf("%s: %v\n", name, answer)
}

type worker struct{}

func report(key engine.AttemptKey) (engine.WorkerReport, error) {
	return engine.WorkerReport{Key: key, Status: engine.Running}, nil
}

func (worker) Start(_ context.Context, r engine.StartRequest) (engine.WorkerReport, error) {
	if r.Owner != "acme" || r.Token != 3 || string(r.Payload) != "p" {
		return engine.WorkerReport{}, engine.Errorf(engine.Permanent, "start", "got %+v", r)
	}
	return report(r.Key)
}
func (worker) Cancel(_ context.Context, k engine.AttemptKey) (engine.WorkerReport, error) {
	return report(k)
}
func (worker) Status(_ context.Context, k engine.AttemptKey) (engine.WorkerReport, error) {
	return report(k)
}
func (worker) Events(context.Context, engine.AttemptKey, int64, int) ([]engine.Event, error) {
	return []engine.Event{{Seq: 1, Kind: engine.EventProgress}}, nil
}
func (worker) Abandon(_ context.Context, k engine.AttemptKey, _ string) (engine.WorkerReport, error) {
	return report(k)
}
func (worker) Inspect(_ context.Context, k engine.AttemptKey) (engine.Inspection, error) {
	return engine.Inspection{Key: k, Waiting: engine.WaitSession}, nil
}

type app struct{ httpapi.App }

func (app) Submit(_ context.Context, s engine.Submission) (engine.Review, error) {
	return engine.Review{Submission: s, Status: engine.Pending, Attempt: 1}, nil
}
func (app) Get(_ context.Context, id engine.ReviewID) (engine.Review, error) {
	return engine.Review{Submission: engine.Submission{Review: id}, Status: engine.Pending, Attempt: 1}, nil
}
func (app) Abandon(_ context.Context, k engine.AttemptKey, _ string) (engine.Review, error) {
	return engine.Review{Submission: engine.Submission{Review: k.Review}, Status: engine.Failed, Attempt: 1}, nil
}

// Inspect answers with the last kind of wait. The next version has one more.
func (app) Inspect(_ context.Context, k engine.AttemptKey) (engine.Inspection, error) {
	seen := engine.Inspection{Key: k, Waiting: engine.WaitCallback}
	_ = seen.Waiting.UnmarshalText([]byte("quorum"))
	return seen, nil
}
func (app) Report(context.Context, engine.WorkerReport) error { return nil }

type agent struct{}

func (agent) Create(_ context.Context, k engine.AttemptKey, _ []byte) (engine.SessionID, error) {
	return engine.SessionID(k.String()), nil
}
func (agent) Interrupt(context.Context, engine.AttemptKey) (bool, error) { return true, nil }
func (agent) Stream(_ context.Context, k engine.AttemptKey, _ int64) (engine.EventStream, error) {
	events := []engine.Event{{Seq: 1, Kind: engine.EventProgress}, {Seq: 2, Kind: engine.EventProgress}, {Seq: 3, Kind: engine.EventCompleted}}
	if k.Review != "r" {
		// Only the next version knows the kind.
		_ = events[1].Kind.UnmarshalText([]byte("note"))
	}
	return &stream{events}, nil
}

type stream struct{ events []engine.Event }

func (s *stream) Recv(context.Context) (engine.Event, error) {
	if len(s.events) == 0 {
		return engine.Event{}, io.EOF
	}
	event := s.events[0]
	s.events = s.events[1:]
	return event, nil
}
func (s *stream) Close() {}
