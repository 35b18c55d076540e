package engine_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

// inspect asks a host what an attempt waits for, at a moment of the story.
func (f *hostFixture) inspect(moment time.Duration, h *fakeHost, key engine.AttemptKey, check func(engine.Inspection, error)) {
	f.call(moment, h.process, func(ctx context.Context) { check(h.Inspect(ctx, key)) })
}

// TestAWaitForTheAgentHasAWayOut cancels an attempt whose agent never answers that its session has ended. Host and log
// show it, and the operator's word ends it.
func TestAWaitForTheAgentHasAWayOut(t *testing.T) {
	var log bytes.Buffer
	f := newHostFixture(t, progress(1, 2))
	f.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	f.agent.Before = func(c *enginetest.AgentCall) error {
		if c.Method == enginetest.AgentInterrupt {
			return engine.Errorf(engine.Ambiguous, "agent.interrupt", "502")
		}
		return nil
	}
	h1, h2 := f.host("h1"), f.host("h2")
	f.start(begin, h1, "a")
	f.cancel(10*time.Second, h1, "a")
	f.inspect(5*time.Second, h2, keyOf("a", 1), func(seen engine.Inspection, err error) {
		if err != nil || seen.Waiting != engine.WaitSession || seen.Holder != "h1" || seen.Interrupts != 0 || seen.Takeovers != 0 {
			t.Errorf("while the session runs: %+v, %v", seen, err)
		}
	})
	for _, h := range []*fakeHost{h1, h2} {
		f.inspect(30*time.Minute, h, keyOf("a", 1), func(seen engine.Inspection, err error) {
			waits := err == nil && seen.Key == keyOf("a", 1) && seen.Waiting == engine.WaitInterrupt && seen.Holder == "h1"
			if since := seen.Since.Sub(moment(0)); !waits || since < 10*time.Second || since > 15*time.Second || (seen.Interrupts > 20) != (h == h1) {
				t.Errorf("while the agent does not answer, %s shows %+v, %v", h.process.Name(), seen, err)
			}
		})
	}
	f.call(31*time.Minute, h2.process, func(ctx context.Context) {
		report, err := h2.Abandon(ctx, keyOf("a", 1), "the agent was turned off")
		if err != nil || report.Status != engine.Failed || report.Reason != "the agent was turned off" || report.Retryable {
			t.Errorf("abandon: %+v, %v", report, err)
		}
	})
	f.inspect(35*time.Minute, h1, keyOf("a", 1), func(seen engine.Inspection, err error) {
		if err != nil || seen.Waiting != engine.WaitNothing || seen.Undelivered || seen.Holder != "" || seen.Takeovers == 0 {
			t.Errorf("at the end: %+v, %v", seen, err)
		}
	})
	f.inspect(35*time.Minute, h1, keyOf("b", 1), func(seen engine.Inspection, err error) {
		if !engine.IsKind(err, engine.NotFound) || seen != (engine.Inspection{}) {
			t.Errorf("of an attempt that never arrived: %+v, %v", seen, err)
		}
	})
	f.end(40 * time.Minute)
	state, _ := f.journal.Orchestration(keyOf("a", 1))
	if state.Outcome.Cause != engine.CauseForced || f.callbacks != 1 {
		t.Errorf("outcome is %+v, %d callbacks", state.Outcome, f.callbacks)
	}
	for _, tries := range []string{"tries=8", "tries=16", "tries=32"} {
		if n := strings.Count(log.String(), "op=agent.interrupt "+tries+" "); n != 1 {
			t.Errorf("%s is logged %d times:\n%s", tries, n, &log)
		}
	}
	if n := strings.Count(log.String(), "\n"); n > 5 {
		t.Errorf("%d entries:\n%s", n, &log)
	}
	if !strings.Contains(log.String(), "review=a attempt=1") || !strings.Contains(log.String(), "502") {
		t.Errorf("an entry names neither the attempt nor the error:\n%s", &log)
	}
}

// TestAWaitForTheAppHasAWayOut has an app that never answers a callback. The callback is given up by the operator.
func TestAWaitForTheAppHasAWayOut(t *testing.T) {
	var log bytes.Buffer
	f := newHostFixture(t, completed(1, 2))
	f.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	f.answer = func(int) error { return engine.Errorf(engine.Ambiguous, "callback.report", "500") }
	h := f.host("h1")
	f.start(begin, h, "a")
	f.inspect(20*time.Minute, h, keyOf("a", 1), func(seen engine.Inspection, err error) {
		if err != nil || seen.Waiting != engine.WaitCallback || !seen.Undelivered || seen.Callbacks < 15 || seen.Holder != "h1" {
			t.Errorf("while the app does not answer: %+v, %v", seen, err)
		}
	})
	made := 0
	f.call(20*time.Minute+time.Second, h.process, func(ctx context.Context) {
		report, err := h.Abandon(ctx, keyOf("a", 1), "the app is gone")
		if err != nil || report.Status != engine.Completed {
			t.Errorf("abandon: %+v, %v; the outcome stays", report, err)
		}
		made = f.callbacks
	})
	f.end(30 * time.Minute)
	if state, _ := f.journal.Orchestration(keyOf("a", 1)); state.Unfinished() || f.callbacks > made+1 {
		t.Errorf("%+v, and %d callbacks after it was abandoned", state, f.callbacks-made)
	}
	if !strings.Contains(log.String(), "op=callback.report tries=8 ") {
		t.Errorf("not logged:\n%s", &log)
	}
}

