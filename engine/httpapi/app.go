package httpapi

import (
	"context"
	"net/http"

	"github.com/onceover/onceover/engine"
)

// An App is the app as its users and its workers see it. Its methods fail as the engine's App says.
type App interface {
	Submit(ctx context.Context, submission engine.Submission) (engine.Review, error)
	Get(ctx context.Context, id engine.ReviewID) (engine.Review, error)
	Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error)
	Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error)
	Cancel(ctx context.Context, key engine.AttemptKey, reason string) (engine.Review, error)
	Retrigger(ctx context.Context, key engine.AttemptKey) (engine.Review, error)
	engine.Callback
	// Abandon and Inspect are for operators.
	Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.Review, error)
	Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error)
}

// NewAppHandler serves the app API, the status callback included.
func NewAppHandler(app App, config HandlerConfig) http.Handler {
	routes := newRoutes(config)
	handler := appHandler{app, routes}
	routes.handle(config.Token, "/v1/reviews/{review}",
		method{http.MethodPut, handler.submit},
		method{http.MethodGet, handler.get})
	routes.handle(config.Token, "/v1/reviews/{review}/attempts",
		method{http.MethodGet, handler.attempts})
	routes.handle(config.Token, "/v1/reviews/{review}/attempts/{attempt}/cancel",
		method{http.MethodPost, handler.cancel})
	routes.handle(config.Token, "/v1/reviews/{review}/attempts/{attempt}/retrigger",
		method{http.MethodPost, handler.retrigger})
	routes.handle(config.Token, "/v1/reviews/{review}/attempts/{attempt}/events",
		method{http.MethodGet, handler.events})
	routes.handle(config.Token, "/v1/reviews/{review}/attempts/{attempt}/abandon",
		method{http.MethodPost, handler.abandon})
	routes.handle(config.Token, "/v1/reviews/{review}/attempts/{attempt}/inspection",
		method{http.MethodGet, handler.inspect})
	callbackToken := config.CallbackToken
	if callbackToken == "" {
		callbackToken = config.Token
	}
	routes.handle(callbackToken, "/v1/callbacks/{review}/{attempt}",
		method{http.MethodPost, handler.report})
	return routes
}

type appHandler struct {
	app    App
	routes *routes
}

type attemptsBody struct {
	Attempts []engine.Attempt `json:"attempts"`
}

func (h *appHandler) submit(w http.ResponseWriter, request *http.Request) error {
	id, err := reviewIn(request)
	if err != nil {
		return err
	}
	var submission engine.Submission
	if err := h.routes.readJSON(w, request, &submission, false); err != nil {
		return err
	}
	if submission.Review == "" {
		submission.Review = id
	}
	if submission.Review != id {
		return badRequest("request body is about review %q, the path about %q", submission.Review, id)
	}
	review, err := h.app.Submit(request.Context(), submission)
	return answer(w, &review, err)
}

func (h *appHandler) get(w http.ResponseWriter, request *http.Request) error {
	id, err := reviewIn(request)
	if err != nil {
		return err
	}
	review, err := h.app.Get(request.Context(), id)
	return answer(w, &review, err)
}

func (h *appHandler) attempts(w http.ResponseWriter, request *http.Request) error {
	id, err := reviewIn(request)
	if err != nil {
		return err
	}
	attempts, err := h.app.Attempts(request.Context(), id)
	if attempts == nil {
		attempts = []engine.Attempt{}
	}
	return answer(w, &attemptsBody{attempts}, err)
}

func (h *appHandler) cancel(w http.ResponseWriter, request *http.Request) error {
	key, reason, err := h.routes.readReason(w, request)
	if err != nil {
		return err
	}
	review, err := h.app.Cancel(request.Context(), key, reason)
	return answer(w, &review, err)
}

func (h *appHandler) abandon(w http.ResponseWriter, request *http.Request) error {
	key, reason, err := h.routes.readReason(w, request)
	if err != nil {
		return err
	}
	review, err := h.app.Abandon(request.Context(), key, reason)
	return answer(w, &review, err)
}

func (h *appHandler) inspect(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	seen, err := h.app.Inspect(request.Context(), key)
	return answer(w, &seen, err)
}

func (h *appHandler) retrigger(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	review, err := h.app.Retrigger(request.Context(), key)
	return answer(w, &review, err)
}

func (h *appHandler) events(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	after, max, err := pageIn(request)
	if err != nil {
		return err
	}
	events, err := h.app.Events(request.Context(), key, after, max)
	return writeEvents(w, events, err)
}

