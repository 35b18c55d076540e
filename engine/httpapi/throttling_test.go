package httpapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// headerOf returns a header of pairs; those without a value are left out.
func headerOf(pairs ...string) http.Header {
	header := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			header.Set(pairs[i], pairs[i+1])
		}
	}
	return header
}

// TestPromisesOfNoEffect is about which answers say that there was no effect, with the header for that and without it.
func TestPromisesOfNoEffect(t *testing.T) {
	for _, test := range []struct {
		status        int
		without, with engine.ErrorKind // the header
	}{
		{401, engine.Ambiguous, engine.Rejected},
		{403, engine.Ambiguous, engine.Rejected},
		{404, engine.Ambiguous, engine.Ambiguous},
		{410, engine.NotFound, engine.NotFound},
		{429, engine.Rejected, engine.Rejected},
		{500, engine.Ambiguous, engine.Ambiguous},
		{501, engine.Ambiguous, engine.Rejected},
		{502, engine.Ambiguous, engine.Ambiguous},
		{503, engine.Ambiguous, engine.Rejected},
	} {
		if got := kindOf(test.status, http.Header{}, engine.Ambiguous, false); got != test.without {
			t.Errorf("%d: %s, want %s", test.status, got, test.without)
		}
		if got := kindOf(test.status, headerOf(EffectHeader, EffectNone), engine.Ambiguous, false); got != test.with {
			t.Errorf("%d with the header: %s, want %s", test.status, got, test.with)
		}
	}
	if got := kindOf(410, http.Header{}, engine.Stale, true); got != engine.NotFound {
		t.Errorf("410 that claims to be stale: %s, want not found", got)
	}
}

// TestThrottledAnswers is about which answers ask their caller to make fewer calls, and for how long.
func TestThrottledAnswers(t *testing.T) {
	for _, test := range []struct {
		name          string
		status        int
		after, effect string
		throttled     bool
		wait          time.Duration
	}{
		{"of a proxy", 429, "", "", true, 0},
		{"of a proxy that says how long", 429, "7", "", true, 7 * time.Second},
		{"a rejection of ours", 429, "", EffectNone, false, 0},
		{"a throttled call of ours", 429, "7", EffectNone, true, 7 * time.Second},
		{"at once again", 429, "0", EffectNone, true, 0},
		{"not available", 503, "", "", false, 0},
		{"not available for a while", 503, "7", "", true, 7 * time.Second},
		{"no backend", 503, "", EffectNone, false, 0},
		{"no backend for a while", 503, "7", EffectNone, true, 7 * time.Second},
		{"another error for a while", 500, "7", "", false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/reviews/r", nil)
			header := headerOf(retryAfterHeader, test.after, EffectHeader, test.effect)
			err := answerError("op", request, &http.Response{StatusCode: test.status, Header: header}, strings.NewReader(""))
			if wait, throttled := engine.IsThrottled(err); throttled != test.throttled || wait != test.wait {
				t.Errorf("throttled: %t, for %s; want %t, for %s", throttled, wait, test.throttled, test.wait)
			}
		})
	}
}

// TestRetryAfter reads the header in both of its forms. A date counts from the date of the answer.
func TestRetryAfter(t *testing.T) {
	sent := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(after time.Duration) string { return sent.Add(after).Format(http.TimeFormat) }
	for _, test := range []struct {
		name, text, date string
		after            time.Duration
		named            bool
	}{
		{"none", "", "", 0, false},
		{"no number", "soon", "", 0, false},
		{"no number, in an answer with a date", "soon", at(0), 0, false},
		{"at once", "0", "", 0, true},
		{"a while", "7", "", 7 * time.Second, true},
		{"below 0", "-1", "", 0, false},
		{"longer than anybody waits", "99999999999", "", longestRetryAfter, true},
		{"more than a number has", "99999999999999999999", "", 0, false},
		{"a date", at(7 * time.Second), at(0), 7 * time.Second, true},
		{"the same date", at(0), at(0), 0, true},
		{"a date that is over", at(-time.Second), at(0), 0, true},
		{"a date that nobody waits for", at(2 * longestRetryAfter), at(0), longestRetryAfter, true},
		{"a date in an answer without one", at(7 * time.Second), "", 0, false},
		{"a date in an answer with another text", at(7 * time.Second), "now", 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			after, named := retryAfter(headerOf(retryAfterHeader, test.text, "Date", test.date))
			if after != test.after || named != test.named {
				t.Errorf("%s, named: %t; want %s, %t", after, named, test.after, test.named)
			}
		})
	}
}

// TestThrottledErrorsAreSent answers with errors. One that is throttled says how long, in whole seconds, rounded up.
func TestThrottledErrorsAreSent(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want []string // the header
	}{
		{"at once", engine.Throttled("op", 0, errors.New("busy")), []string{"0"}},
		{"a moment", engine.Throttled("op", time.Nanosecond, errors.New("busy")), []string{"1"}},
		{"a second", engine.Throttled("op", time.Second, errors.New("busy")), []string{"1"}},
		{"more than a second", engine.Throttled("op", time.Second+time.Millisecond, errors.New("busy")), []string{"2"}},
		{"another error", engine.Errorf(engine.Rejected, "op", "no"), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			writeError(answer, test.err)
			got := answer.Result().Header.Values(retryAfterHeader)
			if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] || answer.Code != http.StatusTooManyRequests {
				t.Errorf("%d, the header is %q, want %q", answer.Code, got, test.want)
			}
		})
	}
}
