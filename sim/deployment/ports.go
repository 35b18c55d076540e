package deployment

import (
	"context"
	"encoding/json"
	"sync/atomic"

	"github.com/onceover/onceover/engine"
)

// A rotation takes turns.
type rotation struct{ turns atomic.Uint64 }

// among returns whose turn it is, from 0 to n-1.
func (r *rotation) among(n int) int { return int((r.turns.Add(1) - 1) % uint64(n)) }

// worker is the hosts as the app sees them: whichever is next answers, as behind a
// load balancer.
type worker struct{ *Deployment }

var _ engine.Worker = worker{}

// Start implements [engine.Worker].
func (w worker) Start(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
	return w.host().Start(ctx, request)
}

// Cancel implements [engine.Worker].
func (w worker) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.host().Cancel(ctx, key)
}

// Status implements [engine.Worker].
func (w worker) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.host().Status(ctx, key)
}

// Events implements [engine.Worker].
func (w worker) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	return w.host().Events(ctx, key, after, max)
}

// callback is the app as the hosts see it, likewise.
type callback struct{ *Deployment }

var _ engine.Callback = callback{}

// Report implements [engine.Callback].
func (c callback) Report(ctx context.Context, report engine.WorkerReport) error {
	err := c.app().Report(ctx, report)
	if err == nil {
		c.reported(report)
	}
	return err
}

// preparer prepares at once: the payload says what is to be executed.
type preparer struct{}

var _ engine.Preparer = preparer{}

// Prepare implements [engine.Preparer].
func (preparer) Prepare(_ context.Context, r engine.Review) ([]byte, error) {
	return json.Marshal(work{Key: r.Key(), Owner: r.Owner})
}
