package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// pictureFlags are the flags of onceover replay that explain and draw a run.
type pictureFlags struct {
	why   bool
	html  string // files to be written; empty for none
	trace string
}

func (f *pictureFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.why, "why", false, "find the step from which on a failure was inevitable, by trying other continuations of the run")
	flags.StringVar(&f.html, "html", "", "write a page that shows the failure to `FILE`; with --minimise, of the minimised run")
	flags.StringVar(&f.trace, "trace", "", "write a trace of the run to `FILE`, for https://ui.perfetto.dev or chrome://tracing")
}

// check refuses flags that do not go together.
func (f *pictureFlags) check(json bool) error {
	if f.why && json {
		return errors.New("--why prints a table for people, which --json has no place for: give one of them")
	}
	return nil
}

// options returns what the flags ask to be found out about a failure.
func (f *pictureFlags) options() explain.Options {
	return explain.Options{PointOfNoReturn: f.why || f.html != "", Pictures: f.html != "" || f.trace != ""}
}

// draw explains and draws a run as far as the flags ask for it.
func (c *replayCommand) draw(ctx context.Context, on *store.Store, spec run.Spec, result run.Result) error {
	f := &c.pictures
	switch {
	case !f.why && f.html == "" && f.trace == "":
		return nil
	case result.Violated():
		options := f.options()
		options.Expected = &result
		failure, err := c.explain(ctx, on, spec, options)
		if err != nil {
			return err
		}
		return c.drawFailure(failure, c.again(on))
	case f.why && !c.json:
		c.stdout.Printf("\nnothing to explain: the verdict is %s\n", result.Verdict)
	}
	return c.drawRun(on, spec, nil)
}

// drawRun writes the pictures of a run that need not fail, beside another one if there is one.
func (c *replayCommand) drawRun(on *store.Store, spec run.Spec, against *run.Spec) error {
	w := on.NewWorld()
	var err error
	if path := c.pictures.html; path != "" {
		err = c.write("page", path, func(out io.Writer) error { return explain.HTML(out, w, spec, against, c.commands(c.again(on))...) })
	}
	if path := c.pictures.trace; path != "" && err == nil {
		err = c.write("trace", path, func(out io.Writer) error { return explain.Trace(out, w, spec) })
	}
	if broken := new(run.BrokenError); !errors.As(err, &broken) {
		w.Close()
	}
	return err
}

// commands returns what a page offers to be copied: the command that replays the run, and the line of go test that runs the
// same seed. A test runs neither another engine nor the overrides of a file.
func (c *replayCommand) commands(replay string) []string {
	list := []string{replay}
	if c.bug.again() != "" || len(c.recorded.Overrides) > 0 {
		return list
	}
	line := fmt.Sprintf("go test -sim.seed=%d", c.recorded.Seed)
	if c.recorded.Profile != "" {
		line += " -sim.profile=" + text.ShellWord(c.recorded.Profile)
	}
	return append(list, line)
}

// drawFailure writes the pictures of a failure that the flags ask for, and prints its point of no return. command replays
// it.
func (c *replayCommand) drawFailure(failure *explain.Failure, command string) error {
	f := &c.pictures
	if f.html != "" {
		if err := c.write("page", f.html, func(out io.Writer) error { return failure.HTML(out, c.commands(command)...) }); err != nil {
			return err
		}
	}
	if f.trace != "" {
		if err := c.write("trace", f.trace, failure.Trace); err != nil {
			return err
		}
	}
	if point := failure.PointOfNoReturn; f.why && point != nil {
		columns := math.MaxInt // a file is as wide as it takes
		if c.stdout.Terminal {
			columns = c.stdout.Width()
		}
		c.stdout.Printf("%s", pointText(point, columns, c.stdout.Paint()))
	}
	return nil
}

// pointText returns the point of no return as a table and a sentence.
func pointText(point *explain.PointOfNoReturn, columns int, paint text.Paint) string {
	shown := fmt.Sprintf("\nHow many of %d continuations fail in the same way, by the step at which they begin:\n\n%s\n%s\n", point.Calm.Branches,
		point.Table(columns), paint(text.Bold, point.Sentence()))
	if !point.Complete {
		shown += "Ended early: fewer moments were looked at.\n"
	}
	return shown
}

// write writes a file, and prints that it is written.
func (c *replayCommand) write(what, path string, write func(io.Writer) error) error {
	if err := failures.WriteFile(what, path, write); err != nil {
		return err
	}
	if !c.json {
		c.stdout.Printf("\n%s written to %s\n", what, path)
	}
	return nil
}
