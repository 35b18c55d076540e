package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

func TestSubmitValidates(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	const unstorable = "a name can't be stored; allowed: UTF-8 without NUL, and a review other than /"
	const tooLong = "a field is too long; allowed: review and owner 256 bytes, repository 1024, head_sha 128"
	for _, test := range []struct {
		name   string
		change func(s *engine.Submission)
		want   string // "" if it is accepted
	}{
		{"complete", func(*engine.Submission) {}, ""},
		{"gitlab", func(s *engine.Submission) { s.Platform = "gitlab" }, ""},
		{"as long as allowed", func(s *engine.Submission) {
			s.Review, s.Owner = engine.ReviewID(long(256)), engine.OwnerID(long(256))
			s.Repository, s.HeadSHA = long(1024), long(128)
		}, ""},
		{"head order below zero", func(s *engine.Submission) { s.HeadOrder = -1 }, ""},
		{"no review", func(s *engine.Submission) { s.Review = "" }, "review is empty; give an identifier that is unique to this head"},
		{"no owner", func(s *engine.Submission) { s.Owner = "" }, "owner is empty; give the user or organisation"},
		{"no platform", func(s *engine.Submission) { s.Platform = "" }, `platform is ""; allowed: github, gitlab`},
		{"another platform", func(s *engine.Submission) { s.Platform = "GitHub" }, `platform is "GitHub"; allowed: github, gitlab`},
		{"no repository", func(s *engine.Submission) { s.Repository = "" }, "repository is empty; give its full name"},
		{"no pull request", func(s *engine.Submission) { s.PullRequest = 0 }, "pull_request is 0; allowed: 1 and up"},
		{"pull request below zero", func(s *engine.Submission) { s.PullRequest = -7 }, "pull_request is -7; allowed: 1 and up"},
		{"no head", func(s *engine.Submission) { s.HeadSHA = "" }, "head_sha is empty; give the commit to review"},
		{"review too long", func(s *engine.Submission) { s.Review = engine.ReviewID(long(257)) }, tooLong},
		{"owner too long", func(s *engine.Submission) { s.Owner = engine.OwnerID(long(257)) }, tooLong},
		{"repository too long", func(s *engine.Submission) { s.Repository = long(1025) }, tooLong},
		{"head too long", func(s *engine.Submission) { s.HeadSHA = long(129) }, tooLong},
		{"review with NUL", func(s *engine.Submission) { s.Review = "a\x00" }, unstorable},
		{"review that is no segment of a path", func(s *engine.Submission) { s.Review = "/" }, unstorable},
		{"owner that is no UTF-8", func(s *engine.Submission) { s.Owner = "a\xff" }, unstorable},
		{"repository with NUL", func(s *engine.Submission) { s.Repository = "a\x00" }, unstorable},
		{"head that is no UTF-8", func(s *engine.Submission) { s.HeadSHA = "\xc3" }, unstorable},
		{"names beyond ASCII", func(s *engine.Submission) { s.Review, s.Owner, s.Repository = "réview %2F/..", "ö", "日本" }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newAppFixture(t, engine.AppConfig{})
			s := submission("a")
			test.change(&s)
			f.do(func(ctx context.Context) {
				r, err := f.app.Submit(ctx, s)
				switch {
				case test.want == "" && (err != nil || r.Status != engine.Pending || r.Submission != s):
					t.Errorf("%v, %v; want it pending", r, err)
				case test.want != "" && (err == nil || err.Error() != "app.submit: permanent: "+test.want || !engine.IsKind(err, engine.Permanent)):
					t.Errorf("%v\nwant app.submit: permanent: %s", err, test.want)
				case test.want != "" && f.store.Len() != 0:
					t.Errorf("stored %s", f.store)
				}
			})
		})
	}
}

func TestSubmitTwice(t *testing.T) {
	f := newAppFixture(t, engine.AppConfig{})
	f.do(func(ctx context.Context) {
		first, err := f.app.Submit(ctx, submission("a"))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := f.app.Submit(ctx, submission("a")); err != nil || again != first {
			t.Errorf("the second time: %v, %v, want %v", again, err, first)
		}
		other := submission("a")
		other.HeadSHA = "sha-other"
		if _, err := f.app.Submit(ctx, other); !engine.IsKind(err, engine.Permanent) {
			t.Errorf("another head under the same identifier: %v, want permanent", err)
		}
	})
}