// TestCallsThatFailForLongAreLogged takes journal and store away. What goes on without them is logged, with doubling
// pauses between the entries.
func TestCallsThatFailForLongAreLogged(t *testing.T) {
	var log bytes.Buffer
	f := newHostFixture(t)
	f.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	f.inject = func(string, *model.JournalOp) fault { return refused }
	f.host("h1")
	f.run(10 * time.Hour)
	for _, op := range []string{"journal.renew-lease", "journal.purge"} {
		if !strings.Contains(log.String(), "op="+op+" tries=8 ") {
			t.Errorf("%s: not logged:\n%s", op, &log)
		}
	}
	if n := strings.Count(log.String(), "journal.renew-lease"); n != 8 {
		t.Errorf("%d entries about 1,800 renewals, want those of 8, 16, … 1024:\n%s", n, &log)
	}
}

// TestAppInspects asks the app what an attempt waits for, in every status.
func TestAppInspects(t *testing.T) {
	pending := []model.ReviewsOp{model.Submit(submission("a"), moment(0))}
	later := append(claimed("a", time.Hour), model.Cancel(keyOf("a", 1), "typo", moment(0)))
	for _, test := range []struct {
		name    string
		given   []model.ReviewsOp
		attempt int
		worker  func(context.Context, engine.AttemptKey) (engine.WorkerReport, error)
		want    engine.Wait // 0: an error
		kind    engine.ErrorKind
		calls   string
	}{
		{"pending", pending, 1, nil, engine.WaitSlot, 0, "get"},
		{"pending, after a failed preparation", append(pending, model.Defer(keyOf("a", 1), 0, moment(time.Minute), moment(time.Second))), 1, nil, engine.WaitPreparation, 0, "get"},
		{"claimed, the worker knows nothing", claimed("a", time.Hour), 1, nil, engine.WaitWorker, 0, "get inspect"},
		{"claimed, the worker does not answer", claimed("a", time.Hour), 1, fails(engine.Ambiguous), engine.WaitWorker, 0, "get inspect"},
		{"running", claimed("a", time.Hour), 1, reporting(engine.Running), engine.WaitSession, 0, "get inspect"},
		{"to be stopped, the worker does not answer", later, 1, fails(engine.Rejected), engine.WaitWorker, 0, "get inspect"},
		{"claimed, and the worker has ended it", claimed("a", time.Hour), 1, reporting(engine.Failed), engine.WaitWorker, 0, "get inspect"},
		{"ended", conclude("a", engine.Completed), 1, reporting(engine.Completed), engine.WaitNothing, 0, "get inspect"},
		{"ended, and the worker has more to do", conclude("a", engine.Completed), 1, reporting(engine.Running), engine.WaitSession, 0, "get inspect"},
		{"ended, the worker knows nothing", conclude("a", engine.Completed), 1, nil, engine.WaitNothing, 0, "get inspect"},
		{"ended, the worker does not answer", conclude("a", engine.Completed), 1, fails(engine.Rejected), 0, engine.Rejected, "get inspect"},
		{"not reached", pending, 2, nil, 0, engine.Stale, "get"},
		{"no such attempt", pending, 0, nil, 0, engine.Permanent, ""},
		{"no such review", nil, 1, nil, 0, engine.NotFound, "get"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newAppFixture(t, engine.AppConfig{}).given(test.given...)
			f.status = test.worker
			f.do(func(ctx context.Context) {
				seen, err := f.app.Inspect(ctx, keyOf("a", test.attempt))
				if test.want == 0 {
					if !engine.IsKind(err, test.kind) || seen != (engine.Inspection{}) {
						t.Errorf("%+v, %v; want %s", seen, err, test.kind)
					}
				} else if err != nil || seen.Waiting != test.want || seen.Key != keyOf("a", test.attempt) || seen.Since.IsZero() {
					t.Errorf("%+v, %v; want to wait for %s", seen, err, test.want)
				}
				if len(test.given) > 1 && err == nil && test.want != engine.WaitPreparation && seen.Dispatches != 1 {
					t.Errorf("%d dispatches, want 1", seen.Dispatches)
				}
				if err == nil && !seen.Since.Equal(moment(0)) {
					t.Errorf("waits since %s; nothing has got further since the beginning", seen.Since)
				}
				if (seen.Deferrals == 1) != (test.want == engine.WaitPreparation) {
					t.Errorf("%d deferrals", seen.Deferrals)
				}
			})
			if calls := strings.Join(f.calls, " "); calls != test.calls {
				t.Errorf("calls are %q, want %q", calls, test.calls)
			}
		})
	}
}

