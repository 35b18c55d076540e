package engine

import (
	"testing"
	"time"
)

func TestRemaining(t *testing.T) {
	start := time.Unix(1_000, 0)
	for _, test := range []struct {
		name string
		now  int64 // seconds after the start
		want time.Duration
	}{
		{"at the start", 0, time.Minute},
		{"under way", 20, 40 * time.Second},
		{"at the end", 60, 0},
		{"after the end", 600, 0},
		{"started by a clock that was ahead", -600, time.Minute},
	} {
		if got := remaining(start, time.Unix(1_000+test.now, 0), time.Minute); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
