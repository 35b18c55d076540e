package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// TestConcurrentClose checks that two callers may close one dispatcher.
func TestConcurrentClose(t *testing.T) {
	f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", 0)[0])
	f.prepare = func(ctx context.Context, _ engine.Review) error { return f.process.Sleep(ctx, 4*time.Second) }
	f.dispatcher.Run()
	closed := 0
	for range 2 {
		f.call(time.Second, f.process, func(ctx context.Context) {
			if f.dispatcher.Close(ctx) == nil {
				closed++
			}
		})
	}
	f.run(time.Hour)
	if closed != 2 {
		t.Errorf("%d of 2 calls of Close returned", closed)
	}
}

// TestCloseInterruptsBackoff checks that a host that closes does not wait for the next try of a callback.
func TestCloseInterruptsBackoff(t *testing.T) {
	f := newHostFixture(t, completed(1, 1))
	f.config.BackoffMin, f.config.BackoffMax = time.Hour, time.Hour
	f.answer = func(int) error { return engine.Errorf(engine.Rejected, "app.report", "connection refused") }
	h1 := f.host("h1")
	f.start(begin, h1, "a")
	f.close(10*time.Second, h1)
	f.run(time.Minute)
	if !strings.Contains(f.trace.String(), "> close") {
		t.Error("Close has not returned 50 s later")
	}
}

// TestAnswersOfTheApp checks that a callback ends with any answer of the app, and is repeated without one.
func TestAnswersOfTheApp(t *testing.T) {
	for kind, want := range map[engine.ErrorKind]int{
		engine.NotFound: 1, engine.Stale: 1, engine.Permanent: 1, engine.Ambiguous: 2, engine.Rejected: 2,
	} {
		t.Run(kind.String(), func(t *testing.T) {
			f := newHostFixture(t, completed(1, 1))
			calls := 0
			f.answer = func(int) error {
				o, _ := f.journal.Orchestration(keyOf("a", 1))
				if o.Phase != engine.PhaseOver {
					return nil // the callback for running
				}
				if calls++; calls > 1 {
					return nil
				}
				return engine.Errorf(kind, "app.report", "an answer of this kind")
			}
			f.start(begin, f.host("h1"), "a")
			f.run(time.Minute)
			if o, _ := f.journal.Orchestration(keyOf("a", 1)); calls != want || o.CallbackPending {
				t.Errorf("the app was called %d times, want %d; the outbox has it: %t", calls, want, o.CallbackPending)
			}
		})
	}
}

// TestStreamLimitHasOneClock checks that a host that takes over measures the stream limit by its own clock. The clock
// of the host before it was behind.
func TestStreamLimitHasOneClock(t *testing.T) {
	f := newHostFixture(t, progress(1, 200), completed(1, 3))
	behind := f.kernel.NewProcess("h1")
	behind.SetSkew(-30 * time.Minute)
	h1 := f.hostOn(behind)
	f.host("h2")
	f.start(begin, h1, "a")
	f.at(2*time.Second, "h1 crashes", behind.Crash)
	f.run(3 * time.Minute)
	if o, _ := f.journal.Orchestration(keyOf("a", 1)); o.Outcome.Status != engine.Completed {
		t.Errorf("%s: %s", o.Outcome.Status, o.Outcome.Reason)
	}
}

// hostOn starts a worker host on a process that the caller has prepared.
func (f *hostFixture) hostOn(p *kernel.Process) *fakeHost {
	h, err := engine.NewHost(engine.HostID(p.Name()), p, f.config, f.journals(p), f.agent.Through(p), callbackClient{f, p})
	if err != nil {
		f.t.Fatal(err)
	}
	h.Run()
	return &fakeHost{h, p}
}

// TestDeadlyLook checks that an attempt fails whose events kill each host that reads them: the host that takes the last
// look dies of it as all before, and the next one takes none.
func TestDeadlyLook(t *testing.T) {
	f := newHostFixture(t, progress(1, 3), progress(1, 3), progress(1, 3), progress(1, 3))
	f.config.MaxTakeovers = 1
	hosts := map[string]*fakeHost{}
	for _, name := range []string{"h1", "h2", "h3", "h4"} {
		hosts[name] = f.host(name)
	}
	deaths := 0
	f.inject = func(host string, op *model.JournalOp) fault {
		if op.Kind == model.JournalRecordIntent && deaths < 3 {
			deaths++
			f.at(f.kernel.Now()+500*time.Millisecond, host+" dies of what it reads", hosts[host].process.Crash)
		}
		return none
	}
	f.start(begin, hosts["h1"], "a")
	f.run(time.Hour)
	o, _ := f.journal.Orchestration(keyOf("a", 1))
	if o.Phase != engine.PhaseOver || o.Outcome.Cause != engine.CauseTakeovers || o.Epoch != 4 {
		t.Errorf("the attempt is in phase %d and epoch %d, %s: %s\n%s", o.Phase, o.Epoch, o.Outcome.Cause, o.Outcome.Reason, f.trace.String())
	}
	if n := strings.Count(f.trace.String(), "agent.stream"); n != 3 {
		t.Errorf("%d streams were opened, want 3: the fourth host takes no look\n%s", n, f.trace.String())
	}
}
