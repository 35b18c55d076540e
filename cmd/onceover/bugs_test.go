package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// tried returns trials and their table: a bug that was found, one that was missed, and one that another property caught.
func tried() (*bugs.Trials, *bugs.Table) {
	found := &bugs.Bug{ID: "stale-claim-unfenced", Expected: "one-claimant"}
	missed := &bugs.Bug{ID: "harmless", Expected: "no-stuck"}
	other := &bugs.Bug{ID: "misjudged", Expected: "fifo-claim", Watched: []string{"fifo-claim"}}
	smallest := &runner.Failure{Seed: 1_000_001, Property: "one-claimant", Signature: "one-claimant: two"}
	return &bugs.Trials{Trials: 4, MaxSeeds: 2000, Profile: "default"}, &bugs.Table{
		Rows: []bugs.Row{
			{Bug: found, Fired: "one-claimant", Trials: 4, Found: 4, SeedsMedian: 2.5, SeedsWorst: 6, Smallest: smallest, Time: 6600 * time.Millisecond},
			{Bug: missed, Trials: 4, SeedsMedian: 2000, SeedsWorst: 2000, Time: time.Minute},
			{Bug: other, Fired: "runs-once", Trials: 4, SeedsMedian: 7, SeedsWorst: 2000, Smallest: smallest, Others: []string{"runs-once"}, Time: time.Second},
		},
		Control: bugs.Control{Seeds: 19, Profile: "default", Time: 2 * time.Second},
		Time:    70 * time.Second,
	}
}

func TestBugsTable(t *testing.T) {
	trials, table := tried()
	shown := bugsTable{trials: trials, table: table, problems: table.Problems(), paint: tagged}
	expectText(t, shown.String(), `Seeds to find each bug, in 4 trials from different seeds, profile default:

<dim>bug                   expected      fired         found  median  worst         time  replay of the smallest failure</dim>
stale-claim-unfenced  one-claimant  one-claimant    4/4     2.5      6        6.6 s  onceover replay 1000001 --bug stale-claim-unfenced
<red>harmless              no-stuck      nothing         0/4    2000  2,000  1.0 minutes  nothing</red>
<red>misjudged             fifo-claim    runs-once       0/4       7  2,000        1.0 s  onceover replay 1000001 --bug misjudged --properties all</red>

the engine as it is: 19 seeds, no violation (2.0 s)
<red>harmless is missed by no-stuck in 4 of 4 trials</red>
<red>misjudged is caught only by runs-once, not by fifo-claim, which is expected</red>
<red>fail: 1 of 3 bugs found in every trial, in 1.2 minutes</red>
`)
	table.Rows, table.Control.Violations = table.Rows[:1], 1
	table.Control.First = &runner.Failure{Seed: 3, Property: "runs-once"}
	shown.problems = table.Problems()
	if got := shown.end(); !strings.HasPrefix(got, "<red>the engine as it is violates runs-once at seed 3: onceover replay 3 --profile default</red>\n<red>fail: 1 of 1 bug found") {
		t.Errorf("with an engine that fails:\n%s", got)
	}
}

