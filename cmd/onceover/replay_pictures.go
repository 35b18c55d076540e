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

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/sim/explain"
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

// options returns what the flags ask to be found out about a failure.
func (f *pictureFlags) options() explain.Options {
	return explain.Options{PointOfNoReturn: f.why || f.html != "", Pictures: f.html != "" || f.trace != ""}
}

// pictures explains and draws a run as far as the flags ask for it. command replays it; quiet leaves out what is only to
// be read.
func (p *program) pictures(ctx context.Context, f *pictureFlags, spec run.Spec, result run.Result, command string, quiet bool) error {
	switch {
	case !f.why && f.html == "" && f.trace == "":
		return nil
	case result.Violated():
		options := f.options()
		options.Expected = &result
		failure, err := p.explain(ctx, spec, options)
		if err != nil {
			return err
		}
		return p.showPictures(f, failure, command, quiet)
	case (f.why || f.html != "") && !quiet:
		p.stdout.say("\nnothing to explain: the verdict is %s\n", result.Verdict)
	}
	if f.trace == "" {
		return nil
	}
	w := p.newWorld()
	err := p.writePicture("trace", f.trace, func(out io.Writer) error { return explain.Trace(out, w, spec) }, quiet)
	if broken := new(run.BrokenError); !errors.As(err, &broken) {
		w.Close()
	}
	return err
}

// showPictures writes the pictures of a failure that the flags ask for, and prints its point of no return.
func (p *program) showPictures(f *pictureFlags, failure *explain.Failure, command string, quiet bool) error {
	if f.html != "" {
		page := func(out io.Writer) error { return failure.HTML(out, command) }
		if err := p.writePicture("page", f.html, page, quiet); err != nil {
			return err
		}
	}
	if f.trace != "" {
		if err := p.writePicture("trace", f.trace, failure.Trace, quiet); err != nil {
			return err
		}
	}
	if point := failure.PointOfNoReturn; f.why && point != nil {
		columns := math.MaxInt // a file is as wide as it takes
		if p.stdout.terminal {
			columns = p.stdout.width()
		}
		p.stdout.say("\nHow many of %d continuations fail in the same way, by the step at which they begin:\n\n%s\n%s\n", point.Calm.Branches,
			point.Table(columns), p.stdout.paint()(bold, point.Sentence()))
		if !point.Complete {
			p.stdout.say("Ended early: fewer moments were looked at.\n")
		}
	}
	return nil
}

// writePicture writes a file whole or not at all, and says so.
func (p *program) writePicture(what, path string, write func(io.Writer) error, quiet bool) error {
	var content bytes.Buffer
	err := write(&content)
	if err == nil {
		err = run.WriteFile(path, content.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write %s %s: %w", what, path, err)
	}
	if !quiet {
		p.stdout.say("\n%s written to %s\n", what, path)
	}
	return nil
}
