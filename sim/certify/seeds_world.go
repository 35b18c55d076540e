package certify

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/world"
)

// A World runs seeds on real stores, and on the models beside, and compares. It is a [run.World].
//
// A World may be used by one goroutine at a time, and has its stores for itself.
type World struct {
	real  onStores
	model run.World
	tally *Tally
}

// onStores is a world on stores, such as a [world.World].
type onStores interface {
	run.World
	Outage() error
	VisualizeHistory(out io.Writer, subject string) error
}

// A Tally counts, over all worlds that share it, how many runs were compared.
type Tally struct {
	runs, equal atomic.Uint64
}

// Runs returns how many runs there were on stores, those that ended with an outage included.
func (t *Tally) Runs() uint64 { return t.runs.Load() }

// Equal returns how many of them were the same as on the models: each answer, what was stored in the end, and the trace
// hash.
func (t *Tally) Equal() uint64 { return t.equal.Load() }

// NewWorld returns a world on stores. Its runs are added to tally, which may be nil.
func NewWorld(stores world.Stores, tally *Tally) *World {
	if tally == nil {
		tally = new(Tally)
	}
	return &World{real: world.NewWorldOn(stores), model: world.NewWorld(), tally: tally}
}

// Run runs a specification on the stores, and returns what that came to. If it is another run than on the models, the
// outcome is a violation of [world.StoreAsModel]. The outcome of a run whose stores were out of reach is unknown.
//
// What the specification has told about the run is that on the stores.
func (w *World) Run(spec run.Spec) run.Result {
	w.tally.runs.Add(1)
	outcome := w.real.Run(spec)
	if w.real.Outage() != nil || outcome.Violation != nil && outcome.Violation.Property == world.StoreAsModel {
		return outcome
	}
	spec = spec.Silent()
	expected := w.model.Run(spec)
	if outcome.Hash != expected.Hash {
		outcome.Verdict, outcome.Violation = run.Violated, w.parted(spec, outcome, expected)
		return outcome
	}
	w.tally.equal.Add(1)
	return outcome
}

// parted finds the step at which two runs part whose answers were equal.
func (w *World) parted(spec run.Spec, got, want run.Result) *run.Violation {
	v := &run.Violation{
		Property: world.StoreAsModel, At: got.Virtual, Cause: "another run",
		Message: fmt.Sprintf("every answer was the model's, but the trace hash is %s, and the model's is %s",
			run.FormatHash(got.Hash), run.FormatHash(want.Hash)),
	}
	mismatch, err := campaign.Compare(spec, w.model, w.real)
	switch {
	case err != nil:
		v.Message += fmt.Sprintf("; repeating it showed nothing: %v", err)
	case mismatch == nil:
		v.Message += "; when repeated, the two runs were the same"
	case mismatch.Expected == nil && mismatch.Got == nil:
		v.Message += "; what differs does not show in the traces"
	default:
		v.Message += fmt.Sprintf("; the first step that differs:\n\tboth before  %s\n\ton the model %s\n\ton the store %s",
			describe(mismatch.Before), describe(mismatch.Expected), describe(mismatch.Got))
	}
	return v
}

// describe shows a line of a trace.
func describe(line *run.Line) string {
	if line == nil {
		return "(nothing)"
	}
	return fmt.Sprintf("step %d at %s, %s: %s", line.Step, line.At, line.Actor, line.Text)
}

// VisualizeHistory draws the history of the latest run on the stores, as [world.World.VisualizeHistory] does.
func (w *World) VisualizeHistory(out io.Writer, subject string) error {
	return w.real.VisualizeHistory(out, subject)
}

// Vocabulary implements [run.Describer]: it is that of [world.World].
func (w *World) Vocabulary() *run.Vocabulary { return world.Vocabulary() }

// Close ends the world. The stores stay open.
func (w *World) Close() {
	w.real.Close()
	w.model.Close()
}
