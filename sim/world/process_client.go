package world

import (
	"context"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// workerClient calls the workers for a dispatcher.
type workerClient struct{ node *node }

var _ engine.Worker = workerClient{}

// Start implements [engine.Worker].
func (w workerClient) Start(ctx context.Context, start engine.StartRequest) (engine.WorkerReport, error) {
	n := w.node
	n.world.auditStart(&start)
	sent := n.world.record(checker.DispatchSent, n.name, n.process.Incarnation())
	sent.Key, sent.Owner, sent.Token = start.Key, start.Owner, start.Token
	sent.Abandoned, sent.Reason = start.Abandon != "", start.Abandon
	n.world.observe(sent)
	c := n.newRemoteCall(checker.CallWorkerStart, start.Key)
	defer c.release()
	c.request.start = start
	err := c.perform(ctx)
	report := &c.response.report
	answered := n.world.record(checker.DispatchAnswered, n.name, n.process.Incarnation())
	answered.Key, answered.Owner, answered.Token, answered.Status = start.Key, start.Owner, start.Token, report.Status
	answered.Error = checker.FailureOf(err)
	if err == nil {
		answered.Report = report
	}
	n.world.observe(answered)
	return *report, err
}

// Cancel implements [engine.Worker].
func (w workerClient) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.ask(ctx, checker.CallWorkerCancel, key)
}

// Status implements [engine.Worker].
func (w workerClient) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return w.ask(ctx, checker.CallWorkerStatus, key)
}

// ask makes a call that is asked by the key alone.
func (w workerClient) ask(ctx context.Context, m checker.Call, key engine.AttemptKey) (engine.WorkerReport, error) {
	c := w.node.newRemoteCall(m, key)
	defer c.release()
	err := c.perform(ctx)
	return c.response.report, err
}

// Events implements [engine.Worker].
func (w workerClient) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	c := w.node.newRemoteCall(checker.CallWorkerEvents, key)
	defer c.release()
	c.request.after, c.request.max = after, max
	err := c.perform(ctx)
	return c.response.events, err
}

// Abandon implements [engine.Worker].
func (w workerClient) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.WorkerReport, error) {
	c := w.node.newRemoteCall(checker.CallWorkerAbandon, key)
	defer c.release()
	c.request.text = reason
	err := c.perform(ctx)
	return c.response.report, err
}

// Inspect implements [engine.Worker].
func (w workerClient) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	c := w.node.newRemoteCall(checker.CallWorkerInspect, key)
	defer c.release()
	err := c.perform(ctx)
	return c.response.inspection, err
}

// callbackClient calls the app for a worker.
type callbackClient struct{ node *node }

var _ engine.Callback = callbackClient{}

// Report implements [engine.Callback].
func (b callbackClient) Report(ctx context.Context, report engine.WorkerReport) error {
	n := b.node
	n.world.auditReport(&report)
	sent := n.world.record(checker.CallbackSent, n.name, n.process.Incarnation())
	sent.Key, sent.Status, sent.Tokens, sent.Events = report.Key, report.Status, report.Tokens, report.Events
	n.world.observe(sent)
	c := n.newRemoteCall(checker.CallAppCallback, report.Key)
	defer c.release()
	c.request.report = report
	c.tag = n.world.history.callback(n, &report)
	err := c.perform(ctx)
	n.world.history.answered(c.tag, nil, err)
	answered := n.world.record(checker.CallbackAnswered, n.name, n.process.Incarnation())
	answered.Key, answered.Status, answered.Error = report.Key, report.Status, checker.FailureOf(err)
	n.world.observe(answered)
	return err
}