// conclude submits and claims a review and reports attempt 1 of it with a status, before the story begins.
func conclude(review string, status engine.Status) []model.ReviewsOp {
	return append(claimed(review, time.Hour), ran(review, status, time.Hour))
}

// standings are the operations that bring attempt 1 of review a into each state, by the name of the state.
var standings = map[string][]model.ReviewsOp{
	"pending":   claimed("a", 0)[:1],
	"queued":    claimed("a", time.Hour),
	"running":   conclude("a", engine.Running),
	"completed": conclude("a", engine.Completed),
	"failed":    conclude("a", engine.Failed),
	"cancelled": append(claimed("a", 0)[:1:1], model.Cancel(keyOf("a", 1), "before", moment(0))),
	"stopping":  append(claimed("a", time.Hour), model.Cancel(keyOf("a", 1), "before", moment(0))),
	"superseded": append(claimed("a", 0)[:1:1], model.Submit(func() engine.Submission {
		newer := submission("a")
		newer.Review, newer.HeadSHA, newer.HeadOrder = "a2", "sha-a2", 2
		return newer
	}(), moment(0))),
	"retriggered": append(conclude("a", engine.Completed), model.Retrigger(keyOf("a", 1), moment(0))),
	"unknown":     nil,
}

// TestAppOperations applies each operation to attempt 1 of review a in each state. row is the row of a after that,
// without its times; calls are those of [appFixture].calls.
func TestAppOperations(t *testing.T) {
	cancel := func(attempt int) func(*appFixture, context.Context) error {
		return func(f *appFixture, ctx context.Context) error {
			_, err := f.app.Cancel(ctx, keyOf("a", attempt), "changed my mind")
			return err
		}
	}
	retrigger := func(attempt int) func(*appFixture, context.Context) error {
		return func(f *appFixture, ctx context.Context) error {
			_, err := f.app.Retrigger(ctx, keyOf("a", attempt))
			return err
		}
	}
	report := func(attempt int, status engine.Status) func(*appFixture, context.Context) error {
		return func(f *appFixture, ctx context.Context) error {
			return f.app.Report(ctx, engine.WorkerReport{Key: keyOf("a", attempt), Status: status})
		}
	}
	malformed := func(what string) string {
		return "app.report: permanent: attempt is " + what + "; allowed: attempt from 1, status queued to cancelled"
	}
	for _, test := range []struct {
		name     string
		standing string
		do       func(*appFixture, context.Context) error
		answer   string // ok, the kind of the error, or all of the error
		row      string
		calls    string
	}{
		{"cancel pending", "pending", cancel(1), "ok", "a/1 cancelled (changed my mind)", "cancel reserve"},
		{"cancel queued", "queued", cancel(1), "ok", "a/1 cancelled (changed my mind), claim 1", "cancel stop reserve stopped reserve"},
		{"cancel running", "running", cancel(1), "ok", "a/1 cancelled (changed my mind), claim 1", "cancel stop reserve stopped reserve"},
		{"cancel completed", "completed", cancel(1), "ok", "a/1 completed, claim 1", "cancel reserve"},
		{"cancel failed", "failed", cancel(1), "ok", "a/1 failed, claim 1", "cancel reserve"},
		{"cancel cancelled", "cancelled", cancel(1), "ok", "a/1 cancelled (before)", "cancel reserve"},
		{"cancel stopping", "stopping", cancel(1), "ok", "a/1 cancelled (before), claim 1", "cancel stop reserve stopped reserve"},
		{"cancel superseded", "superseded", cancel(1), "ok", "a/1 cancelled (superseded by a2), superseded by a2", "cancel reserve prepare claim start apply"},
		{"cancel another attempt", "running", cancel(2), "stale", "a/1 running, claim 1", "cancel"},
		{"cancel an attempt that was followed", "retriggered", cancel(1), "stale", "a/2 pending, claim 1", "cancel"},
		{"cancel unknown", "unknown", cancel(1), "not found", "", "cancel"},

		{"retrigger pending", "pending", retrigger(1), "rejected", "a/1 pending", "retrigger"},
		{"retrigger queued", "queued", retrigger(1), "rejected", "a/1 queued, claim 1", "retrigger"},
		{"retrigger running", "running", retrigger(1), "rejected", "a/1 running, claim 1", "retrigger"},
		{"retrigger completed", "completed", retrigger(1), "ok", "a/2 queued, claim 2", "retrigger reserve prepare claim start apply"},
		{"retrigger failed", "failed", retrigger(1), "ok", "a/2 queued, claim 2", "retrigger reserve prepare claim start apply"},
		{"retrigger cancelled", "cancelled", retrigger(1), "ok", "a/2 queued, claim 1", "retrigger reserve prepare claim start apply"},
		{"retrigger stopping waits for the session's end", "stopping", retrigger(1), "ok", "a/2 pending, claim 1, stopping 1", "retrigger reserve"},
		{"retrigger superseded", "superseded", retrigger(1), "permanent", "a/1 cancelled (superseded by a2), superseded by a2", "retrigger"},
		{"retrigger a later attempt", "completed", retrigger(2), "stale", "a/1 completed, claim 1", "retrigger"},
		{
			"retrigger an attempt that was followed", "retriggered", retrigger(1), "ok", "a/2 queued, claim 2",
			"retrigger reserve prepare claim start apply",
		},
		{"retrigger unknown", "unknown", retrigger(1), "not found", "", "retrigger"},

		{"report running", "queued", report(1, engine.Running), "ok", "a/1 running, claim 1", "apply"},
		{"report completed", "running", report(1, engine.Completed), "ok", "a/1 completed, claim 1", "apply reserve"},
		{"report completed, never heard of running", "queued", report(1, engine.Completed), "ok", "a/1 completed, claim 1", "apply reserve"},
		{"report completed twice", "completed", report(1, engine.Completed), "ok", "a/1 completed, claim 1", "apply reserve"},
		{"report running after the end", "completed", report(1, engine.Running), "ok", "a/1 completed, claim 1", "apply"},
		{"report queued after running", "running", report(1, engine.Queued), "ok", "a/1 running, claim 1", "apply"},
		{"report failed after completed", "completed", report(1, engine.Failed), "ok", "a/1 completed, claim 1", "apply reserve"},
		{"report the end of a session being stopped", "stopping", report(1, engine.Cancelled), "ok", "a/1 cancelled (before), claim 1", "apply reserve"},
		{"report completed after a cancel", "stopping", report(1, engine.Completed), "ok", "a/1 cancelled (before), claim 1", "apply reserve"},
		{"report running after a cancel", "stopping", report(1, engine.Running), "ok", "a/1 cancelled (before), claim 1, stopping 1", "apply"},
		{"report running of an attempt that was followed", "retriggered", report(1, engine.Running), "ok", "a/2 pending, claim 1", "apply"},
		{
			"report failed of an attempt that was followed", "retriggered", report(1, engine.Failed), "ok", "a/2 queued, claim 2",
			"apply reserve prepare claim start apply",
		},
		{"report of an attempt that was never dispatched", "pending", report(1, engine.Running), "ok", "a/1 pending", "apply"},
		{"report a later attempt", "running", report(2, engine.Completed), "stale", "a/1 running, claim 1", "apply"},
		{"report unknown", "unknown", report(1, engine.Completed), "not found", "", "apply"},
		{"report pending", "queued", report(1, engine.Pending), malformed("a/1 and status pending"), "a/1 queued, claim 1", ""},
		{"report no status", "queued", report(1, 0), malformed("a/1 and status Status(0)"), "a/1 queued, claim 1", ""},
		{"report a status beyond the last", "queued", report(1, 7), malformed("a/1 and status Status(7)"), "a/1 queued, claim 1", ""},
		{"report no attempt", "queued", report(0, engine.Running), malformed("a/0 and status running"), "a/1 queued, claim 1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newAppFixture(t, engine.AppConfig{})
			f.dispatcher.Run()
			f.run(10 * time.Millisecond) // the first sweep finds nothing
			f.given(standings[test.standing]...)
			f.call(f.kernel.Now(), f.process, func(ctx context.Context) {
				if err := test.do(f, ctx); failureText(err) != test.answer && (err == nil || err.Error() != test.answer) {
					t.Errorf("answered %v, want %s", err, test.answer)
				}
			})
			f.run(time.Second)
			first, _, _ := strings.Cut(f.store.String(), "\n")
			if row, _, _ := strings.Cut(first, ", due"); row != test.row {
				t.Errorf("row:  %s\nwant: %s", row, test.row)
			}
			if got := strings.Join(f.calls, " "); got != test.calls {
				t.Errorf("calls: %s\nwant:  %s", got, test.calls)
			}
		})
	}
}

