package runner

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// standIn takes the place of the command. It prints its arguments as the path of a replay file; a variable selects
// something else.
const standIn = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	switch os.Getenv("STAND_IN") {
	case "wrong usage":
		fmt.Fprintln(os.Stderr, "onceover: unknown flag: --luck\nand more")
		os.Exit(2)
	case "no memory":
		var all [][]byte
		for {
			all = append(all, make([]byte, 1<<28))
		}
	case "hangs":
		time.Sleep(time.Hour)
	case "no JSON":
		fmt.Println("pass: 7 seeds")
		return
	}
	file, _ := json.Marshal(strings.Join(os.Args[1:], " "))
	fmt.Printf("{\"seeds\": %d, \"verdict\": %q, \"replay_file\": %s, \"trace_hash\": %[3]s}\n", number, "unknown", file)
	os.Exit(3)
}
`

// build builds the stand-in, with a number of its own.
func build(t *testing.T, number string) *Program {
	t.Helper()
	root := t.TempDir()
	directory := filepath.Join(root, "cmd", "onceover")
	err := os.MkdirAll(directory, 0o755)
	for path, content := range map[string]string{
		filepath.Join(root, "go.mod"):         "module " + overlay.Module + "\n",
		filepath.Join(directory, "main.go"):   standIn,
		filepath.Join(directory, "number.go"): "package main\n\nconst number = 1\n",
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
	p, err := Build(t.Context(), tree, overlay.Edits{"cmd/onceover/number.go": "package main\n\nconst number = " + number + "\n"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(p.Path()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the program is still there: %v", err)
		}
	})
	return p
}

func TestProgram(t *testing.T) {
	p := build(t, "7")
	c := Campaign{From: 3, Seeds: 9, Profile: "storm", Properties: []string{"runs-once", "no-stuck"}, Parallel: 2, FailFast: true}
	s, err := p.Run(t.Context(), c)
	want := "run --from 3 --seeds 9 --profile storm --properties runs-once,no-stuck --parallel 2 --fail-fast --json --out " + p.File("failures")
	if err != nil || s.Seeds != 7 || s.TraceHash != want {
		t.Errorf("run: %+v, %v; want 7 seeds of %q", s, err, want)
	}
	r, err := p.Replay(t.Context(), "a.json")
	if want := "replay a.json --json"; err != nil || r.Verdict != run.Unknown || r.TraceHash != want {
		t.Errorf("replay: %+v, %v; want a verdict of %q", r, err, want)
	}
	m, err := p.Minimise(t.Context(), 17, "calm", nil, "b.json")
	if want := "replay 17 --profile calm --properties all --minimise --json --out b.json"; err != nil || m.ReplayFile != want {
		t.Errorf("minimise: %+v, %v; want what %q prints", m, err, want)
	}
}

func TestProgramThatDoesNotAnswer(t *testing.T) {
	p := build(t, "1")
	for _, test := range []struct{ what, want string }{
		{"wrong usage", "onceover run --from 1 --seeds 1 --profile calm --properties all --parallel 1 --json --out " + p.File("failures") + ": exit code 2: unknown flag: --luck"},
		{"no JSON", "what it prints is not the expected JSON: invalid character 'p'"},
	} {
		t.Setenv("STAND_IN", test.what)
		_, err := p.Run(t.Context(), Campaign{From: 1, Seeds: 1, Profile: "calm", Parallel: 1})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q in one line", test.what, err, test.want)
		}
	}
	missing := &Program{t.TempDir()}
	if _, err := missing.Replay(t.Context(), "a.json"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a program: %v", err)
	}
}

func TestLimitsOfAProgram(t *testing.T) {
	p := build(t, "1")
	exit, err := p.Start(t.Context(), Invocation{Environment: []string{"STAND_IN=no memory"}, MemoryMax: 2 << 20})
	if err != nil || !exit.OutOfMemory() || len(exit.Stdout) > 0 {
		t.Errorf("with little memory: %+v, %v", exit, err)
	}
	exit, err = p.Start(t.Context(), Invocation{Environment: []string{"STAND_IN=wrong usage"}, MemoryMax: 2 << 20})
	if err != nil || exit.OutOfMemory() || exit.Code != 2 || exit.Complaint() != "unknown flag: --luck" {
		t.Errorf("wrong usage: %+v, %v", exit, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if exit, err := p.Start(ctx, Invocation{Environment: []string{"STAND_IN=hangs"}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without an end: %+v, %v", exit, err)
	}
}

func TestBuildThatFailsLeavesNothing(t *testing.T) {
	temporary := t.TempDir()
	tree, err := overlay.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temporary)
	var refused *overlay.BuildError
	if _, err := Build(t.Context(), tree, overlay.Edits{"cmd/onceover/main.go": "package luck"}); !errors.As(err, &refused) {
		t.Errorf("error %v, want that of the compiler", err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What the command writes and what a program's answer is read into are the same types; this shows that nothing is lost
// between them.
func TestAnswersReadAsTheyAreWritten(t *testing.T) {
	violation := &run.Violation{Property: "runs-once", Cause: "second session", Message: "R1 ran twice", At: 1500 * time.Millisecond}
	failed := run.Result{Seed: 1<<64 - 1, Verdict: run.Violated, Violation: violation, Hash: 255, Steps: 40, Virtual: 2 * time.Second}
	failed.Faults = run.NewCounts(run.NewNames("process.crash", "process.pause"), 3, 0)
	failed.Goals = run.NewCounts(run.NewNames("over-http", "events-shown"), 0, 4)
	failed.Inputs = run.NewCounts(run.NewNames("empty", "long"), 0, 2)
	runs := uint64(5)
	s := &campaign.Summary{Profile: "storm", Seeds: 5, Steps: 40, Wall: time.Second, Violations: 1, TraceHash: 7, Failures: []run.Result{failed}}
	s.Faults.Merge(failed.Faults)
	s.Goals.Merge(failed.Goals)
	s.Inputs.Merge(failed.Inputs)
	summary := NewSummary(s, Store{Name: "postgres", Found: "url", Server: "a server", Runs: &runs, Equal: &runs}, func(seed uint64) string { return "there.json" })
	if f := summary.Failures[0]; f.Faults != 3 || f.Signature != violation.Signature() || f.ReplayFile != "there.json" {
		t.Errorf("failure %+v", f)
	}
	recorded := &run.Replay{Seed: failed.Seed, Profile: "storm", Signature: violation.Signature(), EngineVersion: "v0.1.0"}
	line := &run.Line{Step: 4, At: time.Second, Actor: "app-1", Text: "claims R1"}
	replayed := NewReplayed(recorded, run.Bug{Name: "soon"}, failed, &summary.Store)
	if replayed.Verdict != run.Violated || replayed.Violation.AtSeconds != 1.5 || replayed.Recorded == "" || replayed.RecordedBy.Version != "v0.1.0" || replayed.Determinism != nil {
		t.Errorf("replayed %+v", replayed)
	}
	different := NewReplayed(recorded, run.Bug{Name: "soon"}, failed, nil)
	different.Repeated(10, &campaign.Mismatch{Circumstances: "in a fresh world", Expected: line, Other: run.Result{Hash: 1}})
	if different.Verdict != run.NotDeterministic || different.Determinism.GotLine != nil || different.Determinism.ExpectedLine.Actor != "app-1" {
		t.Errorf("not deterministic: %+v %+v", different, different.Determinism)
	}
	equal := NewReplayed(recorded, run.Bug{Name: "soon"}, failed, nil)
	equal.Repeated(10, nil)
	if equal.Verdict != run.Violated || !equal.Determinism.Equal {
		t.Errorf("deterministic: %+v %+v", equal, equal.Determinism)
	}
	minimised := &Minimised{
		Facts:      explain.Describe(run.Spec{Seed: failed.Seed, Profile: "storm", Properties: []string{"runs-once"}}, failed),
		ReplayFile: "there.json",
	}
	minimised.Minimised = &explain.Minimised{Sizes: []explain.Size{{Name: "faults", Before: 3, After: 1}}, Runs: 100, Steps: 4_000, Complete: true, WallSeconds: 0.25}
	minimised.Necessary = []kernel.Key{{Actor: "app-1", Operation: "store.claim.fault", Occurrence: 2}}
	minimised.Story = []explain.Entry{{At: 1500 * time.Millisecond, Actor: "app-1", Text: "claims R1", Necessary: true, Count: 1}}
	minimised.PointOfNoReturn = &explain.PointOfNoReturn{
		Calm:   explain.Curve{Continuation: explain.Calm, Branches: 32, Points: []explain.Point{{Step: 4, At: time.Second, Same: 3, Any: 4, Low: 0.5, High: 0.75, Actor: "app-1", What: "claims R1", Exactly: true}}, Jump: -1},
		Stormy: explain.Curve{Branches: 32, Points: []explain.Point{}}, Runs: 64, Complete: true,
	}
	for _, written := range []any{summary, replayed, different, equal, minimised} {
		content, err := json.Marshal(written)
		if err != nil {
			t.Fatal(err)
		}
		read := reflect.New(reflect.TypeOf(written).Elem()).Interface()
		if err := (&Exit{Stdout: content}).Read(read); err != nil || !reflect.DeepEqual(read, written) {
			t.Errorf("%T is read as\n%+v (%v), want\n%+v; the JSON is %s", written, read, err, written, content)
		}
	}
}

func TestSmallerFailure(t *testing.T) {
	list := []*Failure{{Faults: 2, Steps: 1, Seed: 1}, {Faults: 1, Steps: 9, Seed: 1}, {Faults: 1, Steps: 8, Seed: 7}, {Faults: 1, Steps: 8, Seed: 6}}
	slices.SortFunc(list, func(a, b *Failure) int {
		if a.Smaller(b) {
			return -1
		}
		return 1
	})
	var seeds []uint64
	for _, f := range list {
		seeds = append(seeds, f.Faults*100+f.Steps*10+f.Seed)
	}
	if want := []uint64{186, 187, 191, 211}; !slices.Equal(seeds, want) {
		t.Errorf("in the order of their size: %v, want %v", seeds, want)
	}
}
