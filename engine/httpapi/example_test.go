package httpapi_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/engine/live"
)

// A worker's API and its client: what one end returns, the other end gets.
func ExampleWorkerClient() {
	host := &fakeWorker{} // in production an engine.Host
	server := httptest.NewServer(httpapi.NewWorkerHandler(host, httpapi.HandlerConfig{Token: "secret"}))
	defer server.Close()

	worker := httpapi.NewWorkerClient(server.URL, "secret", live.NewHTTPClient(nil))
	ctx := context.Background()
	attempt := engine.AttemptKey{Review: "github/acme/api#17", Attempt: 1}

	report, err := worker.Status(ctx, attempt)
	fmt.Println(report.Key, report.Status, err)

	host.err = engine.Errorf(engine.NotFound, "host.status", "no attempt %s", attempt)
	_, err = worker.Status(ctx, attempt)
	fmt.Println(engine.IsKind(err, engine.NotFound))
	// Output:
	// github/acme/api#17/1 running <nil>
	// true
}

// An agent's session, read to its end.
func ExampleAgentClient() {
	ctx := context.Background()
	attempt := engine.AttemptKey{Review: "r", Attempt: 1}
	service := enginetest.NewAgent(live.New(ctx), enginetest.Sends(
		engine.Event{Seq: 4, Kind: engine.EventProgress, Tokens: 120, Text: "reads main.go"},
		engine.Event{Seq: 5, Kind: engine.EventCompleted},
	))
	server := httptest.NewServer(httpapi.NewAgentHandler(service, httpapi.HandlerConfig{Token: "secret"}))
	defer server.Close()

	agent := httpapi.NewAgentClient(server.URL, "secret", live.NewHTTPClient(nil))
	if _, err := agent.Create(ctx, attempt, []byte("diff")); err != nil {
		fmt.Println(err)
		return
	}
	stream, err := agent.Stream(ctx, attempt, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stream.Close()
	for {
		event, err := stream.Recv(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.Seq, event.Kind, event.Tokens)
		if event.Last() {
			return
		}
	}
	// Output:
	// 4 progress 120
	// 5 completed 0
}
