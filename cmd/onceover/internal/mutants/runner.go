package mutants

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// A Fate is what became of a mutant.
type Fate uint8

const (
	// Killed: a property was violated.
	Killed Fate = iota + 1
	// Blinded: no property was violated, but a coverage goal that the engine reaches often was never reached. A campaign
	// reports that, and the mutant counts as killed.
	Blinded
	// Survived: all seeds passed.
	Survived
	// Unknown: a run ended without a verdict, in its step limit for instance.
	Unknown
	// RanAway: the simulation used up its time or memory, most likely within one step that never ends. A campaign that
	// does not come back is noticed, and the mutant counts as killed, as with other tools (PIT, Stryker: "timed out" is
	// detected).
	RanAway
	// NotCompiled: the compiler or the server refused it, so it is no mutant.
	NotCompiled
	// Hung: tests did not come to an end in time, and none has failed. Unlike a campaign, tests are to say what is
	// wrong, so this does not count as killed.
	Hung
)

var fateNames = [...]string{"", "killed", "killed by a goal", "survived", "unknown", "ran away", "did not compile", "hung"}

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

// Stages splits a number of seeds, at least 2, into the profiles in which a bug has to be found: a tenth in calm, where
// nothing excuses what comes late, then half of the rest in default, which is quick, and half in storm. Of few seeds
// there are none in calm.
func Stages(seeds uint64) []Stage {
	calm := seeds / 10
	rest := seeds - calm
	stages := []Stage{{"calm", calm}, {"default", rest - rest/2}, {"storm", rest / 2}}
	if calm == 0 {
		return stages[1:]
	}
	return stages
}

// A Result is what became of one mutant.
type Result struct {
	Mutant *Mutant
	Fate   Fate
	// By is the property or goal that killed it, or else the reason for its fate.
	By string
	// Profile and Seed are where it was killed. Seeds is how many were run until then, over all stages.
	Profile string
	Seed    uint64
	Seeds   uint64
	// SameTrace: every step of every run was that of the engine as it is.
	SameTrace bool
}

// goalCountLeast is how often the engine must reach a goal in a stage for its absence to be no accident: of something
// that is expected 20 times, none at all comes by chance once in e^20, 500 million, stages.
const goalCountLeast = 20

// memoryMax is the address space of a simulation, in KiB. One takes 0.1 GiB of memory, and Go reserves some more; a
// mutant that allocates in a circle would take all there is.
const memoryMax = 4 << 20

// baselineMax is how long a stage may take without a mutant: one that takes longer hangs itself.
const baselineMax = time.Hour

// slowestFactor is how much slower than the engine as it is a mutant has to be to count as one that never ends.
const slowestFactor = 10

// A Runner builds mutants, all into one program, and runs the simulation over each. All fields but Properties must be
// set.
type Runner struct {
	Tree   overlay.Tree
	Stages []Stage
	// Properties are those that are watched; empty for all. Only where all are watched does a missed goal kill.
	Properties []string
	// Parallel is how many mutants are run at the same time.
	Parallel int
	// Timeout is how long one stage of a mutant may take on the wall clock, or [slowestFactor] times what it takes
	// without a mutant if that is longer.
	Timeout time.Duration
	// OnResult is called with each result, in the order in which they come.
	OnResult func(Result)
}

