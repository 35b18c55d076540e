package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

// BodyBytesMax is the default limit of a request body: a payload of 16 MiB in base64, and what goes around it. Clients
// read answers up to the same size.
const BodyBytesMax = 16<<20/3*4 + 64<<10

// HandlerConfig is what all handlers have in common.
type HandlerConfig struct {
	// Token is the bearer token that every request must carry. Empty: everybody is let in, which is meant for tests.
	Token string
	// CallbackToken is the token of the app API's callback route, so that workers need not be trusted with the rest.
	// Empty: Token. Other handlers ignore it.
	CallbackToken string
	// BodyBytesMax limits request bodies. 0: [BodyBytesMax].
	BodyBytesMax int64
	// Keepalive is how long the agent API lets a stream be silent before it sends a comment, so that the reader can tell
	// a session without news from a connection that is gone. 0: [Keepalive]. Other handlers ignore it.
	Keepalive time.Duration
	// WithTimeout bounds a wait, in place of [context.WithTimeout], on the clock of a runtime. Nil: the wall clock.
	WithTimeout func(context.Context, time.Duration) (context.Context, context.CancelFunc)
}

// Keepalive is the default pause between two signs of life of a stream.
const Keepalive = 15 * time.Second

// A routes is an http.Handler over a table of routes in which everything that matches none gets a JSON error too.
type routes struct {
	mux          *http.ServeMux
	bodyBytesMax int64
}

func newRoutes(config HandlerConfig) *routes {
	limit := config.BodyBytesMax
	if limit == 0 {
		limit = BodyBytesMax
	}
	r := &routes{mux: http.NewServeMux(), bodyBytesMax: limit}
	r.mux.HandleFunc("/", func(w http.ResponseWriter, request *http.Request) { writeNoRoute(w, request) })
	return r
}

// A method is one method of a route.
type method struct {
	name  string
	serve func(w http.ResponseWriter, request *http.Request) error
}

// handle adds a route. A method that it doesn't have is answered with 405.
func (r *routes) handle(token, pattern string, methods ...method) {
	auth := newBearer(token)
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.name
		r.mux.HandleFunc(m.name+" "+pattern, func(w http.ResponseWriter, request *http.Request) {
			err := auth.check(request)
			if err == nil {
				err = understands(request)
			}
			if err == nil {
				err = m.serve(w, request)
			}
			if err != nil {
				writeError(w, err)
			}
		})
	}
	allowed := strings.Join(names, ", ")
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Allow", allowed)
		writeError(w, &statusError{http.StatusMethodNotAllowed, engine.Rejected,
			"method " + request.Method + " is not allowed here; allowed: " + allowed})
	})
}

// ServeHTTP answers paths that ServeMux would redirect like all others that name nothing: a redirected PUT would arrive
// as a GET.
func (r *routes) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if escaped := request.URL.EscapedPath(); path.Clean(escaped) != escaped {
		writeNoRoute(w, request)
		return
	}
	r.mux.ServeHTTP(w, request)
}

// writeNoRoute answers a path outside the API. That is a misconfiguration, which says nothing about any review:
// Rejected, not NotFound.
func writeNoRoute(w http.ResponseWriter, request *http.Request) {
	writeError(w, &statusError{http.StatusNotFound, engine.Rejected,
		"no route " + oneLine(request.URL.EscapedPath(), errorTextBytesMax)})
}

// A bearer checks the Authorization header of requests. It compares digests, so that the time taken reveals neither
// content nor length of the token.
type bearer struct {
	open   bool
	digest [sha256.Size]byte
}

func newBearer(token string) bearer {
	return bearer{open: token == "", digest: sha256.Sum256([]byte(token))}
}

func (b *bearer) check(request *http.Request) error {
	if b.open {
		return nil
	}
	header := request.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	digest := sha256.Sum256([]byte(strings.TrimLeft(token, " ")))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(digest[:], b.digest[:]) != 1 {
		text := "wrong bearer token"
		if header == "" {
			text = "no Authorization header; send \"Authorization: Bearer <token>\""
		}
		return &statusError{http.StatusUnauthorized, engine.Rejected, text}
	}
	return nil
}

// writeError answers with an error.
func writeError(w http.ResponseWriter, err error) {
	body := bodyOf(err)
	status := statusOf(engine.KindOf(err))
	var own *statusError
	if errors.As(err, &own) {
		status, body.Kind = own.status, own.kind.String()
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
	}
	if after, throttled := engine.IsThrottled(err); throttled {
		setRetryAfter(w.Header(), after)
	}
	if body.Kind == engine.Rejected.String() {
		w.Header().Set(EffectHeader, EffectNone)
	}
	writeJSON(w, status, &body)
}

