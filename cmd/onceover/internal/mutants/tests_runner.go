package mutants

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/campaign"
)

// A TestRunner builds mutants into test binaries and into the command, and runs [Trial]s over each of them until one
// fails. All fields must be set.
type TestRunner struct {
	Tree   overlay.Tree
	Trials []Trial
	// Environment is what programs get besides that of this process, as KEY=value.
	Environment []string
	// Parallel is how many mutants are run at the same time.
	Parallel int
	// Timeout is how long one trial may take on the wall clock, or [slowestFactor] times what it takes without a mutant
	// if that is longer.
	Timeout time.Duration
	// OnResult is called with each result, in the order in which they come.
	OnResult func(Result)
}

// A builtTrial is a trial with its executable.
type builtTrial struct {
	*Trial
	executable string
	timeout    time.Duration
}

// Run runs the mutants, each through all trials until one kills it. It returns the results in the order of the mutants:
// of those that were done, when the context ended before. An error reports that nothing could be built or run, or that
// the sources as they are do not pass.
func (r *TestRunner) Run(ctx context.Context, mutants []Mutant) (results []Result, err error) {
	directory, err := os.MkdirTemp("", "onceover-tested-*")
	if err != nil {
		return nil, fmt.Errorf("build the mutants: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	trials, err := r.build(ctx, directory, mutants)
	if err != nil {
		return nil, err
	}
	for i := range trials {
		if err := r.baseline(ctx, &trials[i]); err != nil {
			return nil, err
		}
	}
	done := make([]Result, len(mutants))
	var reporting sync.Mutex
	err = campaign.Distribute(ctx, r.Parallel, uint64(len(mutants)), func(ctx context.Context, _ int, i uint64) error {
		result, err := r.judge(ctx, trials, &mutants[i])
		switch {
		case ctx.Err() != nil:
			return nil // it was cut short, so it has no verdict
		case err != nil:
			return err
		}
		done[i] = result
		reporting.Lock()
		defer reporting.Unlock()
		r.OnResult(result)
		return nil
	})
	return slices.DeleteFunc(done, func(result Result) bool { return result.Fate == 0 }), err
}

// build builds the executables of the trials that judge any of the mutants.
func (r *TestRunner) build(ctx context.Context, directory string, mutants []Mutant) ([]builtTrial, error) {
	edits, err := r.edits(mutants)
	if err != nil {
		return nil, err
	}
	built := make(map[string]string) // by package
	var trials []builtTrial
	for i := range r.Trials {
		t := &r.Trials[i]
		if !slices.ContainsFunc(mutants, t.Judges) {
			continue
		}
		executable, is := built[t.Package]
		if !is {
			executable = filepath.Join(directory, strconv.Itoa(len(built)))
			if t.Package == "" {
				err = r.Tree.Build(ctx, edits, "./cmd/onceover", executable)
			} else {
				err = r.Tree.BuildTest(ctx, edits, "./"+t.Package, executable)
			}
			if err != nil {
				return nil, fmt.Errorf("the sources with their mutants: %w", err)
			}
			built[t.Package] = executable
		}
		trials = append(trials, builtTrial{Trial: t, executable: executable})
	}
	return trials, nil
}

// edits returns the sources with all mutants in them: those of Go, or those of SQL, which are not mixed.
func (r *TestRunner) edits(mutants []Mutant) (overlay.Edits, error) {
	accepted := slices.DeleteFunc(slices.Clone(mutants), func(m Mutant) bool { return m.Refused != "" })
	if len(accepted) > 0 && accepted[0].Scope == sqlScope {
		return sqlSchema(accepted, r.Tree.Read)
	}
	return schemata(accepted), nil
}

// baseline runs a trial without a mutant, which it has to pass, and sets its timeout.
func (r *TestRunner) baseline(ctx context.Context, t *builtTrial) error {
	began := time.Now()
	fate, by, err := r.try(ctx, t, 0, baselineMax)
	if err == nil && fate != Survived {
		err = fmt.Errorf("the sources as they are do not pass (%s %s): mutants mean nothing until they do", fate, by)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	t.timeout = max(r.Timeout, slowestFactor*time.Since(began))
	return nil
}

// judge runs the trials of a mutant until one of them kills it.
func (r *TestRunner) judge(ctx context.Context, trials []builtTrial, m *Mutant) (Result, error) {
	result := Result{Mutant: m}
	if m.Refused != "" {
		result.Fate, result.By = NotCompiled, m.Refused
		return result, nil
	}
	result.Fate = Survived
	for i := range trials {
		t := &trials[i]
		if !t.Judges(*m) {
			continue
		}
		fate, by, err := r.try(ctx, t, m.number, t.timeout)
		if err != nil {
			return result, fmt.Errorf("%s: %s: %w", m.ID(), t.Name, err)
		}
		if fate != Survived {
			result.Fate, result.By, result.Profile = fate, by, t.Name
			return result, nil
		}
	}
	return result, nil
}

// grace is how long a test binary gets to end by itself when its time is up.
const grace = 10 * time.Second

// try runs one trial with a mutant, or with none if the number is 0. by is the test that failed, or was running.
func (r *TestRunner) try(ctx context.Context, t *builtTrial, number int, timeout time.Duration) (fate Fate, by string, err error) {
	in := runner.Invocation{
		Arguments: t.Arguments, MemoryMax: memoryMax,
		Environment: append(slices.Clone(r.Environment), fmt.Sprintf("%s=%d", selector, number)),
	}
	if t.Package != "" {
		in.Directory = filepath.Join(r.Tree.Root(), filepath.FromSlash(t.Package))
		in.Arguments = append([]string{"-test.failfast", "-test.timeout=" + timeout.String()}, in.Arguments...)
		if strings.Contains(strings.Join(t.Arguments, " "), "-rapid.") {
			in.Arguments = append(in.Arguments, "-rapid.shrinktime=1ms", "-rapid.nofailfile") // that it fails is enough
		}
	}
	limited, cancel := context.WithTimeout(ctx, timeout+grace)
	defer cancel()
	exit, err := runner.Execute(limited, t.executable, in)
	switch {
	case ctx.Err() != nil:
		return 0, "", ctx.Err()
	case limited.Err() != nil:
		return Hung, fmt.Sprintf("not done after %s", timeout.Round(time.Second)), nil
	case err != nil:
		return 0, "", err
	case exit.Code == 0:
		return Survived, "", nil
	case t.Package == "":
		return certified(exit)
	}
	return tested(exit)
}

var (
	failedTest  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	runningTest = regexp.MustCompile(`running tests:\s+(\S+)`)
	panicked    = regexp.MustCompile(`(?m)^(panic: .*|fatal error: .*)$`)
)

// tested returns what a failed run of tests means. The innermost test that failed is printed last. A test that hangs
// after another one has failed changes nothing.
func tested(exit *runner.Exit) (Fate, string, error) {
	output := string(exit.Stdout) + string(exit.Stderr)
	if failed := failedTest.FindAllStringSubmatch(output, -1); len(failed) > 0 {
		return Killed, failed[len(failed)-1][1], nil
	}
	if strings.Contains(output, "panic: test timed out") {
		by := "no test"
		if running := runningTest.FindStringSubmatch(output); running != nil {
			by = running[1]
		}
		return Hung, by, nil
	}
	if message := panicked.FindString(output); message != "" {
		return Killed, message, nil
	}
	return Unknown, fmt.Sprintf("exit code %d: %s", exit.Code, exit.Complaint()), nil
}

// exitViolated is the exit code of a certificate that is refused.
const exitViolated = 1

// certified returns what a certificate that is no pass means.
func certified(exit *runner.Exit) (Fate, string, error) {
	if exit.Code != exitViolated {
		return Unknown, fmt.Sprintf("exit code %d: %s", exit.Code, exit.Complaint()), nil
	}
	return Killed, snippet(exit.Complaint()), nil
}
