package checker

import "iter"

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

// watching is a check with the kinds of records that it has to see.
type watching struct {
	kinds []Kind
	check check
}

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
func on(check check, kinds ...Kind) watching { return watching{kinds, check} }

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
