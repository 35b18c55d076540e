package engine_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func TestStatusText(t *testing.T) {
	for _, test := range []struct {
		status   engine.Status
		text     string
		terminal bool
	}{
		{engine.Pending, "pending", false},
		{engine.Queued, "queued", false},
		{engine.Running, "running", false},
		{engine.Completed, "completed", true},
		{engine.Failed, "failed", true},
		{engine.Cancelled, "cancelled", true},
	} {
		parsed, err := engine.ParseStatus(test.text)
		if err != nil || parsed != test.status || test.status.String() != test.text {
			t.Errorf("%s is parsed as %s, %v", test.text, parsed, err)
		}
		written, err := json.Marshal(test.status)
		var read engine.Status
		if err != nil || string(written) != `"`+test.text+`"` || json.Unmarshal(written, &read) != nil || read != test.status {
			t.Errorf("%s is written as %s and read as %s, %v", test.status, written, read, err)
		}
		if test.status.Terminal() != test.terminal {
			t.Errorf("%s is terminal: %t", test.status, !test.terminal)
		}
	}
	for _, status := range []engine.Status{0, 7, 255} {
		if _, err := engine.ParseStatus(status.String()); err == nil || status.Terminal() {
			t.Errorf("%s is a status", status)
		}
	}
	const want = `status is "Running"; allowed: pending, queued, running, completed, failed, cancelled`
	if _, err := engine.ParseStatus("Running"); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	kept := engine.Running
	if err := kept.UnmarshalText(nil); err == nil || kept != engine.Running {
		t.Errorf("reading nothing: %v, %s", err, kept)
	}
}

// FuzzParseStatus checks that the text of a parsed status is the one that was parsed, and that an error sets no status.
func FuzzParseStatus(f *testing.F) {
	for _, text := range []string{"pending", "queued", "running", "completed", "failed", "cancelled", "", "Pending", "pending ", "Status(7)"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		status, err := engine.ParseStatus(text)
		switch {
		case err == nil && status.String() != text:
			t.Errorf("%q is parsed as %s", text, status)
		case err != nil && status != 0:
			t.Errorf("%q is refused and parsed as %s", text, status)
		case err != nil && strings.HasPrefix(text, "Status(") && status.Terminal():
			t.Errorf("%q is terminal", text)
		}
	})
}

func TestEventKindText(t *testing.T) {
	for _, test := range []struct {
		kind engine.EventKind
		text string
		last bool
	}{
		{engine.EventProgress, "progress", false},
		{engine.EventCompleted, "completed", true},
		{engine.EventFailed, "failed", true},
	} {
		event := engine.Event{Seq: 3, Kind: test.kind, Tokens: 5, Text: "hm"}
		written, err := json.Marshal(event)
		var read engine.Event
		if err != nil || !strings.Contains(string(written), `"kind":"`+test.text+`"`) || json.Unmarshal(written, &read) != nil || read != event {
			t.Errorf("%v is written as %s and read as %v, %v", event, written, read, err)
		}
		if event.Last() != test.last {
			t.Errorf("%s is the last event: %t", test.text, !test.last)
		}
	}
	kept := engine.EventFailed
	const want = `event kind is "error"; allowed: progress, completed, failed`
	if err := kept.UnmarshalText([]byte("error")); err == nil || err.Error() != want || kept != engine.EventFailed {
		t.Errorf("%v, want %s", err, want)
	}
	if got := engine.EventKind(9).String(); got != "EventKind(9)" {
		t.Errorf("an unknown kind is %s", got)
	}
}

func TestOutcomeOfEvent(t *testing.T) {
	for _, test := range []struct {
		event engine.Event
		want  engine.Outcome
	}{
		{engine.Event{Kind: engine.EventCompleted, Text: "fine"}, engine.Outcome{Status: engine.Completed, Cause: engine.CauseSession}},
		{engine.Event{Kind: engine.EventFailed, Text: "no such commit"}, engine.Outcome{Status: engine.Failed, Cause: engine.CauseSession, Reason: "no such commit"}},
		{
			engine.Event{Kind: engine.EventFailed, Text: "out of memory", Retryable: true},
			engine.Outcome{Status: engine.Failed, Cause: engine.CauseSession, Reason: "out of memory", Retryable: true},
		},
	} {
		if got := test.event.Outcome(); got != test.want {
			t.Errorf("%v ends as %v, want %v", test.event, got, test.want)
		}
	}
}

