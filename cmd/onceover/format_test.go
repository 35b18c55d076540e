package main

import (
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/campaign"
)

func TestNumbersForPeople(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{count(0), "0"},
		{count(999), "999"},
		{count(1000), "1,000"},
		{count(uint64(1<<64 - 1)), "18,446,744,073,709,551,615"},
		{plural(1, "seed"), "1 seed"},
		{plural(0, "seed"), "0 seeds"},
		{plural(2000, "seed"), "2,000 seeds"},
		{span(0), "0 ms"},
		{span(0.0421), "42 ms"},
		{span(7.25), "7.2 s"},
		{span(90), "1.5 minutes"},
		{span(3600 * 5.14), "5.1 hours"},
		{span(86400 * 13), "13.0 days"},
		{span(86400 * 365.25 * 4.2), "4.2 years"},
		{span(86400 * 365.25 * 12345), "12,345 years"},
		{shellWord("onceover-failures/default-17.json"), "onceover-failures/default-17.json"},
		{shellWord("my failures"), "'my failures'"},
		{shellWord("it's"), `'it'\''s'`},
		{shellWord(""), "''"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

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
		{"whichever is nearer", campaign.Progress{Seeds: 5, Elapsed: time.Minute}, 10, time.Hour, 0,
			"  50 %  5 of 10 seeds  0 per second  1.0 minutes left  0 violated"},
		{"after the time limit", campaign.Progress{Seeds: 5, Elapsed: 61 * time.Minute}, 10, time.Hour, 0,
			" 100 %  5 of 10 seeds  0 per second  0 ms left  0 violated"},
	} {
		got := progressLine(test.progress, test.seeds, test.limit, test.columns, unpainted)
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
