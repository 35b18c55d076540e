package httpapi_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine/httpapi"
)

// do sends a request to a handler. It returns the status of the answer and its body.
func (r *route) do(t *testing.T, service service, authorization string, body io.Reader, header http.Header) (int, string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.method, "http://service"+strings.NewReplacer("REVIEW", "r", "ATTEMPT", "1").Replace(r.path), body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := direct{service.handler}.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

// answers reports whether a status is that of a request which has reached the service. It has no session to stream.
func (r *route) answers(status int) bool {
	return status == http.StatusOK || status == http.StatusNoContent ||
		status == http.StatusNotFound && r.service == "agent" && r.method == http.MethodGet
}

// TestTokens tries every route with every token there is: none, a wrong one, its own and that of others, where workers
// have a token of their own and where they do not.
func TestTokens(t *testing.T) {
	const users, workers = "users' token", "workers' token"
	for _, config := range []struct {
		name   string
		config httpapi.HandlerConfig
	}{
		{"one token", httpapi.HandlerConfig{Token: users}},
		{"both tokens", httpapi.HandlerConfig{Token: users, CallbackToken: workers}},
		{"a token for callbacks alone", httpapi.HandlerConfig{CallbackToken: workers}},
	} {
		for _, r := range allRoutes {
			t.Run(config.name+"/"+r.method+" "+r.path, func(t *testing.T) {
				right := config.config.Token
				if strings.HasPrefix(r.path, "/v1/callbacks/") && config.config.CallbackToken != "" {
					right = config.config.CallbackToken
				}
				for _, given := range []string{"", users, workers, "wrong", users + " ", strings.ToUpper(users), users + "," + workers} {
					service := servicesWith(config.config)[r.service]
					authorization := "Bearer " + given
					if given == "" {
						authorization = ""
					}
					status, body := r.do(t, service, authorization, strings.NewReader(r.body), nil)
					if right == "" || given == right {
						if !r.answers(status) {
							t.Errorf("with %q: %d %s", given, status, body)
						}
						continue
					}
					if status != http.StatusUnauthorized || len(service.behind.calls) > 0 {
						t.Errorf("with %q: %d %s, and the service was asked %q; want 401", given, status, body, service.behind.calls)
					}
				}
			})
		}
	}
}

// chunked hides the length of a body.
type chunked struct{ io.Reader }

// broken is a body whose connection breaks.
type broken struct{ read io.Reader }

// Read implements [io.Reader].
func (b broken) Read(p []byte) (int, error) {
	n, err := b.read.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// TestBodies sends every route with a body every kind of body. What a service is asked for follows from a whole body, or it
// is asked for nothing.
func TestBodies(t *testing.T) {
	large := `{"note":"` + strings.Repeat("x", 2000) + `"}`
	for _, test := range []struct {
		name   string
		body   func(valid string) io.Reader
		header http.Header
		status int // 0: of a success
	}{
		{"declared length", func(valid string) io.Reader { return strings.NewReader(valid) }, nil, 0},
		{"no declared length", func(valid string) io.Reader { return chunked{strings.NewReader(valid)} }, nil, 0},
		{"white space around", func(valid string) io.Reader { return chunked{strings.NewReader("\r\n " + valid + "\t\n")} }, nil, 0},
		{"content type of a form", func(valid string) io.Reader { return strings.NewReader(valid) },
			http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, 0},
		{"too large", func(string) io.Reader { return strings.NewReader(large) }, nil, http.StatusRequestEntityTooLarge},
		{"too large, no declared length", func(string) io.Reader { return chunked{strings.NewReader(large)} }, nil, http.StatusRequestEntityTooLarge},
		{"too large behind the end", func(valid string) io.Reader { return chunked{strings.NewReader(valid + strings.Repeat(" ", 2000))} },
			nil, http.StatusRequestEntityTooLarge},
		{"garbage behind the end", func(valid string) io.Reader { return strings.NewReader(valid + "x") }, nil, http.StatusBadRequest},
		{"another object behind the end", func(valid string) io.Reader { return chunked{strings.NewReader(valid + valid)} }, nil, http.StatusBadRequest},
		{"cut", func(valid string) io.Reader { return strings.NewReader(valid[:len(valid)-1]) }, nil, http.StatusBadRequest},
		{"cut by the connection", func(valid string) io.Reader { return broken{strings.NewReader(valid[:len(valid)-1])} }, nil, http.StatusBadRequest},
		{"whole, then the connection breaks", func(valid string) io.Reader { return broken{strings.NewReader(valid)} }, nil, http.StatusBadRequest},
		{"a field twice", func(valid string) io.Reader {
			field, _, _ := strings.Cut(valid[1:], ":")
			return strings.NewReader(valid[:len(valid)-1] + "," + field + ":null}")
		}, nil, http.StatusBadRequest},
		{"null", func(string) io.Reader { return strings.NewReader(" null ") }, nil, http.StatusBadRequest},
		{"a list", func(valid string) io.Reader { return strings.NewReader("[" + valid + "]") }, nil, http.StatusBadRequest},
		{"a text", func(string) io.Reader { return strings.NewReader(`"text"`) }, nil, http.StatusBadRequest},
		{"white space alone", func(string) io.Reader { return strings.NewReader("  ") }, nil, http.StatusBadRequest},
		{"no UTF-8", func(string) io.Reader { return strings.NewReader("\xff\xfe{}") }, nil, http.StatusBadRequest},
		{"a field of a newer version", func(valid string) io.Reader { return strings.NewReader(`{"next":{"a":[1,{}]},` + valid[1:]) }, nil, 0},
		{"what a newer version requires", func(valid string) io.Reader { return strings.NewReader(valid) },
			http.Header{httpapi.RequiresHeader: {"priorities"}}, http.StatusNotImplemented},
	} {
		for _, r := range allRoutes {
			if r.body == "" {
				continue
			}
			t.Run(test.name+"/"+r.method+" "+r.path, func(t *testing.T) {
				service := servicesWith(httpapi.HandlerConfig{BodyBytesMax: 1000})[r.service]
				status, body := r.do(t, service, "", test.body(r.body), test.header)
				if test.status == 0 {
					if status != http.StatusOK && status != http.StatusNoContent || len(service.behind.calls) != 1 {
						t.Errorf("got %d %s, and the service was asked %q; want a success", status, body, service.behind.calls)
					}
					return
				}
				if status != test.status || len(service.behind.calls) > 0 || strings.Count(body, "\n") > 0 {
					t.Errorf("got %d %s, and the service was asked %q; want %d", status, body, service.behind.calls, test.status)
				}
			})
		}
	}
}

// TestEmptyBodies sends no body where one may be left out, and where it may not.
func TestEmptyBodies(t *testing.T) {
	for _, r := range allRoutes {
		want := http.StatusBadRequest
		if r.body == "" || strings.HasSuffix(r.path, "/cancel") || strings.HasSuffix(r.path, "/abandon") {
			want = http.StatusOK
		}
		for name, body := range map[string]io.Reader{"none": nil, "empty": http.NoBody, "empty, no declared length": chunked{strings.NewReader("")}} {
			t.Run(name+"/"+r.method+" "+r.path, func(t *testing.T) {
				service := servicesWith(httpapi.HandlerConfig{})[r.service]
				if status, answer := r.do(t, service, "", body, nil); status != want && (want != http.StatusOK || !r.answers(status)) {
					t.Errorf("got %d %s, want %d", status, answer, want)
				}
			})
		}
	}
}

// FuzzBodies looks for a body that makes a handler panic, or reach the service with less than one whole JSON object.
func FuzzBodies(f *testing.F) {
	for _, r := range allRoutes {
		f.Add(r.body)
	}
	f.Add(`{"a":"\\\"","b":{"a":1,"\u0061":2}}`)
	f.Add(`{"key":{"review":"r","Review":"r"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, r := range allRoutes {
			service := servicesWith(httpapi.HandlerConfig{})[r.service]
			status, answer := r.do(t, service, "", strings.NewReader(body), nil)
			if status >= 500 && status != http.StatusNotImplemented {
				t.Errorf("%s %s with %q: %d %s", r.method, r.path, body, status, answer)
			}
		}
	})
}