func TestKeyText(t *testing.T) {
	r := engine.Review{Submission: submission("a"), Attempt: 2}
	if key := r.Key(); key != keyOf("a", 2) || key.String() != "a/2" {
		t.Errorf("key %s, want a/2", key)
	}
}

func TestDue(t *testing.T) {
	for _, test := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"long ago", noon.Add(-day), true},
		{"never set", time.Time{}, true},
		{"just now", noon, true},
		{"in a moment", noon.Add(time.Microsecond), false},
		{"as far ahead as allowed", noon.Add(engine.MaxAhead), false},
		{"further ahead than allowed", noon.Add(engine.MaxAhead + time.Microsecond), true},
		{"set by a clock that was a week ahead", noon.Add(7 * day), true},
	} {
		if got := engine.Due(test.at, noon); got != test.want {
			t.Errorf("%s: due %t, want %t", test.name, got, test.want)
		}
	}
}

func TestStandingOfReview(t *testing.T) {
	before, after := noon.Add(-time.Second), noon.Add(time.Second)
	for _, test := range []struct {
		name             string
		review           engine.Review
		slot, dispatched bool
	}{
		{"pending", engine.Review{Status: engine.Pending, DueAt: before}, false, true},
		{"pending, put off", engine.Review{Status: engine.Pending, DueAt: after}, false, false},
		{"pending behind an attempt being stopped", engine.Review{Status: engine.Pending, DueAt: before, Stopping: 1}, true, false},
		{"queued", engine.Review{Status: engine.Queued, DueAt: after}, true, false},
		{"queued, stale", engine.Review{Status: engine.Queued, DueAt: before}, true, true},
		{"running", engine.Review{Status: engine.Running, DueAt: after}, true, false},
		{"running, silent", engine.Review{Status: engine.Running, DueAt: before}, true, false},
		{"completed", engine.Review{Status: engine.Completed, DueAt: before}, false, false},
		{"cancelled", engine.Review{Status: engine.Cancelled, DueAt: before}, false, false},
		{"cancelled, being stopped", engine.Review{Status: engine.Cancelled, DueAt: before, Stopping: 1}, true, false},
	} {
		if got := test.review.HoldsSlot(); got != test.slot {
			t.Errorf("%s: holds a slot %t, want %t", test.name, got, test.slot)
		}
		if got := test.review.Candidate(noon); got != test.dispatched {
			t.Errorf("%s: candidate %t, want %t", test.name, got, test.dispatched)
		}
	}
}

func TestOlder(t *testing.T) {
	at := func(id string, when time.Time) *engine.Review {
		return &engine.Review{Submission: engine.Submission{Review: engine.ReviewID(id)}, EnqueuedAt: when}
	}
	for _, test := range []struct {
		name string
		a, b *engine.Review
		want bool
	}{
		{"earlier", at("b", noon), at("a", noon.Add(1)), true},
		{"later", at("a", noon.Add(1)), at("b", noon), false},
		{"at the same time, lower identifier", at("a", noon), at("b", noon), true},
		{"at the same time, higher identifier", at("b", noon), at("a", noon), false},
		{"itself", at("a", noon), at("a", noon), false},
	} {
		if got := test.a.Older(test.b); got != test.want {
			t.Errorf("%s: older %t, want %t", test.name, got, test.want)
		}
	}
}

func TestSamePullRequest(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*engine.Submission)
		want   bool
	}{
		{"another head", func(s *engine.Submission) { s.Review, s.HeadSHA, s.HeadOrder = "b", "sha-b", 2 }, true},
		{"another owner", func(s *engine.Submission) { s.Owner = "bob" }, false},
		{"another platform", func(s *engine.Submission) { s.Platform = "gitlab" }, false},
		{"another repository", func(s *engine.Submission) { s.Repository = "ann/b" }, false},
		{"another number", func(s *engine.Submission) { s.PullRequest = 2 }, false},
	} {
		a, b := submission("a"), submission("a")
		test.change(&b)
		if a.SamePullRequest(&b) != test.want || b.SamePullRequest(&a) != test.want {
			t.Errorf("%s: want the same pull request %t", test.name, test.want)
		}
	}
}
