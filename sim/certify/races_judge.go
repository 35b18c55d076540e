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
	var lines []string
	if f.Verdict == run.Violated {
		lines = append(lines, fmt.Sprintf("not linearizable: %s, round %d, %s: %s", f.Scenario, f.Round, f.gate, f.Sentence))
	} else {
		lines = append(lines, fmt.Sprintf("unknown: %s, round %d: no order was found or excluded within %s", f.Scenario, f.Round, judgeMax))
	}
	for _, o := range f.history {
		moments := fmt.Sprintf("%d to %d", o.Call, o.Return)
		lines = append(lines, fmt.Sprintf("  %-10s %-10s %s", caller(o.ClientId), moments, f.describe(o)))
	}
	if f.Verdict == run.Violated {
		lines = append(lines, f.explain()...)
	}
	return strings.Join(lines, "\n")
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

// explain returns lines about the first part of the history that has no complete order. Porcupine found the history
// illegal, so there is such a part.
func (f *RaceFailure) explain() []string {
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
			return f.explainPart(part, longest)
		}
	}
	return nil
}

func (f *RaceFailure) explainPart(part, longest []porcupine.Operation) []string {
	lines := []string{"the longest order that explains its answers:"}
	for i, o := range longest {
		lines = append(lines, fmt.Sprintf("  %2d. %s: %s", i+1, caller(o.ClientId), f.describe(o)))
	}
	lines = append(lines, "no order has a place for all of these as well:")
	for _, o := range part {
		if !slices.ContainsFunc(longest, func(placed porcupine.Operation) bool { return placed.Call == o.Call }) {
			lines = append(lines, fmt.Sprintf("      %s: %s", caller(o.ClientId), f.describe(o)))
		}
	}
	return lines
}

// Visualize writes the history as porcupine draws it: an HTML page that needs no network.
func (f *RaceFailure) Visualize(w io.Writer) error {
	if err := porcupine.Visualize(f.model, f.info, w); err != nil {
		return fmt.Errorf("draw the history: %w", err)
	}
	return nil
}
