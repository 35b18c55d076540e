package engine

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestCleanText cuts and cleans texts around their greatest length.
func TestCleanText(t *testing.T) {
	watchdog := time.AfterFunc(time.Minute, func() { panic("TestCleanText does not come to an end") })
	defer watchdog.Stop()
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"the longest", long(TextBytesMax), long(TextBytesMax)},
		{"one byte too long", long(TextBytesMax + 1), long(TextBytesMax)},
		{"the last character just fits", long(TextBytesMax-2) + "é", long(TextBytesMax-2) + "é"},
		{"and something follows it", long(TextBytesMax-2) + "éx", long(TextBytesMax-2) + "é"},
		{"cut in a character of two bytes", long(TextBytesMax-1) + "é", long(TextBytesMax - 1)},
		{"cut behind the first byte of four", long(TextBytesMax-1) + "😀", long(TextBytesMax - 1)},
		{"cut behind the third byte of four", long(TextBytesMax-3) + "😀", long(TextBytesMax - 3)},
		{"of four bytes, and it just fits", long(TextBytesMax-4) + "😀x", long(TextBytesMax-4) + "😀"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
		{"a replacement just fits", long(TextBytesMax-3) + "\xff", long(TextBytesMax-3) + "\uFFFD"},
		{"a replacement makes it too long", long(TextBytesMax-1) + "\xff", long(TextBytesMax - 1)},
		{"and so do several", long(TextBytesMax-6) + "\xffa\xffb\xff", long(TextBytesMax-6) + "\uFFFDa"},
		{"no UTF-8 where it is cut, but the replacement fits", long(TextBytesMax-3) + "\xf0\x9f\x98", long(TextBytesMax-3) + "\uFFFD"},
		{"what is behind the bound is not looked at", strings.Repeat("\xff", TextBytesMax) + "abc", "\uFFFD"},
		{"no character begins where it is cut", long(TextBytesMax-1) + "\x80\x80", long(TextBytesMax - 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := CleanText(test.text); got != test.want || !utf8.ValidString(got) {
				t.Errorf("%d bytes, the end is %q; want %d bytes, the end %q", len(got), got[max(len(got)-9, 0):], len(test.want), test.want[max(len(test.want)-9, 0):])
			}
		})
	}
}

// TestBoundsOfKeys has keys at their bounds and one step beyond.
func TestBoundsOfKeys(t *testing.T) {
	for _, test := range []struct {
		name    string
		review  ReviewID
		attempt int
		good    bool
	}{
		{"the first attempt", "a", 1, true},
		{"attempt 0", "a", 0, false},
		{"the last attempt", "a", AttemptMax, true},
		{"one more", "a", AttemptMax + 1, false},
		{"no name", "", 1, false},
		{"the longest name", ReviewID(strings.Repeat("x", NameBytesMax)), 1, true},
		{"one byte more", ReviewID(strings.Repeat("x", NameBytesMax+1)), 1, false},
		{"NUL at the beginning", "\x00a", 1, false},
		{"NUL at the end", "a\x00", 1, false},
		{"no UTF-8", "\xff", 1, false},
		{"a slash alone", "/", 1, false},
		{"a slash among others", "a/b", 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			key := AttemptKey{Review: test.review, Attempt: test.attempt}
			if err := key.Check(); (err == nil) != test.good {
				t.Errorf("the key is allowed: %t (%v), want %t", err == nil, err, test.good)
			}
			if err := (&StartRequest{Key: key, Owner: "ann"}).check(); (err == nil) != test.good {
				t.Errorf("a start is allowed: %t (%v), want %t", err == nil, err, test.good)
			}
			if err := (&WorkerReport{Key: key, Status: Running}).check(); (err == nil) != test.good {
				t.Errorf("a report is allowed: %t (%v), want %t", err == nil, err, test.good)
			}
		})
	}
}

