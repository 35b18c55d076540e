package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/sim/kernel"
)

// A Describer is a [World] with a vocabulary.
type Describer interface {
	// Vocabulary returns the vocabulary of the world. It is the same for all runs.
	Vocabulary() *Vocabulary
}

// VocabularyOf returns the vocabulary of a world, or of the world that it wraps. If none of them is a [Describer], the
// vocabulary is empty.
func VocabularyOf(w World) *Vocabulary {
	if d, ok := as[Describer](w); ok {
		return d.Vocabulary()
	}
	return &Vocabulary{}
}

// A Vocabulary lists the names that a world uses. Any field may be empty.
type Vocabulary struct {
	// Subject is the word for the subject of a run, in the singular, such as "review".
	Subject string
	// Profiles are the fault profiles that a Spec may name. If there are none, every name is allowed.
	Profiles []Term
	// Goals are the coverage goals that a campaign should reach, Properties those that are watched.
	Goals, Properties []Term
	// Inputs are the classes of input values that a campaign should draw.
	Inputs []Term
	// Faults are the kinds of faults that a [Line] may name. Glossary explains the words that lines, states and
	// violations use.
	Faults, Glossary []Term
	// Select returns the identifiers for Spec.Properties that a text stands for, such as "outcome" or
	// "runs-once,no-stuck". If it is nil, the text is "all" or a list of identifiers, separated by commas.
	Select func(text string) ([]string, error)
	// Simplifications are the classes of decisions that a minimiser may make calm, in the order in which to try them. A
	// decision of no class counts as a fault if a [Line] has it as its Decision, and as timing otherwise.
	Simplifications []Simplification
	// Actors are the parties of a picture, from the top. Other parties follow, in the order of their names.
	Actors []string
	// Tracks are the rows of a subject in a picture, and Routes the kinds of messages.
	Tracks, Routes []Term
}

// A Term is one name of a vocabulary.
type Term struct {
	Name     string // identifier
	Sentence string // meaning
}

// CheckProfile returns an error if no profile has this name. The error lists all profiles.
func (v *Vocabulary) CheckProfile(name string) error {
	if len(v.Profiles) == 0 || slices.ContainsFunc(v.Profiles, func(t Term) bool { return t.Name == name }) {
		return nil
	}
	var allowed []string
	for _, t := range v.Profiles {
		allowed = append(allowed, t.Name)
	}
	return fmt.Errorf("unknown fault profile %q: allowed are %s", name, strings.Join(allowed, ", "))
}

// Sentence returns the sentence of the term with a name, or "" if the list has none.
func Sentence(list []Term, name string) string {
	for _, t := range list {
		if t.Name == name {
			return t.Sentence
		}
	}
	return ""
}

// SelectProperties returns the identifiers that a text stands for, as the function Select does; none for all. The error
// names what is not a property.
func (v *Vocabulary) SelectProperties(text string) ([]string, error) {
	switch {
	case v.Select != nil:
		return v.Select(text)
	case text == "" || text == "all":
		return nil, nil
	}
	ids := strings.Split(text, ",")
	for _, id := range ids {
		if err := v.checkProperty(id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (v *Vocabulary) checkProperty(id string) error {
	if len(v.Properties) == 0 || slices.ContainsFunc(v.Properties, func(t Term) bool { return t.Name == id }) {
		return nil
	}
	return fmt.Errorf("%q is not a property of this world", id)
}

// A Simplification is one way to make a run simpler: a class of decisions, and the value that makes them calm. A
// decision with this value has no effect, as if it had not been made.
type Simplification struct {
	Aspect Aspect
	// Operation identifies the decisions of the class, as in a [kernel.Override].
	Operation string
	// Value is the calm value: no fault, less work, the default of a latency.
	Value uint64
	// Present, for faults, is the value with which the fault happens at any rate above 0.
	Present uint64
	// Scale is true if smaller values are milder. A decision that must not be calm may then be made smaller.
	Scale bool
	// Enabled and Rate, for a kind of faults, are the decisions whether a run has the kind, and how often. They do not
	// belong to the class, even if its Operation covers them.
	Enabled, Rate kernel.Key
	// Subject, when not nil, returns the subject that a decision of the class adds to the run.
	Subject func(decision kernel.Key) string
}

// Class returns the key of all decisions of the class.
func (s *Simplification) Class() kernel.Key {
	return kernel.Key{Actor: kernel.AnyActor, Operation: s.Operation, Occurrence: kernel.Every}
}

// Simplifies reports whether a decision belongs to the class.
func (s *Simplification) Simplifies(decision kernel.Key) bool {
	class := s.Class()
	return class.Covers(decision) && !s.enables(decision) && !(s.Rate.Operation != "" && decision.Operation == s.Rate.Operation)
}

// Concerns reports whether a decision belongs to the class or is its Rate. A run with such a decision has the kind of
// faults.
func (s *Simplification) Concerns(decision kernel.Key) bool {
	class := s.Class()
	return class.Covers(decision) && !s.enables(decision)
}

func (s *Simplification) enables(decision kernel.Key) bool {
	return s.Enabled.Operation != "" && decision.Operation == s.Enabled.Operation
}

// An Aspect is the part of a run that a decision is about.
type Aspect uint8

// The aspects of a run, in the order in which a minimiser makes them small.
const (
	// FaultAspect is whether misfortunes happen: faults, restarts, processes that stay down.
	FaultAspect Aspect = iota
	// WorkloadAspect is the amount of work, and the number of parties.
	WorkloadAspect
	// TimingAspect is everything else: times, durations, the choice among equals, and the details of a fault.
	TimingAspect
)

var aspectNames = [...]string{"faults", "workload", "timing"}

// String returns the aspect in a word.
func (a Aspect) String() string { return aspectNames[a] }
