package certify

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/engine"
)

// A CutsReport is what [Cuts] has compared.
type CutsReport struct {
	// Methods is how many methods of the two ports were cut, and Cases is in how many states.
	Methods int `json:"methods"`
	Cases   int `json:"cases"`
	// Messages is how many messages of the protocol the cases exchange, over warm and cold connections. Cuts is how
	// often the connection was cut at one of them, or the server said something there.
	Messages int `json:"messages"`
	Cuts     int `json:"cuts"`
	// Before and After are how many cuts left the state before the operation and the state after it. Unchanged are the
	// cuts of operations that change nothing, where the two are the same. A cut without a failure is one of the three.
	Before    int `json:"before"`
	After     int `json:"after"`
	Unchanged int `json:"unchanged"`
	// Succeeded, Rejected, Ambiguous and Other are how many calls ended in each way after a cut. Other are errors that
	// state a fact, such as a stale token.
	Succeeded int `json:"succeeded"`
	Rejected  int `json:"rejected"`
	Ambiguous int `json:"ambiguous"`
	Other     int `json:"other"`

	// Failures are what was wrong, in the order of the cases.
	Failures []CutFailure `json:"-"`
}

// String renders the counts in two lines.
func (r *CutsReport) String() string {
	return fmt.Sprintf("%d methods in %d cases, %d messages, %d cuts: %d left the state before, %d the state after, %d had nothing to change\n"+
		"calls ended: %d succeeded, %d rejected, %d ambiguous, %d with another error; %d failures",
		r.Methods, r.Cases, r.Messages, r.Cuts, r.Before, r.After, r.Unchanged, r.Succeeded, r.Rejected, r.Ambiguous, r.Other, len(r.Failures))
}

// add adds the counts and failures of another report.
func (r *CutsReport) add(other *CutsReport) {
	r.Cases += other.Cases
	r.Messages += other.Messages
	r.Cuts += other.Cuts
	r.Before += other.Before
	r.After += other.After
	r.Unchanged += other.Unchanged
	r.Succeeded += other.Succeeded
	r.Rejected += other.Rejected
	r.Ambiguous += other.Ambiguous
	r.Other += other.Other
	r.Failures = append(r.Failures, other.Failures...)
}

// count adds the result of one cut.
func (r *CutsReport) count(t *trial, result trialResult) {
	r.Cuts++
	switch isBefore, isAfter := result.rows.equal(t.before.rows), result.rows.equal(t.after.rows); {
	case isBefore && isAfter:
		r.Unchanged++
	case isBefore:
		r.Before++
	case isAfter:
		r.After++
	}
	switch kind, failed := result.answer.failure(); {
	case !failed:
		r.Succeeded++
	case kind == engine.Rejected:
		r.Rejected++
	case kind == engine.Ambiguous:
		r.Ambiguous++
	default:
		r.Other++
	}
}

// A CutFailure is a cut after which something was wrong, or a case that fails without a cut.
type CutFailure struct {
	// Case is the name of the case, and Operation is what was called.
	Case, Operation string
	// Cut is which message was cut, how, and over which connection. It is empty if nothing was cut.
	Cut string
	// Complaint is what was wrong.
	Complaint string
	// Rows are the rows that differ, a line each.
	Rows []string
}

// Error returns the complaint, for a case that fails without a cut.
func (f *CutFailure) Error() string { return f.Complaint }

// String renders the failure in several lines.
func (f *CutFailure) String() string {
	lines := []string{f.Case, "  operation: " + f.Operation}
	if f.Cut != "" {
		lines = append(lines, "  cut: "+f.Cut)
	}
	lines = append(lines, "  "+f.Complaint)
	for _, row := range f.Rows {
		lines = append(lines, "    "+row)
	}
	return strings.Join(lines, "\n") + "\n"
}
