package engine

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoffProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := time.Duration(rapid.Int64Range(10_000, int64(time.Hour/time.Microsecond)).Draw(t, "low")) * time.Microsecond
		high := low + time.Duration(rapid.Int64Range(0, int64(24*time.Hour/time.Microsecond)).Draw(t, "above"))*time.Microsecond
		key := AttemptKey{Review: ReviewID(rapid.String().Draw(t, "review")), Attempt: rapid.IntRange(1, 1_000).Draw(t, "attempt")}
		n := rapid.IntRange(1, 1_000_000).Draw(t, "try")

		// The pause without its jitter: it doubles from low and never exceeds high.
		whole := low
		for i := 1; i < n && whole < high; i++ {
			whole = min(2*whole, high)
		}
		got := backoff(key, n, low, high)
		switch {
		case got > whole || got < whole/2:
			t.Fatalf("try %d pauses %v; allowed: %v to %v", n, got, whole/2, whole)
		case got%time.Microsecond != 0:
			t.Fatalf("%v is no whole number of microseconds", got)
		case got != backoff(key, n, low, high):
			t.Fatal("two pauses for one try")
		case backoff(key, n, low, low) > low:
			t.Fatalf("over the cap %v", low)
		}
		// Two doublings later the pause is longer, up to the limit.
		if later := backoff(key, n+2, low, high); later < got && 4*whole <= high {
			t.Fatalf("try %d pauses %v, try %d only %v", n, got, n+2, later)
		}
	})
}

// TestBackoffSpreads checks that reviews that failed together do not come back together.
func TestBackoffSpreads(t *testing.T) {
	seen := make(map[time.Duration]bool)
	var least, most time.Duration = time.Hour, 0
	for i := range 1_000 {
		pause := backoff(AttemptKey{Review: ReviewID(rune('a' + i)), Attempt: 1}, 1, 10*time.Second, time.Minute)
		seen[pause] = true
		least, most = min(least, pause), max(most, pause)
	}
	if len(seen) < 990 || least > 5100*time.Millisecond || most < 9900*time.Millisecond {
		t.Errorf("1000 reviews come back at %d moments from %v to %v", len(seen), least, most)
	}
}

// TestLongestPauseIsBelieved puts a review off by as much as a config allows, and looks at it with clocks behind and
// ahead of the one that has done so.
func TestLongestPauseIsBelieved(t *testing.T) {
	written := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	room := MaxAhead - MaxPause
	for _, test := range []struct {
		name  string
		clock time.Duration // how far it is ahead
		after time.Duration // true time since then
		want  bool
	}{
		{"right", 0, 0, false},
		{"right, just before", 0, MaxPause - time.Microsecond, false},
		{"right, in time", 0, MaxPause, true},
		{"a millisecond behind", -time.Millisecond, 0, false},
		{"a millisecond behind, in time by its own clock", -time.Millisecond, MaxPause + time.Millisecond, true},
		{"as far behind as there is room", -room, 0, false},
		{"as far behind as there is room, in time by a right clock", -room, MaxPause, false},
		{"further behind: a clock is wrong", -room - time.Microsecond, 0, true},
		{"a millisecond ahead", time.Millisecond, 0, false},
		{"a millisecond ahead, in time by its own clock", time.Millisecond, MaxPause - time.Millisecond, true},
		{"ahead by the whole pause", MaxPause, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := written.Add(test.after).Add(test.clock)
			for _, status := range []Status{Pending, Queued} {
				r := Review{Status: status, DueAt: written.Add(MaxPause)}
				if got := r.Candidate(now); got != test.want {
					t.Errorf("%s: a candidate: %v; want %v", status, got, test.want)
				}
			}
		})
	}
}

// TestLeaseWatch checks for each series of readings which leases of a minute a watcher suspects at the end.
func TestLeaseWatch(t *testing.T) {
	type reading struct {
		at    int // seconds on the watcher's clock
		beats []Heartbeat
	}
	h1, h2 := func(n uint64) Heartbeat { return Heartbeat{"h1", n} }, func(n uint64) Heartbeat { return Heartbeat{"h2", n} }
	for _, test := range []struct {
		name     string
		readings []reading
		at       int
		want     []Heartbeat
	}{
		{"nothing read", nil, 1_000, nil},
		{"seen once just now", []reading{{0, []Heartbeat{h1(3)}}}, 59, nil},
		{"not seen for long, and that was long ago", []reading{{0, []Heartbeat{h1(3)}}}, 60, []Heartbeat{h1(3)}},
		{"stands still", []reading{{0, []Heartbeat{h1(3)}}, {20, []Heartbeat{h1(3)}}, {40, []Heartbeat{h1(3)}}}, 60, []Heartbeat{h1(3)}},
		{"stands still for not long enough", []reading{{1, []Heartbeat{h1(3)}}, {40, []Heartbeat{h1(3)}}}, 60, nil},
		{"renews", []reading{{0, []Heartbeat{h1(3)}}, {40, []Heartbeat{h1(4)}}}, 60, nil},
		{"never renewed", []reading{{0, []Heartbeat{h1(0)}}}, 60, []Heartbeat{h1(0)}},
		{"one of two renews", []reading{{0, []Heartbeat{h1(3), h2(7)}}, {40, []Heartbeat{h1(3), h2(8)}}}, 60, []Heartbeat{h1(3)}},
		{"both stand still", []reading{{0, []Heartbeat{h1(3), h2(7)}}}, 60, []Heartbeat{h1(3), h2(7)}},
		{"holds nothing any more", []reading{{0, []Heartbeat{h1(3)}}, {20, nil}}, 60, nil},
		{"held nothing in between", []reading{{0, []Heartbeat{h1(3)}}, {20, nil}, {40, []Heartbeat{h1(3)}}}, 60, nil},
		{"the watcher's clock was set back", []reading{{1_000, []Heartbeat{h1(3)}}, {0, []Heartbeat{h1(3)}}}, 59, nil},
		{"the watcher's clock was set back a while ago", []reading{{1_000, []Heartbeat{h1(3)}}, {0, []Heartbeat{h1(3)}}}, 60, []Heartbeat{h1(3)}},
		{"the watcher's clock was set ahead: too early, and safe", []reading{{0, []Heartbeat{h1(3)}}}, 1_000_000, []Heartbeat{h1(3)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
			var watch leaseWatch
			for _, r := range test.readings {
				watch.update(r.beats, at(r.at))
			}
			got := watch.suspects(at(test.at), time.Minute)
			if len(got) != len(test.want) {
				t.Fatalf("suspects %v, want %v", got, test.want)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("suspects %v, want %v", got, test.want)
				}
			}
		})
	}
}
