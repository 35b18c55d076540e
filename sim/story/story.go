package story

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// LinesMost is how many entries a story has at most: what fits on a screen.
const LinesMost = 29

// How many entries a story may have before something of a weight is left out.
var linesGood = [...]int{run.Looking: 15, run.Carrying: 20, run.Acting: LinesMost}

// A Story is what happened in a failing run.
type Story struct {
	Entries []Entry
	// Sentence is the state that violates the property.
	Sentence string
	// Outcome is that of the run that is told.
	Outcome run.Result
	// LeftOut is how many lines the trace has beyond those that the entries stand for.
	LeftOut int
}

// An Entry is one thing that happened.
type Entry struct {
	At    time.Duration // virtual time since the start of the run
	Actor string
	Text  string
	// Fault: it is a misfortune. Necessary: one without which the run would not have failed.
	Fault, Necessary bool
	// Count is how often it happened in a row, 1 or more; At is the first time.
	Count int
}

// A NoFailureError tells that there is no story: the run is not violated.
type NoFailureError struct {
	Outcome run.Result
}

// Error names the seed and the verdict.
func (e *NoFailureError) Error() string {
	return fmt.Sprintf("seed %d has no failure to tell of: its verdict is %s", e.Outcome.Seed, e.Outcome.Verdict)
}

// Tell runs a specification and tells how it came to its violation. necessary are the decisions for misfortunes that
// are known to be needed, as from package minimise; they may be nil. The error is a [*NoFailureError].
//
// The specification's observers are not used.
func Tell(w run.World, spec run.Spec, necessary []kernel.Key) (Story, error) {
	var trace []run.Line
	spec = spec.Silent()
	spec.Trace = func(line run.Line) { trace = append(trace, line) }
	outcome := w.Run(spec)
	if !outcome.Violated() {
		return Story{}, &NoFailureError{outcome}
	}
	needed := make(map[kernel.Key]bool, len(necessary))
	for _, key := range necessary {
		needed[key] = true
	}
	told := choose(trace, outcome.Violation, needed)
	story := Story{Sentence: outcome.Violation.Message, Outcome: outcome, LeftOut: len(trace)}
	for i := range told {
		story.Entries = append(story.Entries, told[i].Entry)
		story.LeftOut -= told[i].lines
	}
	return story, nil
}
