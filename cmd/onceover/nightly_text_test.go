package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// dark returns the report of a night in which nothing was found and not all goals were reached.
func dark(seeds uint64) *nightly.Report {
	var goals checker.GoalCounts
	goals[0] = 7
	return &nightly.Report{
		Run: 17, Shards: 1, EngineVersion: "v1", Goals: world.CountGoals(&goals),
		Profiles: []nightly.Part{{Profile: "calm", Seeds: seeds, Goals: world.CountGoals(&goals)}},
	}
}

func TestNightlyText(t *testing.T) {
	pass := dark(40)
	pass.LongGone = 2
	failing := dark(40)
	failing.Failures = []nightly.Finding{
		{
			Failure: nightly.Failure{
				Property: "runs-once", Signature: "runs-once: second session", Message: "R1 ran twice", Profile: "storm", Seed: 7, Repeats: true,
				Small: &nightly.Small{Faults: 1, Reviews: 1, StoryLines: 12},
				Files: nightly.Files{Minimised: "storm-7-min.json", Page: "storm-7-min.html", Story: "storm-7-min.txt"},
			},
			State: nightly.New, Runs: 3, Profiles: []string{"default", "storm"}, Dir: "night 1",
		},
		{
			Failure: nightly.Failure{Property: "no-stuck", Signature: "no-stuck: the claim was lost", Repeats: true},
			State:   nightly.Gone, Replayed: "its replay file passes",
		},
		{
			Failure: nightly.Failure{Property: "no-stuck", Signature: "no-stuck: no call", Message: "R2 is stuck", Profile: "calm", Seed: 8, Repeats: true},
			Runs:    1, Profiles: []string{"calm"},
		},
	}
	unknown := dark(40)
	unknown.Missing = []nightly.Shard{{Index: 2, Of: 2}}
	reached := fmt.Sprintf("\n1 of %d coverage goals reached\n(all of them are demanded from 10,000 seeds of default and storm on)\n", checker.GoalCount)
	for _, test := range []struct {
		name   string
		report *nightly.Report
		want   string
	}{
		{"a pass", pass, reached + "gone as before: 2 known failures\n\n<green>pass: 40 seeds, no violation</green>\n"},
		{"failures", failing, `
<red>R1 ran twice</red>
  new: runs-once: second session
  3 runs under default, storm
  minimised: 1 fault, 1 review, 12 lines
  page: night 1/storm-7-min.html
  story: night 1/storm-7-min.txt
  onceover replay 'night 1/storm-7-min.json'

gone: no-stuck: the claim was lost
  its replay file passes

<red>R2 is stuck</red>
  no-stuck: no call
  1 run under calm
  onceover replay 8 --profile calm
` + reached + `
violated: runs-once: second session (new)
violated: no-stuck: no call
<red>violated: 2 problems in run 17, 40 seeds</red>
`},
		{"a shard that is missing", unknown, reached + "\nshard 2/2 has left no result\n<yellow>unknown: 1 problem in run 17, 40 seeds</yellow>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			shown := nightlyText{report: test.report, paint: tagged}
			expectText(t, shown.String(), test.want)
		})
	}
}

func TestNightlyTitle(t *testing.T) {
	mix, err := nightly.ParseMix("calm:3,storm")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		night nightly.Night
		want  string
	}{
		{nightly.Night{Run: 17, Shard: nightly.Whole, Mix: mix, Time: 30 * time.Minute, Parallel: 8}, "onceover nightly: run 17, shard 1/1, 30m0s, 8 at a time\nprofiles calm:3,storm"},
		{nightly.Night{Run: 1, Shard: nightly.Shard{Index: 2, Of: 4}, Mix: mix, Seeds: 9000, Time: time.Minute, Parallel: 1},
			"onceover nightly: run 1, shard 2/4, 9,000 seeds or 1m0s, 1 at a time\nprofiles calm:3,storm"},
	} {
		if got := nightlyTitle(&test.night); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
	part := &nightly.Part{Profile: "calm", Seeds: 1234, FirstSeed: 17, WallSeconds: 2.5}
	if got, want := nightlyPartLine(part), "calm              1,234 seeds from                   17 in        2.5 s, 0 faults"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	part.Violations, part.Unknown = 3, 1
	if got := nightlyPartLine(part); !strings.HasSuffix(got, ", 0 faults, 3 violated, 1 unknown") {
		t.Errorf("%q", got)
	}
}

// A report goes to standard output, to its files, and into the known failures.
func TestConcludeNight(t *testing.T) {
	dir := t.TempDir()
	p := newPrinted(t)
	n := nightReport{
		app: p.app, json: true, knownPath: filepath.Join(dir, "known.json"), summary: filepath.Join(dir, "new", "summary.md"), junit: filepath.Join(dir, "new", "junit.xml"),
	}
	if err := n.read(); err != nil {
		t.Fatal(err)
	}
	if err := n.conclude(t.Context(), dark(40)); err != nil {
		t.Fatal(err)
	}
	var printed struct {
		Verdict run.Verdict `json:"verdict"`
		Seeds   uint64      `json:"seeds"`
		Run     uint64      `json:"run"`
	}
	if err := json.Unmarshal([]byte(p.out()), &printed); err != nil || printed.Verdict != run.Pass || printed.Seeds != 40 || printed.Run != 17 {
		t.Errorf("printed is %s (%v)", p.out(), err)
	}
	for path, want := range map[string]string{n.knownPath: `"failures": []`, n.summary: "## Nightly run 17: pass", n.junit: "<testsuites"} {
		content, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s has no %s: %s (%v)", path, want, content, err)
		}
	}

	// A night that was interrupted must not call known failures gone.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n.known, n.knownPath = &nightly.Known{}, filepath.Join(dir, "not written.json")
	interrupted := dark(40)
	interrupted.Interrupted = []nightly.Shard{nightly.Whole}
	var verdict verdictError
	if err := n.conclude(ctx, interrupted); !errors.As(err, &verdict) || run.Verdict(verdict) != run.Unknown {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := os.Stat(n.knownPath); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the known failures were written: %v", err)
	}
}
