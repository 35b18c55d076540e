package checker

import (
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// A Violation is one property that does not hold.
type Violation struct {
	Property string            `json:"property"` // identifier
	At       time.Duration     `json:"at"`       // virtual time, in nanoseconds
	Key      engine.AttemptKey `json:"key"`      // what it is about; may be empty
	// Cause is the class of the failure in a few words: no identifiers, no times.
	Cause string `json:"cause"`
	// Subjects are the reviews and owners that it involves, by identifier.
	Subjects []string `json:"subjects,omitempty"`
	// Message is one sentence with everything.
	Message string `json:"message"`
}

// Signature is property and cause: what stays the same while a failing run is
// made smaller.
func (v *Violation) Signature() string { return v.Property + ": " + v.Cause }

// Error makes a violation an error: property, time and message on one line.
func (v *Violation) Error() string {
	return fmt.Sprintf("%s at %s: %s", v.Property, v.At, v.Message)
}

// violated makes the violation that a check returns; the monitor adds whose it is.
func violated(r *Record, cause, format string, args ...any) *Violation {
	return &Violation{At: r.At, Key: r.Key, Cause: cause, Subjects: subjectsOf(args), Message: fmt.Sprintf(format, args...)}
}

// subjectsOf returns the reviews and owners among the values of a message.
func subjectsOf(args []any) (subjects []string) {
	add := func(subject string) {
		if subject != "" && !slices.Contains(subjects, subject) {
			subjects = append(subjects, subject)
		}
	}
	for _, arg := range args {
		switch value := arg.(type) {
		case engine.ReviewID:
			add(string(value))
		case engine.AttemptKey:
			add(string(value.Review))
		case engine.OwnerID:
			add(string(value))
		}
	}
	return subjects
}
