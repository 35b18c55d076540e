package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/sim/inevitable"
	"github.com/onceover/onceover/sim/page"
	"github.com/onceover/onceover/sim/perfetto"
	"github.com/onceover/onceover/sim/timeline"
)

// pictureFlags are the flags of onceover replay that explain and draw a run.
type pictureFlags struct {
	why   bool
	html  string // files to be written; empty for none
	trace string
}

func (f *pictureFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.why, "why", false, "find the step from which on a failure was inevitable, by trying other futures of the run")
	flags.StringVar(&f.html, "html", "", "write a page that shows the failure to `FILE`; with --minimise, of the minimised run")
	flags.StringVar(&f.trace, "trace", "", "write a trace of the run to `FILE`, for https://ui.perfetto.dev or chrome://tracing")
}

func (f *pictureFlags) asked() bool { return f.why || f.html != "" || f.trace != "" }

// check refuses what can't be done before anything takes time.
func (f *pictureFlags) check(json bool) error {
	if f.why && json {
		return errors.New("--why prints a table for people, which --json has no place for: give one of them")
	}
	for _, file := range []struct{ flag, path string }{{"html", f.html}, {"trace", f.trace}} {
		if file.path == "" {
			continue
		}
		if info, err := os.Stat(file.path); err == nil && info.IsDir() {
			return fmt.Errorf("--%s %s is a directory: give the name of a file", file.flag, file.path)
		}
		directory := filepath.Dir(file.path)
		switch info, err := os.Stat(directory); {
		case err != nil:
			return fmt.Errorf("--%s %s: there is no directory %s: make it first", file.flag, file.path, directory)
		case !info.IsDir():
			return fmt.Errorf("--%s %s: %s is no directory", file.flag, file.path, directory)
		}
	}
	return nil
}

// pictures explains and draws a run as far as the flags ask for it. quiet leaves out what is only to be read.
func (p *program) pictures(ctx context.Context, f *pictureFlags, spec run.Spec, outcome run.Result, options page.Options, quiet bool) error {
	if !f.asked() {
		return nil
	}
	say := p.stdout.say
	if quiet {
		say = func(string, ...any) {}
	}
	violated := outcome.Verdict == run.Violated
	if !violated && (f.why || f.html != "") {
		say("\nnothing to explain: the verdict is %s\n", outcome.Verdict)
		if f.trace == "" {
			return nil
		}
	}
	options.Curves.OnProgress = p.drawFutures()
	var seen *timeline.Timeline
	var curves *inevitable.Result
	err := p.withWorld(func(w breakable) error {
		if f.html != "" && violated {
			drawn, err := page.Build(ctx, w, spec, options)
			if err != nil {
				return err
			}
			seen, curves = drawn.Timeline(), drawn.Curves()
			return p.writePicture("page", f.html, drawn.Write, say)
		}
		if violated && f.why {
			found, err := inevitable.Find(ctx, w, spec, options.Curves)
			if err != nil {
				return err
			}
			curves = &found
		}
		if f.trace != "" {
			seen = timeline.Watch(w, spec)
		}
		return nil
	})
	if err == nil && f.trace != "" {
		err = p.writePicture("trace", f.trace, func(w io.Writer) error { return perfetto.Write(w, seen, curves) }, say)
	}
	if err == nil && f.why && curves != nil {
		columns := math.MaxInt // a file is as wide as it takes
		if p.stdout.terminal {
			columns = p.stdout.width()
		}
		say("\nHow many of %d other futures fail in the same way, by when they begin:\n\n%s\n%s\n", curves.Calm.Branches,
			curves.Table(columns), p.stdout.paint()(bold, curves.Sentence()))
		if !curves.Complete {
			say("Ended early: fewer moments were looked at.\n")
		}
	}
	return err
}

// writePicture writes a file whole or not at all, and says so.
func (p *program) writePicture(what, path string, write func(io.Writer) error, say func(string, ...any)) error {
	p.clearLine()
	var content bytes.Buffer
	err := write(&content)
	if err == nil {
		err = run.WriteFile(path, content.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write %s %s: %w", what, path, err)
	}
	say("\n%s written to %s\n", what, path)
	return nil
}

// drawFutures returns a function that redraws in place how far the search for the step is; nil where nobody sees it.
func (p *program) drawFutures() func(inevitable.Progress) {
	if !p.stderr.terminal {
		return nil
	}
	var last time.Time
	return func(progress inevitable.Progress) {
		now := time.Now()
		if progress.Runs >= progress.Budget {
			p.clearLine()
			return
		}
		if now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		p.stderr.say("%s%s", eraseLine, clip(fmt.Sprintf("trying other futures: %s of about %s, %s",
			count(progress.Runs), count(progress.Budget), progress.Future), p.stderr.width()-1))
	}
}

// clearLine erases what shows progress.
func (p *program) clearLine() {
	if p.stderr.terminal {
		p.stderr.say(eraseLine)
	}
}
