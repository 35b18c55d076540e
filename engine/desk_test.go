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

// A desk is one app replica with the worker and the preparations that it uses.
type desk struct {
	*stage
	process    *kernel.Process
	dispatcher *engine.Dispatcher
	app        *engine.App
	calls      []string // what was called, a word each
	prepare    func(ctx context.Context, r engine.Review) error
	// What the worker says. Without an answer it knows nothing: a start is accepted,
	// a status not found, a cancel leaves a tombstone.
	start          func(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error)
	status, cancel func(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error)
}

// newDesk returns a desk whose dispatcher does nothing yet.
func newDesk(t *testing.T, config engine.AppConfig) *desk {
	d := &desk{stage: newStage(t)}
	d.process = d.kernel.NewProcess("app")
	store := &counting{ReviewStore: d.reviews(d.process), desk: d}
	dispatcher, err := engine.NewDispatcher(d.process, config, store.adapter(), workerOf{d}, preparerOf{d})
	if err != nil {
		t.Fatal(err)
	}
	d.dispatcher, d.app = dispatcher, engine.NewApp(dispatcher)
	return d
}

// counting notes the calls of a store by their names.
type counting struct {
	engine.ReviewStore
	desk *desk
}

func (c *counting) adapter() engine.ReviewStore {
	return &model.Reviews{Do: func(ctx context.Context, op *model.Op, result *model.Result) {
		if op.Kind != model.OpSweep {
			c.desk.calls = append(c.desk.calls, op.Kind.String())
		}
		*result = model.Execute(ctx, c.ReviewStore, op)
	}}
}

// given changes the store as if it had happened before the story.
func (d *desk) given(ops ...model.Op) *desk {
	for i := range ops {
		var result model.Result
		if d.store.Apply(&ops[i], &result); result.Failed {
			d.t.Fatalf("%s: %s", &ops[i], &result)
		}
	}
	return d
}

// do runs f as a task of the process, and waits for it.
func (d *desk) do(f func(ctx context.Context)) {
	d.t.Helper()
	over := false
	d.call(d.kernel.Now(), d.process, func(ctx context.Context) {
		f(ctx)
		over = true
		d.kernel.Stop()
	})
	d.run(d.kernel.Now() + time.Hour)
	if !over {
		d.t.Fatal("not over after an hour")
	}
}

// end adds what is left behind.
func (d *desk) end(until time.Duration) *desk {
	d.t.Helper()
	d.run(until)
	d.say("", "= %s", strings.ReplaceAll(d.store.String(), "\n", "\n                = "))
	return d
}

// moment is a time of the story on the clock of the process.
func moment(since time.Duration) time.Time { return kernel.Epoch.Add(since) }

// claimed submits a review of ann and claims it under a token that goes stale after
// some time.
func claimed(review string, staleAfter time.Duration) []model.Op {
	return []model.Op{model.Submit(submission(review), moment(0)), model.Claim(engine.Claim{
		Key: keyOf(review, 1), Owner: "ann", Limit: 20, Now: moment(0), DueAt: moment(staleAfter),
	})}
}

// ran is a worker's report that reached the store before the story.
func ran(review string, status engine.Status, silentAfter time.Duration) model.Op {
	return model.Apply(engine.Report{
		WorkerReport: engine.WorkerReport{Key: keyOf(review, 1), Status: status},
		Now:          moment(0), DueAt: moment(silentAfter), RetryAt: moment(0), MaxRetries: 2,
	})
}

type preparerOf struct{ desk *desk }

// Prepare implements [engine.Preparer].
func (p preparerOf) Prepare(ctx context.Context, r engine.Review) ([]byte, error) {
	d := p.desk
	d.calls = append(d.calls, "prepare")
	var err error
	if d.prepare != nil {
		err = d.prepare(ctx, r)
	}
	d.say("app", "prepare %s -> %s", r.Key(), failure(err))
	return []byte("payload of " + r.ID()), err
}

type workerOf struct{ desk *desk }

func (w workerOf) answer(call, about string, ctx context.Context, answer func() (engine.WorkerReport, error)) (engine.WorkerReport, error) {
	w.desk.calls = append(w.desk.calls, strings.TrimPrefix(call, "worker."))
	if err := w.desk.process.Sleep(ctx, workerTakes); err != nil {
		return engine.WorkerReport{}, err
	}
	report, err := answer()
	w.desk.say("app", "%s %s -> %s", call, about, told(said(report), err))
	return report, err
}

// Start implements [engine.Worker].
func (w workerOf) Start(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
	return w.answer("worker.start", request.Key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.desk.start != nil {
			return w.desk.start(ctx, request)
		}
		return engine.WorkerReport{Key: request.Key, Status: engine.Queued}, nil
	})
}

// Status implements [engine.Worker].
func (w workerOf) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.answer("worker.status", key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.desk.status != nil {
			return w.desk.status(ctx, key)
		}
		return engine.WorkerReport{}, engine.Errorf(engine.NotFound, "worker.status", "attempt %s", key)
	})
}

// Cancel implements [engine.Worker].
func (w workerOf) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.answer("worker.stop", key.String(), ctx, func() (engine.WorkerReport, error) {
		if w.desk.cancel != nil {
			return w.desk.cancel(ctx, key)
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

// says answers a call to the worker with a status.
func says(status engine.Status) func(context.Context, engine.AttemptKey) (engine.WorkerReport, error) {
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
