package explain

import (
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// An entry is on its way into the story.
type entry struct {
	Entry
	weight run.Weight
	line   run.Line // the first that it stands for
	lines  int      // how many it stands for
}

// subjectsFew is how many subjects a run may have for the story to be about all of them: a minimised run has no more
// than it needs.
const subjectsFew = 2

// tellStory returns what happened in a failing run, in the few lines that it takes to understand it, and how many lines
// of the trace it leaves out. necessary are the decisions for misfortunes that are known to be needed.
func tellStory(trace []run.Line, violation *run.Violation, necessary []kernel.Key) (story []Entry, leftOut int) {
	leftOut = len(trace)
	chosen := choose(trace, violation, misfortunes(necessary))
	for i := range chosen {
		story = append(story, chosen[i].Entry)
		leftOut -= chosen[i].lines
	}
	return story, leftOut
}

// choose picks from a trace what the story is made of.
func choose(trace []run.Line, violation *run.Violation, needed map[kernel.Key]bool) []entry {
	f := newFocus(trace, violation)
	var list []entry
	since := 0 // the line behind the last one that is shown
	for i, line := range trace {
		last, misfortune := i == len(trace)-1, line.Misfortune()
		next := entry{
			Entry: Entry{
				At: line.At, Actor: line.Actor, Text: line.Text,
				Fault: misfortune, Necessary: needed[line.Decision], Count: 1,
			},
			line: line, lines: 1, weight: f.weigh(&line),
		}
		switch {
		case misfortune && (len(needed) == 0 || next.Necessary):
			next.weight = run.Turning
		case last:
			if !misfortune && next.weight == run.Nothing {
				next.count(trace[since:i])
			}
			next.weight = run.Turning
		case misfortune:
			next.weight = run.Looking
		}
		if next.weight == run.Nothing {
			continue
		}
		since = i + 1
		if n := len(list); n > 0 && list[n-1].isCauseOf(&next) {
			list[n-1].absorb(&next)
			continue
		}
		list = append(list, next)
	}
	return fit(list)
}

// count has a line that is about nobody in particular stand for its repetitions since anything else happened: where
// something is stuck, the run ends while everybody looks for work and finds none.
func (e *entry) count(before []run.Line) {
	for i := len(before) - 1; i >= 0; i-- {
		if e.isRepeatedBy(&before[i]) {
			e.At = before[i].At
			e.Count++
			e.lines++
		}
	}
}

// isRepeatedBy reports whether a line reports the same as that of the entry, but for numbers.
func (e *entry) isRepeatedBy(line *run.Line) bool {
	return e.line.Event != "" && e.line.Event == line.Event && e.Actor == line.Actor && e.line.Subject == line.Subject && e.line.Part == line.Part
}

// isCauseOf reports whether the entry is a fault and the next one its effect.
func (e *entry) isCauseOf(next *entry) bool {
	return e.line.Fault != "" && next.line.Effect && e.line.Step == next.line.Step && e.Actor == next.Actor
}

// absorb describes a fault by its effect.
func (e *entry) absorb(effect *entry) {
	e.Text = effect.Text + " (" + e.line.Fault + ")"
	e.lines += effect.lines
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