func (h *appHandler) report(w http.ResponseWriter, request *http.Request) error {
	key, err := keyIn(request)
	if err != nil {
		return err
	}
	var report engine.WorkerReport
	if err := h.routes.readJSON(w, request, &report, false); err != nil {
		return err
	}
	if err := sameKey(&report.Key, key); err != nil {
		return err
	}
	if report.Status == 0 {
		return badRequest("request body has no status")
	}
	if err := h.app.Report(request.Context(), report); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// An AppClient is an app in another process. Its methods fail as [App]'s do, and as the package says about transport
// errors.
type AppClient struct{ client client }

var _ App = (*AppClient)(nil)

// NewAppClient returns the client of the app API at baseURL. An empty token sends none.
func NewAppClient(baseURL, token string, doer Doer) *AppClient {
	return &AppClient{newClient(baseURL, token, doer)}
}

// appPath is the path of a review.
func appPath(op string, review engine.ReviewID) (string, error) {
	return reviewPath(op, "/v1/reviews/", review)
}

// appAttemptPath is the path of one of its attempts.
func appAttemptPath(op string, key engine.AttemptKey) (string, error) {
	path, err := appPath(op, key.Review)
	if err != nil {
		return "", err
	}
	return withAttempt(op, path+"/attempts", key)
}

// Submit records a pending review. It may be repeated.
func (c *AppClient) Submit(ctx context.Context, submission engine.Submission) (engine.Review, error) {
	const op = "app.submit"
	path, err := appPath(op, submission.Review)
	if err != nil {
		return engine.Review{}, err
	}
	return c.review(ctx, op, http.MethodPut, path, submission.Review, &submission)
}

// Get reads a review.
func (c *AppClient) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	const op = "app.get"
	path, err := appPath(op, id)
	if err != nil {
		return engine.Review{}, err
	}
	return c.review(ctx, op, http.MethodGet, path, id, nil)
}

// Attempts lists the ended attempts of a review, oldest first.
func (c *AppClient) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	const op = "app.attempts"
	path, err := appPath(op, id)
	if err != nil {
		return nil, err
	}
	var body attemptsBody
	if err := c.client.call(ctx, op, http.MethodGet, path+"/attempts", nil, &body); err != nil {
		return nil, err
	}
	if body.Attempts == nil {
		return nil, engine.Errorf(engine.Ambiguous, op, "answer has no attempts, not even an empty list")
	}
	return body.Attempts, nil
}

// Events reads the journaled events of an attempt after a sequence number; max is 1 to [engine.PageEventsMax].
func (c *AppClient) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	const op = "app.events"
	path, err := appAttemptPath(op, key)
	if err != nil {
		return nil, err
	}
	return c.client.events(ctx, op, path, after, max)
}

// Cancel ends an attempt for its user.
func (c *AppClient) Cancel(ctx context.Context, key engine.AttemptKey, reason string) (engine.Review, error) {
	const op = "app.cancel"
	path, err := appAttemptPath(op, key)
	if err != nil {
		return engine.Review{}, err
	}
	return c.review(ctx, op, http.MethodPost, path+"/cancel", key.Review, &reasonBody{reason})
}

// Abandon ends an attempt for its operator.
func (c *AppClient) Abandon(ctx context.Context, key engine.AttemptKey, reason string) (engine.Review, error) {
	const op = "app.abandon"
	path, err := appAttemptPath(op, key)
	if err != nil {
		return engine.Review{}, err
	}
	return c.review(ctx, op, http.MethodPost, path+"/abandon", key.Review, &reasonBody{reason})
}

// Inspect shows what an attempt waits for.
func (c *AppClient) Inspect(ctx context.Context, key engine.AttemptKey) (engine.Inspection, error) {
	const op = "app.inspect"
	path, err := appAttemptPath(op, key)
	if err != nil {
		return engine.Inspection{}, err
	}
	return c.client.inspection(ctx, op, path, key)
}

// Retrigger starts the attempt after a terminal one.
func (c *AppClient) Retrigger(ctx context.Context, key engine.AttemptKey) (engine.Review, error) {
	const op = "app.retrigger"
	path, err := appAttemptPath(op, key)
	if err != nil {
		return engine.Review{}, err
	}
	return c.review(ctx, op, http.MethodPost, path+"/retrigger", key.Review, nil)
}

// Report reports to the app where an attempt stands, as a [CallbackClient] does.
func (c *AppClient) Report(ctx context.Context, report engine.WorkerReport) error {
	return c.client.callback(ctx, report)
}

// review makes a call that is answered with a review.
func (c *AppClient) review(ctx context.Context, op, method, path string, id engine.ReviewID, body any) (engine.Review, error) {
	var review engine.Review
	if err := c.client.call(ctx, op, method, path, body, &review); err != nil {
		return engine.Review{}, err
	}
	if review.Review != id {
		return engine.Review{}, engine.Errorf(engine.Ambiguous, op, "asked about %q, answered about %q", id, review.Review)
	}
	return review, nil
}

// A CallbackClient is the app as a worker sees it.
type CallbackClient struct{ client client }

var _ engine.Callback = (*CallbackClient)(nil)

// NewCallbackClient returns the client of the callback route of the app at baseURL. An empty token sends none.
func NewCallbackClient(baseURL, token string, doer Doer) *CallbackClient {
	return &CallbackClient{newClient(baseURL, token, doer)}
}

// Report reports to the app where an attempt stands.
func (c *CallbackClient) Report(ctx context.Context, report engine.WorkerReport) error {
	return c.client.callback(ctx, report)
}

func (c *client) callback(ctx context.Context, report engine.WorkerReport) error {
	const op = "callback.report"
	path, err := attemptPath(op, "/v1/callbacks/", report.Key)
	if err != nil {
		return err
	}
	return c.call(ctx, op, http.MethodPost, path, &report, nil)
}
