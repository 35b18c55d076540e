package explain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// Options are what to find out about a failure. The zero value asks for the story of the run as it is, which takes one
// run.
type Options struct {
	// Minimise asks for the smallest run that fails in the same way. It is explained in place of the given one.
	Minimise bool
	// Steps is how many steps of the kernel that search may take; a run that has begun is finished. 0 means
	// [StepsDefault].
	Steps uint64
	// PointOfNoReturn asks for the step from which on the failure could not be averted.
	PointOfNoReturn bool
	// Moments is how many moments of the run are examined before that step is searched for, and Branches how many
	// continuations each of them has. 0 means [MomentsDefault] and [BranchesDefault].
	Moments, Branches int
	// Pictures asks for what [Failure.HTML] and [Failure.Trace] draw.
	Pictures bool
	// Expected, when not nil, is what the run came to before. If it comes to something else now, nothing is explained.
	Expected *run.Result
	// OnProgress, when not nil, is called after every run of a search.
	OnProgress func(Progress)
}

const (
	// StepsDefault is about ten times what a usual search takes, and some seconds of one core. What takes so much are
	// failures in which something is stuck.
	StepsDefault = 6_000_000
	// MomentsDefault and BranchesDefault come to some 1,500 runs for both kinds of continuation: a second or two.
	MomentsDefault  = 24
	BranchesDefault = 32
)

// A Progress is how far an explanation is.
type Progress struct {
	// Branching: the search for the point of no return, at this kind of continuation. Otherwise the run is minimised:
	// Aspect is what becomes smaller, and Faults is how many are left.
	Branching    bool
	Continuation Continuation
	Aspect       run.Aspect
	Faults       int
	Runs         int     // of this search
	Part         float64 // of its budget that is used up, from 0 to 1
}

// Explain runs a specification whose run fails and finds out about the failure what the options ask for. The observers
// of the specification are not used.
//
// Errors are a [*NoFailureError], a [*NotRepeatableError], and a [*run.BrokenError], after which the world must not be
// used any more. When the context ends or the budget is used up, Explain returns what it has found so far; see
// [Minimised].Complete and [PointOfNoReturn].Complete.
func Explain(ctx context.Context, w run.World, spec run.Spec, options Options) (failure *Failure, err error) {
	options.Steps = orDefault(options.Steps, StepsDefault)
	options.Moments, options.Branches = orDefault(options.Moments, MomentsDefault), orDefault(options.Branches, BranchesDefault)
	e := explanation{ctx: ctx, w: guarded{w}, words: run.VocabularyOf(w), options: options}
	defer recoverBroken(&err)
	return e.explain(spec.Silent())
}

func orDefault[T comparable](value, otherwise T) T {
	if none := *new(T); value == none {
		return otherwise
	}
	return value
}

// A guarded world panics with a [*run.BrokenError] when it breaks.
type guarded struct{ run.World }

func (w guarded) Run(spec run.Spec) run.Result {
	result, err := run.Once(w.World, spec)
	var broken *run.BrokenError
	if errors.As(err, &broken) {
		panic(broken)
	}
	return result
}

// recoverBroken, deferred, makes an error of the panic of a world that broke.
func recoverBroken(err *error) {
	switch value := recover().(type) {
	case nil:
	case *run.BrokenError:
		*err = value
	default:
		panic(value)
	}
}

// Unwrap implements [run.Wrapper].
func (w guarded) Unwrap() run.World { return w.World }

// An explanation is one call of [Explain].
type explanation struct {
	ctx     context.Context
	w       run.World
	words   *run.Vocabulary
	options Options
}

func (e *explanation) explain(spec run.Spec) (*Failure, error) {
	f := &Failure{Spec: spec}
	if e.options.Minimise {
		//deterministic:allow how long the search takes is reported, and decides nothing
		started := time.Now()
		found, err := e.minimise(spec)
		if err != nil {
			return nil, err
		}
		//deterministic:allow as above
		found.WallSeconds = time.Since(started).Seconds()
		f.Spec, f.Minimised, f.Necessary = found.spec, &found.Minimised, found.necessary
	}
	seen := watch(e.w, e.words, f.Spec, e.options.Pictures, e.options.PointOfNoReturn)
	if expected := e.options.Expected; expected != nil && !e.options.Minimise && !sameRun(expected, &seen.Result) {
		return nil, &NotRepeatableError{*expected, seen.Result}
	}
	if !seen.Result.Violated() {
		return nil, &NoFailureError{seen.Result}
	}
	f.Result = seen.Result
	f.Facts.describe(f.Spec, &f.Result, e.words)
	f.Story, f.LeftOut = tellStory(seen.Lines, f.Result.Violation, f.Necessary)
	if e.options.Pictures {
		f.seen = seen
		f.noteHistory(e.w) // before any other run
	}
	if e.options.PointOfNoReturn {
		f.PointOfNoReturn = e.findPointOfNoReturn(f.Spec, seen)
	}
	if e.options.Pictures {
		f.imagine(e.w, e.words)
	}
	return f, nil
}

// sameRun reports whether two runs of one specification came to the same.
func sameRun(a, b *run.Result) bool {
	return a.Hash == b.Hash && a.Verdict == b.Verdict && a.Violation.Equal(b.Violation)
}

// A NoFailureError reports that there is nothing to explain: the run violates no property.
type NoFailureError struct {
	Result run.Result
}

// Error names the seed and the verdict.
func (e *NoFailureError) Error() string {
	return fmt.Sprintf("seed %d has no failure to explain: its verdict is %s", e.Result.Seed, e.Result.Verdict)
}

// A NotRepeatableError reports that a run came to something else when it was repeated. What is found by running it in
// other ways would mean nothing.
type NotRepeatableError struct {
	First, Again run.Result
}

// Error names the seed and what the two runs came to.
func (e *NotRepeatableError) Error() string {
	return fmt.Sprintf("the failure of seed %d does not repeat: first it was %s, and then %s; the simulation of it is not deterministic",
		e.First.Seed, summary(&e.First), summary(&e.Again))
}

// summary returns what a run came to, in a few words.
func summary(r *run.Result) string {
	if r.Violation != nil {
		return fmt.Sprintf("%q with trace hash %s", r.Violation.Signature(), run.FormatHash(r.Hash))
	}
	return fmt.Sprintf("%s with trace hash %s", r.Verdict, run.FormatHash(r.Hash))
}

// noteHistory notes the history of the latest run, if the world records it.
func (f *Failure) noteHistory(w run.World) {
	historian, ok := run.HistorianOf(w)
	if !ok {
		return
	}
	about := f.focus()
	if about == "" && len(f.seen.Subjects) > 0 {
		about = f.seen.Subjects[0].Name
	}
	history, err := historian.History(about)
	if err != nil || len(history.Operations) == 0 {
		return // a history that can't be drawn is left out
	}
	f.history, f.historyOf = &history, about
}

// misfortunes is the set of decisions that are known to be needed.
func misfortunes(necessary []kernel.Key) map[kernel.Key]bool {
	set := make(map[kernel.Key]bool, len(necessary))
	for _, key := range necessary {
		set[key] = true
	}
	return set
}
