package checker

import (
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/engine"
)

// A Cause is the class of a failure of a property: an identifier such as executed-twice, declared beside its property.
// What happened in detail is in the message of the [Violation].
type Cause string

// Of narrows a cause down by an identifier, such as the kind of an operation: no-order/claim.
func (c Cause) Of(identifier string) Cause { return c + "/" + Cause(identifier) }

// A Violation is one property that does not hold.
type Violation struct {
	Property string            `json:"property"` // identifier
	At       time.Duration     `json:"at"`       // virtual time, in nanoseconds
	Key      engine.AttemptKey `json:"key"`      // what it is about; may be empty
	Cause    Cause             `json:"cause"`
	// Subjects are the reviews and owners that it is about, each once: that of Key
	// first, then those that the message names, in its order.
	Subjects []string `json:"subjects,omitempty"`
	// Message is the verdict: one sentence that says what happened to whom.
	Message string `json:"message"`
	// Detail says more, where the verdict leaves something to ask: how things stood at the end. It may be empty.
	Detail string `json:"detail,omitempty"`

	verdict, detail sentence // until the facts have been asked for names
}

// Signature is property and cause: what stays the same while a failing run is
// made smaller.
func (v *Violation) Signature() string { return v.Property + ": " + string(v.Cause) }

// Error makes a violation an error: message, property and time on one line.
func (v *Violation) Error() string {
	return fmt.Sprintf("%s (%s, at %s)", v.Message, v.Property, times.Moment(v.At))
}

// violated makes the violation that a check returns, with its verdict; the monitor adds whose it is, and [facts.word] writes
// the sentences.
func violated(r *Record, cause Cause, format string, args ...any) *Violation {
	return violatedAbout(r, r.Key, cause, format, args...)
}

// violatedAbout makes a violation that is about another attempt than its record.
func violatedAbout(r *Record, key engine.AttemptKey, cause Cause, format string, args ...any) *Violation {
	v := &Violation{At: r.At, Key: key, Cause: cause, verdict: sentence{format, args}}
	v.Involve(key)
	v.Involve(args...)
	return v
}

// word writes the sentences of a violation.
func (f *facts) word(v *Violation) {
	v.Message, v.Detail = f.say(v.verdict), f.say(v.detail)
	v.verdict, v.detail = sentence{}, sentence{}
}

// Involve makes the reviews and owners among some values subjects: identifiers, keys of
// attempts, operations and their results.
func (v *Violation) Involve(values ...any) {
	for _, value := range values {
		switch value := value.(type) {
		case engine.ReviewID:
			v.addSubject(string(value))
		case reviewIDs:
			for _, id := range value {
				v.addSubject(string(id))
			}
		case engine.OwnerID:
			v.addSubject(string(value))
		case engine.AttemptKey:
			v.addSubject(string(value.Review))
		case request:
			v.addSubject(string(value.key.Review))
		case *model.ReviewsOp:
			v.Involve(value.Key, value.Owner, value.Submission.Review, value.Submission.Owner)
		case *model.JournalOp:
			v.Involve(value.Key, value.Owner)
		case *model.ReviewsResult:
			v.Involve(value.Review.Review)
			for _, list := range [...][]engine.Review{value.Reviews, value.Work.Silent, value.Work.Stopping} {
				for i := range list {
					v.Involve(list[i].Review)
				}
			}
			for _, owner := range value.Work.Owners {
				v.Involve(owner)
			}
		case *model.JournalResult:
			v.Involve(value.Orchestration.Key)
			for i := range value.Leases {
				v.Involve(value.Leases[i].Key)
			}
		}
	}
}

func (v *Violation) addSubject(identifier string) {
	if identifier != "" && !slices.Contains(v.Subjects, identifier) {
		v.Subjects = append(v.Subjects, identifier)
	}
}

// reviewIDs are reviews as a message lists them.
type reviewIDs []engine.ReviewID

// String joins them with commas and "and"; none is "nobody".
func (ids reviewIDs) String() string {
	if len(ids) == 0 {
		return "nobody"
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = name(string(id))
	}
	return list(words)
}
