package faults

import "strings"

// Entry is the contract of one kind: what the simulator does, what the engine has to live with, and what it can rely
// on. Durations and factors in the texts are drawn, within the bounds given there, by the simulator.
type Entry struct {
	Kind Kind
	// Sentence describes what the fault does.
	Sentence string
	// May describes what the fault may cause, and a correct engine must survive.
	May string
	// MayNot describes what the fault never does. So a property violated under this fault is a bug of the engine.
	MayNot string
	// Point is the fault point: the actor, operation and occurrence at which one decision about it is made.
	Point string
	// Effect is the kind of error that the caller gets.
	Effect Effect
	// Unit is how often the fault is decided, which is what a rate refers to.
	Unit Unit
	// Rates bounds the probability that one decision injects the fault, in a seed that enables the kind.
	Rates Range
}

// Range is a closed interval of probabilities, 0 < Low <= High <= 1.
type Range struct {
	Low, High float64
}

// Effect is a set of the errors that the caller of a faulty operation may get. There is no member for "not found" or
// "stale token", because a fault never forges a statement of fact.
type Effect uint8

// The members of an Effect.
const (
	// Nothing: no error. The operation goes on, only at another time, elsewhere, or more than once.
	Nothing Effect = 1 << iota
	// Rejected: definitely without effect, and may be tried again.
	Rejected
	// Permanent: definitely without effect, and never will have one.
	Permanent
	// Ambiguous: the effect is unknown to the caller. Sentence describes the truth, which only the simulator knows.
	Ambiguous
)

var effectNames = [...]string{"nothing", "rejected", "permanent", "ambiguous"}

// Has reports whether every member of other is in e.
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

// Unit is how often a kind is decided, so its rate is a probability per unit.
type Unit uint8

// The units.
const (
	// PerCall: at each operation that Point names. A run has about 500 of them in all. Where Point names a rare one
	// (creating a session, resuming a stream), the rates are higher.
	PerCall Unit = iota
	// PerSession: once for each session of the agent, when it is created.
	PerSession
	// PerProcess: once for each life of a process, when it starts. The moment within that life is drawn too.
	PerProcess
	// PerRun: once for each run, when it starts. The moment within the run is drawn too.
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

// Catalogue returns the entries of all kinds, in the order of the kinds: entry i is that of Kind(i). The caller may
// change the slice.
func Catalogue() []Entry {
	entries := catalogue // a copy: an array is a value
	return entries[:]
}

// Lookup returns the entry of a kind. It panics when k is no kind.
func Lookup(k Kind) Entry { return catalogue[k] }