// TestNewerHeadSupersedes checks that a newer head stops the session of the older one, which keeps its slot until then.
func TestNewerHeadSupersedes(t *testing.T) {
	f := newAppFixture(t, engine.AppConfig{Limit: 1})
	f.dispatcher.Run()
	f.run(10 * time.Millisecond)
	f.given(conclude("a", engine.Running)...)
	over := false
	f.cancel = func(_ context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
		if !over {
			return engine.WorkerReport{Key: key, Status: engine.Running}, nil
		}
		return engine.WorkerReport{Key: key, Status: engine.Cancelled}, nil
	}
	newer := submission("a")
	newer.Review, newer.HeadSHA, newer.HeadOrder = "a2", "sha-a2", 2
	f.call(time.Second, f.process, func(ctx context.Context) {
		f.log("app", "< submit a2, a newer head of the pull request of a")
		r, err := f.app.Submit(ctx, newer)
		f.log("app", "> submit a2 -> %s", answerText(r.Status, err))
	})
	f.at(65*time.Second, "the session of a is over", func() { over = true })
	f.call(70*time.Second, f.process, func(ctx context.Context) {
		late := submission("a")
		late.Review, late.HeadSHA, late.HeadOrder = "a1", "sha-a1", 0
		f.log("app", "< submit a1, an older head that was delivered late")
		r, err := f.app.Submit(ctx, late)
		f.log("app", "> submit a1 -> %s", answerText(r.Status, err))
	})
	f.end(3 * time.Minute).golden("app/newer-head")
}

