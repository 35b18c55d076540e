package certify

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A comparedWorld runs each seed on real stores and again on the models, and compares the two runs. It is a
// [run.World].
//
// It may be used by one goroutine at a time, and no other world may use its stores.
type comparedWorld struct {
	real  storeWorld
	model run.World
	tally *tally
}

// A storeWorld is a world on real stores, such as a [world.Deployment].
type storeWorld interface {
	run.World
	Outage() error
	run.Historian
}

// A tally counts runs, over all worlds that share it.
type tally struct {
	runs, equal atomic.Uint64
}

// newComparedWorld returns a world on stores that counts its runs in t.
func newComparedWorld(stores world.Stores, t *tally) *comparedWorld {
	return &comparedWorld{real: world.NewOn(stores), model: world.New(), tally: t}
}

// Run runs a specification on the stores and returns the outcome of that run. If the run on the models is another one,
// the outcome is a violation of [world.StoreAsModel]. If the stores were out of reach, it is unknown.
//
// The functions of the specification are called for the run on the stores only.
func (w *comparedWorld) Run(spec run.Spec) run.Result {
	w.tally.runs.Add(1)
	outcome := w.real.Run(spec)
	if w.real.Outage() != nil || outcome.Violation != nil && outcome.Violation.Property == world.StoreAsModel {
		return outcome
	}
	spec = spec.Silent()
	expected := w.model.Run(spec)
	if outcome.Hash != expected.Hash {
		outcome.Verdict, outcome.Violation = run.Violated, w.mismatch(spec, outcome, expected)
		return outcome
	}
	w.tally.equal.Add(1)
	return outcome
}

// causeAnotherRun: the answers were the model's, and the run was not.
const causeAnotherRun = "another-run"

// mismatch finds the first step that differs between two runs whose answers were equal.
func (w *comparedWorld) mismatch(spec run.Spec, got, want run.Result) *run.Violation {
	v := &run.Violation{
		Property: world.StoreAsModel, At: got.Virtual, Cause: causeAnotherRun,
		Message: fmt.Sprintf("The run went another way than on the model by %s, although every answer was the model's.", times.Moment(got.Virtual)),
		Detail:  fmt.Sprintf("The trace hash is %s, and the model's is %s", run.FormatHash(got.Hash), run.FormatHash(want.Hash)),
	}
	mismatch, err := campaign.Compare(spec, w.model, w.real)
	switch {
	case err != nil:
		v.Detail += fmt.Sprintf("; repeating it showed nothing: %v", err)
	case mismatch == nil:
		v.Detail += "; when repeated, the two runs were the same"
	case mismatch.Expected == nil && mismatch.Got == nil:
		v.Detail += "; what differs does not show in the traces"
	default:
		v.Detail += fmt.Sprintf("; the first step that differs:\n\tboth before  %s\n\ton the model %s\n\ton the store %s",
			describeLine(mismatch.Before), describeLine(mismatch.Expected), describeLine(mismatch.Got))
		for _, line := range [...]*run.Line{mismatch.Before, mismatch.Expected, mismatch.Got} {
			if line != nil && line.Subject != "" && !slices.Contains(v.Subjects, line.Subject) {
				v.Subjects = append(v.Subjects, line.Subject)
			}
		}
	}
	return v
}

// describeLine describes a line of a trace; nil is the beginning or the end of the trace.
func describeLine(line *run.Line) string {
	if line == nil {
		return "(nothing)"
	}
	return fmt.Sprintf("step %d at %s, %s: %s", line.Step, line.At, line.Actor, line.Text)
}

// History returns the history of the latest run on the stores, as [world.Deployment.History] does.
func (w *comparedWorld) History(subject string) (run.History, error) { return w.real.History(subject) }

// Vocabulary implements [run.Describer]: it is that of [world.Deployment].
func (w *comparedWorld) Vocabulary() *run.Vocabulary { return world.Vocabulary() }

// Close ends the world. The stores stay open.
func (w *comparedWorld) Close() {
	w.real.Close()
	w.model.Close()
}
