package checker

import (
	"iter"
	"slices"

	"github.com/onceover/onceover/checker/model"
)

// A Property is a sentence that must hold for every history.
//
// Layers that guard each other hide each other's faults: a broken claim behind an idempotent start harms nobody today.
// So each layer has properties of its own, beside those about what a user sees.
type Property struct {
	ID       string // short and stable, such as runs-once
	Subject  string // what it is about, in one word
	Class    Class
	Sentence string
	// Source has the sections of the design that it follows from, by number, or types of package engine, with
	// semicolons between them.
	Source string
	// NotMistakenFor is what looks like a violation and is right.
	NotMistakenFor string

	watches []watching
	ending  check // at the end of the run; its record has nothing but the time
}

// A check looks at a record and the facts before it, and returns what is wrong.
type check func(f *facts, r *Record) *Violation

// watching is a check with the kinds of records that it has to see, and if only names calls, with those of these calls
// alone. So a property need not look at what cannot contradict it.
type watching struct {
	kinds []Kind
	only  []Call
	check check
}

// sees reports whether the check has to see records about a call.
func (w *watching) sees(call Call) bool { return len(w.only) == 0 || slices.Contains(w.only, call) }

// holdExecuted stands for a renewal as a whole, purgeExecuted for a purge: their records name no attempt. The rows that
// they changed have records of their own, of kind [JournalExecuted]. heldRead stands for the reading of what a host holds.
const (
	holdExecuted = kindEnd + iota
	purgeExecuted
	heldRead
	// namesNone stands for a record that ought to name an attempt and names none.
	namesNone
	kindsWatched
)

// on makes a check see records of some kinds.
func on(check check, kinds ...Kind) watching { return watching{kinds: kinds, check: check} }

// calls makes it see records about some calls alone.
func (w watching) calls(calls ...Call) watching {
	w.only = append(w.only, calls...)
	return w
}

// store makes it see records about some operations of the app database alone.
func (w watching) store(kinds ...model.ReviewsOpKind) watching {
	for _, kind := range kinds {
		w = w.calls(StoreCall(kind))
	}
	return w
}

// journal makes it see records about some operations of the journal alone.
func (w watching) journal(kinds ...model.JournalOpKind) watching {
	for _, kind := range kinds {
		w = w.calls(JournalCall(kind))
	}
	return w
}

// A subject groups the properties of one file. Each of them stands beside its functions and is registered where it is
// declared; no other list has to be edited.
type subject struct {
	name       string // one word
	sentence   string // what the properties are about
	properties []*Property
}

// add makes a property one of a subject.
//
//nolint:unparam // what is declared needs a value
func (s *subject) add(p Property) *Property {
	p.Subject = s.name
	s.properties = append(s.properties, &p)
	return &p
}

// subjects in the order in which their properties are checked.
var subjects = []*subject{
	&sessionProperties, &reviewProperties, &slotProperties, &dispatchProperties, &journalProperties, &leaseProperties,
	&eventProperties, &refusalProperties, &answerProperties, &callProperties, &shutdownProperties, &progressProperties, &linearizability,
}

// properties returns all properties in the order in which they are checked: if one record contradicts several, the
// first one names the violation. What a user would notice comes first, then the protocol of single layers. Within a
// class the order is that of the subjects, and of the declarations in their files.
func properties() iter.Seq[*Property] {
	return func(yield func(*Property) bool) {
		for _, class := range [...]Class{Outcome, Protocol} {
			for _, s := range subjects {
				for _, p := range s.properties {
					if p.Class == class && !yield(p) {
						return
					}
				}
			}
		}
	}
}

// Properties returns all properties in the order in which they are checked.
func Properties() []Property {
	var list []Property
	for p := range properties() {
		list = append(list, *p)
	}
	return list
}
