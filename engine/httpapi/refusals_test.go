package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// A route is one method of one path of a service, with a body that it accepts. REVIEW and ATTEMPT stand for a key.
type route struct{ service, method, path, body string }

// allRoutes are the routes of all services.
var allRoutes = []route{
	{"worker", "PUT", "/v1/attempts/REVIEW/ATTEMPT", `{"owner":"acme"}`},
	{"worker", "DELETE", "/v1/attempts/REVIEW/ATTEMPT", ""},
	{"worker", "GET", "/v1/attempts/REVIEW/ATTEMPT", ""},
	{"worker", "GET", "/v1/attempts/REVIEW/ATTEMPT/events", ""},
	{"worker", "GET", "/v1/attempts/REVIEW/ATTEMPT/inspection", ""},
	{"worker", "POST", "/v1/attempts/REVIEW/ATTEMPT/abandon", `{"reason":"gone"}`},
	{"app", "PUT", "/v1/reviews/REVIEW", `{"owner":"acme"}`},
	{"app", "GET", "/v1/reviews/REVIEW", ""},
	{"app", "GET", "/v1/reviews/REVIEW/attempts", ""},
	{"app", "POST", "/v1/reviews/REVIEW/attempts/ATTEMPT/cancel", `{"reason":"typo"}`},
	{"app", "POST", "/v1/reviews/REVIEW/attempts/ATTEMPT/retrigger", ""},
	{"app", "GET", "/v1/reviews/REVIEW/attempts/ATTEMPT/events", ""},
	{"app", "GET", "/v1/reviews/REVIEW/attempts/ATTEMPT/inspection", ""},
	{"app", "POST", "/v1/reviews/REVIEW/attempts/ATTEMPT/abandon", `{"reason":"gone"}`},
	{"app", "POST", "/v1/callbacks/REVIEW/ATTEMPT", `{"status":"running"}`},
	{"agent", "PUT", "/v1/sessions/REVIEW/ATTEMPT", `{"payload":""}`},
	{"agent", "DELETE", "/v1/sessions/REVIEW/ATTEMPT", ""},
	{"agent", "GET", "/v1/sessions/REVIEW/ATTEMPT/events", ""},
}

// ask sends a request to the service behind a route, with the right token, and decodes the error in the answer. A nil
// body is none.
func (r *route) ask(t *testing.T, review, attempt string, body io.Reader, headers ...string) (s service, answer *httptest.ResponseRecorder, kind, text string) {
	t.Helper()
	s = services()[r.service]
	path := strings.NewReplacer("REVIEW", review, "ATTEMPT", attempt).Replace(r.path)
	request := httptest.NewRequestWithContext(t.Context(), r.method, path, body)
	if body == nil {
		request.Body = nil
	}
	authorization := "Bearer " + token
	if strings.HasPrefix(path, "/v1/callbacks/") {
		authorization = "Bearer " + callbackToken
	}
	request.Header.Set("Authorization", authorization)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer = httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request)
	var decoded struct{ Error, Kind string }
	_ = json.Unmarshal(answer.Body.Bytes(), &decoded)
	return s, answer, decoded.Kind, decoded.Error
}

// refused checks that an answer is a refusal, and that nothing has reached the service.
func refused(t *testing.T, what string, s service, answer *httptest.ResponseRecorder, status int, kind, want string) {
	t.Helper()
	if answer.Code != status || kind != want || answer.Result().Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: %d %s %v %s, want %d %s as JSON", what, answer.Code, kind, answer.Result().Header, answer.Body, status, want)
	}
	if len(s.behind.calls) > 0 {
		t.Errorf("%s: the service was asked %q", what, s.behind.calls)
	}
}

// TestRoutesRefuseWhatNamesNothing asks every route about keys that there can't be.
func TestRoutesRefuseWhatNamesNothing(t *testing.T) {
	for _, r := range allRoutes {
		for _, test := range []struct{ review, attempt string }{
			{"%FF", "1"}, {"r", "0"}, {"r", "-1"}, {"r", "01"}, {"r", "+1"}, {"r", "x"}, {"r", "1.0"}, {"r", "99999999999999999999"},
		} {
			if test.review == "r" && !strings.Contains(r.path, "ATTEMPT") {
				continue
			}
			s, answer, kind, _ := r.ask(t, test.review, test.attempt, strings.NewReader(r.body))
			refused(t, r.method+" "+r.path+" of "+test.review+"/"+test.attempt, s, answer, 400, kind, "permanent")
		}
	}
}

