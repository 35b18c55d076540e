package nightly

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// stumbling is a world that fails whenever its one fault is not overridden.
type stumbling struct{}

func (stumbling) Run(spec run.Spec) run.Result {
	key := kernel.Key{Actor: "app-1", Operation: "fault"}
	value := uint64(1)
	for _, o := range spec.Overrides {
		if o.Key.Covers(key) {
			value = o.Value
		}
	}
	if spec.OnDecision != nil {
		spec.OnDecision(key, value)
	}
	r := run.Result{Seed: spec.Seed, Steps: 1, Hash: spec.Seed}
	if value == 0 {
		return r
	}
	if spec.Trace != nil {
		spec.Trace(run.Line{Step: 1, Actor: "app-1", Text: "stumbles", Fault: "fault", Decision: key})
	}
	r.Verdict = run.Violated
	r.Violation = &run.Violation{Property: "no-stumble", Cause: "a fault", Message: "app-1 stumbled"}
	return r
}

func (stumbling) Close() {}

// names returns the names of the files in a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return strings.Join(list, " ")
}

func TestExplainer(t *testing.T) {
	e := &Explainer{Directory: t.TempDir(), NewWorld: func() run.World { return stumbling{} }}
	failure := stumbling{}.Run(run.Spec{Seed: 7})

	// Of each kind of failure under a profile, the first has a replay file at once.
	e.Found("calm", failure)
	e.Found("calm", stumbling{}.Run(run.Spec{Seed: 8}))
	e.Found("storm", stumbling{}.Run(run.Spec{Seed: 9}))
	if got := names(t, e.Directory); got != "calm-7.json storm-9.json" || e.Err() != nil {
		t.Errorf("the files are %s (%v)", got, e.Err())
	}

	// One that is not to be minimised is only repeated.
	explained := e.Explain(t.Context(), Failing{Profile: "calm", Result: stumbling{}.Run(run.Spec{Seed: 8})})
	if !explained.Repeats || explained.Small != nil || explained.Files != (Files{Replay: "calm-8.json"}) {
		t.Errorf("explained as %+v", explained)
	}

	explained = e.Explain(t.Context(), Failing{Profile: "calm", Result: failure, Minimise: true})
	want := Files{Replay: "calm-7.json", Minimised: "calm-7-min.json", Story: "calm-7-min.txt", Page: "calm-7-min.html"}
	if !explained.Repeats || explained.Files != want || explained.Small == nil || explained.Small.StoryLines != 1 || !explained.Small.Complete || e.Err() != nil {
		t.Errorf("explained as %+v, %+v (%v), want %+v", explained, explained.Small, e.Err(), want)
	}
	if got := names(t, e.Directory); got != "calm-7-min.html calm-7-min.json calm-7-min.txt calm-7.json calm-8.json storm-9.json" {
		t.Errorf("the files are %s", got)
	}
	page, err := os.ReadFile(filepath.Join(e.Directory, want.Page))
	if err != nil || !strings.Contains(string(page), "onceover replay calm-7-min.json") {
		t.Errorf("the page does not have the command that replays it (%v)", err)
	}
	story, err := os.ReadFile(filepath.Join(e.Directory, want.Story))
	if err != nil || !strings.Contains(string(story), "app-1 stumbled") {
		t.Errorf("the story is %s (%v)", story, err)
	}
}

func TestExplainerOfWhatDoesNotRepeat(t *testing.T) {
	e := &Explainer{Directory: t.TempDir(), NewWorld: func() run.World { return stumbling{} }}
	failure := stumbling{}.Run(run.Spec{Seed: 7})
	failure.Hash++
	explained := e.Explain(t.Context(), Failing{Profile: "calm", Result: failure, Minimise: true})
	if explained.Repeats || explained.Small != nil || explained.Files.Replay != "calm-7.json" || explained.Files.Page != "" {
		t.Errorf("explained as %+v", explained)
	}
}

// What can't be written does not stop the night; the first error is kept.
func TestExplainerWithoutAPlace(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := &Explainer{Directory: filepath.Join(taken, "below"), NewWorld: func() run.World { return stumbling{} }}
	explained := e.Explain(t.Context(), Failing{Profile: "calm", Result: stumbling{}.Run(run.Spec{Seed: 7}), Minimise: true})
	if !explained.Repeats || explained.Small == nil || explained.Files != (Files{}) {
		t.Errorf("explained as %+v", explained)
	}
	if err := e.Err(); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("error %v", err)
	}
}

// However many shards there are, together they do everything once, in order.
func TestShardsDoEverythingOnce(t *testing.T) {
	list := []int{0, 1, 2, 3, 4, 5, 6}
	for of := 1; of <= 10; of++ {
		var done []int
		for index := 1; index <= of; index++ {
			part := shardOf(list, Shard{Index: index, Of: of})
			if len(part) > len(list)/of+1 {
				t.Errorf("shard %d/%d does %v", index, of, part)
			}
			done = append(done, part...)
		}
		if !slices.Equal(done, list) {
			t.Errorf("%d shards do %v", of, done)
		}
	}
}

func TestBugTrialsOfAnEmptyShard(t *testing.T) {
	catalogue := &bugs.Catalogue{Bugs: []*bugs.Bug{{ID: "soon"}}}
	trials, err := NewBugTrials(catalogue, Shard{Index: 1, Of: 2}, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	result := &Result{}
	trials.Try(t.Context(), result)
	if len(trials.Trials.Bugs) != 0 || result.Bugs == nil || len(result.Bugs.Rows) != 0 || len(result.Bugs.Problems) != 0 {
		t.Errorf("the trials are of %v, with the result %+v", trials.Trials.Bugs, result.Bugs)
	}
	if _, err := NewBugTrials(catalogue, Whole, 1, filepath.Join(t.TempDir(), "missing.json")); err == nil || !strings.Contains(err.Error(), "write one with --update") {
		t.Errorf("without its baseline: %v", err)
	}
}

func TestArtifacts(t *testing.T) {
	github := map[string]string{"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "5"}
	if got := Artifacts(environment(github)); got != "https://github.com/a/b/actions/runs/5#artifacts" {
		t.Errorf("on GitHub: %q", got)
	}
	delete(github, "GITHUB_RUN_ID")
	if got := Artifacts(environment(github)); got != "" {
		t.Errorf("without a run: %q", got)
	}
}

func TestReadResults(t *testing.T) {
	first, killed := t.TempDir(), t.TempDir()
	result := &Result{Format: ResultFormat, Run: 1, Shard: Shard{1, 2}, EngineVersion: "v1", Profiles: []Part{}, Failures: []Failure{}}
	if err := result.WriteFile(first); err != nil {
		t.Fatal(err)
	}
	var missing []string
	note := func(none *NoResultError) { missing = append(missing, none.Dir) }
	results, err := ReadResults([]string{first, killed}, note)
	if err != nil || len(results) != 1 || results[0].Dir != first || !slices.Equal(missing, []string{killed}) {
		t.Errorf("read %+v (%v), missing %q", results, err, missing)
	}
	for _, dirs := range [][]string{{killed}, {first, filepath.Join(first, "nothing")}} {
		if results, err := ReadResults(dirs, note); err == nil {
			t.Errorf("of %q: %+v", dirs, results)
		}
	}
}
