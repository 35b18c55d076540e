package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// A Fate is what became of a mutant.
type Fate uint8

const (
	// Killed: a property was violated.
	Killed Fate = iota + 1
	// Blinded: no property was violated, but a coverage goal that the engine reaches
	// often was never reached. A campaign says so, and the mutant counts as killed.
	Blinded
	// Survived: all seeds passed.
	Survived
	// Unknown: a run ended without a verdict, in its step limit for instance.
	Unknown
	// RanAway: the simulation used up its time or memory, most likely within one step
	// that never ends. A campaign that does not come back is noticed, and the mutant
	// counts as killed, as with other tools (PIT, Stryker: "timed out" is detected).
	RanAway
	// NotCompiled: the compiler refused it, so it is no mutant.
	NotCompiled
)

var fateNames = [...]string{"", "killed", "killed by a goal", "survived", "unknown", "ran away", "did not compile"}

// String returns the fate in words.
func (f Fate) String() string {
	if int(f) < len(fateNames) {
		return fateNames[f]
	}
	return fmt.Sprintf("Fate(%d)", uint8(f))
}

// MarshalText writes the fate as [Fate.String] does.
func (f Fate) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// A Stage is a share of the seeds that a mutant has to get through.
type Stage struct {
	Profile string
	Seeds   uint64
}

// Stages splits a number of seeds, at least 2, into the two profiles in which a
// bug has to be found: half in default, which is quick, then half in storm.
func Stages(seeds uint64) []Stage {
	return []Stage{{"default", seeds - seeds/2}, {"storm", seeds / 2}}
}

// A Result is what became of one mutant.
type Result struct {
	Mutant *Mutant
	Fate   Fate
	// By is the property or goal that killed it; what else there is to say, otherwise.
	By string
	// Profile and Seed are where it was killed. Seeds is how many were run until
	// then, over all stages.
	Profile string
	Seed    uint64
	Seeds   uint64
	// SameTrace: every step of every run was that of the engine as it is.
	SameTrace bool
}

// goalCountLeast is how often the engine must reach a goal in a stage for its
// absence to be no accident: of something that is expected 20 times, none at all
// comes by chance once in e^20, 500 million, stages.
const goalCountLeast = 20

// memoryMax is the address space of a simulation, in KiB. One takes 0.1 GiB of
// memory, and Go reserves some more; a mutant that allocates in a circle would
// take all there is.
const memoryMax = 4 << 20

// baselineMax is how long a stage may take without a mutant: one that takes longer
// hangs itself.
const baselineMax = time.Hour

// slowestFactor is how much slower than the engine as it is a mutant has to be to count
// as one that never ends.
const slowestFactor = 10

// A Runner builds mutants, all into one program, and runs the simulation over each. All fields must be
// set.
type Runner struct {
	Tree   overlay.Tree
	Stages []Stage
	// Parallel is how many mutants are run at the same time.
	Parallel int
	// Timeout is how long one stage of a mutant may take on the wall clock, or
	// [slowestFactor] times what it takes without a mutant if that is longer.
	Timeout time.Duration
	// OnResult is told of each result, in the order in which they come.
	OnResult func(Result)
}

// Run runs the mutants, each against all stages until it is killed. It returns
// the results in the order of the mutants: of those that were done, when the
// context ended before. An error tells that nothing could be built or run, or that the
// engine itself does not pass.
func (r *Runner) Run(ctx context.Context, mutants []Mutant) (results []Result, err error) {
	scratch, err := os.MkdirTemp("", "onceover-mutants-*")
	if err != nil {
		return nil, fmt.Errorf("mutants: %w", err)
	}
	defer func() {
		if removed := os.RemoveAll(scratch); err == nil {
			err = removed
		}
	}()
	binary := filepath.Join(scratch, "onceover")
	baseline, err := r.baseline(ctx, binary, mutants)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make([]Result, len(mutants))
	var group sync.WaitGroup
	var mutex sync.Mutex
	next := 0
	for range r.Parallel {
		group.Go(func() {
			for {
				mutex.Lock()
				i := next
				next++
				mutex.Unlock()
				if i >= len(mutants) || ctx.Err() != nil {
					return
				}
				result, err := r.judge(ctx, &mutants[i], binary, baseline)
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					cancel(err)
					return
				}
				mutex.Lock()
				done[i] = result
				r.OnResult(result)
				mutex.Unlock()
			}
		})
	}
	group.Wait()
	for _, result := range done {
		if result.Fate != 0 {
			results = append(results, result)
		}
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return results, cause
	}
	return results, nil
}

