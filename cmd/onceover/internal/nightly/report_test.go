package nightly

import (
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

var update = flag.Bool("update", false, "write the golden files under testdata anew")

// reached are counts of goals, some of which were not reached.
func reached(never ...checker.Goal) run.Counts {
	var counts checker.GoalCounts
	for _, goal := range checker.Goals() {
		counts[goal] = 5
	}
	for _, goal := range never {
		counts[goal] = 0
	}
	return world.CountGoals(&counts)
}

// someFaults are counts of faults.
func someFaults(n uint64) run.Counts {
	var counts faults.Counts
	counts[faults.ProcessCrash] = n
	return world.CountFaults(&counts)
}

// hostile is a cause with everything that could be taken for markup.
const hostile = "a <b>cause</b> | with *markup*, `code` & \"quotes\", @everyone\nand lines \x01"

// badNight is what four shards have left, one of them nothing.
func badNight() []Left {
	way := func(property, cause string, seed, runs uint64) Way {
		return Way{Property: property, Signature: property + ": " + cause, Message: "review R1 was wrong: " + cause, Seed: seed, Runs: runs}
	}
	failure := func(property, cause string, seed uint64, small *Small, files Files) Failure {
		return Failure{
			Property: property, Signature: property + ": " + cause, Message: "review R1 was wrong: " + cause, Profile: "default",
			Seed: seed, Faults: 12, Steps: 900, Repeats: true, Small: small, Files: files,
		}
	}
	first := &Result{
		Format: ResultFormat, Run: 17, Shard: Shard{1, 4}, EngineVersion: "v1.2.3",
		Profiles: []Part{{
			Profile: "default", FirstSeed: 100, Seeds: 6000, Steps: 5_000_000, WallSeconds: 60, Violations: 9,
			Ways:   []Way{way("runs-once", "two sessions", 101, 7), way("no-stuck", hostile, 150, 2)},
			Faults: someFaults(30_000), Goals: reached(checker.RetriesExhausted, checker.OverHTTP),
		}},
		Failures: []Failure{
			failure("runs-once", "two sessions", 101, &Small{Faults: 2, Reviews: 1, Steps: 200, StoryLines: 20, Complete: true},
				Files{Replay: "default-101.json", Minimised: "default-101-min.json", Story: "default-101-min.txt"}),
			failure("no-stuck", hostile, 150, nil, Files{Replay: "default-150.json"}),
		},
		Bugs: &Bugs{
			Rows: []Bug{
				{ID: "reload-clobbers", Expected: "no-lost-events", Fired: "no-lost-events", Trials: 20, Found: 20, SeedsMedian: 12.5, SeedsWorst: 80, Seconds: 2},
				{ID: "start-resets-live", Expected: "start-idempotent", Trials: 20, Found: 3, SeedsMedian: 2000, SeedsWorst: 2000, Seconds: 3,
					Problem: "start-resets-live is missed by start-idempotent in 17 of 20 trials"},
			},
			Problems: []string{"gone is in the baseline, but not in the catalogue"},
			Seconds:  5,
		},
	}
	second := &Result{
		Format: ResultFormat, Run: 17, Shard: Shard{2, 4}, EngineVersion: "v1.2.3", Interrupted: true,
		Profiles: []Part{
			{
				Profile: "default", FirstSeed: 9100, Seeds: 5000, Steps: 4_000_000, WallSeconds: 50, Violations: 1,
				Ways: []Way{way("runs-once", "two sessions", 9101, 1)}, Faults: someFaults(25_000), Goals: reached(checker.RetriesExhausted),
			},
			{
				Profile: "storm", FirstSeed: 77, Seeds: 1234, Steps: 1_000_000, WallSeconds: 20, Unknown: 1,
				GaveUp: []GaveUp{{Seed: 79, Check: "linearizable: gave-up after 200,000 steps"}}, Goals: reached(checker.RetriesExhausted),
			},
		},
		Failures: []Failure{
			failure("runs-once", "two sessions", 9101, &Small{Faults: 1, Reviews: 1, Steps: 150, StoryLines: 15, Complete: true},
				Files{Replay: "default-9101.json", Minimised: "default-9101-min.json", Story: "default-9101-min.txt", Page: "default-9101-min.html"}),
		},
	}
	third := &Result{Format: ResultFormat, Run: 17, Shard: Shard{4, 4}, EngineVersion: "v1.2.3", Broken: "the simulator broke at seed 5 of profile calm: made up"}
	return []Left{{"out/shard-4", third}, {"out/shard 2", second}, {"out/shard-1", first}}
}

// badReport is the report of badNight, beside what was known.
func badReport(t *testing.T) (*Report, *Known) {
	t.Helper()
	r, err := Merge(badNight())
	if err != nil {
		t.Fatal(err)
	}
	known := &Known{Format: KnownFormat, Failures: []KnownFailure{
		{Signature: "runs-once: two sessions", State: StillThere, FirstRun: 12, LastRun: 16, Note: "waits for the agent"},
		{Signature: "fifo-claim: overtaken", State: New, FirstRun: 16, LastRun: 16, Replay: "passes.json"},
		{Signature: "owner-limit: one too many", State: Gone, FirstRun: 3, LastRun: 9, Replay: "fails.json"},
		{Signature: "usage-exact: too few", State: Gone, FirstRun: 3, LastRun: 9, Replay: "passes.json"},
		{Signature: "cancel-wins: late", State: StillThere, FirstRun: 3, LastRun: 9},
	}}
	now := r.Compare(known, func(replay, _ string) (run.Recurrence, error) {
		if replay == "fails.json" {
			return run.StillThere, nil
		}
		return run.Gone, nil
	})
	return r, now
}

func TestKnownFailuresGoFromNightToNight(t *testing.T) {
	r, now := badReport(t)
	want := &Known{Format: KnownFormat, Failures: []KnownFailure{
		{Signature: "cancel-wins: late", State: Gone, FirstRun: 3, LastRun: 9},
		{Signature: "fifo-claim: overtaken", State: Gone, FirstRun: 16, LastRun: 16, Replay: "passes.json"},
		{Signature: "no-stuck: " + hostile, State: New, FirstRun: 17, LastRun: 17, Replay: replayName("no-stuck", "no-stuck: "+hostile)},
		{Signature: "owner-limit: one too many", State: CameBack, FirstRun: 3, LastRun: 17, Replay: "fails.json"},
		{Signature: "runs-once: two sessions", State: StillThere, FirstRun: 12, LastRun: 17, Note: "waits for the agent",
			Replay: replayName("runs-once", "runs-once: two sessions")},
		{Signature: "usage-exact: too few", State: Gone, FirstRun: 3, LastRun: 9, Replay: "passes.json"},
	}}
	if !reflect.DeepEqual(now, want) {
		t.Errorf("known are\n%+v\nwant\n%+v", now, want)
	}
	if r.LongGone != 1 || len(r.Failures) != 5 {
		t.Errorf("%d failures, and %d gone as before; want 5 and 1", len(r.Failures), r.LongGone)
	}

	// The same night, reported anew.
	r, err := Merge(badNight())
	if err != nil {
		t.Fatal(err)
	}
	again := r.Compare(now, func(replay, _ string) (run.Recurrence, error) {
		if replay == "fails.json" {
			return run.StillThere, nil
		}
		return run.Gone, nil
	})
	if !reflect.DeepEqual(again, want) {
		t.Errorf("reported anew, known are\n%+v\nwant\n%+v", again, want)
	}
}

func TestKnownFailuresAreWritten(t *testing.T) {
	dir := t.TempDir()
	night := badNight()
	for i := range night {
		night[i].Dir = filepath.Join(dir, night[i].Dir)
		for _, failure := range night[i].Failures {
			for _, name := range failure.Files.all() {
				if name == "" {
					continue
				}
				if err := os.MkdirAll(night[i].Dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(night[i].Dir, name), []byte(name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	r, err := Merge(night)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "known", "failures.json")
	none, err := ReadKnown(path)
	if err != nil {
		t.Fatal(err)
	}
	now := r.Compare(none, nil)
	if err := r.WriteKnown(path, now); err != nil {
		t.Fatal(err)
	}
	read, err := ReadKnown(path)
	if err != nil || !reflect.DeepEqual(read, now) {
		t.Errorf("read are %+v (%v), want %+v", read, err, now)
	}
	// That of the smallest run, of the shard that had it.
	content, err := os.ReadFile(filepath.Join(dir, "known", replayName("runs-once", "runs-once: two sessions")))
	if err != nil || string(content) != "default-9101-min.json" {
		t.Errorf("the replay file is that of %s (%v)", content, err)
	}
}

func TestVerdictOfANight(t *testing.T) {
	good := func() *Result {
		return &Result{Format: ResultFormat, Run: 1, Shard: Whole, Profiles: []Part{{Profile: "default", Seeds: GoalSeeds, Goals: reached()}}}
	}
	for _, test := range []struct {
		name    string
		change  func(*Result)
		verdict run.Verdict
		problem string
	}{
		{"good", func(*Result) {}, run.Pass, ""},
		{"no seed", func(r *Result) { r.Profiles = nil }, run.Unknown, "no seed was done"},
		{"unreached", func(r *Result) { r.Profiles[0].Goals = reached(checker.OverHTTP) }, run.Violated, "never reached: over-http"},
		{"unreached, but few seeds", func(r *Result) { r.Profiles[0].Goals, r.Profiles[0].Seeds = reached(checker.OverHTTP), GoalSeeds-1 }, run.Pass, ""},
		{"unreached, but of calm", func(r *Result) { r.Profiles[0].Goals, r.Profiles[0].Profile = reached(checker.OverHTTP), "calm" }, run.Pass, ""},
		{"unknown", func(r *Result) { r.Profiles[0].Unknown = 1 }, run.Unknown, "a check gave up on 1 of 10000 seeds of profile default"},
		{"interrupted", func(r *Result) { r.Interrupted = true }, run.Unknown, "shard 1/1 was interrupted"},
		{"broken", func(r *Result) { r.Broken = "made up" }, run.Unknown, "shard 1/1: made up"},
		{"missing", func(r *Result) { r.Shard.Of = 2 }, run.Unknown, "shard 2/2 has left no result"},
		{"violated", func(r *Result) {
			r.Failures = []Failure{{Property: "runs-once", Signature: "runs-once: twice", Repeats: true}}
		}, run.Violated, "violated: runs-once: twice"},
		{"not deterministic", func(r *Result) {
			r.Failures = []Failure{{Property: "runs-once", Signature: "runs-once: twice", Profile: "calm", Seed: 7}}
		}, run.NotDeterministic, "seed 7 of profile calm did not run the same way"},
		{"bug", func(r *Result) { r.Bugs = &Bugs{Rows: []Bug{{ID: "b", Problem: "b is missed"}}} }, run.Violated, "bug b is missed"},
		{"table", func(r *Result) { r.Bugs = &Bugs{Problems: []string{"old"}} }, run.Violated, "table of bugs: old"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := good()
			test.change(result)
			r, err := Merge([]Left{{"out", result}})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Verdict(); got != test.verdict {
				t.Errorf("verdict %s, want %s", got, test.verdict)
			}
			problems := r.Problems()
			if test.problem == "" && len(problems) > 0 || test.problem != "" && (len(problems) == 0 || !strings.HasPrefix(problems[0].Text, test.problem)) {
				t.Errorf("problems %v, want %q", problems, test.problem)
			}
		})
	}
}

func TestResultsThatDoNotBelongTogether(t *testing.T) {
	shard := func(dir string, run uint64, shard Shard, version string) Left {
		return Left{dir, &Result{Run: run, Shard: shard, EngineVersion: version}}
	}
	for name, test := range map[string]struct {
		results []Left
		refused string
	}{
		"none":     {nil, "there is no result"},
		"runs":     {[]Left{shard("a", 1, Shard{1, 2}, "v1"), shard("b", 2, Shard{2, 2}, "v1")}, "give the results of one run"},
		"shards":   {[]Left{shard("a", 1, Shard{1, 2}, "v1"), shard("b", 1, Shard{2, 3}, "v1")}, "b of shard 2/3 of run 1"},
		"twice":    {[]Left{shard("a", 1, Shard{1, 2}, "v1"), shard("b", 1, Shard{1, 2}, "v1")}, "a and b are both of shard 1/2"},
		"versions": {[]Left{shard("a", 1, Shard{1, 2}, "v1"), shard("b", 1, Shard{2, 2}, "v2")}, "b by version v2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Merge(test.results)
			expect(t, err, test.refused)
		})
	}
}

// golden compares with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; if that is meant, write it anew with go test ./cmd/onceover/internal/nightly -update. Now it is:\n%s", path, got)
	}
}

func TestGoldenMarkdown(t *testing.T) {
	r, _ := badReport(t)
	golden(t, "bad.md", r.Markdown(MarkdownStyle{From: "out"}))
	golden(t, "bad-artifacts.md", r.Markdown(MarkdownStyle{Artifacts: "https://example.org/runs/1#artifacts"}))
	good, err := Merge([]Left{{"out", &Result{Run: 18, Shard: Whole, EngineVersion: "v1.2.3",
		Profiles: []Part{{Profile: "default", Seeds: 20_000, WallSeconds: 60, Goals: reached(), Faults: someFaults(3)}}}}})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "good.md", good.Markdown(MarkdownStyle{}))
}

func TestGoldenJUnit(t *testing.T) {
	r, _ := badReport(t)
	content, err := r.JUnit()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "bad.xml", string(content))

	// It is read back as it was meant: well-formed, and the figures are those of the cases.
	var all junitSuites
	if err := xml.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	tests, failures, errors := 0, 0, 0
	for _, suite := range all.Suites {
		names := make(map[string]bool)
		for _, c := range suite.Cases {
			if names[c.Name] {
				t.Errorf("suite %s has two cases %q, which readers take for one", suite.Name, c.Name)
			}
			names[c.Name] = true
		}
		tests, failures, errors = tests+len(suite.Cases), failures+suite.Failures, errors+suite.Errors
	}
	if all.Tests != tests || all.Failures != failures || all.Errors != errors || errors != 4 {
		t.Errorf("%d tests, %d failures, %d errors; want %d, %d, %d", all.Tests, all.Failures, all.Errors, tests, failures, 4)
	}
}
