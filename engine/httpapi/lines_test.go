package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

func TestOneLine(t *testing.T) {
	bound(t)
	for _, test := range []struct {
		name, text string
		max        int
		want       string
	}{
		{"short", "abc", 9, "abc"},
		{"just short enough", "abc", 3, "abc"},
		{"too long", "abcd", 3, "abc…"},
		{"nothing", "", 0, ""},
		{"no room", "abc", 0, "…"},
		{"lines, tabs and control characters", " a\n\tb\x00c\x7fd ", 99, "a b c d"},
		{"cut before a character of two bytes", "aé", 2, "a…"},
		{"cut before a character of four bytes", "😀", 3, "…"},
		{"cut behind a character", "éa", 2, "é…"},
		{"no UTF-8", "a\xffb", 99, "a\uFFFDb"},
	} {
		if got := oneLine(test.text, test.max); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestKindOfAnswers is about the bounds of the statuses whose body may say what an answer means.
func TestKindOfAnswers(t *testing.T) {
	for _, test := range []struct {
		status  int
		claimed engine.ErrorKind
		known   bool
		want    engine.ErrorKind
	}{
		{399, engine.Permanent, true, engine.Ambiguous},
		{400, engine.Permanent, true, engine.Permanent},
		{409, engine.Stale, true, engine.Stale},
		{499, engine.Permanent, true, engine.Permanent},
		{500, engine.Permanent, true, engine.Ambiguous},
		{400, engine.Permanent, false, engine.Ambiguous},
	} {
		if got := kindOf(test.status, http.Header{}, test.claimed, test.known); got != test.want {
			t.Errorf("%d claims %s (known: %t): %s, want %s", test.status, test.claimed, test.known, got, test.want)
		}
	}
}

// TestErrorsWithoutAText reads error bodies that explain nothing.
func TestErrorsWithoutAText(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{`{"error":"","kind":"permanent"}`, `{"error":"","kind":"permanent"}`},
		{`{"reason":"full"}`, `{"reason":"full"}`},
		{"", "no explanation"},
		{"\n", "no explanation"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://service/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		answered := answerError("op", request, &http.Response{StatusCode: 422, Header: http.Header{}}, strings.NewReader(test.body))
		if !strings.HasSuffix(answered.Error(), ": "+test.want) || !engine.IsKind(answered, engine.Ambiguous) {
			t.Errorf("%q: %v, want the text %q and no kind", test.body, answered, test.want)
		}
	}
}

// TestLargestPage asks for as many events as are allowed, and for one more.
func TestLargestPage(t *testing.T) {
	for max, good := range map[int]bool{1: true, engine.PageEventsMax: true, engine.PageEventsMax + 1: false} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://service/x?max="+strconv.Itoa(max), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := pageIn(request); (err == nil) != good || good && got != max {
			t.Errorf("max=%d: %d, %v", max, got, err)
		}
	}
}

// TestRequestsThatCantBeEncoded: what can't be sent never can.
func TestRequestsThatCantBeEncoded(t *testing.T) {
	c := newClient("http://service", "", nil)
	request, err := c.request(t.Context(), "op", http.MethodPut, "/", func() {})
	if !engine.IsKind(err, engine.Permanent) || request != nil {
		t.Errorf("%v, %v", request, err)
	}
	var unreadable *engine.Error
	if !errors.As(err, &unreadable) {
		t.Errorf("%T", err)
	}
}

// TestFramesOnTheWire is about the bytes of frames that a round trip does not show.
func TestFramesOnTheWire(t *testing.T) {
	bound(t)
	for _, test := range []struct{ name, id, data, want string }{
		{"an event", "7", "{}", "id: 7\nevent: e\ndata: {}\n\n"},
		{"without an id", "", "{}", "event: e\ndata: {}\n\n"},
		{"two lines", "7", "a\nb", "id: 7\nevent: e\ndata: a\ndata: b\n\n"},
		{"an empty line first", "7", "\nb", "id: 7\nevent: e\ndata: \ndata: b\n\n"},
		{"an empty line last", "7", "a\n", "id: 7\nevent: e\ndata: a\ndata: \n\n"},
	} {
		if got := string(appendFrame(nil, test.id, "e", []byte(test.data))); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestIDsWithNULAreIgnored: the standard has an id that holds a NUL ignored, wherever in it that stands.
func TestIDsWithNULAreIgnored(t *testing.T) {
	bound(t)
	for _, id := range []string{"\x00", "\x00a", "a\x00"} {
		frames, _ := readFrames(&pieces{rest: []byte("id: 1\nid: " + id + "\ndata: x\n\n"), size: 99, err: errors.New("end")}, 100)
		if len(frames) != 1 || frames[0] != ` 1 "x"` {
			t.Errorf("id %q: %q", id, frames)
		}
	}
}

// bound ends the tests if one of them does not come to an end, which would otherwise only show when time is up for all.
func bound(t testing.TB) {
	name := t.Name()
	watchdog := time.AfterFunc(boundMax, func() { panic(name + " does not come to an end") })
	t.Cleanup(func() { watchdog.Stop() })
}

// boundMax is a hundred times what any test here takes.
const boundMax = 30 * time.Second

// Bound is [bound], for the tests outside the package.
func Bound(t testing.TB) { bound(t) }
