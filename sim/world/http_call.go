package world

import (
	"context"
	"net/http"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// A callDoer carries the one HTTP request of a call: the simulated counterpart
// of engine/live's HTTP client.
type callDoer struct{ call *call }

var _ httpapi.StreamDoer = callDoer{}

// Do implements [httpapi.Doer].
func (d callDoer) Do(request *http.Request) (*http.Response, error) { return d.carry(request, nil) }

// DoStream implements [httpapi.StreamDoer].
func (d callDoer) DoStream(request *http.Request) (*http.Response, error) {
	return d.carry(request, &pipe{world: d.call.world, actor: d.call.from.process.Actor()})
}

func (d callDoer) carry(request *http.Request, body *pipe) (*http.Response, error) {
	c := d.call
	x, err := newExchange(request)
	if err != nil {
		return nil, err
	}
	x.pipe = body
	c.exchange = x
	err = c.roundTrip(request.Context())
	c.world.tellAnswer(c.from.name, x, err)
	if err != nil {
		x.hangUp()
		return nil, err
	}
	return x.response(request), nil
}

// An appPort and a workerPort are what a process serves: the engine, and arrivals are recorded. Making the routes of an
// HTTP handler takes as long as several calls, so a port and its handler are kept from life to life and from run to run,
// and serve the engine that is behind the port now.
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
	return p.App.Report(ctx, report)
}

type workerPort struct {
	*engine.Host
	node              *node
	handler, refusing http.Handler // refusing: what is too large
}

// Start implements [engine.Worker].
func (p *workerPort) Start(ctx context.Context, start engine.StartRequest) (engine.WorkerReport, error) {
	n := p.node
	arrived := n.world.record(checker.StartArrived, n.name, n.process.Incarnation())
	arrived.Key, arrived.Owner, arrived.Token = start.Key, start.Owner, start.Token
	n.world.observe(arrived)
	if n.closeAtStart {
		n.closeAtStart = false
		n.shutDown()
		takes := n.world.kernel.Between(n.process.Actor(), opHandedOver, 100*time.Microsecond, 2*time.Millisecond)
		if err := n.process.Sleep(ctx, takes); err != nil {
			return engine.WorkerReport{}, err
		}
	}
	return p.Host.Start(ctx, start)
}

// listen opens the HTTP port of a process that has just come up.
func (n *node) listen() {
	switch {
	case n.role == roleApp && n.app.handler == nil:
		n.app.handler = httpapi.NewAppHandler(n.app, httpapi.HandlerConfig{Token: appToken, CallbackToken: callbackToken})
	case n.role == roleWorker && n.host.handler == nil:
		n.host.handler = httpapi.NewWorkerHandler(n.host, httpapi.HandlerConfig{Token: workerToken})
		n.host.refusing = httpapi.NewWorkerHandler(n.host, httpapi.HandlerConfig{Token: workerToken, BodyBytesMax: 1})
	}
}

// serveOverHTTP has the production handler answer a call.
func (n *node) serveOverHTTP(ctx context.Context, c *call) {
	x, handler := c.exchange, n.app.handler
	switch {
	case c.refused:
		handler = n.host.refusing
	case n.role == roleWorker:
		handler = n.host.handler
	}
	handler.ServeHTTP(x, x.request(ctx))
	x.WriteHeader(http.StatusOK) // what a handler means that answers nothing
	x.note(n.world)
}
