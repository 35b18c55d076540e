package minimise

import (
	"context"
	"fmt"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// Options say how far a search goes. The zero value is right for most.
type Options struct {
	// Steps is how many steps of the kernel all runs together may take; a run that has begun is finished. 0 means
	// [StepsDefault].
	Steps uint64
	// OnProgress, when not nil, is told after every run.
	OnProgress func(Progress)
}

// StepsDefault is about ten times what a usual search takes, and some seconds of one core. What takes so much are
// failures in which something is stuck.
const StepsDefault = 6_000_000

// A Progress is how far a search is.
type Progress struct {
	Aspect run.Aspect // that is being made smaller
	Runs   int
	Steps  uint64 // of all runs together
	Budget uint64 // Options.Steps
	Faults int    // that are left, as far as is known
}

// A Result is the smallest failing run that was found.
type Result struct {
	// Spec is the specification that was given, with other overrides. It has no observers.
	Spec    run.Spec
	Outcome run.Result // of Spec
	// Necessary are the decisions that make the misfortunes happen which the failure needs: faults, restarts,
	// processes that do not come back. In the order of [run.Vocabulary].Simplifications, and then of time. Of a search that
	// ended early, some may be missing: those that nobody has tried to do without.
	Necessary []kernel.Key
	// Before and After are the sizes of the run that was given and of the smallest.
	Before, After Size
	Runs          int    // that the search took
	Steps         uint64 // of all these runs together
	// Complete tells that the search came to its end. Otherwise the context had ended or the budget was used up, and
	// the failure may need less than is left.
	Complete bool
}

// A NoFailureError tells that there is nothing to make smaller: the run is not violated.
type NoFailureError struct {
	Outcome run.Result
}

// Error names the seed and the verdict.
func (e *NoFailureError) Error() string {
	return fmt.Sprintf("seed %d has no failure to minimise: its verdict is %s", e.Outcome.Seed, e.Outcome.Verdict)
}

// A NotRepeatableError tells that a failing run came to something else when it was repeated. What is found by running
// it in other ways would say nothing about it.
type NotRepeatableError struct {
	First, Again run.Result
}

// Error names the seed and what the two runs came to.
func (e *NotRepeatableError) Error() string {
	return fmt.Sprintf("the failure of seed %d does not repeat: first it was %s, and then %s; the simulation of it is not deterministic",
		e.First.Seed, cameTo(e.First), cameTo(e.Again))
}

func cameTo(o run.Result) string {
	if o.Violation != nil {
		return fmt.Sprintf("%q with trace hash %s", o.Violation.Signature(), run.FormatHash(o.Hash))
	}
	return fmt.Sprintf("%s with trace hash %s", o.Verdict, run.FormatHash(o.Hash))
}

// Minimise searches for the smallest run that fails as the given one does. It runs that twice to be sure that it
// repeats. The error is a [*NoFailureError] or a [*NotRepeatableError]. When the context ends or the budget is used up,
// the smallest run so far is returned without an error.
//
// The specification's observers are not used.
func Minimise(ctx context.Context, w run.World, spec run.Spec, options Options) (Result, error) {
	if options.Steps == 0 {
		options.Steps = StepsDefault
	}
	s := &search{ctx: ctx, w: w, options: options, spec: spec.Silent()}
	first := s.run(nil)
	if !first.Violated() {
		return Result{}, &NoFailureError{first}
	}
	s.begin(first)
	before := s.record()
	s.groupOthers()
	if again := s.recorded.outcome; again.Hash != first.Hash || !again.Violation.Equal(first.Violation) {
		return Result{}, &NotRepeatableError{first, again}
	}
	s.limit = options.Steps - options.Steps/reserve
	s.minimise()
	result := Result{Before: before, Complete: !s.over()}
	s.limit = options.Steps
	s.tidy()
	result.Necessary = s.takeApart()
	// A budget that did not suffice for this either has left open which faults are necessary.
	result.Complete = result.Complete && !s.over()
	result.After = s.record()
	result.Spec, result.Outcome = s.spec, s.recorded.outcome
	result.Spec.Overrides = s.overrides()
	result.Runs, result.Steps = s.runs, s.steps
	return result, nil
}