// TestAppAbandons ends attempts at the operator's word, in every status.
func TestAppAbandons(t *testing.T) {
	stopping := append(claimed("a", time.Hour), ran("a", engine.Running, time.Hour), model.Cancel(keyOf("a", 1), "typo", moment(0)))
	for _, test := range []struct {
		name    string
		given   []model.ReviewsOp
		attempt int
		worker  func(context.Context, engine.AttemptKey) (engine.WorkerReport, error)
		status  engine.Status // of the answer; 0: an error
		kind    engine.ErrorKind
		calls   string
	}{
		{"pending", []model.ReviewsOp{model.Submit(submission("a"), moment(0))}, 1, nil, 0, engine.Rejected, "get"},
		{"claimed", claimed("a", time.Hour), 1, nil, engine.Failed, 0, "get abandon apply"},
		{"running", append(claimed("a", time.Hour), ran("a", engine.Running, time.Hour)), 1, nil, engine.Failed, 0, "get abandon apply"},
		{"to be stopped", stopping, 1, nil, engine.Cancelled, 0, "get abandon apply"},
		{"ended", conclude("a", engine.Completed), 1, reporting(engine.Completed), engine.Completed, 0, "get abandon apply"},
		{"the outcome was decided", claimed("a", time.Hour), 1, reporting(engine.Completed), engine.Completed, 0, "get abandon apply"},
		{"the worker does not answer", claimed("a", time.Hour), 1, fails(engine.Ambiguous), 0, engine.Ambiguous, "get abandon"},
		{"the worker refuses", claimed("a", time.Hour), 1, fails(engine.Permanent), 0, engine.Permanent, "get abandon"},
		{"not reached", claimed("a", time.Hour), 2, nil, 0, engine.Stale, "get"},
		{"no such attempt", claimed("a", time.Hour), -1, nil, 0, engine.Permanent, ""},
		{"no such review", nil, 1, nil, 0, engine.NotFound, "get"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newAppFixture(t, engine.AppConfig{}).given(test.given...)
			f.abandon = test.worker
			f.do(func(ctx context.Context) {
				left, leave := context.WithCancel(ctx)
				leave() // what an operator has asked for is done to its end
				r, err := f.app.Abandon(left, keyOf("a", test.attempt), "the agent is gone")
				if test.status == 0 && !engine.IsKind(err, test.kind) || test.status != 0 && (err != nil || r.Status != test.status) {
					t.Errorf("%+v, %v; want %s %s", r, err, test.status, test.kind)
				}
				if err == nil && r.HoldsSlot() {
					t.Errorf("the slot is not free: %+v", r)
				}
			})
			if calls := strings.Join(f.calls, " "); calls != test.calls {
				t.Errorf("calls are %q, want %q", calls, test.calls)
			}
		})
	}
}

// TestAWaitForTheWorkerIsLogged asks about a cancelled attempt a worker that answers every time that its session has not
// ended, and a silent one a worker that does not answer.
func TestAWaitForTheWorkerIsLogged(t *testing.T) {
	for _, test := range []struct {
		op    string
		given []model.ReviewsOp
	}{
		{"worker.cancel", append(claimed("a", time.Hour), ran("a", engine.Running, time.Hour), model.Cancel(keyOf("a", 1), "typo", moment(0)))},
		{"worker.status", append(claimed("a", time.Hour), ran("a", engine.Running, 0))},
	} {
		var log bytes.Buffer
		f := newAppFixture(t, engine.AppConfig{Log: slog.New(slog.NewTextHandler(&log, nil))}).given(test.given...)
		f.cancel, f.status = reporting(engine.Running), fails(engine.Ambiguous)
		f.dispatcher.Run()
		f.run(20 * time.Minute)
		for _, tries := range []string{"tries=8", "tries=16"} {
			if n := strings.Count(log.String(), "op="+test.op+" "+tries+" "); n != 1 {
				t.Errorf("%s, %s is logged %d times:\n%s", test.op, tries, n, &log)
			}
		}
	}
}

// TestHostAbandonFails: a host answers with an error if it is asked about what is no attempt, and if its journal fails.
func TestHostAbandonFails(t *testing.T) {
	f := newHostFixture(t, progress(1, 200))
	asked := 0
	f.inject = func(_ string, op *model.JournalOp) fault {
		if op.Kind != model.JournalAbandon {
			return none
		}
		asked++
		return refused
	}
	h := f.host("h1")
	f.start(begin, h, "a")
	for _, test := range []struct {
		key   engine.AttemptKey
		want  engine.ErrorKind
		asked int // is the journal by then
	}{{engine.AttemptKey{}, engine.Permanent, 0}, {keyOf("a", 1), engine.Rejected, 1}} {
		f.call(time.Minute, h.process, func(ctx context.Context) {
			report, err := h.Abandon(ctx, test.key, "gone")
			if report != (engine.WorkerReport{}) || !engine.IsKind(err, test.want) || asked != test.asked {
				t.Errorf("%q: %+v, %v; want %s. The journal was asked %d times", test.key, report, err, test.want, asked)
			}
		})
		f.run(f.kernel.Now() + 2*time.Minute)
	}
	if state, _ := f.journal.Orchestration(keyOf("a", 1)); state == nil || state.Phase == engine.PhaseOver {
		t.Errorf("the attempt was ended: %+v", state)
	}
}
