package run

import (
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/checker/times"
)

// A Result is the result of one run.
type Result struct {
	Seed      uint64
	Verdict   Verdict
	Violation *Violation // of a Violated run
	Unknown   string     // of an Unknown run: the check that gave up, and the reason
	Hash      uint64     // trace hash, over every step of the run
	Steps     uint64     // number of events that the kernel executed
	// Operations is the number of operations, which the world defines. They are statements and remote calls, for
	// example.
	Operations uint64
	Virtual    time.Duration // virtual time simulated
	Overrides  int           // number of the Spec's overrides that replaced a decision

	// Faults counts the injected faults and Goals the reached coverage goals, by name. Size is the amount of work. A
	// world may leave them empty.
	Faults, Goals, Size Counts
	// Inputs counts the classes of input values that the world drew, by name.
	Inputs Counts
}

// Violated reports whether the run violated a property.
func (r *Result) Violated() bool { return r.Verdict == Violated && r.Violation != nil }

// Equal reports whether all fields of two results are equal.
func (r *Result) Equal(other *Result) bool {
	return r.Seed == other.Seed && r.Verdict == other.Verdict && r.Violation.Equal(other.Violation) && r.Unknown == other.Unknown &&
		r.Hash == other.Hash && r.Steps == other.Steps && r.Operations == other.Operations && r.Virtual == other.Virtual &&
		r.Overrides == other.Overrides && r.Faults.Equal(other.Faults) && r.Goals.Equal(other.Goals) && r.Size.Equal(other.Size) &&
		r.Inputs.Equal(other.Inputs)
}

// A Violation is one property that does not hold.
type Violation struct {
	Property string        `json:"property"` // identifier
	At       time.Duration `json:"at"`       // virtual time, in nanoseconds
	// Subject is the main subject of the violation, such as "R3"; may be empty.
	Subject string `json:"subject"`
	// Subjects are all subjects and groups of the violation.
	Subjects []string `json:"subjects,omitempty"`
	// Cause is the identifier of the class of the failure.
	Cause string `json:"cause"`
	// Sentence is the definition of the property, Message the verdict: what happened to whom, in one sentence. Detail says
	// more, and may be empty. All are for people.
	Sentence string `json:"sentence,omitempty"`
	Message  string `json:"message"`
	Detail   string `json:"detail,omitempty"`
}

// Signature returns the property and the cause. They stay the same while a minimiser makes a failing run smaller.
func (v *Violation) Signature() string { return v.Property + ": " + v.Cause }

// Error returns the message, the property and the time on one line.
func (v *Violation) Error() string {
	return fmt.Sprintf("%s (%s, at %s)", v.Message, v.Property, times.Moment(v.At))
}

// Equal reports whether two violations are equal, apart from Sentence. Both may be nil.
func (v *Violation) Equal(other *Violation) bool {
	if v == nil || other == nil {
		return v == other
	}
	return v.Property == other.Property && v.At == other.At && v.Subject == other.Subject &&
		slices.Equal(v.Subjects, other.Subjects) && v.Cause == other.Cause && v.Message == other.Message && v.Detail == other.Detail
}

// A Verdict is the verdict on a run or a campaign. Verdicts are ordered from the best to the worst.
type Verdict uint8

const (
	// Pass means that every property was watched to the end and holds.
	Pass Verdict = iota
	// Unknown means that a check gave up, because its budget was used up or the history was invalid. It is not a pass.
	Unknown
	// Violated means that a property does not hold.
	Violated
	// NotDeterministic means that two runs of one seed differ, so every other verdict is meaningless.
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

// MarshalText returns the verdict in the words of [Verdict.String].
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText parses the result of MarshalText. The error lists all verdicts.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if name == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not a verdict; the verdicts are pass, unknown, violated and not deterministic", text)
}

// ExitCode returns the exit code of a command with this verdict: 0 pass, 1 violated, 3 unknown, 4 not deterministic. (2
// is for wrong usage, which is no verdict.)
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
