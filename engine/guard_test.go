package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/kernel"
)

// TestPreparerPanics prepares two reviews, one of which makes the preparer panic. The other is dispatched, and the one
// fails when its tries are used up. Each panic is logged with the place where it happened.
func TestPreparerPanics(t *testing.T) {
	var log bytes.Buffer
	f := newAppFixture(t, engine.AppConfig{MaxDeferrals: 2, Log: slog.New(slog.NewTextHandler(&log, nil))})
	f.prepare = func(_ context.Context, r engine.Review) error {
		if r.Review == "a" {
			panicsInPreparation()
		}
		return nil
	}
	f.dispatcher.Run()
	for _, review := range []string{"a", "b"} {
		f.do(func(ctx context.Context) {
			if _, err := f.app.Submit(ctx, submission(review)); err != nil {
				t.Error(err)
			}
		})
	}
	f.run(5 * time.Minute)
	a, _ := f.store.Review("a")
	if a.Status != engine.Failed || !strings.Contains(a.Reason, "panic: no such configuration") || strings.Contains(a.Reason, "goroutine") {
		t.Errorf("a is %s: %q", a.Status, a.Reason)
	}
	if b, _ := f.store.Review("b"); b.Status != engine.Queued {
		t.Errorf("b is %s", b.Status)
	}
	if n := strings.Count(log.String(), "panicsInPreparation"); n != 2 {
		t.Errorf("%d stacks were logged, want 2:\n%s", n, &log)
	}
}

func panicsInPreparation() { panic(kernel.Panic{Value: "no such\nconfiguration"}) }

// TestPortsPanic has one port after the other panic. What calls it goes on as after the error that the port could have
// returned, and the attempt or the review ends.
func TestPortsPanic(t *testing.T) {
	t.Run("an event can't be read", func(t *testing.T) {
		f := newHostFixture(t, progress(1, 2), progress(1, 2), progress(1, 2))
		f.config.Log = slog.New(slog.DiscardHandler)
		h := f.panicking("h1", "recv")
		f.start(begin, h, "a")
		f.run(5 * time.Minute)
		state, _ := f.journal.Orchestration(keyOf("a", 1))
		if state == nil || state.Outcome.Cause != engine.CauseBadEvent {
			t.Fatalf("got %+v; the attempt ends because an event can't be decoded", state)
		}
	})
	t.Run("no session can be created", func(t *testing.T) {
		f := newHostFixture(t)
		f.config.Log = slog.New(slog.DiscardHandler)
		f.start(begin, f.panicking("h1", "create"), "a")
		f.run(5 * time.Minute)
		state, _ := f.journal.Orchestration(keyOf("a", 1))
		if state == nil || state.Outcome.Cause != engine.CauseNoSession || !state.Outcome.Retryable {
			t.Fatalf("got %+v; the attempt ends because there is no session", state)
		}
	})
}

// panicking starts a worker host with an agent that panics in one method.
func (f *hostFixture) panicking(name, method string) *fakeHost {
	p := f.kernel.NewProcess(name)
	h, err := engine.NewHost(engine.HostID(name), p, f.config, f.journals(p), panickingAgent{f.agent.Through(p), method}, callbackClient{f, p})
	if err != nil {
		f.t.Fatal(err)
	}
	f.at(17*time.Millisecond, "", h.Run)
	return &fakeHost{h, p}
}

// A panickingAgent panics in one of its methods.
type panickingAgent struct {
	engine.Agent
	method string
}

// Create implements [engine.Agent].
func (a panickingAgent) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	if a.method == "create" {
		panic(kernel.Panic{Value: errors.New("nil map")})
	}
	return a.Agent.Create(ctx, key, payload)
}

// Stream implements [engine.Agent].
func (a panickingAgent) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	stream, err := a.Agent.Stream(ctx, key, after)
	if a.method == "recv" && err == nil {
		return panickingStream{stream}, nil
	}
	return stream, err
}

type panickingStream struct{ engine.EventStream }

// Recv implements [engine.EventStream].
func (panickingStream) Recv(context.Context) (engine.Event, error) {
	panic(kernel.Panic{Value: "bad event"})
}

// TestPanicsPassThrough crashes a process while it waits for a port. That unwinds its tasks, which is no failure of the
// port: nothing is logged, and no call returns.
func TestPanicsPassThrough(t *testing.T) {
	var log bytes.Buffer
	f := newHostFixture(t, []enginetest.Step(nil))
	f.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	h := f.host("h1")
	f.start(begin, h, "a")
	f.at(begin+journalTakes/2, "h1 crashes", h.process.Crash)
	f.run(time.Minute)
	if log.Len() != 0 {
		t.Errorf("logged %s", &log)
	}
	if strings.Contains(f.trace.String(), "> start") {
		t.Errorf("the start was answered:\n%s", f.trace.String())
	}
}

// TestMistakesEndTheRun has a port panic with what is no failure of the simulated world. The engine does not hide it.
func TestMistakesEndTheRun(t *testing.T) {
	f := newAppFixture(t, engine.AppConfig{})
	f.prepare = func(context.Context, engine.Review) error { panic("a mistake of the test") }
	f.dispatcher.Run()
	f.call(time.Second, f.process, func(ctx context.Context) { _, _ = f.app.Submit(ctx, submission("a")) })
	var panicked *kernel.PanicError
	if err := f.kernel.Run(time.Minute); !errors.As(err, &panicked) || panicked.Value != "a mistake of the test" {
		t.Errorf("got %v", err)
	}
}

func TestPanicErrorIsShort(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{"two\nlines", "panic: two lines"},
		{errors.New("wrapped"), "panic: wrapped"},
		{"\xff", "panic: \uFFFD"},
		{strings.Repeat("x", 256), "panic: " + strings.Repeat("x", 256)},
		{strings.Repeat("x", 257), "panic: " + strings.Repeat("x", 256) + "…"},
		{strings.Repeat("é", 200), "panic: " + strings.Repeat("é", 128) + "…"},
		{nil, "panic: <nil>"},
	} {
		t.Run(fmt.Sprintf("%.10v", test.value), func(t *testing.T) {
			if got := (&engine.PanicError{Value: test.value}).Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
