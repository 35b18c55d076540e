package certify

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/sim/run"
)

// judgeMax is how long porcupine may search for the order of one round. Rounds have about twenty operations, which take
// it a millisecond; the rest is for busy machines.
const judgeMax = time.Minute

// A RaceFailure is a round that is not a pass.
type RaceFailure struct {
	// Verdict is [run.Violated] if no order of the operations explains their answers, and [run.Unknown] if
	// porcupine neither found an order nor excluded all of them.
	Verdict run.Verdict
	// Scenario is the name of the kind of race, and Sentence describes it.
	Scenario, Sentence string
	// Round is the number of the round in its scenario, from 0.
	Round int

	gate    gate
	model   porcupine.Model
	history []porcupine.Operation
	info    porcupine.LinearizationInfo
}

// judge searches for an order that explains the history of a round of s, which it sorts by calls. It returns nil if
// there is one.
func judge(s scenario, number int, g gate, history []porcupine.Operation) *RaceFailure {
	slices.SortFunc(history, byCall)
	f := &RaceFailure{
		Verdict: run.Unknown, Scenario: s.name, Sentence: s.sentence, Round: number,
		gate: g, model: s.port.model, history: history,
	}
	var result porcupine.CheckResult
	switch result, f.info = porcupine.CheckOperationsVerbose(f.model, history, judgeMax); result {
	case porcupine.Ok:
		return nil
	case porcupine.Illegal:
		f.Verdict = run.Violated
	default:
	}
	return f
}

func byCall(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) }

// String renders the history, an operation a line: its caller, the moments of its call and of its answer on the counter
// of the round, its arguments and its answer. For a violation, it then shows the longest order that explains the
// answers, and the operations that have no place in it.
func (f *RaceFailure) String() string {
	var b strings.Builder
	if f.Verdict == run.Violated {
		fmt.Fprintf(&b, "not linearizable: %s, round %d, %s: %s\n", f.Scenario, f.Round, f.gate, f.Sentence)
	} else {
		fmt.Fprintf(&b, "unknown: %s, round %d: no order was found or excluded within %s\n", f.Scenario, f.Round, judgeMax)
	}
	for _, o := range f.history {
		moments := fmt.Sprintf("%d to %d", o.Call, o.Return)
		fmt.Fprintf(&b, "  %-10s %-10s %s\n", caller(o.ClientId), moments, f.describe(o))
	}
	if f.Verdict == run.Violated {
		f.explain(&b)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// describe describes an operation with its answer.
func (f *RaceFailure) describe(o porcupine.Operation) string {
	return f.model.DescribeOperation(o.Input, o.Output)
}

// caller names a client of a round.
func caller(client int) string {
	switch client {
	case clientBefore:
		return "before"
	case clientAfter:
		return "after"
	}
	return fmt.Sprintf("rival %d", client+1)
}

// explain writes the longest order for the first part of the history that has no complete one. Porcupine found the
// history illegal, so there is such a part.
func (f *RaceFailure) explain(b *strings.Builder) {
	orders := f.info.PartialLinearizationsOperations()
	for i, part := range f.model.Partition(f.history) {
		var longest []porcupine.Operation
		for _, order := range orders[i] {
			// Porcupine lists them in no particular order; of equally long ones, the first in time is shown.
			if len(order) > len(longest) || len(order) == len(longest) && slices.CompareFunc(order, longest, byCall) < 0 {
				longest = order
			}
		}
		if len(longest) < len(part) {
			f.explainPart(b, part, longest)
			return
		}
	}
}

func (f *RaceFailure) explainPart(b *strings.Builder, part, longest []porcupine.Operation) {
	b.WriteString("the longest order that explains its answers:\n")
	for i, o := range longest {
		fmt.Fprintf(b, "  %2d. %s: %s\n", i+1, caller(o.ClientId), f.describe(o))
	}
	b.WriteString("no order has a place for all of these as well:\n")
	for _, o := range part {
		if !slices.ContainsFunc(longest, func(placed porcupine.Operation) bool { return placed.Call == o.Call }) {
			fmt.Fprintf(b, "      %s: %s\n", caller(o.ClientId), f.describe(o))
		}
	}
}

// Visualize writes the history as porcupine draws it: an HTML page that needs no network.
func (f *RaceFailure) Visualize(w io.Writer) error {
	if err := porcupine.Visualize(f.model, f.info, w); err != nil {
		return fmt.Errorf("draw the history: %w", err)
	}
	return nil
}