// writeJSON answers with a body. What can't be written was lost on the way, which the other side notices by itself.
func writeJSON(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status = http.StatusInternalServerError
		raw = []byte(`{"error":"the answer can't be encoded","kind":"ambiguous"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// answer writes a result, or hands its error on.
func answer(w http.ResponseWriter, body any, err error) error {
	if err == nil {
		writeJSON(w, http.StatusOK, body)
	}
	return err
}

// readJSON reads the whole request body as one JSON value. An empty body leaves value as it is if it may be missing.
func (r *routes) readJSON(w http.ResponseWriter, request *http.Request, value any, optional bool) error {
	var raw []byte
	if request.Body != nil {
		var err error
		raw, err = io.ReadAll(http.MaxBytesReader(w, request.Body, r.bodyBytesMax))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return &statusError{http.StatusRequestEntityTooLarge, engine.Permanent,
				"request body is larger than " + strconv.FormatInt(tooLarge.Limit, 10) + " bytes"}
		case err != nil:
			return &statusError{http.StatusBadRequest, engine.Rejected, "request body can't be read: " + err.Error()}
		}
	}
	if len(raw) == 0 {
		if optional {
			return nil
		}
		return badRequest("request body is empty; expected JSON")
	}
	return decode(raw, value)
}

// reviewIn reads the review from the path.
func reviewIn(request *http.Request) (engine.ReviewID, error) {
	id := engine.ReviewID(request.PathValue("review"))
	if !sendable(id) {
		return "", badRequest("review identifier %q in the path; allowed: %s", id, sendableText)
	}
	return id, nil
}

// keyIn reads the attempt from the path.
func keyIn(request *http.Request) (engine.AttemptKey, error) {
	review, err := reviewIn(request)
	if err != nil {
		return engine.AttemptKey{}, err
	}
	text := request.PathValue("attempt")
	attempt, err := strconv.Atoi(text)
	if err != nil || attempt < 1 || strconv.Itoa(attempt) != text {
		return engine.AttemptKey{}, badRequest("attempt %q in the path; allowed: whole numbers from 1", oneLine(text, errorTextBytesMax))
	}
	return engine.AttemptKey{Review: review, Attempt: attempt}, nil
}

// sameKey checks the key in a body against the one in the path. A body may leave it out.
func sameKey(inBody *engine.AttemptKey, inPath engine.AttemptKey) error {
	if *inBody == (engine.AttemptKey{}) {
		*inBody = inPath
	}
	if *inBody != inPath {
		return badRequest("request body is about %q, the path about %q", inBody.String(), inPath.String())
	}
	return nil
}

// A reasonBody is the reason for which an attempt is ended. It may be missing.
type reasonBody struct {
	Reason string `json:"reason"`
}

// readReason reads the attempt from the path and the reason from the body.
func (r *routes) readReason(w http.ResponseWriter, request *http.Request) (engine.AttemptKey, string, error) {
	key, err := keyIn(request)
	if err != nil {
		return engine.AttemptKey{}, "", err
	}
	var body reasonBody
	err = r.readJSON(w, request, &body, true)
	return key, body.Reason, err
}

// eventsDefault is the page of events that a request gets which doesn't say.
const eventsDefault = 100

// pageIn reads after and max from the query.
func pageIn(request *http.Request) (after int64, max int, err error) {
	query := request.URL.Query()
	max = eventsDefault
	if text := query.Get("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return 0, 0, badRequest("after=%s; allowed: whole numbers from 0", oneLine(text, errorTextBytesMax))
		}
	}
	if text := query.Get("max"); text != "" {
		if max, err = strconv.Atoi(text); err != nil || max < 1 || max > engine.PageEventsMax {
			return 0, 0, badRequest("max=%s; allowed: 1 to %d", oneLine(text, errorTextBytesMax), engine.PageEventsMax)
		}
	}
	return after, max, nil
}

// An eventsBody is a page of events.
type eventsBody struct {
	Events []engine.Event `json:"events"`
}

// writeEvents answers with a page of events, which is never null.
func writeEvents(w http.ResponseWriter, events []engine.Event, err error) error {
	if events == nil {
		events = []engine.Event{}
	}
	return answer(w, &eventsBody{events}, err)
}
