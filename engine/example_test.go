package engine_test

import (
	"context"
	"fmt"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/live"
)

// A whole deployment in one process: an app with its dispatcher and a worker host, on goroutines and the wall clock. In
// production, databases take the place of the in-memory store and journal, and HTTP clients stand between the app, the
// worker and the agent.
func Example() {
	ctx := context.Background()
	runtime := live.New(ctx)

	agent := enginetest.NewAgent(runtime, enginetest.Sends(
		engine.Event{Seq: 1, Kind: engine.EventProgress, Tokens: 900, Text: "reads the diff"},
		engine.Event{Seq: 2, Kind: engine.EventCompleted, Tokens: 100, Text: "looks good"},
	))
	app := &appLink{over: runtime.NewSignal()}
	host, err := engine.NewHost("host-1", runtime, engine.WorkerConfig{AgentVersion: "v7"}, enginetest.NewJournal(), agent, app)
	if err != nil {
		fmt.Println(err)
		return
	}
	dispatcher, err := engine.NewDispatcher(runtime, engine.AppConfig{Limit: 5}, enginetest.NewReviews(), host, diffOf{})
	if err != nil {
		fmt.Println(err)
		return
	}
	app.App = engine.NewApp(dispatcher)
	host.Run()
	dispatcher.Run()

	submitted, err := app.Submit(ctx, engine.Submission{
		Review: "review-1", Owner: "ann", Platform: "github", Repository: "ann/parser",
		PullRequest: 12, HeadSHA: "c0ffee", HeadOrder: 1,
	})
	fmt.Println(submitted.Key(), submitted.Status, err)

	_ = app.over.Wait(ctx)
	ended, err := app.Get(ctx, "review-1")
	fmt.Println(ended.Key(), ended.Status, err)
	events, err := app.Events(ctx, ended.Key(), 0, 100)
	for _, event := range events {
		fmt.Println(event.Seq, event.Kind, event.Text)
	}
	fmt.Println("events:", len(events), err)

	fmt.Println("closed:", dispatcher.Close(ctx), host.Close(ctx))
	runtime.Stop()
	fmt.Println("stopped:", runtime.Wait(ctx))
	// Output:
	// review-1/1 pending <nil>
	// review-1/1 completed <nil>
	// 1 progress reads the diff
	// 2 completed looks good
	// events: 2 <nil>
	// closed: <nil> <nil>
	// stopped: <nil>
}

// appLink is the app, as the host calls it. It notifies over when a review has ended.
type appLink struct {
	*engine.App
	over engine.Signal
}

// Report implements [engine.Callback].
func (a *appLink) Report(ctx context.Context, report engine.WorkerReport) error {
	err := a.App.Report(ctx, report)
	if err == nil && report.Status.Terminal() {
		a.over.Notify()
	}
	return err
}

// diffOf makes the payload of a review: here its head, in production the whole diff.
type diffOf struct{}

// Prepare implements [engine.Preparer].
func (diffOf) Prepare(_ context.Context, r engine.Review) ([]byte, error) {
	return []byte("diff of " + r.HeadSHA), nil
}
