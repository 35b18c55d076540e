package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
)

// callsOf are all calls of all clients about a key. Bodies have no content.
func callsOf(key engine.AttemptKey, token string, doer httpapi.StreamDoer) map[string]func(context.Context) error {
	worker, app := httpapi.NewWorkerClient("http://service", token, doer), httpapi.NewAppClient("http://service", token, doer)
	callback, agent := httpapi.NewCallbackClient("http://service", token, doer), httpapi.NewAgentClient("http://service", token, doer)
	report := engine.WorkerReport{Key: key, Status: engine.Running}
	return map[string]func(context.Context) error{
		"worker start": func(ctx context.Context) error {
			_, err := worker.Start(ctx, engine.StartRequest{Key: key})
			return err
		},
		"worker cancel":  func(ctx context.Context) error { _, err := worker.Cancel(ctx, key); return err },
		"worker status":  func(ctx context.Context) error { _, err := worker.Status(ctx, key); return err },
		"worker events":  func(ctx context.Context) error { _, err := worker.Events(ctx, key, 0, 1); return err },
		"worker abandon": func(ctx context.Context) error { _, err := worker.Abandon(ctx, key, "gone"); return err },
		"worker inspect": func(ctx context.Context) error { _, err := worker.Inspect(ctx, key); return err },
		"app submit": func(ctx context.Context) error {
			_, err := app.Submit(ctx, engine.Submission{Review: key.Review})
			return err
		},
		"app get":         func(ctx context.Context) error { _, err := app.Get(ctx, key.Review); return err },
		"app attempts":    func(ctx context.Context) error { _, err := app.Attempts(ctx, key.Review); return err },
		"app events":      func(ctx context.Context) error { _, err := app.Events(ctx, key, 0, 1); return err },
		"app cancel":      func(ctx context.Context) error { _, err := app.Cancel(ctx, key, "typo"); return err },
		"app retrigger":   func(ctx context.Context) error { _, err := app.Retrigger(ctx, key); return err },
		"app abandon":     func(ctx context.Context) error { _, err := app.Abandon(ctx, key, "gone"); return err },
		"app inspect":     func(ctx context.Context) error { _, err := app.Inspect(ctx, key); return err },
		"app report":      func(ctx context.Context) error { return app.Report(ctx, report) },
		"callback report": func(ctx context.Context) error { return callback.Report(ctx, report) },
		"agent create":    func(ctx context.Context) error { _, err := agent.Create(ctx, key, nil); return err },
		"agent interrupt": func(ctx context.Context) error { _, err := agent.Interrupt(ctx, key); return err },
		"agent stream": func(ctx context.Context) error {
			stream, err := agent.Stream(ctx, key, 7)
			if err == nil {
				stream.Close()
			}
			return err
		},
	}
}

// ofReviews are the calls that name no attempt.
var ofReviews = []string{"app submit", "app get", "app attempts"}

// TestEveryCallRefusesBadKeys: a key that can't be sent never is.
func TestEveryCallRefusesBadKeys(t *testing.T) {
	for _, bad := range []engine.AttemptKey{{}, {Attempt: 1}, {Review: "\xff", Attempt: 1}, {Review: "/", Attempt: 1}, {Review: "r"}, {Review: "r", Attempt: -1}} {
		sent := 0
		doer := doFunc(func(*http.Request) (*http.Response, error) {
			sent++
			return nil, errors.New("sent")
		})
		for name, call := range callsOf(bad, "", doer) {
			if bad.Review == "r" && slices.Contains(ofReviews, name) {
				continue
			}
			if err := call(t.Context()); !engine.IsKind(err, engine.Permanent) {
				t.Errorf("%s of %q: %v, want it permanent", name, bad, err)
			}
		}
		if sent > 0 {
			t.Errorf("%d requests about %q were sent", sent, bad)
		}
	}
}

