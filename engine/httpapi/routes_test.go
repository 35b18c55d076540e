package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

const (
	token         = "users' token"
	callbackToken = "workers' token"
)

// service is one API under test with what stands behind it.
type service struct {
	handler http.Handler
	behind  *fake
}

func services() map[string]service {
	return servicesWith(httpapi.HandlerConfig{Token: token, CallbackToken: callbackToken, BodyBytesMax: 1000})
}

func servicesWith(config httpapi.HandlerConfig) map[string]service {
	worker, app, agent := &fakeWorker{}, &fakeApp{}, newFakeAgent()
	return map[string]service{
		"worker": {httpapi.NewWorkerHandler(worker, config), &worker.fake},
		"app":    {httpapi.NewAppHandler(app, config), &app.fake},
		"agent":  {httpapi.NewAgentHandler(agent, config), &agent.fake},
	}
}

func TestRoutes(t *testing.T) {
	httpapi.Bound(t)
	const (
		none     = ""
		rejected = "rejected"
		final    = "permanent"
	)
	for _, test := range []struct {
		name    string
		service string
		request string // method, path, and what follows is the body
		status  int
		kind    string // of the error body
		answer  string // part of the body
		call    string // what reaches the service; empty: nothing does
	}{
		{"start", "worker", `PUT /v1/attempts/r/1 {"key":{"review":"r","attempt":1},"owner":"acme","token":7,"payload":"aGk="}`, 200, none,
			`"status":"running","agent_version":"7","events":3,"tokens":40`, `start r/1 of acme claim 7 payload "hi"`},
		{"start without key in the body", "worker", `PUT /v1/attempts/r/1 {"owner":"acme"}`, 200, none, `"attempt":1`, `start r/1 of acme claim 0 payload ""`},
		{"start, another key in the body", "worker", `PUT /v1/attempts/r/1 {"key":{"review":"r","attempt":2}}`, 400, final, `about \"r/2\", the path about \"r/1\"`, ``},
		{"start without body", "worker", `PUT /v1/attempts/r/1`, 400, final, `request body is empty`, ``},
		{"start, no JSON", "worker", `PUT /v1/attempts/r/1 hello`, 400, final, `invalid character 'h'`, ``},
		{"start, cut JSON", "worker", `PUT /v1/attempts/r/1 {"owner":"ac`, 400, final, `unexpected end of JSON`, ``},
		{"start, JSON null", "worker", `PUT /v1/attempts/r/1 null`, 400, final, `expected an object`, ``},
		{"start, two values", "worker", `PUT /v1/attempts/r/1 {} {}`, 400, final, `after top-level value`, ``},
		{"start of a newer version", "worker", `PUT /v1/attempts/r/1 {"priority":3,"owner":"acme","next":{"key":1}}`, 200, none, `"attempt":1`, `start r/1 of acme claim 0 payload ""`},
		{"start, a field twice", "worker", `PUT /v1/attempts/r/1 {"owner":"acme","token":1,"Owner":"blue"}`, 400, final, `field Owner is there twice`, ``},
		{"start, a field twice within", "worker", `PUT /v1/attempts/r/1 {"key":{"review":"r","attempt":1,"re\u0076iew":"r"}}`, 400, final, `field review is there twice`, ``},
		{"start, a list", "worker", `PUT /v1/attempts/r/1 [{"owner":"acme"}]`, 400, final, `cannot unmarshal array`, ``},
		{"start, wrong type", "worker", `PUT /v1/attempts/r/1 {"owner":3}`, 400, final, `owner`, ``},
		{"start, too large", "worker", `PUT /v1/attempts/r/1 "` + strings.Repeat("x", 1000) + `"`, 413, final, `larger than 1000 bytes`, ``},
		{"attempt 0", "worker", `GET /v1/attempts/r/0`, 400, final, `attempt \"0\" in the path; allowed: whole numbers from 1`, ``},
		{"attempt -1", "worker", `GET /v1/attempts/r/-1`, 400, final, `attempt`, ``},
		{"attempt 01", "worker", `GET /v1/attempts/r/01`, 400, final, `attempt`, ``},
		{"attempt one", "worker", `DELETE /v1/attempts/r/one`, 400, final, `attempt`, ``},
		{"attempt far too large", "worker", `GET /v1/attempts/r/99999999999999999999`, 400, final, `attempt`, ``},
		{"identifier that is no text", "worker", `GET /v1/attempts/%FF/1`, 400, final, `allowed: non-empty UTF-8 text`, ``},
		{"cancel", "worker", `DELETE /v1/attempts/r/1`, 200, none, `"status":"running"`, `cancel r/1`},
		{"status", "worker", `GET /v1/attempts/r/1`, 200, none, `"status":"running"`, `status r/1`},
		{"escaped identifier", "worker", `GET /v1/attempts/a%2Fb%20%C3%A9/1`, 200, none, `"review":"a/b é"`, `status a/b é/1`},
		{"worker events", "worker", `GET /v1/attempts/r/1/events?after=3&max=5`, 200, none, `{"events":[]}`, `events r/1 after 3 max 5`},
		{"worker events, defaults", "worker", `GET /v1/attempts/r/1/events`, 200, none, `{"events":[]}`, `events r/1 after 0 max 100`},
		{"worker inspection", "worker", `GET /v1/attempts/r/1/inspection`, 200, none,
			`"waiting":"interrupt","since":"2026-01-02T03:04:05.000006Z","holder":"h1","takeovers":3,"interrupts":12,"spent_ns":60000000000`, `inspect r/1`},
		{"abandon", "worker", `POST /v1/attempts/r/1/abandon {"reason":"gone"}`, 200, none, `"status":"running"`, `abandon r/1 because "gone"`},
		{"abandon without a reason", "worker", `POST /v1/attempts/r/1/abandon`, 200, none, `"status":"running"`, `abandon r/1 because ""`},
		{"abandon, bad body", "worker", `POST /v1/attempts/r/1/abandon {"reason":[]}`, 400, final, `reason`, ``},
		{"abandon by GET", "worker", `GET /v1/attempts/r/1/abandon`, 405, rejected, `allowed: POST`, ``},
		{"after -1", "worker", `GET /v1/attempts/r/1/events?after=-1`, 400, final, `after=-1; allowed: whole numbers from 0`, ``},
		{"max 0", "worker", `GET /v1/attempts/r/1/events?max=0`, 400, final, `max=0; allowed: 1 to 1000`, ``},
		{"max many", "worker", `GET /v1/attempts/r/1/events?max=many`, 400, final, `max=many`, ``},
		{"wrong method", "worker", `POST /v1/attempts/r/1 {}`, 405, rejected, `method POST is not allowed here; allowed: PUT, DELETE, GET`, ``},
		{"no such route", "worker", `GET /v2/attempts/r/1`, 404, rejected, `no route /v2/attempts/r/1`, ``},
		{"path that ServeMux would redirect", "worker", `PUT /v1//attempts/r/1 {}`, 404, rejected, `no route`, ``},
		{"dots in the path", "worker", `PUT /v1/attempts/x/../r/1 {}`, 404, rejected, `no route`, ``},
		{"slash at the end", "worker", `PUT /v1/attempts/r/1/ {}`, 404, rejected, `no route`, ``},
		{"empty identifier", "worker", `PUT /v1/attempts//1 {}`, 404, rejected, `no route`, ``},

		{"submit", "app", `PUT /v1/reviews/r {"owner":"acme","head_sha":"abc"}`, 200, none, `"review":"r","owner":"acme"`, `submit r of acme head abc`},
		{"submit, another review in the body", "app", `PUT /v1/reviews/r {"review":"s"}`, 400, final, `about review \"s\", the path about \"r\"`, ``},
		{"get", "app", `GET /v1/reviews/r`, 200, none, `"status":"pending","attempt":2`, `get r`},
		{"attempts", "app", `GET /v1/reviews/r/attempts`, 200, none, `{"attempts":[{"number":1,"status":"failed","reason":"lost"`, `attempts r`},
		{"app events", "app", `GET /v1/reviews/r/attempts/2/events?max=1`, 200, none, `{"events":[]}`, `events r/2 after 0 max 1`},
		{"cancel", "app", `POST /v1/reviews/r/attempts/2/cancel {"reason":"typo"}`, 200, none, `"review":"r"`, `cancel r/2 because "typo"`},
		{"cancel without a reason", "app", `POST /v1/reviews/r/attempts/2/cancel`, 200, none, `"review":"r"`, `cancel r/2 because ""`},
		{"cancel, bad body", "app", `POST /v1/reviews/r/attempts/2/cancel {"reason":1}`, 400, final, `reason`, ``},
		{"cancel of a newer version", "app", `POST /v1/reviews/r/attempts/2/cancel {"why":1}`, 200, none, `"review":"r"`, `cancel r/2 because ""`},
		{"retrigger", "app", `POST /v1/reviews/r/attempts/2/retrigger`, 200, none, `"review":"r"`, `retrigger r/2`},
		{"retrigger by GET", "app", `GET /v1/reviews/r/attempts/2/retrigger`, 405, rejected, `allowed: POST`, ``},
		{"app inspection", "app", `GET /v1/reviews/r/attempts/2/inspection`, 200, none, `"dispatches":2`, `inspect r/2`},
		{"app abandon", "app", `POST /v1/reviews/r/attempts/2/abandon {"reason":"gone"}`, 200, none, `"review":"r"`, `abandon r/2 because "gone"`},
		{"app abandon of a newer version", "app", `POST /v1/reviews/r/attempts/2/abandon {"who":"ann"}`, 200, none, `"review":"r"`, `abandon r/2 because ""`},
		{"callback", "app", `POST /v1/callbacks/r/2 {"key":{"review":"r","attempt":2},"status":"completed","events":9}`, 204, none, ``, `report r/2 completed 9 events`},
		{"callback of a newer version", "app", `POST /v1/callbacks/r/2 {"status":"done"}`, 501, rejected, `not yet: request body: status is \"done\"; allowed: pending`, ``},
		{"callback, no status", "app", `POST /v1/callbacks/r/2 {}`, 400, final, `no status`, ``},

		{"create", "agent", `PUT /v1/sessions/r/1 {"payload":"aGk="}`, 200, none, `{"session":"r/1"}`, `create r/1 payload "hi"`},
		{"create, no base64", "agent", `PUT /v1/sessions/r/1 {"payload":"%"}`, 400, final, `base64`, ``},
		{"interrupt", "agent", `DELETE /v1/sessions/r/1`, 200, none, `{"over":true}`, `interrupt r/1`},
		{"wrong method of a stream", "agent", `DELETE /v1/sessions/r/1/events`, 405, rejected, `allowed: GET`, ``},
	} {
		t.Run(test.service+": "+test.name, func(t *testing.T) {
			service := services()[test.service]
			url, doer := serve(t, service.handler)
			method, rest, _ := strings.Cut(test.request, " ")
			path, body, _ := strings.Cut(rest, " ")
			send := func(authorization string) (*http.Response, string) {
				request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if authorization != "" {
					request.Header.Set("Authorization", authorization)
				}
				response, err := doer.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				raw, err := io.ReadAll(response.Body)
				if err != nil {
					t.Fatal(err)
				}
				return response, string(raw)
			}
			right := "Bearer " + token
			if strings.HasPrefix(path, "/v1/callbacks/") {
				right = "Bearer " + callbackToken
			}

			response, got := send(right)
			if response.StatusCode != test.status || !strings.Contains(got, test.answer) {
				t.Errorf("got %d %s, want %d with %s", response.StatusCode, got, test.status, test.answer)
			}
			if test.kind != none {
				var decoded struct{ Error, Kind string }
				if err := json.Unmarshal([]byte(got), &decoded); err != nil || decoded.Kind != test.kind || decoded.Error == "" || strings.Contains(decoded.Error, "\n") {
					t.Errorf("error body %s (%v), want one line of kind %s", got, err, test.kind)
				}
			}
			var want []string
			if test.call != "" {
				want = []string{test.call}
			}
			if !slices.Equal(service.behind.calls, want) {
				t.Errorf("the service was asked %q, want %q", service.behind.calls, want)
			}
			if test.status == 404 || test.status == 405 {
				return // sent to everybody
			}

			// The same without the right token never reaches the service.
			service.behind.calls = nil
			wrong := []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + token, right + "x", token}
			if right == "Bearer "+token {
				wrong = append(wrong, "Bearer "+callbackToken)
			} else {
				wrong = append(wrong, "Bearer "+token)
			}
			for _, authorization := range wrong {
				response, got := send(authorization)
				if response.StatusCode != 401 || response.Header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(got, rejected) {
					t.Errorf("with %q: %d %s, want 401", authorization, response.StatusCode, got)
				}
			}
			if len(service.behind.calls) > 0 {
				t.Errorf("the service was asked %q without the token", service.behind.calls)
			}
		})
	}
}

func TestWithoutATokenEverybodyIsLetIn(t *testing.T) {
	app := &fakeApp{}
	client := httpapi.NewAppClient("http://app", "", direct{httpapi.NewAppHandler(app, httpapi.HandlerConfig{})})
	if _, err := client.Get(t.Context(), "r"); err != nil {
		t.Error(err)
	}
	if err := client.Report(t.Context(), engine.WorkerReport{Key: engine.AttemptKey{Review: "r", Attempt: 1}, Status: engine.Running}); err != nil {
		t.Error(err)
	}
}