// TestBoundsOfEvents has events at their bounds and one step beyond.
func TestBoundsOfEvents(t *testing.T) {
	for _, test := range []struct {
		name  string
		event Event
		good  bool
	}{
		{"the least", Event{Kind: EventProgress}, true},
		{"the greatest", Event{Seq: EventsMax, Kind: EventFailed, Tokens: EventTokensMax, Text: strings.Repeat("x", EventTextBytesMax)}, true},
		{"beyond the last", Event{Seq: EventsMax + 1, Kind: EventProgress}, false},
		{"no kind", Event{}, false},
		{"no kind that is known", Event{Kind: EventFailed + 1}, false},
		{"tokens below 0", Event{Kind: EventProgress, Tokens: -1}, false},
		{"too many tokens", Event{Kind: EventProgress, Tokens: EventTokensMax + 1}, false},
		{"a text that is too long", Event{Kind: EventProgress, Text: strings.Repeat("x", EventTextBytesMax+1)}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.event.Check(); (err == nil) != test.good {
				t.Errorf("allowed: %t (%v), want %t", err == nil, err, test.good)
			}
			if err := CheckEvents([]Event{{Kind: EventProgress}, test.event}); (err == nil) != test.good {
				t.Errorf("allowed as the second of two: %t (%v), want %t", err == nil, err, test.good)
			}
		})
	}
}

// TestFitPage cuts pages by the bytes of their texts.
func TestFitPage(t *testing.T) {
	for _, test := range []struct {
		name  string
		texts []int
		want  int
	}{
		{"none", nil, 0},
		{"all fit", []int{1, 1, 1}, 3},
		{"as full as can be", []int{PageBytesMax - 1, 1, 0}, 3},
		{"one byte too much", []int{PageBytesMax - 1, 2}, 1},
		{"the first alone is too much", []int{PageBytesMax + 1, 1}, 1},
		{"the third is too much", []int{1, PageBytesMax - 2, 2}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var events []Event
			for _, n := range test.texts {
				events = append(events, Event{Text: strings.Repeat("x", n)})
			}
			if got := FitPage(events); got != test.want {
				t.Errorf("%d events, want %d", got, test.want)
			}
		})
	}
}

// TestBoundsOfStarts has starts at their bounds and one step beyond. A reason is cut instead.
func TestBoundsOfStarts(t *testing.T) {
	start := func(change func(*StartRequest)) *StartRequest {
		r := &StartRequest{Key: AttemptKey{"a", 1}, Owner: "ann"}
		change(r)
		return r
	}
	for _, test := range []struct {
		name  string
		start *StartRequest
		good  bool
	}{
		{"no payload", start(func(*StartRequest) {}), true},
		{"the largest payload", start(func(r *StartRequest) { r.Payload = make([]byte, PayloadBytesMax) }), true},
		{"one byte more", start(func(r *StartRequest) { r.Payload = make([]byte, PayloadBytesMax+1) }), false},
		{"no owner", start(func(r *StartRequest) { r.Owner = "" }), false},
		{"a reason that is too long", start(func(r *StartRequest) { r.Abandon = strings.Repeat("x", TextBytesMax+1) }), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.start.check(); (err == nil) != test.good || len(test.start.Abandon) > TextBytesMax {
				t.Errorf("allowed: %t (%v), want %t; the reason has %d bytes", err == nil, err, test.good, len(test.start.Abandon))
			}
		})
	}
}

// TestReportsAreClamped cleans what a report only says to people, and refuses what it is about.
func TestReportsAreClamped(t *testing.T) {
	long := strings.Repeat("x", TextBytesMax)
	for _, test := range []struct {
		name      string
		got, want WorkerReport
	}{
		{"nothing to clamp", WorkerReport{Status: Queued, Reason: "no", AgentVersion: "1"}, WorkerReport{Status: Queued, Reason: "no", AgentVersion: "1"}},
		{"below 0", WorkerReport{Status: Running, Events: -1, Tokens: -1}, WorkerReport{Status: Running}},
		{"as many as there can be", WorkerReport{Status: Cancelled, Events: EventsMax, Tokens: 7}, WorkerReport{Status: Cancelled, Events: EventsMax, Tokens: 7}},
		{"too many", WorkerReport{Status: Failed, Events: EventsMax + 1}, WorkerReport{Status: Failed, Events: EventsMax}},
		{"texts that are too long", WorkerReport{Status: Failed, Reason: long + "y", AgentVersion: long + "z"}, WorkerReport{Status: Failed, Reason: long, AgentVersion: long}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.got.Key, test.want.Key = AttemptKey{"a", 1}, AttemptKey{"a", 1}
			if err := test.got.check(); err != nil || test.got != test.want {
				t.Errorf("%+v (%v), want %+v", test.got, err, test.want)
			}
		})
	}
	for _, status := range []Status{0, Pending, Cancelled + 1} {
		if err := (&WorkerReport{Key: AttemptKey{"a", 1}, Status: status}).check(); err == nil {
			t.Errorf("a report of status %s is allowed", status)
		}
	}
}
