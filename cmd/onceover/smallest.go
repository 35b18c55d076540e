package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/page"
	"github.com/onceover/onceover/sim/story"
)

// A smallest is the smallest run that was found to fail as another one does, and its story.
type smallest struct {
	minimise.Result
	story story.Story
	wall  time.Duration
	path  string // of its replay file; empty when there is none
}

// findSmallest makes a failing run small and tells it. Errors are those of [minimise.Minimise], and a
// [*run.BrokenError].
func (p *program) findSmallest(ctx context.Context, spec run.Spec, options minimise.Options) (found smallest, err error) {
	started := time.Now()
	err = p.withWorld(func(w breakable) error {
		if found.Result, err = minimise.Minimise(ctx, w, spec, options); err != nil {
			return err
		}
		found.story, err = story.Tell(w, found.Spec, found.Necessary)
		return err
	})
	found.wall = time.Since(started)
	return found, err
}

// withWorld lends a world of its own to a function. When that breaks, the error is a [*run.BrokenError].
func (p *program) withWorld(use func(breakable) error) (err error) {
	w := breakable{p.newWorld()}
	defer func() {
		value := recover()
		broken, is := value.(*run.BrokenError)
		switch {
		case is:
			err = broken
		case value != nil:
			panic(value)
		default:
			w.Close()
		}
	}()
	return use(w)
}

// A breakable world panics with a [*run.BrokenError] when it breaks.
type breakable struct{ run.World }

func (w breakable) Run(spec run.Spec) run.Result {
	outcome, err := run.Once(w.World, spec)
	var broken *run.BrokenError
	if errors.As(err, &broken) {
		panic(broken)
	}
	return outcome
}

// Unwrap implements [run.Wrapper].
func (w breakable) Unwrap() run.World { return w.World }

// write writes the replay file of the smallest run.
func (s *smallest) write(path string) error {
	replay := run.NewReplay(s.Spec, s.Outcome)
	if err := writeReplay(path, &replay); err != nil {
		return err
	}
	s.path = path
	return nil
}

// pageSizes are how much of everything is left.
func (s *smallest) pageSizes() []page.Size {
	return []page.Size{
		{Noun: "faults", Before: uint64(s.Before.Faults), After: uint64(s.After.Faults)},
		{Noun: "reviews", Before: s.Before.Workload.Of("reviews"), After: s.After.Workload.Of("reviews")},
		{Noun: "owners", Before: s.Before.Workload.Of("owners"), After: s.After.Workload.Of("owners")},
		{Noun: "events", Before: s.Before.Workload.Of("events"), After: s.After.Workload.Of("events")},
		{Noun: "steps", Before: s.Before.Steps, After: s.After.Steps},
	}
}

// sizes says how much smaller the run has become.
func (s *smallest) sizes() string {
	var parts []string
	for _, size := range s.pageSizes() {
		parts = append(parts, fmt.Sprintf("%s %s → %s", size.Noun, count(size.Before), count(size.After)))
	}
	return strings.Join(parts, ", ")
}

// effort says what that took.
func (s *smallest) effort() string {
	text := fmt.Sprintf("%s in %s", plural(uint64(s.Runs), "run"), span(s.wall.Seconds()))
	if !s.Complete {
		text += "; ended early, so less may do"
	}
	return text
}

// tell returns the story with its misfortunes painted.
func tell(s *story.Story, indent string, paint paint) string {
	return s.Text(indent, func(entry *story.Entry, line string) string {
		if entry.Fault || entry.Necessary {
			return paint(yellow, line)
		}
		return line
	})
}

// drawSearch returns a function that redraws in place how far a search for the smallest run is.
func drawSearch(terminal *output) func(minimise.Progress) {
	var last time.Time
	return func(p minimise.Progress) {
		if now := time.Now(); now.Sub(last) < 100*time.Millisecond {
			return
		} else {
			last = now
		}
		part := min(float64(p.Steps)/float64(p.Budget), 1)
		terminal.say("%s%s", eraseLine, clip(fmt.Sprintf("minimising: %s, %s, %s left, %.0f %% of the budget; Ctrl-C keeps the smallest",
			p.Aspect, plural(uint64(p.Runs), "run"), plural(uint64(p.Faults), "fault"), 100*part), terminal.width()-1))
	}
}

// clip returns as much of a text as fits into a number of columns.
func clip(text string, columns int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), max(columns, 0))])
}