func TestPrintBugs(t *testing.T) {
	trials, table := tried()
	p := newPrinted(t)
	c := bugsCommand{app: p.app, json: true}
	err := c.print(trials, table, table.Problems())
	var verdict verdictError
	if !errors.As(err, &verdict) || run.Verdict(verdict) != run.Violated {
		t.Errorf("error %v, want that of a violation", err)
	}
	var list []bugJSON
	if err := json.Unmarshal([]byte(p.out()), &list); err != nil || len(list) != 3 {
		t.Fatalf("%v in %s", err, p.out())
	}
	want := bugJSON{
		ID: "stale-claim-unfenced", Expected: "one-claimant", Fired: "one-claimant", Trials: 4, Found: 4, SeedsMedian: 2.5, SeedsWorst: 6,
		Signature: "one-claimant: two", Seconds: 6.6, Replay: "onceover replay 1000001 --bug stale-claim-unfenced", Other: []string{},
	}
	if got := list[0]; !slices.Equal(got.Other, want.Other) || got.Other == nil || got.ID != want.ID || got.Seconds != want.Seconds || got.Replay != want.Replay || got.Signature != want.Signature {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !strings.Contains(p.err(), "harmless is missed by no-stuck in 4 of 4 trials\n") || !strings.HasSuffix(p.err(), "fail: 1 of 3 bugs found in every trial, in 1.2 minutes\n") {
		t.Errorf("standard error is %s", p.err())
	}

	// A table without a problem can become the baseline.
	table.Rows = table.Rows[:1]
	p = newPrinted(t)
	c = bugsCommand{app: p.app, update: filepath.Join(t.TempDir(), "baseline.json")}
	if err := c.print(trials, table, nil); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(c.update)
	if err != nil || !strings.Contains(string(content), `"stale-claim-unfenced": 2.5`) || !strings.HasSuffix(p.out(), "pass: 1 of 1 bug found in every trial, in 1.2 minutes\n") {
		t.Errorf("baseline %s (%v), printed %s", content, err, p.out())
	}
}

func TestInterruptedBugs(t *testing.T) {
	p := newPrinted(t)
	c := bugsCommand{app: p.app}
	if err := c.interrupted(t.Context(), nil, "all was done"); err != nil {
		t.Errorf("without an interruption: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var verdict verdictError
	if err := c.interrupted(ctx, context.Canceled, "all was done"); !errors.As(err, &verdict) || run.Verdict(verdict) != run.Unknown {
		t.Errorf("interrupted: %v", err)
	}
	if p.err() != "onceover: interrupted before all was done\n" {
		t.Errorf("reported is %q", p.err())
	}
}

// The rows that there are when the command is interrupted are printed, without a verdict.
func TestPartOfTheBugs(t *testing.T) {
	trials, table := tried()
	table.Rows = table.Rows[:1]
	for _, json := range []bool{false, true} {
		p := newPrinted(t)
		c := bugsCommand{app: p.app, json: json}
		if err := c.printPart(trials, table); err != nil {
			t.Fatal(err)
		}
		if got := p.out(); !strings.Contains(got, "stale-claim-unfenced") || strings.Contains(got, "pass:") || strings.Contains(got, "fail:") {
			t.Errorf("printed is %q", got)
		}
	}
}

func TestSizesText(t *testing.T) {
	bug := &bugs.Bug{ID: "soon", Expected: "runs-once"}
	mutant := &bugs.Bug{ID: "no-intend"}
	failure := runner.Failure{Seed: 7, Signature: "runs-once: second session"}
	key := kernel.Key{Actor: "app-1", Operation: "claim.fault", Occurrence: 3}
	rows := []bugs.SizeRow{
		{Bug: bug, Failures: []bugs.Minimised{
			{Failure: failure, Faults: 1, Reviews: 1, Lines: 12, Runs: 200, Seconds: 0.5, Unnecessary: []kernel.Key{key}},
			{Failure: failure, Faults: 3, Reviews: 2, Lines: 30, Runs: 4000, Seconds: 3.25, EndedEarly: true},
		}},
		{Bug: mutant, Failures: []bugs.Minimised{{Failure: failure, Runs: 50, Reviews: 1, Lines: 9, Seconds: 0.1}}},
	}
	sizes := &bugs.Sizes{Profile: "default", Failures: 2}
	shown := sizesText{table: bugs.NewSizeTable("a machine, 2 cores", sizes, rows), rows: rows, paint: tagged}
	expectText(t, shown.String(), `What is left of 2 failures of each bug, median and worst, profile default, on a machine, 2 cores:

<dim>bug        failures  faults  reviews  story lines         runs      seconds</dim>
soon              2   2 / 3  1.5 / 2      21 / 30  2100 / 4000  1.88 / 3.25
no-intend         1   0 / 0    1 / 1        9 / 9      50 / 50    0.1 / 0.1
all               3   1 / 3    1 / 2      12 / 30   200 / 4000   0.5 / 3.25

soon, seed 7: not necessary after all: `+key.String()+`
soon, seed 7: the search ended early, with 3 faults left
no-intend: found no failure from 1 of the starting seeds; --max-seeds lets it look longer
<green>pass: 3 failures, of which 0 changed the signature, 1 ended early, 1 marked a fault necessary that is not</green>
`)
	rows[1].Failures[0].Changed = true
	shown.table = bugs.NewSizeTable("a machine, 2 cores", sizes, rows)
	if got := shown.String(); !strings.Contains(got, "\n<red>no-intend, seed 7: does not fail as before any more: runs-once: second session</red>\n<red>fail: 3 failures, of which 1 changed") {
		t.Errorf("with a signature that changed:\n%s", got)
	}
}

// A command is called again without the bug; its properties are those of the bug, unless the user or a file names others.
func TestWithoutBug(t *testing.T) {
	bug := &bugs.Bug{ID: "soon", Watched: []string{"runs-once"}}
	for _, test := range []struct {
		name      string
		line      []string
		arguments []string
		want      string
	}{
		{"run", []string{"--bug", "soon", "--seeds", "7", "--fail-fast"}, nil, "run --seeds=7 --fail-fast=true --properties=runs-once"},
		{"run", []string{"--bug", "soon", "--properties", "no-stuck"}, nil, "run --properties=no-stuck"},
		{"replay", []string{"--bug", "./mine.patch", "0x11"}, []string{"0x11"}, "replay --properties=runs-once 0x11"},
		{"replay", []string{"--bug", "soon", "file.json", "--json"}, []string{"file.json"}, "replay --json=true file.json"},
	} {
		command, _, err := newRootCommand(standard()).Find([]string{test.name})
		if err != nil {
			t.Fatal(err)
		}
		if err := command.ParseFlags(test.line); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(withoutBug(command, test.arguments, bug), " "); got != test.want {
			t.Errorf("onceover %s %s: called again as %q, want %q", test.name, strings.Join(test.line, " "), got, test.want)
		}
	}
}

func TestFlagsOfABug(t *testing.T) {
	for _, test := range []struct{ builtWith, want string }{
		{"", ""}, {"soon", " --bug soon"}, {"./my patches/one.patch", " --bug './my patches/one.patch'"},
	} {
		if got := (&bugFlags{builtWith: test.builtWith}).again(); got != test.want {
			t.Errorf("built with %q: %q, want %q", test.builtWith, got, test.want)
		}
	}
}

func TestProgressOfBugs(t *testing.T) {
	for _, test := range []struct {
		progress bugs.Progress
		part     float64
		line     string
	}{
		{bugs.Progress{Bug: "soon", Trials: 3, Of: 40}, 0.075, "   3 of 40 trials  soon"},
		{bugs.Progress{Trials: 40, Of: 40}, 1, " all trials done; now the engine as it is"},
	} {
		if part, line := trialsLine(test.progress); part != test.part || line != test.line {
			t.Errorf("%+v: %v %q, want %v %q", test.progress, part, line, test.part, test.line)
		}
	}
}

// Completion of bugs leaves out those that are on the line, and reports a catalogue that can't be read.
func TestCompleteBugs(t *testing.T) {
	catalogue := &bugs.Catalogue{Bugs: []*bugs.Bug{{ID: "soon", Title: "A bug"}, {ID: "late", Title: "Another"}}}
	ids, directive := completeBugs(func() (*bugs.Catalogue, error) { return catalogue, nil })(nil, []string{"soon"}, "")
	if !slices.Equal(ids, []string{"late\tAnother"}) || directive != cobra.ShellCompDirectiveNoFileComp {
		t.Errorf("completed to %q, %v", ids, directive)
	}
	if _, directive := completeBugs(func() (*bugs.Catalogue, error) { return nil, errors.New("made up") })(nil, nil, ""); directive != cobra.ShellCompDirectiveError {
		t.Errorf("without a catalogue: %v", directive)
	}
}

// The text of no failure is what a command prints where there is none.
func TestOrNothing(t *testing.T) {
	if orNothing("") != "nothing" || orNothing("runs-once") != "runs-once" {
		t.Errorf("%q, %q", orNothing(""), orNothing("runs-once"))
	}
	if got := replayBugCommand(&bugs.Trials{Profile: "storm"}, &bugs.Row{Bug: &bugs.Bug{ID: "soon"}}); got != "" {
		t.Errorf("of no failure: %q", got)
	}
	row := &bugs.Row{Bug: &bugs.Bug{ID: "soon"}, Smallest: &runner.Failure{Seed: 7}}
	if got, want := replayBugCommand(&bugs.Trials{Profile: "storm"}, row), "onceover replay 7 --bug soon --profile storm"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
