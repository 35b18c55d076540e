package httpapi

import (
	"context"
	"net/http"

	"github.com/onceover/onceover/engine"
)

// NewWorkerHandler serves the worker API.
func NewWorkerHandler(worker engine.Worker, config HandlerConfig) http.Handler {
	routes := newRoutes(config)
	handler := workerHandler{worker, routes}
	routes.handle(config.Token, "/v1/attempts/{review}/{attempt}",
		method{http.MethodPut, handler.start},
		method{http.MethodDelete, handler.cancel},
		method{http.MethodGet, handler.status})
	routes.handle(config.Token, "/v1/attempts/{review}/{attempt}/events",
		method{http.MethodGet, handler.events})
	routes.handle(config.Token, "/v1/attempts/{review}/{attempt}/abandon",
		method{http.MethodPost, handler.abandon})
	routes.handle(config.Token, "/v1/attempts/{review}/{attempt}/inspection",
		method{http.MethodGet, handler.inspect})
	return routes
}

type workerHandler struct {
	worker engine.Worker
	routes *routes
}

func (h *workerHandler) start(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	var start engine.StartRequest
	if err := h.routes.readJSON(w, request, &start, false); err != nil {
		return err
	}
	if err := sameKey(&start.Key, key); err != nil {
		return err
	}
	report, err := h.worker.Start(request.Context(), start)
	return answer(w, &report, err)
}

func (h *workerHandler) cancel(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	report, err := h.worker.Cancel(request.Context(), key)
	return answer(w, &report, err)
}

func (h *workerHandler) status(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	report, err := h.worker.Status(request.Context(), key)
	return answer(w, &report, err)
}

func (h *workerHandler) events(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	after, max, err := pageIn(request)
	if err != nil {
		return err
	}
	events, err := h.worker.Events(request.Context(), key, after, max)
	return writeEvents(w, events, err)
}

func (h *workerHandler) abandon(w http.ResponseWriter, request *http.Request) error {
	key, reason, err := h.routes.readReason(w, request)
	if err != nil {
		return err
	}
	report, err := h.worker.Abandon(request.Context(), key, reason)
	return answer(w, &report, err)
}

func (h *workerHandler) inspect(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	seen, err := h.worker.Inspect(request.Context(), key)
	return answer(w, &seen, err)
}

// A WorkerClient is a worker in another process. Its methods fail as [engine.Worker] says, and as the package does
// about transport errors.
type WorkerClient struct{ client client }

var _ engine.Worker = (*WorkerClient)(nil)

// NewWorkerClient returns the client of the worker API at baseURL, such as https://worker.example or
// http://10.0.0.7:8081/onceover. An empty token sends none.
func NewWorkerClient(baseURL, token string, doer Doer) *WorkerClient {
	return &WorkerClient{newClient(baseURL, token, doer)}
}

const attemptsPrefix = "/v1/attempts/"

// Start has the attempt executed and returns once that is durable.
func (c *WorkerClient) Start(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
	return c.report(ctx, "worker.start", http.MethodPut, request.Key, "", &request)
}

// Cancel durably stops the attempt, also one that has not arrived yet.
func (c *WorkerClient) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return c.report(ctx, "worker.cancel", http.MethodDelete, key, "", nil)
}

// Status says where the attempt stands.
func (c *WorkerClient) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return c.report(ctx, "worker.status", http.MethodGet, key, "", nil)
}

// Events reads journaled events after a sequence number; max is 1 to [engine.PageEventsMax].
func (c *WorkerClient) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	const op = "worker.events"
	path, err := attemptPath(op, attemptsPrefix, key)
	if err != nil {
		return nil, err
	}
	return c.client.events(ctx, op, path, after, max)
}

// Abandon ends the attempt for its operator, although its session may be running.
func (c *WorkerClient) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.WorkerReport, error) {
	return c.report(ctx, "worker.abandon", http.MethodPost, key, "/abandon", &reasonBody{reason})
}

// Inspect shows what the attempt waits for.
func (c *WorkerClient) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	const op = "worker.inspect"
	path, err := attemptPath(op, attemptsPrefix, key)
	if err != nil {
		return engine.Inspection{}, err
	}
	return c.client.inspection(ctx, op, path, key)
}

// report makes a call, below the path of an attempt, that is answered with the state of the attempt.
func (c *WorkerClient) report(ctx context.Context, op, method string, key engine.AttemptKey, below string, body any) (engine.WorkerReport, error) {
	path, err := attemptPath(op, attemptsPrefix, key)
	if err != nil {
		return engine.WorkerReport{}, err
	}
	var report engine.WorkerReport
	if err := c.client.call(ctx, op, method, path+below, body, &report); err != nil {
		return engine.WorkerReport{}, err
	}
	if report.Key != key {
		return engine.WorkerReport{}, engine.Errorf(engine.Ambiguous, op, "asked about %q, answered about %q", key.String(), report.Key.String())
	}
	if report.Status == 0 {
		return engine.WorkerReport{}, engine.Errorf(engine.Ambiguous, op, "answer about %q has no status", key.String())
	}
	return report, nil
}
