package world

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/faults"
)

// A process is an [answerer] that carries out calls in tasks of its own.

// party implements [answerer].
func (n *node) party() string { return n.name }

// receive implements [answerer].
func (n *node) receive(c *call) {
	if !n.serves() {
		c.faults.disconnect(engine.Rejected, errConnectionRefused)
		c.faults.withoutEffect = true
	}
}

// execute implements [answerer]. The process carries out a call in a task.
func (n *node) execute(c *call) {
	if c.faults.withoutEffect {
		c.exchange.unauthorize()
	}
	c.refused = n.world.refusesStart(c)
	n.serving = append(n.serving, c)
	c.serving = len(n.serving)
	n.world.kernel.SpawnTagged(n.process, c.method.name, c.tag, c.task)
}

// serve is the task that carries out a call.
func (n *node) serve(task context.Context, c *call) {
	c.context = serving{task, c}
	ctx := c.attend(&c.context)
	switch {
	case c.exchange != nil:
		n.serveOverHTTP(ctx, c)
	case c.refused:
		c.err = &engine.Error{Kind: engine.Permanent, Op: c.method.name, Err: errTooLarge}
	default:
		c.err = c.method.direct(ctx, c)
	}
	n.stopServing(c)
	c.reply()
}

func (n *node) stopServing(c *call) {
	n.serving[c.serving-1] = nil
	c.serving = 0
	for len(n.serving) > 0 && n.serving[len(n.serving)-1] == nil {
		n.serving = n.serving[:len(n.serving)-1]
	}
}

// hangUp breaks the connections of the calls that the process was carrying out when it ended.
func (n *node) hangUp() {
	for i, c := range n.serving {
		n.serving[i] = nil
		if c != nil {
			c.serving = 0
			c.faults.disconnect(engine.Ambiguous, errHungUp)
			c.reply()
		}
	}
	n.serving = n.serving[:0]
}

// refusesStart decides whether a worker refuses a start for good. Every worker refuses the same starts. What is
// journaled was small enough, and is not refused.
func (w *Deployment) refusesStart(c *call) bool {
	if c.method.call != checker.CallWorkerStart || c.request.start.Abandon != "" {
		return false
	}
	if _, known := w.journal.state.Orchestration(c.key); known {
		return false
	}
	if slices.Contains(w.refused, c.key) {
		return true
	}
	if c.copy || !w.injectBy(c.from.process.Actor(), c.to.party(), &c.method.faults, faults.WorkerRefuse) {
		return false
	}
	w.refused = append(w.refused, c.key)
	return true
}

// An appPort and a workerPort are what a process serves: the engine, with arrivals recorded. Making the routes of an
// HTTP handler takes as long as several calls, so a port and its handler are kept from life to life and from run to
// run. They serve the engine that is behind the port now.
type appPort struct {
	*engine.App
	node    *node
	handler http.Handler
}

// Report implements [engine.Callback].
func (p *appPort) Report(ctx context.Context, report engine.WorkerReport) error {
	arrived := p.node.world.record(checker.CallbackArrived, p.node.name, p.node.process.Incarnation())
	arrived.Key, arrived.Status = report.Key, report.Status
	p.node.world.observe(arrived)
	c := begun(ctx)
	return c.decided(p.App.Report(ctx, report))
}

type workerPort struct {
	*engine.Host
	node              *node
	handler, refusing http.Handler // refusing: of requests that are too large
}

// Start implements [engine.Worker].
func (p *workerPort) Start(ctx context.Context, start engine.StartRequest) (engine.WorkerReport, error) {
	n := p.node
	arrived := n.world.record(checker.StartArrived, n.name, n.process.Incarnation())
	arrived.Key, arrived.Owner, arrived.Token = start.Key, start.Owner, start.Token
	n.world.observe(arrived)
	c := begun(ctx)
	if start.Abandon == "" { // there is no payload then
		n.swallow(start.Key, poisonStart)
	}
	if n.closeAtStart {
		n.closeAtStart = false
		n.shutDown()
		takes := n.world.kernel.Between(n.process.Actor(), opHandedOver, 100*time.Microsecond, 2*time.Millisecond)
		if err := n.process.Sleep(ctx, takes); err != nil {
			return engine.WorkerReport{}, err
		}
	}
	report, err := p.Host.Start(ctx, start)
	return report, c.decided(err)
}

// listen opens the HTTP port of a process that has come up.
func (n *node) listen() {
	switch {
	case n.role == roleApp && n.app.handler == nil:
		n.app.handler = httpapi.NewAppHandler(n.app, httpapi.HandlerConfig{Token: appToken, CallbackToken: callbackToken})
	case n.role == roleWorker && n.host.handler == nil:
		n.host.handler = httpapi.NewWorkerHandler(n.host, httpapi.HandlerConfig{Token: workerToken})
		n.host.refusing = httpapi.NewWorkerHandler(n.host, httpapi.HandlerConfig{Token: workerToken, BodyBytesMax: 1})
	}
}

// serveOverHTTP answers a call with the production handler.
func (n *node) serveOverHTTP(ctx context.Context, c *call) {
	x, handler := c.exchange, n.app.handler
	switch {
	case c.refused:
		handler = n.host.refusing
	case n.role == roleWorker:
		handler = n.host.handler
	}
	handler.ServeHTTP(x, x.request(ctx))
	x.WriteHeader(http.StatusOK) // as a handler that writes nothing means
	x.upgradeAnswer(n)
	x.note(n.world)
}
