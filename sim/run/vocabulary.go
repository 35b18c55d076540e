package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/sim/kernel"
)

// A Describer is a [World] that names its vocabulary.
type Describer interface {
	// Vocabulary returns what the world calls things. It is the same for all its runs.
	Vocabulary() *Vocabulary
}

// VocabularyOf returns what a world, or the one that it wraps, calls things. Where there is no [Describer] among them,
// the vocabulary is empty.
func VocabularyOf(w World) *Vocabulary {
	if d, ok := as[Describer](w); ok {
		return d.Vocabulary()
	}
	return &Vocabulary{}
}

// A Vocabulary is what a world calls things. All of it may be empty.
type Vocabulary struct {
	// Subject is what its runs are about, in the singular, such as "review".
	Subject string
	// Profiles are the fault profiles that a Spec may name. Where there are none, any name is allowed.
	Profiles []Term
	// Faults, Goals and Properties are the kinds of faults that may be injected, the coverage goals that a campaign
	// should reach, and the properties that are watched.
	Faults, Goals, Properties []Term
	// Select returns the properties that a text such as "outcome" or "runs-once,no-stuck" names, for Spec.Properties.
	// Nil: "all" and identifiers with commas between them.
	Select func(text string) ([]string, error)
	// Simplifications are the classes of decisions that a minimiser may make calm, in the order in which they are best
	// tried. Decisions of no class are treated as timing, or as faults where a [Line] has them as its Decision.
	Simplifications []Simplification
	// Actors ranks the parties of a picture from the top. Those that it does not name follow, by name.
	Actors []string
	// Tracks are the rows of a subject in a picture, Routes the kinds of messages.
	Tracks, Routes []Term
}

// A Term is one word of a vocabulary.
type Term struct {
	Name     string // identifier
	Group    string // such as the category of a fault or the layer of a property; may be empty
	Sentence string // what it means
}

// CheckProfile returns an [*UnknownProfileError] when no profile has this name.
func (v *Vocabulary) CheckProfile(name string) error {
	if len(v.Profiles) == 0 || slices.ContainsFunc(v.Profiles, func(t Term) bool { return t.Name == name }) {
		return nil
	}
	e := &UnknownProfileError{Name: name}
	for _, t := range v.Profiles {
		e.Allowed = append(e.Allowed, t.Name)
	}
	return e
}

// Sentence returns what a term means; empty for one that is not in the list.
func Sentence(list []Term, name string) string {
	for _, t := range list {
		if t.Name == name {
			return t.Sentence
		}
	}
	return ""
}

// SelectProperties returns the identifiers that a text names; none for all.
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
	return fmt.Errorf("%q is no property that this world has", id)
}

// An UnknownProfileError reports that no profile has this name.
type UnknownProfileError struct {
	Name    string   // what was given
	Allowed []string // the names of all profiles
}

// Error names what was given and what is allowed.
func (e *UnknownProfileError) Error() string {
	return fmt.Sprintf("unknown fault profile %q: allowed are %s", e.Name, strings.Join(e.Allowed, ", "))
}

// A Simplification is one way to make runs simpler: a class of decisions and the value that takes from them what they
// are about. Decisions that have it are as if they had not been made.
type Simplification struct {
	Aspect Aspect
	// Operation is the class of the decisions, as in a [kernel.Override].
	Operation string
	// Value is the calm one: no fault, less work, the default of a latency.
	Value uint64
	// Present, of an aspect of faults, is the value that makes the fault happen whatever its rate.
	Present uint64
	// Scale: smaller values are milder, so that what cannot be calm may be smaller.
	Scale bool
	// Enabled and Rate, of a kind of faults, are the decisions whether the run has the kind at all, and how often. They
	// are not decisions of the class, even where its Operation covers them.
	Enabled, Rate kernel.Key
	// Subject, when not nil, returns which subject a decision of the class brings into the run.
	Subject func(decision kernel.Key) string
}

// Class returns the key that stands for all decisions of the class.
func (s *Simplification) Class() kernel.Key {
	return kernel.Key{Actor: kernel.AnyActor, Operation: s.Operation, Occurrence: kernel.Every}
}

// Simplifies reports whether a decision is of the class.
func (s *Simplification) Simplifies(decision kernel.Key) bool {
	class := s.Class()
	return class.Covers(decision) && !s.enables(decision) && !(s.Rate.Operation != "" && decision.Operation == s.Rate.Operation)
}

// Concerns reports whether a decision is of the class, or on the rate of its kind: then the run has the kind.
func (s *Simplification) Concerns(decision kernel.Key) bool {
	class := s.Class()
	return class.Covers(decision) && !s.enables(decision)
}

func (s *Simplification) enables(decision kernel.Key) bool {
	return s.Enabled.Operation != "" && decision.Operation == s.Enabled.Operation
}

// An Aspect is what a decision is about.
type Aspect uint8

// The aspects of a run, in the order in which a reader wants them small.
const (
	// FaultAspect: whether misfortunes happen: faults, restarts, processes that do not come back.
	FaultAspect Aspect = iota
	// WorkloadAspect: how much there is to do, and for how many.
	WorkloadAspect
	// TimingAspect: when, how long, how fast, by which of several equals, and how exactly a fault acts.
	TimingAspect
)

var aspectNames = [...]string{"faults", "workload", "timing"}

// String returns the aspect in a word.
func (a Aspect) String() string { return aspectNames[a] }
