package explain

import (
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// An alternative is another run, which is drawn beside the one that the page is about: the same seed without a fault, or
// a run that the reader has chosen.
type alternative struct {
	Name       string // what it is, such as "without process.crash at 01:16.596"
	Seen       *timeline
	Comparison *Comparison
	// Removed is the line of the fault that it lacks; nil for a run that the reader has chosen.
	Removed *run.Line
}

// decidingFault returns the misfortune that is taken away for the alternative: the last necessary one up to the point of no
// return, or else the first one. Of a run that was not minimised nobody knows which are necessary; there it is the last one
// up to the point of no return, which is a guess that the alternative tests. nil for none.
func (f *Failure) decidingFault() *run.Line {
	needed, jump := misfortunes(f.Necessary), f.jump()
	if f.guessed() && jump == nil {
		return nil
	}
	var found *run.Line
	for i := range f.seen.Lines {
		line := &f.seen.Lines[i]
		counts := needed[line.Decision] || f.guessed() && line.Fault != "" && line.At <= jump.At
		if !counts || line.Decision == (kernel.Key{}) {
			continue
		}
		if found == nil || jump != nil && line.At <= jump.At {
			found = line
		}
	}
	return found
}

// guessed reports whether it is not known which misfortunes are necessary.
func (f *Failure) guessed() bool { return f.Minimised == nil && len(f.Necessary) == 0 }

// imagine carries out the run once more without its deciding fault.
func (f *Failure) imagine(w run.World, words *run.Vocabulary) {
	removed := f.decidingFault()
	if removed == nil {
		return
	}
	spec := f.Spec
	spec.Overrides = []kernel.Override{{Key: removed.Decision}}
	for _, override := range f.Spec.Overrides {
		if override.Key != removed.Decision {
			spec.Overrides = append(spec.Overrides, override)
		}
	}
	seen := watch(w, words, spec, true, true)
	f.other = &alternative{
		Name: fmt.Sprintf("without %s at %s", shortOf(removed), Moment(removed.At)), Seen: seen,
		Comparison: compare(f.seen, seen), Removed: removed,
	}
}

// shortOf names a misfortune in a word or two.
func shortOf(line *run.Line) string {
	if line.Fault != "" {
		return line.Fault
	}
	return fmt.Sprintf("that %s %s", line.Actor, line.Text)
}

// sentence describes what becomes of a subject in the alternative.
func (a *alternative) sentence(about string) string {
	if result := &a.Seen.Result; result.Violation != nil {
		return fmt.Sprintf("The run fails too: %s", result.Violation.Message)
	}
	state, at := a.endsAs(about)
	if state == "" {
		return fmt.Sprintf("The verdict is %s.", a.Seen.Result.Verdict)
	}
	return fmt.Sprintf("%s is %s at %s, and the verdict is %s.", about, state, Moment(at), a.Seen.Result.Verdict)
}

// endsAs returns the last state of the first track of a subject, and since when it is in it.
func (a *alternative) endsAs(about string) (state string, since time.Duration) {
	i := slices.IndexFunc(a.Seen.Subjects, func(s subject) bool { return s.Name == about })
	if i < 0 || len(a.Seen.Subjects[i].Tracks) == 0 {
		return "", 0
	}
	spans := a.Seen.Subjects[i].Tracks[0].Spans
	if len(spans) == 0 {
		return "", 0
	}
	last := &spans[len(spans)-1]
	return last.Label, last.From
}