// TestPagesThatCantBeAskedFor: a page that every handler refuses is not asked for.
func TestPagesThatCantBeAskedFor(t *testing.T) {
	sent := 0
	doer := doFunc(func(*http.Request) (*http.Response, error) {
		sent++
		return nil, errors.New("sent")
	})
	worker, app := httpapi.NewWorkerClient("http://service", "", doer), httpapi.NewAppClient("http://service", "", doer)
	for _, page := range []struct {
		after int64
		max   int
	}{{-1, 1}, {0, 0}, {0, engine.PageEventsMax + 1}} {
		_, ofWorker := worker.Events(t.Context(), key, page.after, page.max)
		_, ofApp := app.Events(t.Context(), key, page.after, page.max)
		if !engine.IsKind(ofWorker, engine.Permanent) || !engine.IsKind(ofApp, engine.Permanent) {
			t.Errorf("%d after %d: %v, %v; want them permanent", page.max, page.after, ofWorker, ofApp)
		}
	}
	if sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

// closed is a body that knows whether it was closed.
type closed struct {
	io.Reader
	is bool
}

func (c *closed) Close() error {
	c.is = true
	return nil
}

// TestRequestsAndTheirBodies looks at what all calls send, and at what becomes of the bodies of their answers.
func TestRequestsAndTheirBodies(t *testing.T) {
	httpapi.Bound(t)
	bodies := []string{"worker start", "worker abandon", "app submit", "app cancel", "app abandon", "app report", "callback report", "agent create"}
	for _, token := range []string{"", "secret"} {
		for _, status := range []int{200, 204, 404, 500} {
			var request *http.Request
			body := &closed{}
			doer := doFunc(func(r *http.Request) (*http.Response, error) {
				request, body.Reader, body.is = r, strings.NewReader(`{"error":"no"}`), false
				return &http.Response{StatusCode: status, Body: body, Request: r}, nil
			})
			for name, call := range callsOf(key, token, doer) {
				request = nil
				err := call(t.Context())
				if request == nil {
					t.Fatalf("%s sent nothing: %v", name, err)
				}
				if carries := request.Body != nil && request.Body != http.NoBody; carries != slices.Contains(bodies, name) {
					t.Errorf("%s: sends a body: %t", name, carries)
				}
				want := http.Header{}
				if token != "" {
					want.Set("Authorization", "Bearer secret")
				}
				if slices.Contains(bodies, name) {
					want.Set("Content-Type", "application/json")
				}
				if name == "agent stream" {
					want.Set("Accept", "text/event-stream")
					want.Set("Last-Event-ID", "7")
				}
				for _, header := range []string{"Authorization", "Content-Type", "Accept", "Last-Event-ID"} {
					if got := request.Header.Values(header); !slices.Equal(got, want.Values(header)) {
						t.Errorf("%s: header %s is %q, want %q", name, header, got, want.Values(header))
					}
				}
				if !body.is {
					t.Errorf("%s: the body of a %d was not closed", name, status)
				}
				// No content is the answer to a report, and to nothing else.
				if reports := strings.HasSuffix(name, "report"); status == 204 && (err == nil) != reports {
					t.Errorf("%s answered by 204: %v", name, err)
				} else if status == 200 && reports && err == nil {
					t.Errorf("%s answered by 200: no error, though nobody says that it was applied", name)
				} else if status > 204 && err == nil {
					t.Errorf("%s answered by %d: no error", name, status)
				}
			}
		}
	}
}

// TestAnswersAboutOthers: an answer that is not about what was asked says nothing.
func TestAnswersAboutOthers(t *testing.T) {
	httpapi.Bound(t)
	answers := func(body string) httpapi.StreamDoer {
		return doFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})
	}
	for _, test := range []struct{ name, body string }{
		{"another attempt", `{"key":{"review":"a/b c","attempt":4},"status":"running"}`},
		{"another review", `{"key":{"review":"b","attempt":3},"status":"running"}`},
		{"no status", `{"key":{"review":"a/b c","attempt":3}}`},
		{"half of it of another type", `{"key":{"review":"a/b c","attempt":3},"status":"running","events":"many"}`},
	} {
		report, err := httpapi.NewWorkerClient("http://worker", "", answers(test.body)).Status(t.Context(), key)
		if !engine.IsKind(err, engine.Ambiguous) || report != (engine.WorkerReport{}) {
			t.Errorf("%s: %+v, %v", test.name, report, err)
		}
	}
	for _, test := range []struct{ name, body string }{
		{"another attempt", `{"key":{"review":"a/b c","attempt":4},"waiting":"session"}`},
		{"no wait", `{"key":{"review":"a/b c","attempt":3}}`},
		{"an unknown wait", `{"key":{"review":"a/b c","attempt":3},"waiting":"godot"}`},
	} {
		seen, err := httpapi.NewWorkerClient("http://worker", "", answers(test.body)).Inspect(t.Context(), key)
		if !engine.IsKind(err, engine.Ambiguous) || seen != (engine.Inspection{}) {
			t.Errorf("inspection of %s: %+v, %v", test.name, seen, err)
		}
	}
	review, err := httpapi.NewAppClient("http://app", "", answers(`{"review":"b"}`)).Get(t.Context(), "a")
	if !engine.IsKind(err, engine.Ambiguous) || review.Review != "" {
		t.Errorf("another review: %+v, %v", review, err)
	}
	for body, want := range map[string]bool{`{"over":true}`: true, `{"over":false}`: false} {
		over, err := httpapi.NewAgentClient("http://agent", "", answers(body)).Interrupt(t.Context(), key)
		if over != want || err != nil {
			t.Errorf("%s: over %t, %v", body, over, err)
		}
	}
}

// TestAnswersThatBreakBehindTheirEnd: what came before an error is no answer, even if it looks like a whole one.
func TestAnswersThatBreakBehindTheirEnd(t *testing.T) {
	httpapi.Bound(t)
	doer := doFunc(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(breaking{strings.NewReader(`{"over":true}`)}), Request: r}, nil
	})
	over, err := httpapi.NewAgentClient("http://agent", "", doer).Interrupt(t.Context(), key)
	if over || !engine.IsKind(err, engine.Ambiguous) {
		t.Errorf("over %t, %v", over, err)
	}
}

// TestAnswersHaveALimit reads answers that are as long as they may be, and one byte longer.
func TestAnswersHaveALimit(t *testing.T) {
	httpapi.Bound(t)
	for _, test := range []struct {
		length int
		good   bool
	}{{httpapi.BodyBytesMax, true}, {httpapi.BodyBytesMax + 1, false}} {
		const object = `{"over":true}`
		doer := doFunc(func(r *http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(object), strings.NewReader(strings.Repeat(" ", test.length-len(object))))
			return &http.Response{StatusCode: 200, Body: io.NopCloser(body), Request: r}, nil
		})
		over, err := httpapi.NewAgentClient("http://agent", "", doer).Interrupt(t.Context(), key)
		if over != test.good || (err == nil) != test.good || err != nil && !engine.IsKind(err, engine.Ambiguous) {
			t.Errorf("%d bytes: over %t, %v", test.length, over, err)
		}
	}
}
