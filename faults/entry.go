package faults

import "strings"

// Entry is the contract of one kind: what the simulator does, what the engine has to live with, and what it can
// rely on. Durations and factors in the texts are drawn, within the bounds given there, by the simulator.
type Entry struct {
	Kind Kind
	// Sentence says what the fault does.
	Sentence string
	// May says what the fault may cause, so what a correct engine has to survive.
	May string
	// MayNot says what the fault never does. A property violated under this fault is therefore the engine's bug.
	MayNot string
	// Point is the fault point: the actor, operation and occurrence at which one decision about it is made.
	Point string
	// Effect is what the struck caller is told.
	Effect Effect
	// Unit says how often it is decided, so what a rate means.
	Unit Unit
	// Rates bounds the probability that one decision is for the fault, in a seed that enables the kind.
	Rates Range
}

// Range is a closed interval of probabilities, 0 < Low <= High <= 1.
type Range struct {
	Low, High float64
}

// Effect is what the caller of the struck operation is told: a set, since some faults have several faces. There is
// no member for "not found" or "stale token": a fault never forges a statement of fact.
type Effect uint8

// What a caller can be told.
const (
	// Nothing: no error. The operation goes on, only at another time, elsewhere, or more than once.
	Nothing Effect = 1 << iota
	// Rejected: definitely without effect, and may be tried again.
	Rejected
	// Permanent: definitely without effect, and never will have one.
	Permanent
	// Ambiguous: the effect is unknown. The truth is whatever Sentence says, and only the simulator knows it.
	Ambiguous
)

var effectNames = [...]string{"nothing", "rejected", "permanent", "ambiguous"}

// Has tells whether every member of other is in e.
func (e Effect) Has(other Effect) bool { return e&other == other }

// String joins the members with " or ", for example "rejected or ambiguous".
func (e Effect) String() string {
	var members []string
	for i, name := range effectNames {
		if e.Has(1 << i) {
			members = append(members, name)
		}
	}
	return strings.Join(members, " or ")
}

// Unit says how often a kind is decided, and so what its rate is a probability of.
type Unit uint8

// The units.
const (
	// PerCall: at each operation that Point names. A world has about 500 of them in all; where Point names one
	// that a world has only a few of (creating a session, resuming a stream), the rates are higher.
	PerCall Unit = iota
	// PerSession: once for each session of the agent, when it is created.
	PerSession
	// PerProcess: once for each life of a process, when it starts. When in that life it strikes is drawn too.
	PerProcess
	// PerRun: once for each run, when it starts. When in the run it strikes is drawn too.
	PerRun
)

var unitNames = [...]string{"per call", "per session", "per process", "per run"}

// String returns the unit in words, for example "per call".
func (u Unit) String() string {
	if int(u) >= len(unitNames) {
		return "unknown unit"
	}
	return unitNames[u]
}

// Catalogue returns every kind's entry, in the order of the kinds: entry i is that of Kind(i). The slice is the
// caller's own.
func Catalogue() []Entry {
	entries := catalogue // a copy: an array is a value
	return entries[:]
}

// Lookup returns the entry of a kind. It panics when k is no kind.
func Lookup(k Kind) Entry { return catalogue[k] }
