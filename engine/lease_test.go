package engine

import (
	"testing"
	"time"
)

// Each case is what a watcher with leases of a minute has read, and whom it suspects
// at the end.
func TestLeaseWatch(t *testing.T) {
	type reading struct {
		at    int // seconds on the watcher's clock
		beats []Beat
	}
	h1, h2 := func(n uint64) Beat { return Beat{"h1", n} }, func(n uint64) Beat { return Beat{"h2", n} }
	for _, test := range []struct {
		name     string
		readings []reading
		at       int
		want     []Beat
	}{
		{"nothing read", nil, 1_000, nil},
		{"seen once just now", []reading{{0, []Beat{h1(3)}}}, 59, nil},
		{"not seen for long, and that was long ago", []reading{{0, []Beat{h1(3)}}}, 60, []Beat{h1(3)}},
		{"stands still", []reading{{0, []Beat{h1(3)}}, {20, []Beat{h1(3)}}, {40, []Beat{h1(3)}}}, 60, []Beat{h1(3)}},
		{"stands still for not long enough", []reading{{1, []Beat{h1(3)}}, {40, []Beat{h1(3)}}}, 60, nil},
		{"renews", []reading{{0, []Beat{h1(3)}}, {40, []Beat{h1(4)}}}, 60, nil},
		{"never renewed", []reading{{0, []Beat{h1(0)}}}, 60, []Beat{h1(0)}},
		{"one of two renews", []reading{{0, []Beat{h1(3), h2(7)}}, {40, []Beat{h1(3), h2(8)}}}, 60, []Beat{h1(3)}},
		{"both stand still", []reading{{0, []Beat{h1(3), h2(7)}}}, 60, []Beat{h1(3), h2(7)}},
		{"holds nothing any more", []reading{{0, []Beat{h1(3)}}, {20, nil}}, 60, nil},
		{"held nothing in between", []reading{{0, []Beat{h1(3)}}, {20, nil}, {40, []Beat{h1(3)}}}, 60, nil},
		{"the watcher's clock was set back", []reading{{1_000, []Beat{h1(3)}}, {0, []Beat{h1(3)}}}, 59, nil},
		{"the watcher's clock was set back a while ago", []reading{{1_000, []Beat{h1(3)}}, {0, []Beat{h1(3)}}}, 60, []Beat{h1(3)}},
		{"the watcher's clock was set ahead: too early, and safe", []reading{{0, []Beat{h1(3)}}}, 1_000_000, []Beat{h1(3)}},
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
