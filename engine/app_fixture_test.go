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

// An appFixture is one app replica with a fake worker and a fake preparer.
type appFixture struct {
	*fixture
	process    *kernel.Process
	dispatcher *engine.Dispatcher
	app        *engine.App
	calls      []string // the calls so far, a word each
	prepare    func(ctx context.Context, r engine.Review) error
	// The worker's answers. By default it knows no attempt: it accepts a start, answers a status with not found, and
	// leaves a tombstone for a cancel.
	start                   func(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error)
	status, cancel, abandon func(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error)
}

// newAppFixture returns a fixture with a dispatcher that does nothing until Run.
func newAppFixture(t *testing.T, config engine.AppConfig) *appFixture {
	f := &appFixture{fixture: newFixture(t)}
	f.process = f.kernel.NewProcess("app")
	store := &counting{ReviewStore: f.reviews(f.process), fixture: f}
	dispatcher, err := engine.NewDispatcher(f.process, config, store.adapter(), workerOf{f}, preparerOf{f})
	if err != nil {
		t.Fatal(err)
	}
	f.dispatcher, f.app = dispatcher, engine.NewApp(dispatcher)
	return f
}

// A counting store records its calls in the fixture, except sweeps.
type counting struct {
	engine.ReviewStore
	fixture *appFixture
}

func (c *counting) adapter() engine.ReviewStore {
	return model.NewReviewsPort(func(ctx context.Context, op *model.ReviewsOp, result *model.ReviewsResult) {
		if op.Kind != model.ReviewsSweep {
			c.fixture.calls = append(c.fixture.calls, op.Kind.String())
		}
		*result, _ = op.Execute(ctx, c.ReviewStore)
	})
}

// given applies operations to the store before the story begins.
func (f *appFixture) given(ops ...model.ReviewsOp) *appFixture {
	for i := range ops {
		var result model.ReviewsResult
		if f.store.Apply(&ops[i], &result); result.Failed {
			f.t.Fatalf("%s: %s", &ops[i], &result)
		}
	}
	return f
}

// do runs act as a task of the process and waits for it.
func (f *appFixture) do(act func(ctx context.Context)) {
	f.t.Helper()
	over := false
	f.call(f.kernel.Now(), f.process, func(ctx context.Context) {
		act(ctx)
		over = true
		f.kernel.Stop()
	})
	f.run(f.kernel.Now() + time.Hour)
	if !over {
		f.t.Fatal("not over after an hour")
	}
}

// end runs the story until a moment, and adds the rows of the store to the trace.
func (f *appFixture) end(until time.Duration) *appFixture {
	f.t.Helper()
	f.run(until)
	f.log("", "= %s", strings.ReplaceAll(f.store.String(), "\n", "\n                = "))
	return f
}

// moment returns a time of the story, on the clock of the process.
func moment(since time.Duration) time.Time { return kernel.StartTime.Add(since) }

// claimed submits a review of ann and claims it. The claim becomes stale after some time.
func claimed(review string, staleAfter time.Duration) []model.ReviewsOp {
	return []model.ReviewsOp{model.Submit(submission(review), moment(0)), model.Claim(engine.Claim{
		Key: keyOf(review, 1), Owner: "ann", Limit: 20, Now: moment(0), DueAt: moment(staleAfter),
	})}
}

// ran is a worker's report that reached the store before the story began.
func ran(review string, status engine.Status, silentAfter time.Duration) model.ReviewsOp {
	return model.Apply(engine.Report{
		WorkerReport: engine.WorkerReport{Key: keyOf(review, 1), Status: status},
		Now:          moment(0), DueAt: moment(silentAfter), RetryAt: moment(0), MaxRetries: 2,
	})
}

// preparerOf is the preparer of a fixture.
type preparerOf struct{ fixture *appFixture }

// Prepare implements [engine.Preparer].
func (p preparerOf) Prepare(ctx context.Context, r engine.Review) ([]byte, error) {
	f := p.fixture
	f.calls = append(f.calls, "prepare")
	var err error
	if f.prepare != nil {
		err = f.prepare(ctx, r)
	}
	f.log("app", "prepare %s -> %s", r.Key(), failureText(err))
	return []byte("payload of " + r.ID()), err
}

// workerOf is the worker of a fixture.
type workerOf struct{ fixture *appFixture }

func (w workerOf) answer(call, about string, ctx context.Context, answer func() (engine.WorkerReport, error)) (engine.WorkerReport, error) {
	w.fixture.calls = append(w.fixture.calls, strings.TrimPrefix(call, "worker."))
	if err := w.fixture.process.Sleep(ctx, workerTakes); err != nil {
		return engine.WorkerReport{}, err
	}
	report, err := answer()
	w.fixture.log("app", "%s %s -> %s", call, about, answerText(reportText(report), err))
	return report, err
}

// Start implements [engine.Worker].
func (w workerOf) Start(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
	return w.answer("worker.start", request.Key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.fixture.start != nil {
			return w.fixture.start(ctx, request)
		}
		return engine.WorkerReport{Key: request.Key, Status: engine.Queued}, nil
	})
}

// Status implements [engine.Worker].
func (w workerOf) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.answer("worker.status", key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.fixture.status != nil {
			return w.fixture.status(ctx, key)
		}
		return engine.WorkerReport{}, engine.Errorf(engine.NotFound, "worker.status", "attempt %s", key)
	})
}

// Cancel implements [engine.Worker].
func (w workerOf) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.answer("worker.stop", key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.fixture.cancel != nil {
			return w.fixture.cancel(ctx, key)
		}
		return engine.WorkerReport{Key: key, Status: engine.Cancelled, Reason: "cancelled before it started"}, nil
	})
}

// Events implements [engine.Worker].
func (w workerOf) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	_, err := w.answer("worker.events", key.String(), ctx, func() (engine.WorkerReport, error) {
		return engine.WorkerReport{Key: key, Status: engine.Running}, nil
	})
	return []engine.Event{{Seq: after + 1, Kind: engine.EventProgress}}, err
}

// Abandon implements [engine.Worker].
func (w workerOf) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.WorkerReport, error) {
	return w.answer("worker.abandon", key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.fixture.abandon != nil {
			return w.fixture.abandon(ctx, key)
		}
		return engine.WorkerReport{Key: key, Status: engine.Failed, Reason: reason}, nil
	})
}

// Inspect implements [engine.Worker].
func (w workerOf) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	report, err := w.answer("worker.inspect", key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.fixture.status != nil {
			return w.fixture.status(ctx, key)
		}
		return engine.WorkerReport{}, engine.Errorf(engine.NotFound, "worker.inspect", "attempt %s", key)
	})
	if err != nil {
		return engine.Inspection{}, err
	}
	seen := engine.Inspection{Key: key, Waiting: engine.WaitSession, Since: moment(0), Holder: "h1", Takeovers: 1}
	if report.Status.Terminal() {
		seen.Waiting, seen.Holder = engine.WaitNothing, ""
	}
	return seen, nil
}

// reporting answers a call to the worker with a status.
func reporting(status engine.Status) func(context.Context, engine.AttemptKey) (engine.WorkerReport, error) {
	return func(_ context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
		return engine.WorkerReport{Key: key, Status: status}, nil
	}
}

// fails answers a call to the worker with an error.
func fails(kind engine.ErrorKind) func(context.Context, engine.AttemptKey) (engine.WorkerReport, error) {
	return func(context.Context, engine.AttemptKey) (engine.WorkerReport, error) {
		return engine.WorkerReport{}, engine.Errorf(kind, "worker", "of the test")
	}
}
