package story

import (
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// told is an entry on its way into the story.
type told struct {
	Entry
	weight run.Weight
	line   run.Line // the first that it stands for
	lines  int      // how many it stands for
}

// subjectsFew is how many subjects a run may have for all of them to be told of: a minimised run has no more than it
// needs.
const subjectsFew = 2

// choose picks from a trace what the story is made of.
func choose(trace []run.Line, violation *run.Violation, needed map[kernel.Key]bool) []told {
	f := newFocus(trace, violation)
	var list []told
	since := 0 // the line behind the last one that is told
	for i, line := range trace {
		misfortune := line.Misfortune()
		entry := told{
			Entry: Entry{
				At: line.At, Actor: line.Actor, Text: line.Text,
				Fault: misfortune, Necessary: needed[line.Decision], Count: 1,
			},
			line: line, lines: 1, weight: f.weigh(&line),
		}
		switch {
		case misfortune && (len(needed) == 0 || entry.Necessary), i == len(trace)-1:
			entry.weight = run.Turning
		case misfortune:
			entry.weight = run.Looking
		}
		if i == len(trace)-1 && !misfortune && f.weigh(&line) == run.Nothing {
			entry.goesOn(trace[since:i])
		}
		if entry.weight == run.Nothing {
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
func (t *told) goesOn(before []run.Line) {
	for i := len(before) - 1; i >= 0; i-- {
		if t.isRepeatedBy(&before[i]) {
			t.At = before[i].At
			t.Count++
			t.lines++
		}
	}
}

// isRepeatedBy reports whether a line says the same as the one of the entry, but for numbers.
func (t *told) isRepeatedBy(line *run.Line) bool {
	return t.line.Event != "" && t.line.Event == line.Event && t.Actor == line.Actor && t.line.Subject == line.Subject && t.line.Part == line.Part
}

// isCauseOf reports whether an entry is a fault and the next one what it does.
func (t *told) isCauseOf(next *told) bool {
	return t.line.Fault != "" && next.line.Effect && t.line.Step == next.line.Step && t.Actor == next.Actor
}

// absorb tells of a fault by what it does.
func (t *told) absorb(effect *told) {
	t.Text = effect.Text + " (" + t.line.Fault + ")"
	t.lines += effect.lines
}

// A focus is what a violation is about.
type focus struct {
	subjects map[string]bool
	actors   map[string]bool // that do something about these subjects
	// whole: the trace is about no subject at all, so all lines are in focus.
	whole bool
}

func newFocus(trace []run.Line, violation *run.Violation) focus {
	f := focus{subjects: map[string]bool{}, actors: map[string]bool{}}
	involved := map[string]bool{violation.Subject: true}
	for _, name := range violation.Subjects {
		involved[name] = true
	}
	delete(involved, "")
	all := map[string]bool{}
	for i := range trace {
		all[trace[i].Subject] = true
	}
	delete(all, "")
	for i := range trace {
		if line := &trace[i]; involved[line.Subject] || involved[line.Group] || len(all) <= subjectsFew {
			f.subjects[line.Subject] = true
		}
	}
	delete(f.subjects, "")
	if len(f.subjects) == 0 {
		f.subjects = all // it is about nobody in particular
	}
	for i := range trace {
		if line := &trace[i]; f.about(line) {
			f.actors[line.Actor] = true
		}
	}
	f.whole = len(all) == 0
	return f
}

func (f *focus) about(line *run.Line) bool { return f.subjects[line.Subject] || f.subjects[line.Cause] }

// weigh says how much a line adds, misfortunes apart.
func (f *focus) weigh(line *run.Line) run.Weight {
	switch {
	case f.whole, line.Class == run.Phase, line.Subject == "" && f.actors[line.Actor], line.Subject != "" && f.about(line):
		return line.Weight
	}
	return run.Nothing
}
