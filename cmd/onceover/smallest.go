package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/page"
	"github.com/onceover/onceover/sim/story"
	"github.com/onceover/onceover/sim/world"
)

// A smallest is the smallest run that was found to fail as another one does, and its story.
type smallest struct {
	minimise.Result
	story story.Story
	wall  time.Duration
	path  string // of its replay file; empty when there is none
}

// findSmallest makes a failing run small and tells it. Errors are those of [minimise.Minimise], and a
// [*campaign.BrokenError].
func (p *program) findSmallest(ctx context.Context, spec world.Spec, options minimise.Options) (found smallest, err error) {
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

// withWorld lends a world of its own to a function. When that breaks, the error is a [*campaign.BrokenError].
func (p *program) withWorld(use func(breakable) error) (err error) {
	w := breakable{p.newWorld()}
	defer func() {
		value := recover()
		broken, is := value.(*campaign.BrokenError)
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

// A breakable world panics with a [*campaign.BrokenError] when it breaks.
type breakable struct{ campaign.World }

func (w breakable) Run(spec world.Spec) world.Outcome {
	outcome, err := campaign.Once(w.World, spec)
	var broken *campaign.BrokenError
	if errors.As(err, &broken) {
		panic(broken)
	}
	return outcome
}

// VisualizeHistory draws the history of the latest run, if the world can.
func (w breakable) VisualizeHistory(out io.Writer, review engine.ReviewID) error {
	historian, can := w.World.(page.Historian)
	if !can {
		return errors.New("this world keeps no history")
	}
	return historian.VisualizeHistory(out, review)
}

// write writes the replay file of the smallest run.
func (s *smallest) write(path string) error {
	replay := world.NewReplay(s.Spec, s.Outcome)
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
		{Noun: "reviews", Before: uint64(s.Before.Reviews), After: uint64(s.After.Reviews)},
		{Noun: "owners", Before: uint64(s.Before.Owners), After: uint64(s.After.Owners)},
		{Noun: "events", Before: uint64(s.Before.Events), After: uint64(s.After.Events)},
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
