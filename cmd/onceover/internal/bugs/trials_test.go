package bugs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// standIn is a program that takes the place of the command: its constants are the distances from the starting
// seed at which a property is violated. 0: never. The starting seeds of trials end in …000001.
const standIn = `package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	flags := map[string]string{}
	for i := 2; i+1 < len(os.Args); i += 2 {
		if os.Args[i] == "--fail-fast" || os.Args[i] == "--json" {
			i--
			continue
		}
		flags[os.Args[i]] = os.Args[i+1]
	}
	from, _ := strconv.Atoi(flags["--from"])
	seeds, _ := strconv.Atoi(flags["--seeds"])
	if broken {
		fmt.Fprintln(os.Stderr, "onceover: the simulator broke\n\nat length")
		os.Exit(3)
	}
	for _, failure := range []struct{ property string; nth int }{{"fence-carried", early}, {"runs-once", late}} {
		watched := flags["--properties"]
		if failure.nth == 0 || watched == "outcome" && failure.nth == early ||
			watched != "all" && watched != "outcome" && !strings.Contains(watched, failure.property) {
			continue
		}
		at := from/1_000_000*1_000_000 + failure.nth + from/1_000_000 // each trial takes a seed more
		if at < from || at >= from+seeds {
			continue
		}
		fmt.Printf("{\"seeds\": %d, \"violations\": 1, \"failures\": [{\"seed\": \"%d\", \"property\": \"%s\", \"signature\": \"%[3]s: so\", \"faults\": %d, \"steps\": %[2]d}]}\n",
			at-from+1, at, failure.property, 9-from/1_000_000)
		os.Exit(1)
	}
	fmt.Printf("{\"seeds\": %d, \"violations\": 0, \"unknown\": %d, \"failures\": []}\n", seeds, unknown)
}
`

const words = `package main

const early = 0
const late = 0
const broken = false
const unknown = 0
`

