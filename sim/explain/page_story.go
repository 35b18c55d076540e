package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// focus is the subject that the failure is about: the one that the page shows first. If the violation names none, it is
// the only one that is involved, or that belongs to a group that is; empty for all.
func (f *Failure) focus() string {
	if f.Violation == nil {
		return ""
	}
	var involved []string
	for i := range f.seen.Subjects {
		s := &f.seen.Subjects[i]
		if s.Name == f.Violation.Subject {
			return s.Name
		}
		if len(s.Tracks) > 0 && (slices.Contains(f.Violation.Subjects, s.Name) || slices.Contains(f.Violation.Subjects, s.Group)) {
			involved = append(involved, s.Name)
		}
	}
	if len(involved) == 1 {
		return involved[0]
	}
	return ""
}

// title is the verdict in a sentence.
func (f *Failure) title() string {
	switch {
	case f.Violation != nil:
		return f.Violation.Message
	case f.Result.Unknown != "":
		return fmt.Sprintf("Seed %d has no verdict: %s", f.Seed, f.Result.Unknown)
	}
	return fmt.Sprintf("The run of seed %d violates nothing", f.Seed)
}

// jump returns the point of no return; nil if it is not known, or there is none.
func (f *Failure) jump() *Point {
	if f.PointOfNoReturn == nil {
		return nil
	}
	return f.PointOfNoReturn.Decisive().After()
}

// A mark is one of the moments that lead from the cause to the effect. The page has a chip for each at its top, and a
// place in the story that the chip leads to.
type mark struct {
	ID    string // of its place in the story
	Label string
	Known bool // it has a moment
	At    time.Duration
	Text  string
}

// The identifiers of the marks.
const (
	markCause  = "cause"
	markLate   = "late"
	markEffect = "effect"
)

// marks returns the moments from the cause to the effect of a failure.
func (f *Failure) marks() []mark {
	if f.Violation == nil {
		return nil
	}
	cause := mark{ID: markCause, Label: "Cause", Text: "no fault is needed: timing alone does it"}
	if f.Minimised == nil {
		cause.Text = "not searched for: minimise the run"
	}
	if line := f.decidingFault(); line != nil {
		cause.Known, cause.At, cause.Text = true, line.At, line.Actor+": "+shortOf(line)
		if f.guessed() {
			cause.Text += " (a guess: minimise the run to know)"
		}
	}
	list := []mark{cause}
	if p := f.PointOfNoReturn; p != nil {
		late := mark{ID: markLate, Label: "Point of no return", Text: "no single moment"}
		if jump := f.jump(); jump != nil {
			late.Known, late.At, late.Text = true, jump.At, jump.describe()
		}
		list = append(list, late)
	}
	return append(list, mark{ID: markEffect, Label: "Effect", Known: true, At: f.Violation.At, Text: f.Violation.Property})
}

type pageEntry struct {
	Entry
	Mark string // the identifier of its mark; may be empty
	// LateBefore and LateAfter: it was too late before this first entry, or from this one on.
	LateBefore, LateAfter bool
}

// pageEntries returns the story, with the cause and the point of no return marked.
func (f *Failure) pageEntries() []pageEntry {
	var list []pageEntry
	jump, late, cause := f.jump(), -1, -1
	fault := f.decidingFault()
	for i, e := range f.Story {
		list = append(list, pageEntry{Entry: e})
		if jump != nil && e.At <= jump.At {
			late = i
		}
		if fault != nil && (e.Necessary || f.guessed() && e.Fault) && e.At <= fault.At {
			cause = i
		}
	}
	switch {
	case late >= 0:
		list[late].LateAfter = true
	case jump != nil && len(list) > 0:
		list[0].LateBefore = true
	}
	if cause >= 0 {
		list[cause].Mark = markCause
	}
	return list
}

// causeTerm is the fault that is the cause, with its sentence; nil if it is none of the world's kinds of faults.
func (f *Failure) causeTerm() *run.Term {
	line := f.decidingFault()
	if line == nil {
		return nil
	}
	i := slices.IndexFunc(f.seen.Words.Faults, func(t run.Term) bool { return t.Name == line.Fault })
	if i < 0 {
		return nil
	}
	return &f.seen.Words.Faults[i]
}

// noun returns what a subject of the run is called.
func noun(words *run.Vocabulary) string { return cmp.Or(words.Subject, "subject") }

// pageWords are the words of the page itself.
var pageWords = []run.Term{
	{Name: "needed", Sentence: "Without this misfortune the run does not fail in this way: it was taken away once, and the failure was gone."},
	{Name: "point of no return", Sentence: "The step from which on the sampled continuations of the run fail in the same way."},
	{Name: "calm", Sentence: "A continuation in which no fault begins any more, and all processes come up."},
	{Name: "stormy", Sentence: "A continuation with faults as the profile draws them."},
	{Name: "virtual time", Sentence: "The time that passes in the simulated run. Hours of it take milliseconds."},
	{Name: "signature", Sentence: "The property that is violated and the class of the failure: what two failures of one kind have in common."},
	{Name: "trace hash", Sentence: "A number over every step of the run. The same seed always gives the same one."},
	{Name: "linearizable", Sentence: "Some order of the operations, in which each takes effect at one moment between its call and its answer, explains every answer."},
}

// glossary returns the words that the page explains.
func (f *Failure) glossary() []run.Term {
	return append(slices.Clone(f.seen.Words.Glossary), pageWords...)
}

// faultsMet returns the faults that the run has met, with their sentences.
func (f *Failure) faultsMet() (list []run.Term) {
	met := map[string]bool{}
	for i := range f.seen.Lines {
		met[f.seen.Lines[i].Fault] = true
	}
	for _, fault := range f.seen.Words.Faults {
		if met[fault.Name] {
			list = append(list, fault)
		}
	}
	return list
}

// otherContent is what the page has to say about the other run.
type otherContent struct {
	Name, Sentence string
	Removed        bool // it is this run without its deciding fault
	*Comparison
	Rows []*ComparedLine // nil for lines that are left out in between
	Left int
}

// otherRowsMost is how many lines of a comparison the page has.
const otherRowsMost = 400

func (f *Failure) otherContent() *otherContent {
	if f.other == nil {
		return nil
	}
	rows := f.other.Comparison.Near()
	c := otherContent{
		Name: f.other.Name, Sentence: f.other.sentence(f.focus()), Removed: f.other.Removed != nil, Comparison: f.other.Comparison,
		Rows: rows[:min(len(rows), otherRowsMost)], Left: max(len(rows)-otherRowsMost, 0),
	}
	return &c
}
