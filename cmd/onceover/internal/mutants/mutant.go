package mutants

import (
	"fmt"
	"strings"
)

// A Mutant is one change of one file.
type Mutant struct {
	Scope    string
	File     string // slash-separated, from the module's root
	Function string // such as Host.Start; that of the declaration, for a literal in it
	Operator string
	// Before and After are what the change is about: on one line, long ones cut in the middle. An empty After is a part
	// that is left out.
	Before, After string
	// Ordinal distinguishes mutants of one function that look the same, from 1.
	Ordinal int
	// Line is where the change stands today. It is no part of the identity.
	Line int
	// Refused is why the mutant does not compile; empty if it does.
	Refused string

	number      int // among all mutants that were generated together, from 1
	original    *declaration
	declaration string // with the change in it
}

// ID names the mutant by what it is about, not by where that stands: edits elsewhere in the file leave it as it is.
func (m *Mutant) ID() string {
	id := fmt.Sprintf("%s %s %s: %s", m.File, m.Function, m.Operator, m.Change())
	if m.Ordinal > 1 {
		id += fmt.Sprintf(" (%d)", m.Ordinal)
	}
	return id
}

// Change is what becomes of what, in words of the source.
func (m *Mutant) Change() string {
	after := m.After
	if after == "" {
		after = "nothing"
	}
	return m.Before + " → " + after
}

// snippetHead and snippetTail are how many characters of a long snippet are kept at its ends: enough to recognise it,
// few enough for one line.
const (
	snippetHead = 100
	snippetTail = 40
)

// snippet writes source on one line, without comments' and indentation's share of the white space, and cuts out the
// middle of what is long.
func snippet(source string) string {
	words := []rune(strings.Join(strings.Fields(source), " "))
	if len(words) <= snippetHead+snippetTail {
		return string(words)
	}
	return string(words[:snippetHead]) + "…" + string(words[len(words)-snippetTail:])
}
