package enginetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/live"
)

var key = engine.AttemptKey{Review: "review-1", Attempt: 1}

// twoSteps is the script of these tests.
var twoSteps = enginetest.Sends(
	engine.Event{Seq: 1, Kind: engine.EventProgress, Tokens: 900, Text: "reads the diff"},
	engine.Event{Seq: 2, Kind: engine.EventCompleted, Tokens: 100, Text: "looks good"},
)

// A session is found again, and read in two streams.
func ExampleAgent() {
	ctx := context.Background()
	agent := enginetest.NewAgent(live.New(ctx), twoSteps)
	for range 2 {
		session, err := agent.Create(ctx, key, []byte("diff"))
		fmt.Println(session, err)
	}
	for after := range int64(2) {
		stream, _ := agent.Stream(ctx, key, after)
		event, err := stream.Recv(ctx)
		fmt.Println(event.Seq, event.Kind, err)
		stream.Close()
	}
	for _, s := range agent.Sessions() {
		fmt.Printf("%s: %s, began %d, ended %d\n", s.Key, s.Payload, s.Began, s.Ended)
	}
	// Output:
	// review-1/1 <nil>
	// review-1/1 <nil>
	// 1 progress <nil>
	// 2 completed <nil>
	// review-1/1: diff, began 1, ended 2
}

func TestAgentRefuses(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		call func(ctx context.Context, a *enginetest.Agent) error
		want engine.ErrorKind
	}{
		{"create after an interrupt", func(ctx context.Context, a *enginetest.Agent) error {
			_, _ = a.Interrupt(ctx, key)
			_, err := a.Create(ctx, key, nil)
			return err
		}, engine.Permanent},
		{"stream of nothing", func(ctx context.Context, a *enginetest.Agent) error {
			_, err := a.Stream(ctx, key, 0)
			return err
		}, engine.NotFound},
		{"stream of what never began", func(ctx context.Context, a *enginetest.Agent) error {
			_, _ = a.Interrupt(ctx, key)
			_, err := a.Stream(ctx, key, 0)
			return err
		}, engine.NotFound},
		{"events after an interrupt", func(ctx context.Context, a *enginetest.Agent) error {
			_, _ = a.Create(ctx, key, nil)
			stream, _ := a.Stream(ctx, key, 0)
			_, _ = a.Interrupt(ctx, key)
			_, err := stream.Recv(ctx)
			return err
		}, engine.Ambiguous},
		{"create under an ended context", func(_ context.Context, a *enginetest.Agent) error {
			_, err := a.Create(ended, key, nil)
			return err
		}, engine.Ambiguous},
		{"stream under an ended context", func(ctx context.Context, a *enginetest.Agent) error {
			_, _ = a.Create(ctx, key, nil)
			_, err := a.Stream(ended, key, 0)
			return err
		}, engine.Ambiguous},
		{"interrupt under an ended context", func(_ context.Context, a *enginetest.Agent) error {
			_, err := a.Interrupt(ended, key)
			return err
		}, engine.Ambiguous},
		{"what Before answers", func(ctx context.Context, a *enginetest.Agent) error {
			a.Before = func(c *enginetest.AgentCall) error {
				if c.Method == enginetest.AgentCreate && c.Number == 2 {
					return engine.Errorf(engine.Rejected, "agent.create", "status 429")
				}
				return nil
			}
			_, _ = a.Create(ctx, key, nil)
			_, err := a.Create(ctx, engine.AttemptKey{Review: "review-2", Attempt: 1}, nil)
			if n := len(a.Sessions()); n != 1 {
				return fmt.Errorf("%d sessions, want 1", n)
			}
			return err
		}, engine.Rejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.call(t.Context(), enginetest.NewAgent(live.New(t.Context()), twoSteps)); !engine.IsKind(err, test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// A stream delivers each step in its time, also to who has given up waiting before, and ends when its session is
// interrupted.
func TestAgentStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cut := t.Context(), errors.New("cut")
		agent := enginetest.NewAgent(live.New(ctx), enginetest.Streams(
			[]enginetest.Step{{After: time.Minute, Event: engine.Event{Seq: 1}}, {After: time.Second, Err: cut}},
			[]enginetest.Step{{Event: engine.Event{Seq: 2}}},
		))
		agent.Latency, agent.Interrupts = time.Second, 2
		if _, err := agent.Create(ctx, key, nil); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		open := func() engine.EventStream {
			stream, err := agent.Stream(ctx, key, 0)
			if err != nil {
				t.Fatal(err)
			}
			return stream
		}
		want := func(stream engine.EventStream, patience time.Duration, seq int64, wanted error, at time.Duration) {
			t.Helper()
			limited, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			event, err := stream.Recv(limited)
			if event.Seq != seq || !errors.Is(err, wanted) || time.Since(began) != at {
				t.Errorf("event %d, %v after %s; want event %d, %v after %s", event.Seq, err, time.Since(began), seq, wanted, at)
			}
		}
		first := open()
		want(first, 20*time.Second, 0, context.DeadlineExceeded, 21*time.Second)
		want(first, time.Hour, 1, nil, 61*time.Second)
		want(first, time.Hour, 0, cut, 62*time.Second)
		first.Close()
		second := open()
		want(second, time.Hour, 2, nil, 63*time.Second)
		want(second, 7*time.Second, 0, context.DeadlineExceeded, 70*time.Second)
		for _, over := range []bool{false, true} {
			go func() {
				time.Sleep(time.Second)
				if got, err := agent.Interrupt(ctx, key); got != over || err != nil {
					t.Errorf("interrupt: over %t, %v; want %t", got, err, over)
				}
			}()
			if over {
				_, err := second.Recv(ctx)
				if !engine.IsKind(err, engine.Ambiguous) {
					t.Errorf("after the interrupt: %v", err)
				}
			} else {
				want(second, 5*time.Second, 0, context.DeadlineExceeded, 75*time.Second)
			}
		}
	})
}

// Beginnings and ends are numbered in their order, so that one can see how many sessions were live at once.
func TestAgentRemembersSessions(t *testing.T) {
	ctx := t.Context()
	agent := enginetest.NewAgent(live.New(ctx), twoSteps)
	attempt := func(n int) engine.AttemptKey { return engine.AttemptKey{Review: "r", Attempt: n} }
	for n := 1; n <= 3; n++ {
		if _, err := agent.Create(ctx, attempt(n), nil); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := agent.Stream(ctx, attempt(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	if event, err := stream.Recv(ctx); err != nil || !event.Last() {
		t.Fatalf("%v, %v; want the last event", event, err)
	}
	if over, err := agent.Interrupt(ctx, attempt(1)); !over || err != nil {
		t.Errorf("interrupt: over %t, %v", over, err)
	}
	want := [][3]int{{1, 1, 5}, {2, 2, 4}, {3, 3, 0}}
	for i, s := range agent.Sessions() {
		if got := [3]int{s.Key.Attempt, s.Began, s.Ended}; got != want[i] {
			t.Errorf("session %d: attempt, beginning, end %v; want %v", i, got, want[i])
		}
	}
}