// Run runs the mutants, each against all stages until it is killed. It returns the results in the order of the mutants:
// of those that were done, when the context ended before. An error reports that nothing could be built or run, or that
// the engine itself does not pass.
func (r *Runner) Run(ctx context.Context, mutants []Mutant) (results []Result, err error) {
	compiled := slices.DeleteFunc(slices.Clone(mutants), func(m Mutant) bool { return m.Refused != "" })
	program, err := runner.Build(ctx, r.Tree, schemata(compiled))
	if err != nil {
		return nil, fmt.Errorf("the engine with its mutants: %w", err)
	}
	defer func() { err = errors.Join(err, program.Close()) }()
	baseline, err := r.baseline(ctx, program)
	if err != nil {
		return nil, err
	}
	done := make([]Result, len(mutants))
	var reporting sync.Mutex
	err = campaign.Distribute(ctx, r.Parallel, uint64(len(mutants)), func(ctx context.Context, _ int, i uint64) error {
		result, err := r.judge(ctx, program, &mutants[i], baseline)
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
	for _, result := range done {
		if result.Fate != 0 {
			results = append(results, result)
		}
	}
	return results, err
}

// A usual is what a stage comes to without a mutant.
type usual struct {
	*runner.Summary
	took time.Duration // on the wall clock
}

// baseline runs the stages with no mutant selected.
func (r *Runner) baseline(ctx context.Context, program *runner.Program) ([]usual, error) {
	var all []usual
	for _, stage := range r.Stages {
		began := time.Now()
		run, err := r.simulate(ctx, program, 0, stage, baselineMax)
		if err != nil {
			return nil, fmt.Errorf("the engine as it is, profile %s: %w", stage.Profile, err)
		}
		if run.code != 0 || run.ranAway {
			return nil, fmt.Errorf("the engine as it is does not pass %d seeds of profile %s (exit code %d %s): mutants mean nothing until it does",
				stage.Seeds, stage.Profile, run.code, run.complaint)
		}
		all = append(all, usual{&run.Summary, time.Since(began)})
	}
	return all, nil
}

// judge runs the stages with a mutant until one of them kills it.
func (r *Runner) judge(ctx context.Context, program *runner.Program, m *Mutant, baseline []usual) (Result, error) {
	result := Result{Mutant: m}
	if m.Refused != "" {
		result.Fate, result.By = NotCompiled, m.Refused
		return result, nil
	}
	result.SameTrace = true
	for i, stage := range r.Stages {
		result.Profile = stage.Profile
		run, err := r.simulate(ctx, program, m.number, stage, max(r.Timeout, slowestFactor*baseline[i].took))
		if err != nil {
			return result, fmt.Errorf("%s: %w", m.ID(), err)
		}
		result.Seeds += run.Seeds
		result.SameTrace = result.SameTrace && run.TraceHash == baseline[i].TraceHash
		switch {
		case run.ranAway:
			result.Fate, result.By = RanAway, run.complaint
			return result, nil
		case len(run.Failures) > 0:
			// The exit code does not matter: of a panic, the stack is another one each time, which looks like a run that
			// is not deterministic.
			first := run.Failures[0]
			result.Fate, result.By, result.Seed = Killed, first.Property, first.Seed
			return result, nil
		case run.code != 0:
			result.Fate, result.By = Unknown, run.complaint
			return result, nil
		}
		if goal := missed(baseline[i].Goals, run.Goals); goal != "" && len(r.Properties) == 0 {
			result.Fate, result.By = Blinded, goal
			return result, nil
		}
	}
	result.Fate, result.Profile = Survived, ""
	return result, nil
}

// missed returns the goal that is reached most often, but was not; or nothing.
func missed(usual, now run.Counts) (goal string) {
	var most uint64
	for i := range usual.Len() {
		if name, count := usual.At(i); count >= goalCountLeast && count > most && now.Of(name) == 0 {
			goal, most = name, count
		}
	}
	return goal
}

// A simulation is one run of a stage.
type simulation struct {
	runner.Summary
	code      int
	complaint string
	ranAway   bool
}

// simulate runs one stage with a mutant, or with none if the number is 0.
func (r *Runner) simulate(ctx context.Context, program *runner.Program, number int, stage Stage, timeout time.Duration) (simulation, error) {
	campaign := runner.Campaign{From: 1, Seeds: stage.Seeds, Profile: stage.Profile, Properties: r.Properties, Parallel: 1, FailFast: true}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	exit, err := program.Start(limited, runner.Invocation{
		Arguments:   append(campaign.Arguments(), "--out", program.File("failures")),
		Environment: []string{selector + "=" + strconv.Itoa(number)},
		MemoryMax:   memoryMax,
	})
	switch {
	case ctx.Err() != nil:
		return simulation{}, ctx.Err()
	case limited.Err() != nil:
		return simulation{ranAway: true, complaint: fmt.Sprintf("not done after %s", timeout.Round(time.Second))}, nil
	case err != nil:
		return simulation{}, err
	}
	s := simulation{code: exit.Code, complaint: exit.Complaint()}
	if len(exit.Stdout) == 0 {
		s.ranAway = exit.OutOfMemory()
		return s, nil
	}
	return s, exit.Read(&s.Summary)
}
