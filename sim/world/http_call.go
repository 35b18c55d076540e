package world

import (
	"context"
	"net/http"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// send carries the request to a process and waits for the answer: as it is or, in a
// share of the seeds, over HTTP.
func (r *request) send(ctx context.Context, to *node) error {
	if r.world.overHTTP {
		return r.sendOverHTTP(ctx, to)
	}
	return r.call(ctx, to)
}

// sendOverHTTP is [node.serve] seen from the other end: each call goes through the
// production client that makes it.
func (r *request) sendOverHTTP(ctx context.Context, to *node) (err error) {
	doer := requestDoer{r, to}
	worker := func() *httpapi.WorkerClient { return httpapi.NewWorkerClient(workerURL, workerToken, doer) }
	app := func() *httpapi.AppClient { return httpapi.NewAppClient(appURL, appToken, doer) }
	switch r.method {
	case methodStart:
		r.answer, err = worker().Start(ctx, r.start)
	case methodStop:
		r.answer, err = worker().Cancel(ctx, r.key)
	case methodStatus:
		r.answer, err = worker().Status(ctx, r.key)
	case methodWorkerEvents:
		r.events, err = worker().Events(ctx, r.key, r.after, r.max)
	case methodCallback:
		err = httpapi.NewCallbackClient(appURL, callbackToken, doer).Report(ctx, r.report)
	case methodSubmit:
		r.review, err = app().Submit(ctx, r.submission)
	case methodGet:
		r.review, err = app().Get(ctx, r.key.Review)
	case methodCancel:
		r.review, err = app().Cancel(ctx, r.key, r.text)
	case methodRetrigger:
		r.review, err = app().Retrigger(ctx, r.key)
	case methodEvents:
		r.events, err = app().Events(ctx, r.key, r.after, r.max)
	case methodAttempts:
		r.attempts, err = app().Attempts(ctx, r.key.Review)
	}
	return err
}

// A requestDoer carries the one HTTP request of a call: the simulated counterpart
// of engine/live's HTTP client.
type requestDoer struct {
	request *request
	to      *node
}

var _ httpapi.Doer = requestDoer{}

// Do implements [httpapi.Doer].
func (d requestDoer) Do(request *http.Request) (*http.Response, error) {
	r := d.request
	x, err := newExchange(request)
	if err != nil {
		return nil, err
	}
	r.exchange = x
	err = r.call(request.Context(), d.to)
	r.world.tellAnswer(r.from.name, x, err)
	if err != nil {
		return nil, err
	}
	return x.response(request), nil
}

// fail answers the request with an error of the network, or of its fate.
func (r *request) fail(kind engine.ErrorKind, cause error) {
	if r.exchange != nil {
		r.err = r.exchange.fail(cause)
		return
	}
	r.err = &engine.Error{Kind: kind, Op: methodNames[r.method], Err: cause}
}

// unauthorized reports whether the request's fate is the wrong token and it is
// carried over HTTP: then the handler refuses it, and not the network.
func (r *request) unauthorized() bool {
	return r.exchange != nil && r.fate.err == engine.Rejected
}

// An appPort and a workerPort are what the handler of a process serves. Making the
// routes of a handler takes as long as several calls, so a handler is kept from life
// to life and from run to run, and serves the engine that is behind its port now.
type appPort struct {
	*engine.App
	node    *node
	handler http.Handler
}

// Report implements [httpapi.App]: arrivals are recorded.
func (p *appPort) Report(ctx context.Context, report engine.WorkerReport) error {
	return p.node.report(ctx, report)
}

type workerPort struct {
	*engine.Host
	node              *node
	handler, refusing http.Handler
}

// Start implements [engine.Worker]: arrivals are recorded.
func (p *workerPort) Start(ctx context.Context, start engine.StartRequest) (engine.WorkerReport, error) {
	return p.node.start(ctx, start)
}

// listen opens the port of a process that has just come up.
func (n *node) listen() {
	w := n.world
	if n.role == roleApp {
		port := w.appPorts[n.name]
		if port == nil {
			port = &appPort{}
			port.handler = httpapi.NewAppHandler(port, httpapi.HandlerConfig{Token: appToken, CallbackToken: callbackToken})
			w.appPorts[n.name] = port
		}
		port.App, port.node, n.handler = n.app, n, port.handler
		return
	}
	port := w.workerPorts[n.name]
	if port == nil {
		port = &workerPort{}
		port.handler = httpapi.NewWorkerHandler(port, httpapi.HandlerConfig{Token: workerToken})
		port.refusing = httpapi.NewWorkerHandler(port, httpapi.HandlerConfig{Token: workerToken, BodyBytesMax: 1})
		w.workerPorts[n.name] = port
	}
	port.Host, port.node, n.handler, n.refusing = n.host, n, port.handler, port.refusing
}

// serveOverHTTP has the production handler answer a remote call.
func (n *node) serveOverHTTP(ctx context.Context, r *request) {
	x, handler := r.exchange, n.handler
	if r.refused {
		handler = n.refusing
	}
	handler.ServeHTTP(x, x.request(ctx))
	x.WriteHeader(http.StatusOK) // what a handler means that says nothing
	x.note(n.world)
}
