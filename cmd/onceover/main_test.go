package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"onceover": main,
		// The same with a simulator that finds things: what a failure looks like can't wait for a bug of the engine.
		"onceover-finding": func() {
			a := standard()
			a.newWorld = newFindingWorld
			os.Exit(a.execute(os.Args[1:]))
		},
		// The same with one that finds what a variable names, with any seeds.
		"onceover-night": func() {
			a := standard()
			a.newWorld = newNightWorld
			os.Exit(a.execute(os.Args[1:]))
		},
		// The same with stores in memory in the place of a Postgres, which a variable makes wrong in some way.
		"onceover-stores": func() {
			a := standard()
			a.findServer = findMemory
			os.Exit(a.execute(os.Args[1:]))
		},
		// The same with a catalogue of bugs that are quickly found, or not at all.
		"onceover-buggy": func() {
			a := standard()
			a.catalogue = func() (*bugs.Catalogue, error) { return bugs.Read(os.DirFS(os.Getenv("CATALOGUE"))) }
			os.Exit(a.execute(os.Args[1:]))
		},
		"exit-code-is": checkExitCode,
		"summary-is":   checkSummary,
	})
}

// TestScripts tests the command line as users type it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			directory, err := os.Getwd()
			e.Setenv("SOURCES", filepath.Join(directory, "..", ".."))
			e.Setenv("CATALOGUE", filepath.Join(directory, "testdata", "bugs"))
			// What is built from source comes from the cache that this test was built with.
			for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
				value, asked := exec.CommandContext(context.Background(), "go", "env", name).Output()
				err = errors.Join(err, asked)
				e.Setenv(name, strings.TrimSpace(string(value)))
			}
			return err
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"refused": refused, "capture": capture},
	})
}

// refused is the command "refused PATTERN onceover ARGUMENTS…": wrong usage ends with exit code 2, one line on
// standard error that contains the pattern, and nothing on standard output.
func refused(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: refused TEXT COMMAND ARGUMENTS…")
	}
	want, command := arguments[0], arguments[1:]
	run := exec.CommandContext(context.Background(), command[0], command[1:]...)
	run.Dir = ts.MkAbs(".")
	run.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), "CATALOGUE="+ts.Getenv("CATALOGUE"), "STORES="+ts.Getenv("STORES"),
		"ONCEOVER_DATABASE_URL="+ts.Getenv("ONCEOVER_DATABASE_URL"))
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	err := run.Run()
	if code := run.ProcessState.ExitCode(); code != exitUsage {
		ts.Fatalf("%q: exit code %d (%v), want %d", command, code, err, exitUsage)
	}
	if stdout.Len() > 0 {
		ts.Fatalf("%q: wrote to standard output: %s", command, stdout.String())
	}
	line, whole := strings.CutSuffix(stderr.String(), "\n")
	if !whole || strings.Contains(line, "\n") || !strings.HasPrefix(line, "onceover: ") {
		ts.Fatalf("%q: standard error is no single line: %q", command, stderr.String())
	}
	if !strings.Contains(line, want) {
		ts.Fatalf("%q: error %q does not contain %q", command, line, want)
	}
	ts.Logf("%s", line)
}

