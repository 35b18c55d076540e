package deployment_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/deployment"
)

// A session that is found again, read in two streams, and live until its last event.
func ExampleAgent() {
	ctx := context.Background()
	agent := deployment.NewAgent()
	key := engine.AttemptKey{Review: "review-1", Attempt: 1}
	payload := []byte(`{"key":{"review":"review-1","attempt":1},"owner":"ann"}`)
	for range 2 {
		session, err := agent.Create(ctx, key, payload)
		fmt.Println(session, err)
	}
	fmt.Println("executions:", agent.Executions(key))

	after := int64(0)
	for range 2 {
		stream, _ := agent.Stream(ctx, key, after)
		event, err := stream.Recv(ctx)
		fmt.Println(event.Seq, event.Kind, err)
		stream.Close()
		after = event.Seq
	}
	// Output:
	// review-1/1 <nil>
	// review-1/1 <nil>
	// executions: 1
	// 1 progress <nil>
	// 2 progress <nil>
}

func TestAgentAnswers(t *testing.T) {
	key := engine.AttemptKey{Review: "r", Attempt: 1}
	payload := []byte(`{"key":{"review":"r","attempt":1},"owner":"ann"}`)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	ctx := t.Context()
	for name, test := range map[string]struct {
		ask  func(a *deployment.Agent) error
		want engine.ErrorKind
	}{
		"create after an interrupt": {func(a *deployment.Agent) error {
			_, _ = a.Interrupt(ctx, key)
			_, err := a.Create(ctx, key, payload)
			return err
		}, engine.Permanent},
		"create without a payload": {func(a *deployment.Agent) error {
			_, err := a.Create(ctx, key, nil)
			return err
		}, engine.Permanent},
		"stream of nothing": {func(a *deployment.Agent) error {
			_, err := a.Stream(ctx, key, 0)
			return err
		}, engine.NotFound},
		"stream of what never began": {func(a *deployment.Agent) error {
			_, _ = a.Interrupt(ctx, key)
			_, err := a.Stream(ctx, key, 0)
			return err
		}, engine.NotFound},
		"events after an interrupt": {func(a *deployment.Agent) error {
			_, _ = a.Create(ctx, key, payload)
			stream, _ := a.Stream(ctx, key, 0)
			_, _ = a.Interrupt(ctx, key)
			_, err := stream.Recv(ctx)
			return err
		}, engine.Ambiguous},
		"events after the last": {func(a *deployment.Agent) error {
			_, _ = a.Create(ctx, key, payload)
			stream, _ := a.Stream(ctx, key, int64(len(deployment.Script(key))))
			_, err := stream.Recv(ctx)
			return err
		}, engine.Ambiguous},
		"create in a hurry":    {func(a *deployment.Agent) error { _, err := a.Create(ended, key, payload); return err }, engine.Ambiguous},
		"stream in a hurry":    {func(a *deployment.Agent) error { _, err := a.Stream(ended, key, 0); return err }, engine.Ambiguous},
		"interrupt in a hurry": {func(a *deployment.Agent) error { _, err := a.Interrupt(ended, key); return err }, engine.Ambiguous},
	} {
		if err := test.ask(deployment.NewAgent()); !engine.IsKind(err, test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

func TestAgentCountsLiveSessions(t *testing.T) {
	agent, ctx := deployment.NewAgent(), t.Context()
	begin := func(n int) engine.AttemptKey {
		key := engine.AttemptKey{Review: engine.ReviewID(fmt.Sprint("r", n)), Attempt: 1}
		_, err := agent.Create(ctx, key, fmt.Appendf(nil, `{"key":{"review":"r%d","attempt":1},"owner":"ann"}`, n))
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first, second := begin(1), begin(2)
	stream, err := agent.Stream(ctx, first, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range deployment.Script(first) {
		if _, err := stream.Recv(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if over, err := agent.Interrupt(ctx, second); !over || err != nil {
		t.Errorf("interrupt: over %t, %v", over, err)
	}
	begin(3)
	if most := agent.Most("ann"); most != 2 {
		t.Errorf("%d live at once, want 2: the first had ended, the second was interrupted", most)
	}
}
