package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// TestFlags sets each type of flag: what it takes, it returns as text that it takes again; what it refuses leaves one line
// that names what is allowed.
func TestFlags(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	profile, scope, store := newProfileFlag(), scopeFlag(scopeCore), storeFlag("model")
	for _, test := range []struct {
		flag    pflag.Value
		given   string
		want    string // as text
		refused string
	}{
		{&countFlag{least: 1, most: 7}, "7", "7", ""},
		{&countFlag{least: 1, most: 7}, "0", "", "allowed are whole numbers from 1 to 7"},
		{&countFlag{least: 1, most: 7}, "8", "", "allowed are whole numbers from 1 to 7"},
		{&countFlag{least: 1, most: 7}, "+1", "", "allowed are whole numbers from 1 to 7"},
		{&countFlag{least: 1, most: 7}, "1.5", "", "allowed are whole numbers from 1 to 7"},
		{new(seedFlag), "0x11", "17", ""},
		{new(seedFlag), "18446744073709551615", "18446744073709551615", ""},
		{new(seedFlag), "18446744073709551616", "", "is too large for a seed"},
		{new(seedFlag), "-1", "", "decimal such as 17 or hexadecimal such as 0x11"},
		{new(spanFlag), "90m", "1h30m0s", ""},
		{new(spanFlag), "0s", "", "allowed are positive durations with a unit"},
		{new(spanFlag), "30", "", "allowed are positive durations with a unit"},
		{profile, "storm", "storm", ""},
		{profile, "wild", "", `unknown fault profile "wild": allowed are calm, default, storm, http`},
		{new(propertiesFlag), "no-stuck,runs-once", "runs-once,no-stuck", ""},
		{new(propertiesFlag), "outcome", "outcome", ""},
		{new(propertiesFlag), "no-stuk", "", `did you mean "no-stuck"?`},
		{new(directoryFlag), filepath.Join(dir, "new"), filepath.Join(dir, "new"), ""},
		{new(directoryFlag), dir, dir, ""},
		{new(directoryFlag), taken, "", "allowed are a directory, and a path where nothing is"},
		{new(directoryFlag), "", "", "allowed are a directory, and a path where nothing is"},
		{&store, "postgres", "postgres", ""},
		{&store, "sqlite", "", "allowed are model and postgres"},
		{&scope, "engine", "engine", ""},
		{&scope, "kernel", "", "allowed are core, outside, engine, store, rim, httpapi"},
		{new(patternFlag), "drop-(key|fence)", "drop-(key|fence)", ""},
		{new(patternFlag), "(", "", "error parsing regexp: missing closing )"},
		{new(mixFlag), "storm:2, calm", "storm:2,calm", ""},
		{new(mixFlag), "calm:x", "", `the weight of profile calm is "x": allowed are whole numbers from 1 to 1000`},
		{new(shardFlag), "2/4", "", ""}, // none unless given, in help
		{new(shardFlag), "4", "", "such as 2/4 for the second of four"},
		{new(runNumberFlag), "17", "", ""},
		{new(runNumberFlag), "first", "", `"first" is no number of a run: allowed are whole numbers from 0`},
	} {
		err := test.flag.Set(test.given)
		switch {
		case test.refused == "" && err != nil:
			t.Errorf("%s %q: %v", test.flag.Type(), test.given, err)
		case test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s %q: error %v, want one line with %q", test.flag.Type(), test.given, err, test.refused)
		case test.refused != "":
		case test.flag.String() != test.want:
			t.Errorf("%s %q is %q, want %q", test.flag.Type(), test.given, test.flag.String(), test.want)
		case test.want != "":
			if err := test.flag.Set(test.flag.String()); err != nil || test.flag.String() != test.want {
				t.Errorf("%s %q, set again, is %q (%v)", test.flag.Type(), test.want, test.flag.String(), err)
			}
		}
	}
}

// A value that is refused leaves the flag as it was.
func TestRefusedValueChangesNothing(t *testing.T) {
	count, profile, span := countFlag{value: 3, least: 1, most: 7}, newProfileFlag(), spanFlag(time.Minute)
	if count.Set("9") == nil || profile.Set("wild") == nil || span.Set("soon") == nil {
		t.Error("a wrong value was taken")
	}
	if count.value != 3 || profile.name != "default" || time.Duration(span) != time.Minute {
		t.Errorf("the flags are %v, %q and %v", count.value, profile.name, span)
	}
}

// Where something is drawn is for a terminal; elsewhere nothing is.
func TestNothingIsDrawnElsewhere(t *testing.T) {
	p := newPrinted(t)
	if drawExplanation(p.stderr) != nil {
		t.Error("a file gets the progress of an explanation")
	}
	drawCampaign(p.stderr, 10, 0)(campaign.Progress{Seeds: 5})
	if p.err() != "" {
		t.Errorf("a file gets %q", p.err())
	}
	p.stderr.Terminal, p.stderr.Live = true, true
	drawCampaign(p.stderr, 10, 0)(campaign.Progress{Seeds: 5})
	draw := drawExplanation(p.stderr)
	draw(explain.Progress{Aspect: run.FaultAspect, Runs: 1, Faults: 2, Part: 0.5})
	draw(explain.Progress{Aspect: run.FaultAspect, Runs: 2, Faults: 1, Part: 0.6}) // too soon after the one before
	if got := p.err(); !strings.Contains(got, " of 10 seeds") || strings.Count(got, "minimising: ") != 1 || !strings.Contains(got, "minimising: faults, 1 run, 2 faults left, 50 % of the budget") {
		t.Errorf("a terminal gets %q", got)
	}
}

func TestExplanationLine(t *testing.T) {
	for _, test := range []struct {
		progress explain.Progress
		want     string
	}{
		{explain.Progress{Aspect: run.WorkloadAspect, Runs: 1234, Faults: 1, Part: 0.256}, "minimising: workload, 1,234 runs, 1 fault left, 26 % of the budget; Ctrl-C keeps the smallest"},
		{explain.Progress{Branching: true, Continuation: explain.Calm, Runs: 1, Part: 1}, "trying other continuations: 1 run, calm, about 100 % done"},
	} {
		if got := explanationLine(test.progress); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}
