package certify

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// A RaceViolation is a round that no order of its operations explains.
type RaceViolation struct {
	Scenario Scenario
	Round    int // of the scenario, from 0
	Gate     Gate

	model   porcupine.Model
	history []porcupine.Operation
	info    porcupine.LinearizationInfo
}

// An RaceUnknownError is a round for which porcupine found no order and excluded none.
type RaceUnknownError struct {
	Scenario Scenario
	Round    int // of the scenario, from 0

	model   porcupine.Model
	history []porcupine.Operation
}

// inRound says in which round an error came up.
func inRound(err error, scenario Scenario, number int, gate Gate) error {
	var violation *RaceViolation
	var unknown *RaceUnknownError
	switch {
	case errors.As(err, &violation):
		violation.Scenario, violation.Round, violation.Gate = scenario, number, gate
		return err
	case errors.As(err, &unknown):
		unknown.Scenario, unknown.Round = scenario, number
		return err
	}
	return fmt.Errorf("scenario %s, round %d: %w", scenario.Name, number, err)
}

// judge asks porcupine.
func judge(m porcupine.Model, history []porcupine.Operation) error {
	slices.SortFunc(history, byCall)
	result, info := porcupine.CheckOperationsVerbose(m, history, patience)
	switch result {
	case porcupine.Ok:
		return nil
	case porcupine.Illegal:
		return &RaceViolation{model: m, history: history, info: info}
	default:
		return &RaceUnknownError{model: m, history: history}
	}
}

func byCall(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) }

// Error tells the history: every operation with its caller, the moments of its call and its answer on the counter of
// the round, and what it was answered.
func (v *RaceViolation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "not linearizable: %s, round %d, %s: %s\n", v.Scenario.Name, v.Round, v.Gate, v.Scenario.Sentence)
	tell(&b, v.model, v.history)
	b.WriteString(v.explain())
	return b.String()
}

// Error tells the history, as that of a RaceViolation does.
func (u *RaceUnknownError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "unknown: %s, round %d: no order was found or excluded within %s\n", u.Scenario.Name, u.Round, patience)
	tell(&b, u.model, u.history)
	return b.String()
}

// tell writes one line per operation, aligned, in the order of their calls.
func tell(b *strings.Builder, m porcupine.Model, history []porcupine.Operation) {
	for _, operation := range history {
		moments := fmt.Sprintf("%d to %d", operation.Call, operation.Return)
		fmt.Fprintf(b, "  %-10s %-10s %s\n", caller(operation.ClientId), moments,
			m.DescribeOperation(operation.Input, operation.Output))
	}
}

func caller(client int) string {
	switch client {
	case clientBefore:
		return "before"
	case clientAfter:
		return "after"
	}
	return fmt.Sprintf("rival %d", client+1)
}

// explain says how far the longest order gets of the part of the history that has none, and what then fits nowhere.
func (v *RaceViolation) explain() string {
	orders := v.info.PartialLinearizationsOperations()
	for i, part := range v.model.Partition(v.history) {
		var longest []porcupine.Operation
		for _, order := range orders[i] {
			// Porcupine lists them in no order of its own; of equally long ones the first in time is shown.
			if len(order) > len(longest) || len(order) == len(longest) && slices.CompareFunc(order, longest, byCall) < 0 {
				longest = order
			}
		}
		if len(longest) < len(part) {
			return v.explainPart(part, longest)
		}
	}
	return "" // porcupine found this history illegal, so one of its parts is
}

func (v *RaceViolation) explainPart(part, longest []porcupine.Operation) string {
	var b strings.Builder
	b.WriteString("the longest order that explains its answers:\n")
	for i, operation := range longest {
		fmt.Fprintf(&b, "  %2d. %s: %s\n", i+1, caller(operation.ClientId), v.model.DescribeOperation(operation.Input, operation.Output))
	}
	b.WriteString("no order has a place for all of these as well:\n")
	for _, operation := range part {
		if !slices.ContainsFunc(longest, func(o porcupine.Operation) bool { return o.Call == operation.Call }) {
			fmt.Fprintf(&b, "      %s: %s\n", caller(operation.ClientId), v.model.DescribeOperation(operation.Input, operation.Output))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Visualize writes the history as porcupine draws it: a page of HTML that needs no network.
func (v *RaceViolation) Visualize(w io.Writer) error {
	if err := porcupine.Visualize(v.model, v.info, w); err != nil {
		return fmt.Errorf("drawing the history: %w", err)
	}
	return nil
}