// capture is the command "capture NAME PATTERN": what the group of a pattern matches in the standard output of the
// last command becomes a variable.
func capture(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 2 {
		ts.Fatalf("usage: capture NAME PATTERN")
	}
	found := regexp.MustCompile(arguments[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("standard output has no %s with one group", arguments[1])
	}
	ts.Setenv(arguments[0], found[1])
}

// checkExitCode is the command "exit-code-is CODE COMMAND ARGUMENTS…".
func checkExitCode() {
	run := exec.CommandContext(context.Background(), os.Args[2], os.Args[3:]...)
	run.Stdout, run.Stderr = os.Stdout, os.Stderr
	err := run.Run()
	if got := fmt.Sprint(run.ProcessState.ExitCode()); got != os.Args[1] {
		fmt.Fprintf(os.Stderr, "exit code %s (%v), want %s\n", got, err, os.Args[1])
		os.Exit(1)
	}
}

// checkSummary is the command "summary-is SEEDS": a machine that reads onceover run --json from standard input, and
// accepts the fields that it knows and no others.
func checkSummary() {
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	var s struct {
		Verdict        string   `json:"verdict"`
		Profile        string   `json:"profile"`
		From           string   `json:"from"`
		Bug            *string  `json:"bug"`
		Version        string   `json:"version"`
		Interrupted    *bool    `json:"interrupted"`
		Seeds          *uint64  `json:"seeds"`
		Steps          *uint64  `json:"steps"`
		Operations     *uint64  `json:"operations"`
		VirtualSeconds *float64 `json:"virtual_seconds"`
		WallSeconds    *float64 `json:"wall_seconds"`
		StepsPerSecond *float64 `json:"steps_per_second"`
		SeedsPerMinute *float64 `json:"seeds_per_minute"`
		Violations     *uint64  `json:"violations"`
		Unknown        *uint64  `json:"unknown"`
		Store          *struct {
			Name   string  `json:"name"`
			Found  string  `json:"found"`
			Server string  `json:"server"`
			Runs   *uint64 `json:"runs"`
			Equal  *uint64 `json:"equal"`
		} `json:"store"`
		Faults    map[string]uint64  `json:"faults"`
		Goals     map[string]uint64  `json:"goals"`
		Inputs    map[string]uint64  `json:"inputs"`
		Failures  *[]json.RawMessage `json:"failures"`
		Ways      *[]json.RawMessage `json:"ways"`
		TraceHash *string            `json:"trace_hash"`
	}
	err := decoder.Decode(&s)
	switch {
	case err != nil:
	case decoder.More():
		err = fmt.Errorf("something follows the object")
	case s.Seeds == nil || s.Steps == nil || s.Operations == nil || s.VirtualSeconds == nil || s.WallSeconds == nil ||
		s.StepsPerSecond == nil || s.SeedsPerMinute == nil || s.Violations == nil || s.Unknown == nil ||
		len(s.Faults) == 0 || len(s.Goals) < 20 || len(s.Inputs) < 100 || s.Failures == nil || s.TraceHash == nil ||
		s.Store == nil || s.Store.Name == "" || s.Verdict == "" || s.Profile == "" || s.From == "" || s.Bug == nil ||
		s.Version == "" || s.Interrupted == nil:
		err = fmt.Errorf("a field is missing: %+v", s)
	case fmt.Sprint(*s.Seeds) != os.Args[1]:
		err = fmt.Errorf("%d seeds, want %s", *s.Seeds, os.Args[1])
	case s.Store.Name != "model" && (s.Store.Found == "" || s.Store.Server == "" || fmt.Sprint(*s.Store.Runs) != os.Args[1] || *s.Store.Equal != *s.Store.Runs):
		err = fmt.Errorf("not every run was compared: %+v", s.Store)
	case *s.Steps == 0 || *s.Operations == 0 || *s.VirtualSeconds == 0 || *s.WallSeconds == 0:
		err = fmt.Errorf("nothing was done: %+v", s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
	fmt.Println(*s.TraceHash)
}

// findingWorld is a world that finds something in some seeds.
type findingWorld struct{ *world.Deployment }

func newFindingWorld() run.World { return findingWorld{world.New()} }

// What the seeds of a findingWorld come to.
const (
	seedViolated         = 107
	seedUnknown          = 108
	seedNotDeterministic = 109
	seedViolatedToo      = 117 // as seedViolated
	seedViolatedOther    = 127
	seedBroken           = 150
	seedCrashed          = 209 // violated when a process crashes and a review is submitted
)

var findings atomic.Uint64

func (w findingWorld) Run(spec run.Spec) run.Result {
	violated := func(cause string) *run.Violation {
		return &run.Violation{Property: "runs-once", Cause: cause, Message: "review R1 was executed twice, because " + cause}
	}
	trace := spec.Trace
	if spec.Seed == seedNotDeterministic && trace != nil {
		spec.Trace = func(line run.Line) {
			if line.Step > 3 {
				line.Text += fmt.Sprint(" for the ", findings.Add(1))
			}
			trace(line)
		}
	}
	crashed, submitted := false, false
	if spec.Seed == seedCrashed {
		w.Deployment.OnRecord = func(_ uint64, r *checker.Record) {
			crashed = crashed || r.Kind == checker.ProcessCrashed
			submitted = submitted || r.Kind == checker.StoreChanged
		}
	}
	outcome := w.Deployment.Run(spec)
	w.Deployment.OnRecord = nil
	if crashed && submitted {
		outcome.Verdict, outcome.Violation = run.Violated, &run.Violation{
			Property: "no-lost-events", Cause: "made up of a crash and a review", Message: "a process crashed, and a review was there",
		}
	}
	switch spec.Seed {
	case seedViolated, seedViolatedToo:
		outcome.Verdict, outcome.Violation = run.Violated, violated("it was made up")
	case seedViolatedOther:
		outcome.Verdict, outcome.Violation = run.Violated, violated("it was made up again")
	case seedUnknown:
		outcome.Verdict, outcome.Unknown = run.Unknown, "linearizable: gave-up after 5 s"
	case seedNotDeterministic:
		outcome.Verdict, outcome.Violation = run.Violated, violated("it was made up")
		outcome.Hash += findings.Add(1)
	case seedBroken:
		panic("made up")
	}
	return outcome
}

// TestInterrupt sends signals to a campaign without end.
func TestInterrupt(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "onceover", "run", "--seeds", "1000000000000", "--profile", "calm")
			command.Dir = t.TempDir()
			stdout, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			var stderr strings.Builder
			command.Stderr = &stderr
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			// The title is printed when signals are already listened to.
			lines := bufio.NewScanner(stdout)
			if !lines.Scan() || !strings.HasPrefix(lines.Text(), "onceover: 1,000,000,000,000 seeds from 1, profile calm") {
				t.Fatalf("first line %q, want the title", lines.Text())
			}
			if err := command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var rest strings.Builder
			last := ""
			for lines.Scan() {
				last = lines.Text()
				fmt.Fprintln(&rest, last)
			}
			_ = command.Wait() // the exit code is the answer
			if code := command.ProcessState.ExitCode(); code != run.Unknown.ExitCode() {
				t.Errorf("exit code %d, want that of an unknown verdict; standard error: %s", code, stderr.String())
			}
			if !strings.Contains(rest.String(), "then interrupted") || !strings.HasPrefix(last, "unknown: interrupted after ") {
				t.Errorf("want the summary of what was done, with a verdict; got:\n%s", rest.String())
			}
			if stderr.Len() > 0 {
				t.Errorf("standard error: %s", stderr.String())
			}
		})
	}
}
