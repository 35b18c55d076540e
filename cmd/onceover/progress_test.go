package main

import (
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/campaign"
)

func TestProgressLine(t *testing.T) {
	for _, test := range []struct {
		name     string
		progress campaign.Progress
		seeds    uint64
		limit    time.Duration
		columns  int
		want     string
	}{
		{"start", campaign.Progress{}, 10_000, 0, 80,
			"░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 %  0 of 10,000 seeds  0 violated"},
		{"middle", campaign.Progress{Seeds: 4200, Violations: 3, Unknown: 1, Elapsed: 2 * time.Second}, 10_000, 0, 120,
			"████████████░░░░░░░░░░░░░░░░░░  42 %  4,200 of 10,000 seeds  2,100 per second  2.8 s left  3 violated, 1 unknown"},
		{"by time", campaign.Progress{Seeds: 4200, Elapsed: 15 * time.Minute}, 0, time.Hour, 80,
			"███████░░░░░░░░░░░░░░░░░░░░░░  25 %  4,200 seeds  4 per second  45.0 minutes left  0 violated"},
		{"the nearer of both limits", campaign.Progress{Seeds: 5, Elapsed: time.Minute}, 10, time.Hour, 0,
			"  50 %  5 of 10 seeds  0 per second  1.0 minutes left  0 violated"},
		{"after the time limit", campaign.Progress{Seeds: 5, Elapsed: 61 * time.Minute}, 10, time.Hour, 0,
			" 100 %  5 of 10 seeds  0 per second  0 ms left  0 violated"},
	} {
		got := campaignLine(test.progress, test.seeds, test.limit, test.columns, text.Unpainted)
		if test.columns == 80 && test.limit > 0 {
			// The bar takes what is left of the line.
			if n := len([]rune(got)); n != 79 {
				t.Errorf("%s: %d columns, want 79 of 80: %q", test.name, n, got)
			}
			got = strings.TrimLeft(got, "█░")
			test.want = strings.TrimLeft(test.want, "█░")
		}
		if got != test.want {
			t.Errorf("%s:\n%q, want\n%q", test.name, got, test.want)
		}
	}
}