// standInTree returns a tree with the program above as its command.
func standInTree(t testing.TB) overlay.Tree {
	t.Helper()
	root := t.TempDir()
	directory := filepath.Join(root, "cmd", "onceover")
	err := os.MkdirAll(directory, 0o755)
	for path, content := range map[string]string{
		filepath.Join(root, "go.mod"):        "module " + overlay.Module + "\n",
		filepath.Join(directory, "main.go"):  standIn,
		filepath.Join(directory, "words.go"): words,
	} {
		err = errors.Join(err, os.WriteFile(path, []byte(content), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	tree, err := overlay.Find(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// standInTrials returns trials of bugs of that program.
func standInTrials(t testing.TB) Trials {
	t.Helper()
	c, err := Read(fstest.MapFS{
		"soon.patch":     row("soon", turning("late = 0", "late = 3")),
		"soon+era.patch": row("soon+era", turning("early = 0", "early = 2"), "With: soon"),
		"switched.patch": row("switched", "", "With: soon+era", "Watched: outcome"),
		"rarely.patch":   row("rarely", turning("late = 0", "late = 9")),
		"other.patch":    row("other", turning("early = 0", "early = 4")),
		"harmless.patch": row("harmless", turning("broken = false", "broken = false // so")),
	})
	if err != nil {
		t.Fatal(err)
	}
	return Trials{Tree: standInTree(t), Bugs: c.Bugs, Trials: 4, MaxSeeds: 10, Profile: "default", Parallel: 3}
}

func TestTrials(t *testing.T) {
	trials := standInTrials(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var last Progress
	trials.OnProgress = func(p Progress) { last = p }
	table, err := trials.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := func(seed uint64, property string) *runner.Failure {
		return &runner.Failure{Seed: seed, Property: property, Signature: property + ": so", Faults: 9 - seed/1_000_000, Steps: seed}
	}
	want := map[string]Row{
		// Found with the third seed, the fourth…: the last trial's has the fewest faults.
		"soon": {Fired: "runs-once", Found: 4, SeedsMedian: 4.5, SeedsWorst: 6, Seeds: 18, Smallest: at(3_000_006, "runs-once")},
		// Another property fires one seed before, and then the trial goes on from there: two seeds again.
		"soon+era": {Fired: "runs-once", Found: 4, SeedsMedian: 4.5, SeedsWorst: 6, Seeds: 14 + 8, Smallest: at(3_000_006, "runs-once"),
			Others: []string{"fence-carried"}, SmallestWatched: []string{"runs-once"}},
		// A missed trial counts with all its seeds.
		"rarely": {Fired: "runs-once", Found: 2, SeedsMedian: 10, SeedsWorst: 10, Seeds: 39, Smallest: at(1_000_010, "runs-once")},
		"other": {Fired: "fence-carried", SeedsMedian: 10, SeedsWorst: 10, Seeds: 22 + 4*10 - 18, Smallest: at(3_000_007, "fence-carried"),
			Others: []string{"fence-carried"}},
		"harmless": {SeedsMedian: 10, SeedsWorst: 10, Seeds: 40},
	}
	problems := map[string]string{
		"rarely":   "rarely is missed by runs-once in 2 of 4 trials",
		"other":    "other is caught only by fence-carried, not by runs-once, which is expected",
		"harmless": "harmless is missed by runs-once in 4 of 4 trials",
	}
	var seeds uint64
	for _, got := range table.Rows {
		seeds += got.Seeds
		if got.Problem() != problems[got.Bug.ID] {
			t.Errorf("%s: problem %q, want %q", got.Bug.ID, got.Problem(), problems[got.Bug.ID])
		}
		row, listed := want[got.Bug.ID]
		if !listed {
			continue
		}
		row.Bug, row.Trials, row.Time = got.Bug, 4, got.Time
		if got.Time <= 0 || !reflect.DeepEqual(got, row) {
			t.Errorf("%s:\n%+v %+v\nwant\n%+v %+v", got.Bug.ID, got, got.Smallest, row, row.Smallest)
		}
	}
	for _, got := range table.Rows {
		if got.Bug.ID == "switched" && (got.Found != 4 || got.Others != nil || len(got.SmallestWatched) < 10) {
			t.Errorf("with the layer's property switched off: %+v", got)
		}
	}
	if c := table.Control; c.Seeds != seeds || c.First != nil || c.Problem() != "" {
		t.Errorf("control %+v, want %d seeds and no failure", c, seeds)
	}
	if last != (Progress{Trials: 24, Of: 24}) {
		t.Errorf("progress %+v at the end", last)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The result does not depend on how the work is spread.
func TestTrialsDoNotDependOnWorkers(t *testing.T) {
	trials := standInTrials(t)
	trials.Bugs = trials.Bugs[:2]
	var tables []*Table
	for _, parallel := range []int{1, 5} {
		trials.Parallel = parallel
		table, err := trials.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		table.Time, table.Control.Time = 0, 0
		for i := range table.Rows {
			table.Rows[i].Time = 0
		}
		tables = append(tables, table)
	}
	if !reflect.DeepEqual(tables[0], tables[1]) {
		t.Errorf("one worker:\n%+v\nfive:\n%+v", tables[0], tables[1])
	}
}

func TestFateOfOneProperty(t *testing.T) {
	trials := standInTrials(t)
	trials.MaxSeeds = 5
	b := trials.Bugs[slices.IndexFunc(trials.Bugs, func(b *Bug) bool { return b.ID == "soon+era" })]
	program, err := b.Build(t.Context(), trials.Tree)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := program.Close(); err != nil {
			t.Error(err)
		}
	}()
	for property, want := range map[string]uint64{"runs-once": 3, "no-stuck": 0, "fence-carried": 2} { // the seed that violates it
		f, err := trials.FateOf(t.Context(), program, property)
		if err != nil {
			t.Fatal(err)
		}
		if f.Property != property || (f.Smallest != nil) != (want > 0) || f.Violations != min(want, 1) || want > 0 && f.Smallest.Seed != want {
			t.Errorf("%+v %+v, want %s at seed %d", f, f.Smallest, property, want)
		}
	}
}

func TestControlThatFails(t *testing.T) {
	for _, test := range []struct{ word, want string }{
		{"late = 7", "the engine as it is violates runs-once at seed 7: onceover replay 7 --profile default"},
		{"unknown = 2", "the engine as it is, a check gave up on 2 of 28 seeds: onceover run --seeds 28 --profile default"},
	} {
		trials := standInTrials(t)
		c, err := Read(fstest.MapFS{"harmless.patch": row("harmless", turning("broken = false", "broken = false // so"))})
		if err != nil {
			t.Fatal(err)
		}
		trials.Bugs, trials.MaxSeeds = c.Bugs, 7
		name, _, _ := strings.Cut(test.word, " ")
		changed := strings.Replace(words, name+" = 0", test.word, 1)
		if err := os.WriteFile(filepath.Join(trials.Tree.Root(), "cmd", "onceover", "words.go"), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := trials.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Control.Problem(); !strings.Contains(got, test.want) || !slices.Contains(table.Problems(), got) {
			t.Errorf("problem %q, want %q; of the table: %q", got, test.want, table.Problems())
		}
	}
}

func TestTrialsThatCannotBeDone(t *testing.T) {
	for _, test := range []struct{ name, diff, want string }{
		{"stale", turning("late = 1", "late = 2"), "bug x: patch x does not fit cmd/onceover/words.go any more: hunk 1"},
		{"does not compile", turning("late = 0", "late = luck"), "bug x does not compile: build ./cmd/onceover: cmd/onceover/words.go:4"},
		{"broken", turning("broken = false", "broken = true"), "bug x: onceover run --from "},
		{"broken", turning("broken = false", "broken = true"), "exit code 3: the simulator broke"},
	} {
		t.Run(test.name, func(t *testing.T) {
			temporary := t.TempDir()
			trials := standInTrials(t)
			t.Setenv("TMPDIR", temporary)
			c, err := Read(fstest.MapFS{"x.patch": row("x", test.diff)})
			if err != nil {
				t.Fatal(err)
			}
			trials.Bugs = c.Bugs
			_, err = trials.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestTrialsEndWithTheirContext(t *testing.T) {
	temporary := t.TempDir()
	trials := standInTrials(t)
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithCancel(t.Context())
	trials.OnProgress = func(Progress) { cancel() }
	if table, err := trials.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v; want that it was cancelled", table, err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestTrialsKeepWhatIsDone ends trials when those of one bug are done: its row is there.
func TestTrialsKeepWhatIsDone(t *testing.T) {
	trials := standInTrials(t)
	trials.Parallel, trials.Bugs = 1, trials.Bugs[:2]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	trials.OnProgress = func(p Progress) {
		if p.Trials == trials.Trials {
			cancel()
		}
	}
	table, err := trials.Run(ctx)
	if !errors.Is(err, context.Canceled) || len(table.Rows) != 1 || table.Rows[0].Bug != trials.Bugs[0] || table.Rows[0].Trials != trials.Trials {
		t.Errorf("table %+v, error %v; want the row of %s", table, err, trials.Bugs[0].ID)
	}
}

func TestBaseline(t *testing.T) {
	c := &Catalogue{Bugs: []*Bug{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	trials := &Trials{Profile: "default", Trials: 20, MaxSeeds: 2000}
	rows := []Row{{Bug: c.Bugs[0], SeedsMedian: 7.5}, {Bug: c.Bugs[1], SeedsMedian: 1}}
	path := filepath.Join(t.TempDir(), "baseline.json")
	if err := NewBaseline(trials, rows).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "profile": "default",
  "trials": 20,
  "max_seeds": 2000,
  "seeds_median": {
    "a": 7.5,
    "b": 1
  }
}
`
	if string(content) != want {
		t.Errorf("wrote\n%s\nwant\n%s", content, want)
	}
	b, err := ParseBaseline(content)
	if err != nil {
		t.Fatal(err)
	}
	if problems := b.Compare(rows, c); problems != nil {
		t.Errorf("beside itself: %q", problems)
	}
	if err := b.Measured(trials); err != nil {
		t.Error(err)
	}
	if err := b.Measured(&Trials{Profile: "storm", Trials: 20, MaxSeeds: 2000}); err == nil || !strings.Contains(err.Error(), "--profile storm") {
		t.Errorf("of another profile: %v", err)
	}
	worse := []Row{{Bug: c.Bugs[0], SeedsMedian: 15}, {Bug: c.Bugs[1], SeedsMedian: 1.5}, {Bug: c.Bugs[2], SeedsMedian: 4}}
	got := b.Compare(worse, &Catalogue{Bugs: c.Bugs[:1]})
	if wanted := []string{"a takes 15 seeds (median), and took 7.5", "c is not in the baseline", "b is in the baseline, but not in the catalogue"}; !slices.Equal(got, wanted) {
		t.Errorf("problems %q, want %q", got, wanted)
	}
	if problems := b.Compare([]Row{{Bug: c.Bugs[0], SeedsMedian: 14.5}}, c); problems != nil {
		t.Errorf("not quite twice as many: %q", problems)
	}
}

func TestParseBaselineRefuses(t *testing.T) {
	for _, test := range []struct{ content, want string }{
		{"", "is no baseline: EOF"},
		{"[]", "is no baseline: json: cannot unmarshal array"},
		{"{}", `it needs "profile", "trials", "max_seeds" and "seeds_median"`},
		{`{"profile":"default","trials":20,"max_seeds":2000,"seeds_median":{"a":1}} {}`, "something follows"},
		{`{"profile":"default","trials":20,"max_seeds":2000,"seeds_median":{"a":0}}`, `the median of "a" is 0: allowed are numbers from 1 on`},
		{`{"profile":"default","trials":20,"max_seeds":2000,"medians":{}}`, `unknown field "medians"`},
	} {
		b, err := ParseBaseline([]byte(test.content))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v, %v; want %q", test.content, b, err, test.want)
		}
	}
}

func FuzzParseBaseline(f *testing.F) {
	f.Add([]byte(`{"profile":"default","trials":20,"max_seeds":2000,"seeds_median":{"a":1.5}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := ParseBaseline(content)
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "baseline.json")
		if err := b.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		written, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseBaseline(written); err != nil || !reflect.DeepEqual(again, b) {
			t.Errorf("read %+v, then %+v, %v", b, again, err)
		}
	})
}
