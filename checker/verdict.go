package checker

import "fmt"

// A Verdict is the result of a run or of a campaign. Verdicts are ordered: the worst of several counts, see
// [Verdict.Worse].
type Verdict uint8

const (
	// Pass: every property was watched to the end and held.
	Pass Verdict = iota
	// Unknown: a checker gave up, on its budget or because the history was invalid. Never a pass.
	Unknown
	// Violated: a property does not hold.
	Violated
	// NotDeterministic: the same seed ran differently, so no other verdict means anything.
	NotDeterministic
)

var verdictNames = [...]string{"pass", "unknown", "violated", "not deterministic"}

// String returns the verdict in the words of the design.
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
	return fmt.Errorf("%q is no verdict: allowed are pass, unknown, violated and not deterministic", text)
}

// ExitCode returns the exit code of a command: 0 pass, 1 violated, 3 unknown, 4 not deterministic. (2 is wrong usage,
// which is no verdict.)
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

// Worse returns the verdict that counts of two: not deterministic before violated, violated before unknown, unknown
// before pass.
func (v Verdict) Worse(other Verdict) Verdict { return max(v, other) }
