package story

import (
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/world"
)

// A weight says how much a line adds to the story. The heaviest are always told.
type weight uint8

const (
	nothing  weight = iota
	looking         // somebody reads, or begins what will show by its effect
	carrying        // a call, or its good answer
	acting          // a decision, or an answer that leaves the caller in doubt
	turning         // something is different now
)

// told is an entry on its way into the story.
type told struct {
	Entry
	weight weight
	line   world.Line // the first that it stands for
	lines  int        // how many it stands for
}

// reviewsFew is how many reviews a run may have for all of them to be told of: a minimised run has no more than it
// needs.
const reviewsFew = 2

// choose picks from a trace what the story is made of.
func choose(trace []world.Line, violation *checker.Violation, needed map[kernel.Key]bool) []told {
	f := newFocus(trace, violation)
	var list []told
	since := 0 // the line behind the last one that is told
	for i, line := range trace {
		misfortune := line.Fault || line.Decision != (kernel.Key{})
		entry := told{
			Entry: Entry{
				At: line.At, Actor: line.Actor, Text: line.Text,
				Fault: misfortune, Necessary: needed[line.Decision], Count: 1,
			},
			line: line, lines: 1, weight: f.weigh(&line),
		}
		switch {
		case misfortune && (len(needed) == 0 || entry.Necessary), i == len(trace)-1:
			entry.weight = turning
		case misfortune:
			entry.weight = looking
		}
		if i == len(trace)-1 && !misfortune && f.weigh(&line) == nothing {
			entry.goesOn(trace[since:i])
		}
		if entry.weight == nothing {
			continue
		}
		since = i + 1
		if n := len(list); n > 0 && list[n-1].isCauseOf(&entry) {
			list[n-1].absorb(&entry)
			continue
		}
		list = append(list, entry)
	}
	return fit(list)
}

// goesOn tells with a line that is about nobody in particular how often it has been there before since anything else
// happened: where something is stuck, the run ends while everybody looks for work and finds none.
func (t *told) goesOn(before []world.Line) {
	for i := len(before) - 1; i >= 0; i-- {
		if line := &before[i]; line.Actor == t.Actor && line.Text == t.Text {
			t.At = line.At
			t.Count++
			t.lines++
		}
	}
}

// isCauseOf reports whether an entry is a fault and the next one what it does to its process.
func (t *told) isCauseOf(next *told) bool {
	if !t.line.Fault || next.line.Fault || t.line.Step != next.line.Step || t.Actor != next.Actor {
		return false
	}
	switch next.line.Kind {
	case checker.ProcessCrashed, checker.ProcessPaused, 0:
		return next.line.Key == (engine.AttemptKey{})
	default:
		return false
	}
}

// absorb tells of a fault by what it does.
func (t *told) absorb(effect *told) {
	kind, _, _ := strings.Cut(strings.TrimPrefix(t.Text, "fault: "), " ")
	t.Text = effect.Text + " (" + kind + ")"
	t.lines += effect.lines
}

// A focus is what a violation is about.
type focus struct {
	reviews map[engine.ReviewID]bool
	owners  map[engine.OwnerID]bool
	actors  map[string]bool // that do something about these reviews
	// foreign: the trace is of a world of somebody else's, whose lines say only what happens. All of them count.
	foreign bool
}

func newFocus(trace []world.Line, violation *checker.Violation) focus {
	f := focus{reviews: map[engine.ReviewID]bool{}, owners: map[engine.OwnerID]bool{}, actors: map[string]bool{}, foreign: true}
	words := strings.FieldsFunc(violation.Message, func(r rune) bool { return strings.ContainsRune(" ,.:;/()\"\n", r) })
	named := make(map[string]bool, len(words))
	for _, word := range words {
		named[word] = true
	}
	all := map[engine.ReviewID]bool{}
	for _, line := range trace {
		f.foreign = f.foreign && line.Kind == 0
		if line.Key.Review != "" {
			all[line.Key.Review] = true
		}
		if named[string(line.Owner)] {
			f.owners[line.Owner] = true
		}
	}
	for _, line := range trace {
		review := line.Key.Review
		if review != "" && (review == violation.Key.Review || named[string(review)] || f.owners[line.Owner] || len(all) <= reviewsFew) {
			f.reviews[review] = true
		}
	}
	if len(f.reviews) == 0 {
		f.reviews = all // it is about nobody in particular
	}
	for _, line := range trace {
		if f.about(&line) {
			f.actors[line.Actor] = true
		}
	}
	return f
}

func (f *focus) about(line *world.Line) bool {
	return f.reviews[line.Key.Review] || f.reviews[line.Cause.Review]
}

// weigh says how much a line adds, misfortunes apart.
func (f *focus) weigh(line *world.Line) weight {
	if f.foreign {
		return turning
	}
	switch line.Kind {
	case checker.PhaseBegan:
		if line.At > 0 {
			return carrying
		}
		return nothing
	case checker.ProcessStarted:
		if line.Number > 1 && f.actors[line.Actor] {
			return acting
		}
		return nothing
	case checker.ProcessCrashed, checker.ProcessPaused, checker.ProcessResumed, checker.ShutdownBegan, checker.ShutdownEnded:
		if f.actors[line.Actor] {
			return turning
		}
		return nothing
	default:
	}
	if line.Key == (engine.AttemptKey{}) {
		if line.Kind == 0 && f.actors[line.Actor] {
			return looking // a remark about a process
		}
		return nothing
	}
	if !f.about(line) {
		return nothing
	}
	return weighKind(line)
}

// weighKind says how much a line about the right review adds.
func weighKind(line *world.Line) weight {
	switch line.Kind {
	case checker.StoreChanged:
		switch {
		case strings.Contains(line.Text, "set-agent-version"):
			return looking
		case strings.Contains(line.Text, ": defer of "):
			return carrying
		}
		return turning
	case checker.SessionStarted, checker.SessionEnded:
		return turning
	case checker.JournalExecuted:
		if strings.Contains(line.Text, " events of ") || strings.Contains(line.Text, "settle") {
			return carrying
		}
		return turning
	case checker.StoreExecuted:
		return acting // those that are told of were refused
	case checker.DispatchSent, checker.CreateSent, checker.InterruptSent, checker.Interrupted, checker.CallbackSent:
		return acting
	case checker.DispatchAnswered, checker.CallbackAnswered, checker.PrepareEnded:
		if strings.Contains(line.Text, "no good answer") || strings.Contains(line.Text, "could not") {
			return acting
		}
		return looking
	case checker.StartArrived, checker.CallbackArrived, checker.StreamSent, checker.PrepareStarted:
		return carrying
	case checker.ClientAnswered:
		return looking
	case 0:
		return turning // a remark about the review, such as a takeover
	default:
		return looking
	}
}
