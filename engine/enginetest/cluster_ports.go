package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"sync/atomic"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/live"
)

// A fastRuntime is the live runtime with a clock that runs fast. Pauses and timeouts last as long as ever: only what the
// clock is compared with, such as the age of a claim, comes sooner.
type fastRuntime struct {
	*live.Runtime
	start time.Time
	speed int
}

// Now implements [engine.Runtime].
func (r *fastRuntime) Now() time.Time {
	now := r.Runtime.Now()
	return r.start.Add(now.Sub(r.start) * time.Duration(r.speed))
}

// A rotation takes turns.
type rotation struct{ turns atomic.Uint64 }

// among returns the index whose turn it is, from 0 to n-1.
func (r *rotation) among(n int) int { return int((r.turns.Add(1) - 1) % uint64(n)) }

// clusterWorker is the hosts as the app calls them: the next one answers, as behind a load balancer.
type clusterWorker struct{ *Cluster }

var _ engine.Worker = clusterWorker{}

// Start implements [engine.Worker].
func (w clusterWorker) Start(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
	return w.host().Start(ctx, request)
}

// Cancel implements [engine.Worker].
func (w clusterWorker) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.host().Cancel(ctx, key)
}

// Status implements [engine.Worker].
func (w clusterWorker) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.host().Status(ctx, key)
}

// Events implements [engine.Worker].
func (w clusterWorker) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	return w.host().Events(ctx, key, after, max)
}

// Abandon implements [engine.Worker].
func (w clusterWorker) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.WorkerReport, error) {
	return w.host().Abandon(ctx, key, reason)
}

// Inspect implements [engine.Worker].
func (w clusterWorker) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	return w.host().Inspect(ctx, key)
}

// clusterCallback is the app as the hosts call it, likewise.
type clusterCallback struct{ *Cluster }

var _ engine.Callback = clusterCallback{}

// Report implements [engine.Callback].
func (c clusterCallback) Report(ctx context.Context, report engine.WorkerReport) error {
	err := c.app().Report(ctx, report)
	if err == nil {
		c.reported(report)
	}
	return err
}

// clusterPreparer prepares at once.
type clusterPreparer struct{}

var _ engine.Preparer = clusterPreparer{}

// Prepare implements [engine.Preparer].
func (clusterPreparer) Prepare(_ context.Context, r engine.Review) ([]byte, error) {
	return json.Marshal(work{Key: r.Key(), Owner: r.Owner})
}

// refuseBadWork is the agent's answer to a payload that is no [work].
func refuseBadWork(c *AgentCall) error {
	if c.Method != AgentCreate {
		return nil
	}
	if _, err := workOf(c.Payload); err != nil {
		return engine.Errorf(engine.Permanent, "agent.create", "payload of %s: %w", c.Key, err)
	}
	return nil
}

// workScript has a session execute what its payload asks for.
func workScript(o Opening) []Step {
	asked, err := workOf(o.Payload)
	if err != nil {
		return nil // was refused
	}
	return Sends(eventsOf(asked.Key)...)(o)
}

// eventsMin and eventsMax bound the number of events of a session.
const eventsMin, eventsMax = 2, 12

// eventsOf returns the events of an attempt: 2 to 12, the last of which completes it. They follow from the key alone, so
// a second execution has the same.
func eventsOf(key engine.AttemptKey) []engine.Event {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(key.String()))
	draw := hash.Sum64()
	events := make([]engine.Event, eventsMin+draw%(eventsMax-eventsMin+1))
	for i := range events {
		events[i] = engine.Event{
			Seq: int64(i) + 1, Kind: engine.EventProgress,
			Tokens: int64(draw>>(4*i)%1000) + 1, Text: fmt.Sprintf("step %d of %s", i+1, key),
		}
	}
	events[len(events)-1].Kind = engine.EventCompleted
	return events
}
