package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// Two callers may wait for one dispatcher.
func TestConcurrentClose(t *testing.T) {
	d := newDesk(t, engine.AppConfig{}).given(claimed("a", 0)[0])
	d.prepare = func(ctx context.Context, _ engine.Review) error { return d.process.Sleep(ctx, 4*time.Second) }
	d.dispatcher.Run()
	closed := 0
	for range 2 {
		d.call(time.Second, d.process, func(ctx context.Context) {
			if d.dispatcher.Close(ctx) == nil {
				closed++
			}
		})
	}
	d.run(time.Hour)
	if closed != 2 {
		t.Errorf("%d of 2 calls of Close returned", closed)
	}
}

// A host that closes does not sit out the pause between two callbacks.
func TestCloseInterruptsBackoff(t *testing.T) {
	r := newRig(t, completed(1, 1))
	r.config.BackoffMin, r.config.BackoffMax = time.Hour, time.Hour
	r.answer = func(int) error { return engine.Errorf(engine.Rejected, "app.report", "connection refused") }
	h1 := r.host("h1")
	r.start(begin, h1, "a")
	r.close(10*time.Second, h1)
	r.run(time.Minute)
	if !strings.Contains(r.trace.String(), "> close") {
		t.Error("Close has not returned 50 s later")
	}
}

// Whatever the app answers, it is told once; what is no answer, it is told again.
func TestAnswersOfTheApp(t *testing.T) {
	for kind, want := range map[engine.ErrorKind]int{
		engine.NotFound: 1, engine.Stale: 1, engine.Permanent: 1, engine.Ambiguous: 2, engine.Rejected: 2,
	} {
		t.Run(kind.String(), func(t *testing.T) {
			r := newRig(t, completed(1, 1))
			told := 0
			r.answer = func(int) error {
				o, _ := r.journal.Orchestration(keyOf("a", 1))
				if o.Phase != engine.PhaseOver {
					return nil // it is told that the attempt runs
				}
				if told++; told > 1 {
					return nil
				}
				return engine.Errorf(kind, "app.report", "an answer of this kind")
			}
			r.start(begin, r.host("h1"), "a")
			r.run(time.Minute)
			if o, _ := r.journal.Orchestration(keyOf("a", 1)); told != want || o.Owed {
				t.Errorf("the app was told %d times, want %d; the outbox has it: %t", told, want, o.Owed)
			}
		})
	}
}

// The host that intended had a clock that was behind; whoever takes over measures the
// stream limit by its own.
func TestStreamLimitHasOneClock(t *testing.T) {
	r := newRig(t, progress(1, 200), completed(1, 3))
	behind := r.kernel.NewProcess("h1")
	behind.SetSkew(-30 * time.Minute)
	h1 := r.hostOn(behind)
	r.host("h2")
	r.start(begin, h1, "a")
	r.at(2*time.Second, "h1 crashes", behind.Crash)
	r.run(3 * time.Minute)
	if o, _ := r.journal.Orchestration(keyOf("a", 1)); o.Outcome.Status != engine.Completed {
		t.Errorf("%s: %s", o.Outcome.Status, o.Outcome.Reason)
	}
}

func (r *rig) hostOn(p *kernel.Process) *fakeHost {
	h, err := engine.NewHost(engine.HostID(p.Name()), p, r.config, r.journals(p), agentClient{r.agent, p}, callbackClient{r, p})
	if err != nil {
		r.t.Fatal(err)
	}
	h.Run()
	return &fakeHost{h, p}
}