// breaking is a request whose client goes away in the middle of it.
type breaking struct{ io.Reader }

func (b breaking) Read(p []byte) (int, error) {
	if n, _ := b.Reader.Read(p); n > 0 {
		return n, nil
	}
	return 0, errors.New("connection reset")
}

// TestRoutesRefuseBodies sends bodies that are cut, no JSON, or about another key, to all routes that read one.
func TestRoutesRefuseBodies(t *testing.T) {
	for _, r := range allRoutes {
		if r.body == "" {
			continue
		}
		name := r.method + " " + r.path
		s, answer, kind, text := r.ask(t, "r", "1", breaking{strings.NewReader(r.body)})
		refused(t, name+" that breaks off", s, answer, 400, kind, "rejected")
		if !strings.Contains(text, "connection reset") || answer.Result().Header.Get(httpapi.EffectHeader) != httpapi.EffectNone {
			t.Errorf("%s that breaks off: %q, %v", name, text, answer.Result().Header)
		}
		for _, body := range []string{"{", "[]", "null", r.body + "{}"} {
			s, answer, kind, _ := r.ask(t, "r", "1", strings.NewReader(body))
			refused(t, name+" "+body, s, answer, 400, kind, "permanent")
			if answer.Result().Header.Get(httpapi.EffectHeader) != "" {
				t.Errorf("%s %s: headers %v promise that a repetition may help", name, body, answer.Result().Header)
			}
		}
	}
	callback := route{"app", "POST", "/v1/callbacks/REVIEW/ATTEMPT", ""}
	s, answer, kind, _ := callback.ask(t, "r", "1", strings.NewReader(`{"key":{"review":"r","attempt":2},"status":"running"}`))
	refused(t, "a callback about another attempt", s, answer, 400, kind, "permanent")
}

// TestRoutesWithoutABody asks every route that needs no body without one, as the simulator's transport does.
func TestRoutesWithoutABody(t *testing.T) {
	for _, r := range allRoutes {
		if r.body != "" && !strings.HasSuffix(r.path, "/cancel") || r.service == "agent" {
			continue
		}
		s, answer, _, _ := r.ask(t, "r", "1", nil)
		if answer.Code != 200 || len(s.behind.calls) != 1 {
			t.Errorf("%s %s: %d %s, and the service was asked %q", r.method, r.path, answer.Code, answer.Body, s.behind.calls)
		}
	}
	start := allRoutes[0]
	s, answer, kind, _ := start.ask(t, "r", "1", nil)
	refused(t, "a start without a body", s, answer, 400, kind, "permanent")
}

// TestPagesOfEvents asks for pages within and beyond what is allowed.
func TestPagesOfEvents(t *testing.T) {
	for _, test := range []struct {
		query string
		asked string // of the service; empty: it is refused
	}{
		{"", "events r/1 after 0 max 100"},
		{"?after=0&max=1", "events r/1 after 0 max 1"},
		{"?after=9223372036854775807", "events r/1 after 9223372036854775807 max 100"},
		{"?after=-1", ""},
		{"?after=x", ""},
		{"?after=9223372036854775808", ""},
		{"?max=0", ""},
		{"?max=-1", ""},
		{"?max=x", ""},
		{"?max=99999999999999999999", ""},
		{"?max=1000000", ""},
	} {
		for _, r := range allRoutes {
			if !strings.HasSuffix(r.path, "/events") || r.service == "agent" {
				continue
			}
			r.path += test.query
			s, answer, kind, _ := r.ask(t, "r", "1", nil)
			if test.asked == "" {
				refused(t, r.path, s, answer, 400, kind, "permanent")
			} else if answer.Code != 200 || !slices.Equal(s.behind.calls, []string{test.asked}) {
				t.Errorf("%s: %d, and the service was asked %q, want %s", r.path, answer.Code, s.behind.calls, test.asked)
			}
		}
	}
}

