package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// TestCallerLeaves calls everything that writes for a caller who leaves while the store is at it. The write and what
// follows from it happen all the same.
func TestCallerLeaves(t *testing.T) {
	over := ran("b", engine.Failed, time.Minute)
	for _, test := range []struct {
		name string
		call func(ctx context.Context, app *engine.App) error
		want string // the call that follows
	}{
		{"submit", func(ctx context.Context, app *engine.App) error {
			_, err := app.Submit(ctx, submission("a"))
			return err
		}, "reserve"},
		{"cancel", func(ctx context.Context, app *engine.App) error {
			_, err := app.Cancel(ctx, keyOf("c", 1), "")
			return err
		}, "stop"},
		{"retrigger", func(ctx context.Context, app *engine.App) error {
			_, err := app.Retrigger(ctx, keyOf("b", 1))
			return err
		}, "reserve"},
		{"report", func(ctx context.Context, app *engine.App) error {
			return app.Report(ctx, engine.WorkerReport{Key: keyOf("c", 1), Status: engine.Completed})
		}, "reserve"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newAppFixture(t, engine.AppConfig{SweepEvery: time.Hour})
			f.given(claimed("b", time.Minute)...).given(over).given(claimed("c", time.Minute)...)
			f.dispatcher.Run()
			f.call(time.Second, f.process, func(ctx context.Context) {
				ctx, leave := f.process.WithCancel(ctx)
				f.at(f.kernel.Now()+storeTakes/2, "the caller leaves", leave)
				if err := test.call(ctx, f.app); err != nil {
					t.Errorf("got %v", err)
				}
			})
			f.run(2 * time.Second)
			for _, call := range f.calls {
				if call == test.want {
					return
				}
			}
			t.Errorf("the calls were %v; want %s among them", f.calls, test.want)
		})
	}
	t.Run("start", func(t *testing.T) {
		f := newHostFixture(t, completed(1, 3))
		h := f.host("h1")
		f.call(begin, h.process, func(ctx context.Context) {
			ctx, leave := h.process.WithCancel(ctx)
			f.at(f.kernel.Now()+journalTakes/2, "the caller leaves", leave)
			if _, err := h.Start(ctx, engine.StartRequest{Key: keyOf("a", 1), Owner: "ann", Token: 1}); err != nil {
				t.Errorf("got %v", err)
			}
		})
		f.run(time.Second)
		if state, _ := f.journal.Orchestration(keyOf("a", 1)); state == nil || state.Phase != engine.PhaseIntended {
			t.Errorf("the journal has %v; the attempt is to run", state)
		}
	})
}
