package run

import (
	"fmt"
	"slices"
	"time"
)

// A Result is what one run came to.
type Result struct {
	Seed      uint64
	Verdict   Verdict
	Violation *Violation // of a Violated run
	Unknown   string     // of an Unknown run: which check gave up, and why
	Hash      uint64     // trace hash: over every step and every decision that mattered
	Steps     uint64     // events that the kernel carried out
	// Operations counts what the world regards as operations, such as statements and remote calls.
	Operations uint64
	Virtual    time.Duration // virtual time simulated
	Overrides  int           // how many of the Spec's overrides met a decision

	// Faults, Goals and Size are counters that the world names: the faults that were injected, the coverage goals that
	// were reached, and how much there was to do. A world may leave them empty.
	Faults, Goals, Size Counts
}

// Violated reports whether the run violated a property.
func (r *Result) Violated() bool { return r.Verdict == Violated && r.Violation != nil }

// Equal reports whether two results are the same in everything.
func (r *Result) Equal(other *Result) bool {
	return r.Seed == other.Seed && r.Verdict == other.Verdict && r.Violation.Equal(other.Violation) && r.Unknown == other.Unknown &&
		r.Hash == other.Hash && r.Steps == other.Steps && r.Operations == other.Operations && r.Virtual == other.Virtual &&
		r.Overrides == other.Overrides && r.Faults.Equal(other.Faults) && r.Goals.Equal(other.Goals) && r.Size.Equal(other.Size)
}

// A Violation is one property that does not hold.
type Violation struct {
	Property string        `json:"property"` // identifier
	At       time.Duration `json:"at"`       // virtual time, in nanoseconds
	// Subject is what the violation is about first of all, such as "R3"; empty when it is about no one thing.
	Subject string `json:"subject"`
	// Subjects are all subjects and groups that it involves.
	Subjects []string `json:"subjects,omitempty"`
	// Cause is the identifier of the class of the failure.
	Cause string `json:"cause"`
	// Sentence is the definition of the property, Message what violates it. Both are for people.
	Sentence string `json:"sentence,omitempty"`
	Message  string `json:"message"`
}

// Signature is property and cause: what stays the same while a failing run is made smaller.
func (v *Violation) Signature() string { return v.Property + ": " + v.Cause }

// Error makes a violation an error: property, time and message on one line.
func (v *Violation) Error() string { return fmt.Sprintf("%s at %s: %s", v.Property, v.At, v.Message) }

// Equal reports whether two violations are the same in everything. Both may be nil.
func (v *Violation) Equal(other *Violation) bool {
	if v == nil || other == nil {
		return v == other
	}
	return v.Property == other.Property && v.At == other.At && v.Subject == other.Subject &&
		slices.Equal(v.Subjects, other.Subjects) && v.Cause == other.Cause && v.Message == other.Message
}

// A Verdict is what a run, or a campaign of them, comes to. Verdicts are ordered by how bad they are.
type Verdict uint8

const (
	// Pass: every property was watched to the end and held.
	Pass Verdict = iota
	// Unknown: a check gave up, on its budget or because the history was invalid. Never a pass.
	Unknown
	// Violated: a property does not hold.
	Violated
	// NotDeterministic: the same seed ran differently, so no other verdict means anything.
	NotDeterministic
)

var verdictNames = [...]string{"pass", "unknown", "violated", "not deterministic"}

// String returns the verdict in words.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// MarshalText writes the verdict as [Verdict.String] does.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText writes. The error names the verdicts that there are.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if name == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not a verdict; the verdicts are pass, unknown, violated and not deterministic", text)
}

// ExitCode is what a command ends with: 0 pass, 1 violated, 3 unknown, 4 not deterministic. (2 is wrong usage, which
// is no verdict.)
func (v Verdict) ExitCode() int {
	switch v {
	case Pass:
		return 0
	case Violated:
		return 1
	case NotDeterministic:
		return 4
	default:
		return 3
	}
}

// Worse returns the worse of two verdicts: not deterministic before violated, violated before unknown, unknown before
// pass.
func (v Verdict) Worse(other Verdict) Verdict { return max(v, other) }