// TestAnswersAreJSON: every answer says what it is, a method that is not there which are, a refused token what is missing.
func TestAnswersAreJSON(t *testing.T) {
	get := route{"app", "GET", "/v1/reviews/REVIEW", ""}
	_, answer, _, _ := get.ask(t, "r", "", nil)
	if answer.Code != 200 || answer.Result().Header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %v", answer.Code, answer.Result().Header)
	}
	get.method = "PATCH"
	s, answer, kind, _ := get.ask(t, "r", "", nil)
	refused(t, "PATCH", s, answer, 405, kind, "rejected")
	if answer.Result().Header.Get("Allow") != "PUT, GET" || answer.Result().Header.Get(httpapi.EffectHeader) != httpapi.EffectNone {
		t.Errorf("PATCH: headers %v", answer.Result().Header)
	}
	for _, r := range allRoutes {
		for _, test := range []struct{ authorization, text string }{{"", "no Authorization header"}, {"Bearer x", "wrong bearer token"}} {
			s, answer, kind, text := r.ask(t, "r", "1", strings.NewReader(r.body), "Authorization", test.authorization)
			refused(t, r.path, s, answer, 401, kind, "rejected")
			if !strings.HasPrefix(text, test.text) || answer.Result().Header.Get("WWW-Authenticate") != "Bearer" || answer.Result().Header.Get(httpapi.EffectHeader) != httpapi.EffectNone {
				t.Errorf("%s with %q: %q, %v", r.path, test.authorization, text, answer.Result().Header)
			}
		}
		_, answer, _, _ := r.ask(t, "%FF", "0", nil)
		if answer.Result().Header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s: a refusal for another reason asks for a token: %v", r.path, answer.Result().Header)
		}
	}
}

// lateApp has a review of a time that JSON has no text for, and a review without attempts.
type lateApp struct{ *fakeApp }

func (lateApp) Get(context.Context, engine.ReviewID) (engine.Review, error) {
	return engine.Review{DueAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
}

func (lateApp) Attempts(context.Context, engine.ReviewID) ([]engine.Attempt, error) { return nil, nil }

func TestAnswersThatCantBeEncoded(t *testing.T) {
	handler := httpapi.NewAppHandler(lateApp{&fakeApp{}}, httpapi.HandlerConfig{})
	ask := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return answer.Code, answer.Body.String()
	}
	if code, body := ask("/v1/reviews/r"); code != 500 || !json.Valid([]byte(body)) || !strings.Contains(body, `"kind":"ambiguous"`) {
		t.Errorf("%d %s, want that the effect is unknown", code, body)
	}
	if code, body := ask("/v1/reviews/r/attempts"); code != 200 || body != `{"attempts":[]}` {
		t.Errorf("no attempts: %d %s", code, body)
	}
}

// TestOneTokenIsForCallbacksToo: without a token of their own, callbacks need that of everything else.
func TestOneTokenIsForCallbacksToo(t *testing.T) {
	app := &fakeApp{}
	handler := httpapi.NewAppHandler(app, httpapi.HandlerConfig{Token: token})
	report := engine.WorkerReport{Key: key, Status: engine.Running}
	for _, test := range []struct {
		token string
		good  bool
	}{{token, true}, {"", false}, {callbackToken, false}} {
		app.calls = nil
		err := httpapi.NewCallbackClient("http://app", test.token, direct{handler}).Report(t.Context(), report)
		if (err == nil) != test.good || (len(app.calls) == 1) != test.good {
			t.Errorf("with %q: %v, and the app was asked %q", test.token, err, app.calls)
		}
		app.calls = nil
		err = httpapi.NewAppClient("http://app", test.token, direct{handler}).Report(t.Context(), report)
		if (err == nil) != test.good || (len(app.calls) == 1) != test.good {
			t.Errorf("with %q, as a user: %v, and the app was asked %q", test.token, err, app.calls)
		}
	}
}