func TestReads(t *testing.T) {
	f := newAppFixture(t, engine.AppConfig{}).given(conclude("a", engine.Completed)...)
	f.do(func(ctx context.Context) {
		if r, err := f.app.Get(ctx, "a"); err != nil || r.Status != engine.Completed {
			t.Errorf("get a: %v, %v", r, err)
		}
		if list, err := f.app.Attempts(ctx, "a"); err != nil || len(list) != 1 || list[0].Status != engine.Completed {
			t.Errorf("attempts of a: %v, %v", list, err)
		}
		if _, err := f.app.Get(ctx, "b"); !engine.IsKind(err, engine.NotFound) {
			t.Errorf("get b: %v, want not found", err)
		}
		if _, err := f.app.Attempts(ctx, "b"); !engine.IsKind(err, engine.NotFound) {
			t.Errorf("attempts of b: %v, want not found", err)
		}
	})
}

func TestEventsValidates(t *testing.T) {
	const wrong = "app.events: permanent: after is %s; allowed: after 0 or more, max 1 to 1000"
	for _, test := range []struct {
		after int64
		max   int
		want  string // "" if the worker is asked
	}{
		{0, 1, ""},
		{7, 1_000, ""},
		{0, 0, "0 and max 0"},
		{0, 1_001, "0 and max 1001"},
		{0, -1, "0 and max -1"},
		{-1, 10, "-1 and max 10"},
	} {
		f := newAppFixture(t, engine.AppConfig{})
		f.do(func(ctx context.Context) {
			events, err := f.app.Events(ctx, keyOf("a", 1), test.after, test.max)
			switch {
			case test.want == "" && (err != nil || len(events) != 1 || events[0].Seq != test.after+1):
				t.Errorf("after %d, max %d: %v, %v", test.after, test.max, events, err)
			case test.want != "" && (err == nil || err.Error() != strings.Replace(wrong, "%s", test.want, 1)):
				t.Errorf("after %d, max %d: %v, want %s", test.after, test.max, err, test.want)
			}
		})
	}
}
