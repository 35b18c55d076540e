package certify

import (
	"fmt"
	"slices"
	"strings"
)

// A CutsReport counts what was checked, and holds what was found.
type CutsReport struct {
	// Operations is how many methods of the two ports were cut, Cases in how many states.
	Operations, Cases int
	// Messages is how many messages of the protocol the cases exchange, over warm and cold connections. Cuts is how often
	// one of them was cut.
	Messages, Cuts int
	// Before and After are how many cuts left the state before and the one after. Unchanged are those of operations that
	// change nothing, where the two are one. Each cut without a failure is one of the three.
	Before, After, Unchanged int
	// Succeeded, Rejected, Ambiguous and Other are what callers were told after a cut.
	Succeeded, Rejected, Ambiguous, Other int
	// Failures are what was wrong, in the order of the cases. Nothing, where all is well.
	Failures []Failure
}

// String tells the counts in two lines.
func (c *CutsReport) String() string {
	return fmt.Sprintf("%d operations in %d cases, %d messages, %d cuts: %d left the state before, %d the one after, %d had nothing to change\n"+
		"callers were told: %d times done, %d rejected, %d ambiguous, %d another refusal; %d failures",
		c.Operations, c.Cases, c.Messages, c.Cuts, c.Before, c.After, c.Unchanged, c.Succeeded, c.Rejected, c.Ambiguous, c.Other, len(c.Failures))
}

// A Failure is one cut that was not survived, or a case that fails without any.
type Failure struct {
	// Case is the one, Operation what was called.
	Case, Operation string
	// Cut is how and where it was cut, and over which connection; empty if it was not.
	Cut string
	// Complaint tells what was wrong.
	Complaint string
}

// String tells the failure to a reader.
func (f Failure) String() string {
	text := f.Case + "\n  operation: " + f.Operation + "\n"
	if f.Cut != "" {
		text += "  cut: " + f.Cut + "\n"
	}
	return text + "  " + strings.ReplaceAll(strings.TrimSpace(f.Complaint), "\n", "\n  ") + "\n"
}

// difference lists the rows that only one side has.
func difference(want, got string) string {
	var text strings.Builder
	wanted, found := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, row := range wanted {
		if !slices.Contains(found, row) {
			fmt.Fprintf(&text, "  - %s\n", row)
		}
	}
	for _, row := range found {
		if !slices.Contains(wanted, row) {
			fmt.Fprintf(&text, "  + %s\n", row)
		}
	}
	return text.String()
}

// add adds the counts of another certificate and what it found.
func (c *CutsReport) add(other *CutsReport) {
	c.Cases += other.Cases
	c.Messages += other.Messages
	c.Cuts += other.Cuts
	c.Before += other.Before
	c.After += other.After
	c.Unchanged += other.Unchanged
	c.Succeeded += other.Succeeded
	c.Rejected += other.Rejected
	c.Ambiguous += other.Ambiguous
	c.Other += other.Other
	c.Failures = append(c.Failures, other.Failures...)
}
