package main

import (
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// passed returns the summary of a campaign that found nothing, and reached the goals before a place in the list.
func passed(seeds uint64, goals int) *campaign.Summary {
	var reached checker.GoalCounts
	for i := range goals {
		reached[i] = 1000 * int64(i+1)
	}
	return &campaign.Summary{
		Profile: "clock", From: 1, Seeds: seeds, Wall: 2 * time.Second, Steps: 1_234_567, Operations: 98_765,
		VirtualMicroseconds: 90 * 60 * 1e6, Faults: run.NewCounts(run.NewNames("clock.skew"), 42), Goals: world.CountGoals(&reached), TraceHash: 255,
	}
}

func TestReportOfAPass(t *testing.T) {
	r := report{summary: passed(2000, int(checker.GoalCount)), files: &failures.Files{Profile: "clock"}, width: 60, paint: tagged}
	got := r.String()
	head := `
<b>2,000 deployments</b> simulated in 2.0 s: <b>60,000 per minute</b>

  steps         1,234,567  <dim>617,283 per second</dim>
  operations       98,765  <dim>49,382 per second</dim>
  virtual time  1.5 hours  <dim>2,700 times as fast as the clock</dim>

<b>42 faults injected</b>

  clock  skew`
	if !strings.HasPrefix(got, head) {
		t.Errorf("the report begins with\n%s\nwant\n%s", got[:min(len(got), len(head))], head)
	}
	if strings.Contains(got, "Never reached") || !strings.HasSuffix(got, "\ntrace_hash 00000000000000ff\n<green>pass: 2,000 seeds, no violation</green>\n") {
		t.Errorf("the report ends with\n%s", got)
	}
	if r.verdict() != run.Pass {
		t.Errorf("verdict %s", r.verdict())
	}
}

// Goals that were not reached are listed with their sentences, and louder when there were seeds enough to reach them.
func TestReportOfGoals(t *testing.T) {
	last := checker.Goals()[checker.GoalCount-1]
	for _, test := range []struct {
		seeds   uint64
		profile string
		style   string
	}{{100, "default", "dim"}, {nightly.GoalSeeds, "default", "yellow"}, {nightly.GoalSeeds, "clock", "dim"}} {
		s := passed(test.seeds, int(checker.GoalCount)-1)
		s.Profile = test.profile
		r := report{summary: s, files: &failures.Files{}, width: 80, paint: tagged}
		want := "  <" + test.style + ">" + last.String() + ": " + last.Sentence() + "</" + test.style + ">\n"
		if got := r.String(); !strings.Contains(got, want) {
			t.Errorf("%d seeds of %s: no line\n%s in\n%s", test.seeds, test.profile, want, got)
		}
	}
}

func TestReportOfAnInterruption(t *testing.T) {
	s := passed(0, 0)
	s.Interrupted, s.Wall, s.Profile, s.Faults = true, 0, "calm", run.Counts{}
	r := report{summary: s, files: &failures.Files{}, store: "0 of 3 runs as on the model", width: 80, paint: text.Unpainted}
	got := r.String()
	for _, want := range []string{
		"\n0 deployments simulated in 0 ms, then interrupted: 0 per minute\n", "\n0 faults injected\n\n  none: profile calm means no faults at all\n",
		"\nstore: 0 of 3 runs as on the model\ntrace_hash 00000000000000ff\nunknown: interrupted after 0 seeds; no violation found\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// violated returns the failure of a seed.
func violated(seed uint64, cause string) run.Result {
	return run.Result{Seed: seed, Verdict: run.Violated, Violation: &run.Violation{
		Property: "runs-once", Cause: cause, Message: "R1 ran twice", At: 72*time.Minute + 3120*time.Millisecond,
	}}
}

func TestReportOfFailures(t *testing.T) {
	s := passed(2000, int(checker.GoalCount))
	s.Violations, s.Unknown = 9, 2
	s.Signatures = []campaign.Signature{
		{First: violated(7, "second session"), Runs: 5}, {First: violated(8, "another claim"), Runs: 3}, {First: violated(9, "a third way"), Runs: 1},
	}
	s.Unknowns = []run.Result{{Seed: 11, Unknown: "linearizable: gave up"}, {Seed: 12, Unknown: "linearizable: gave up"}}
	files := &failures.Files{Profile: "storm", Flags: " --store postgres"}
	explained := []failures.Explanation{
		{Facts: explain.Describe(run.Spec{Seed: 7, Profile: "storm"}, s.Signatures[0].First), Repeats: true, Runs: 5, Replay: "onceover replay all.json", ReplayMinimised: "onceover replay small.json"},
		{Facts: explain.Describe(run.Spec{Seed: 8, Profile: "storm"}, s.Signatures[1].First), Repeats: true, Runs: 3, Replay: "onceover replay 8"},
	}
	r := report{summary: s, explained: explained, files: files, width: 80, paint: tagged}
	got := r.String()
	for _, want := range []string{
		"violated: runs-once\n", "runs-once: second session", "5 of 2,000 seeds", "onceover replay small.json", "onceover replay all.json",
		"runs-once: another claim", "3 of 2,000 seeds", "onceover replay 8\n",
		"\n<red>violated in other ways</red>\n\n  seed 9: runs-once: a third way (1 seed)\n",
		"\n<yellow>unknown: a check gave up on 2 seeds</yellow>\n\n  seed 11: linearizable: gave up\n  onceover replay 11 --profile storm --store postgres\n  seed 12:",
		"\n<red>violated: 9 of 2,000 seeds, in 3 ways.</red> Replay:\n  onceover replay all.json\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if r.verdict() != run.Violated {
		t.Errorf("verdict %s", r.verdict())
	}

	// One that does not repeat means more than all others.
	r.explained[1].Repeats = false
	got = r.String()
	if r.verdict() != run.NotDeterministic || !strings.Contains(got, "\n  <red>The same seed ran differently when it was repeated: look at that first.</red>\n") ||
		!strings.HasSuffix(got, "\n<red>not deterministic: a seed did not run the same way twice, so no other verdict means anything</red>\n") {
		t.Errorf("verdict %s, in\n%s", r.verdict(), got)
	}
}

func TestReportOfUnknowns(t *testing.T) {
	s := passed(2000, int(checker.GoalCount))
	s.Unknown, s.Unknowns = 1, []run.Result{{Seed: 11, Unknown: "linearizable: gave up"}}
	r := report{summary: s, files: &failures.Files{Profile: "calm", Properties: []string{"no-stuck"}}, width: 80, paint: tagged}
	got := r.String()
	if r.verdict() != run.Unknown || !strings.Contains(got, "  onceover replay 11 --profile calm --properties no-stuck\n") ||
		!strings.HasSuffix(got, "<yellow>unknown: a check gave up on 1 of 2,000 seeds; no violation found</yellow>\n") {
		t.Errorf("verdict %s, in\n%s", r.verdict(), got)
	}
}

func TestTitle(t *testing.T) {
	for _, test := range []struct {
		campaign campaign.Campaign
		want     string
	}{
		{campaign.Campaign{Seeds: 1, From: 7, Profile: "calm", Parallel: 2}, "onceover: 1 seed from 7, profile calm, 2 at a time"},
		{campaign.Campaign{Time: time.Minute, From: 1, Profile: "storm", Parallel: 1}, "onceover: seeds from 1 for 1m0s, profile storm, 1 at a time"},
		{campaign.Campaign{Seeds: 9000, Time: time.Minute, From: 1, Profile: "storm", Parallel: 8, Properties: []string{"runs-once"}},
			"onceover: 9,000 seeds from 1, for 1m0s at most, profile storm, watching runs-once, 8 at a time"},
	} {
		if got := title(&test.campaign); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

// Every kind of fault that a profile may inject has a place in the report, also when it never happened.
func TestReportListsAllFaults(t *testing.T) {
	s := passed(1, 0)
	s.Profile, s.Faults = "storm", run.Counts{}
	r := report{summary: s, files: &failures.Files{}, width: 80, paint: text.Unpainted}
	got := r.String()
	profile, err := faults.Named("storm")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range faults.Catalogue() {
		category := string(entry.Kind.Category())
		name := strings.TrimPrefix(entry.Kind.String(), category+".")
		if profile.Intensities[entry.Kind].Probability > 0 && (!strings.Contains(got, "\n  "+category+" ") || !strings.Contains(got, " "+name+" ")) {
			t.Errorf("no %s in\n%s", entry.Kind, got)
		}
	}
}