// baseline builds the program with all mutants in it, and runs it with none of
// them selected.
func (r *Runner) baseline(ctx context.Context, binary string, mutants []Mutant) ([]summary, error) {
	compiled := slices.DeleteFunc(slices.Clone(mutants), func(m Mutant) bool { return m.Refused != "" })
	if err := r.Tree.Build(ctx, schemata(compiled), command, binary); err != nil {
		return nil, fmt.Errorf("the engine with its mutants: %w", err)
	}
	var all []summary
	for _, stage := range r.Stages {
		began := time.Now()
		run, err := r.simulate(ctx, binary, 0, stage, baselineMax)
		if err != nil {
			return nil, fmt.Errorf("the engine as it is, profile %s: %w", stage.Profile, err)
		}
		if run.code != 0 {
			return nil, fmt.Errorf("the engine as it is does not pass %d seeds of profile %s (exit code %d %s): mutants say nothing until it does",
				stage.Seeds, stage.Profile, run.code, run.stderr)
		}
		run.summary.took = time.Since(began)
		all = append(all, run.summary)
	}
	return all, nil
}

// command is the package that is built.
const command = "./cmd/onceover"

// judge runs the stages with a mutant until one of them kills it.
func (r *Runner) judge(ctx context.Context, m *Mutant, binary string, baseline []summary) (Result, error) {
	result := Result{Mutant: m}
	if m.Refused != "" {
		result.Fate, result.By = NotCompiled, m.Refused
		return result, nil
	}
	result.SameTrace = true
	for i, stage := range r.Stages {
		result.Profile = stage.Profile
		run, err := r.simulate(ctx, binary, m.number, stage, max(r.Timeout, slowestFactor*baseline[i].took))
		if err != nil {
			return result, fmt.Errorf("%s: %w", m.ID(), err)
		}
		result.Seeds += run.summary.Seeds
		result.SameTrace = result.SameTrace && run.summary.TraceHash == baseline[i].TraceHash
		switch {
		case run.ranAway:
			result.Fate, result.By = RanAway, run.stderr
			return result, nil
		case len(run.summary.Failures) > 0:
			// Whatever the exit code: of a panic, the stack is another one each time, which
			// looks like a run that is not deterministic.
			first := run.summary.Failures[0]
			result.Fate, result.By, result.Seed = Killed, first.Property, first.Seed
			return result, nil
		case run.code != 0:
			result.Fate, result.By = Unknown, run.stderr
			return result, nil
		}
		if goal := missed(baseline[i].Goals, run.summary.Goals); goal != "" {
			result.Fate, result.By = Blinded, goal
			return result, nil
		}
	}
	result.Fate, result.Profile = Survived, ""
	return result, nil
}

// missed returns the goal that is reached most often, but was not; or nothing.
func missed(usual, now map[string]uint64) (goal string) {
	for name, count := range usual {
		more := goal == "" || count > usual[goal] || count == usual[goal] && name < goal
		if count >= goalCountLeast && now[name] == 0 && more {
			goal = name
		}
	}
	return goal
}

// A summary is what is read of the JSON that onceover run prints.
type summary struct {
	Seeds     uint64            `json:"seeds"`
	Goals     map[string]uint64 `json:"goals"`
	TraceHash string            `json:"trace_hash"`
	Failures  []struct {
		Seed     uint64 `json:"seed,string"`
		Property string `json:"property"`
	} `json:"failures"`

	took time.Duration // on the wall clock; of the engine as it is
}

// A simulation is one run of a stage.
type simulation struct {
	summary summary
	code    int
	stderr  string // its first line
	ranAway bool
}

// simulate runs one stage with a mutant, or with none if the number is 0. The shell
// is there to limit the memory.
func (r *Runner) simulate(ctx context.Context, binary string, number int, stage Stage, timeout time.Duration) (simulation, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	run := exec.CommandContext(limited, "sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, memoryMax), binary,
		"run", "--json", "--fail-fast", "--parallel", "1", "--profile", stage.Profile,
		"--seeds", strconv.FormatUint(stage.Seeds, 10), "--out", binary+"-failures")
	run.Env = append(os.Environ(), selector+"="+strconv.Itoa(number))
	run.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	err := run.Run()
	line, _, _ := bytes.Cut(stderr.Bytes(), []byte("\n"))
	s := simulation{stderr: string(line)}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return s, ctx.Err()
	case limited.Err() != nil:
		s.ranAway, s.stderr = true, fmt.Sprintf("not done after %s", timeout.Round(time.Second))
		return s, nil
	case errors.As(err, &exit):
		s.code = exit.ExitCode()
	case err != nil:
		return s, fmt.Errorf("run the simulation: %w", err)
	}
	if stdout.Len() == 0 {
		// The Go runtime gives up with 2, which is wrong usage otherwise.
		s.ranAway = s.code == 2 && bytes.Contains(stderr.Bytes(), []byte("runtime"))
		return s, nil
	}
	if err := json.Unmarshal(stdout.Bytes(), &s.summary); err != nil {
		return s, fmt.Errorf("read the summary of the simulation: %w", err)
	}
	return s, nil
}
