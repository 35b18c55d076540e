package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// execute runs the replay on a store, and prints its events and what it came to.
func (c *replayCommand) execute(ctx context.Context, on *store.Store) error {
	spec := c.recorded.Spec()
	events := bufio.NewWriter(c.stdout)
	if !c.json {
		_, _ = fmt.Fprintf(events, "%s\n\n", c.stdout.Fit(fmt.Sprintf("seed %d, profile %s%s", c.recorded.Seed, c.recorded.Profile, watching(c.recorded.Properties))))
		if server := on.Server(); server != "" {
			_, _ = fmt.Fprintf(events, "store: %s\n\n", server)
		}
		spec.Trace = printEvents(ctx, events, c.stdout.Paint(), c.stdout.Fit)
	}
	result, mismatch, err := c.runs(spec, on)
	if err != nil {
		return errors.Join(err, events.Flush()) // with what led to it
	}
	described := on.Describe()
	if c.json {
		err = json.NewEncoder(events).Encode(c.replayed(result, mismatch, described))
	} else {
		end := replayEnd{
			recorded: &c.recorded, engine: c.bug.engine(), result: result, mismatch: mismatch, times: c.checkDeterminism.value, store: store.Tally(described),
			paint: c.stdout.Paint(),
		}
		_, err = io.WriteString(events, c.stdout.Fit(end.String()))
	}
	if err == nil {
		err = events.Flush()
	}
	if err != nil {
		return fmt.Errorf("print the replay: %w", err)
	}
	if err := c.draw(ctx, on, spec.Silent(), result); err != nil {
		return err
	}
	return failed(mismatch.Verdict(result))
}

// runs carries out the run, once or as often as determinism is checked.
func (c *replayCommand) runs(spec run.Spec, on *store.Store) (run.Result, *campaign.Mismatch, error) {
	if times := int(c.checkDeterminism.value); times > 0 {
		return campaign.CheckDeterminism(spec, times, on.NewWorld)
	}
	w := on.NewWorld()
	result, err := run.Once(w, spec)
	if err == nil {
		w.Close()
	}
	return result, nil, err
}

// replayed returns the result for machines.
func (c *replayCommand) replayed(result run.Result, mismatch *campaign.Mismatch, described runner.Store) *runner.Replayed {
	var real *runner.Store
	if described.Name != store.ModelName {
		real = &described
	}
	replayed := runner.NewReplayed(&c.recorded, c.bug.engine(), result, real)
	if times := c.checkDeterminism.value; times > 0 {
		replayed.Repeated(times, mismatch)
	}
	return replayed
}

// printEvents returns a function that prints a trace line by line, until the context ends: the run itself takes
// milliseconds, its text may be on its way to a slow terminal.
func printEvents(ctx context.Context, out io.Writer, paint text.Paint, fit func(string, ...string) string) func(run.Line) {
	width := len("worker-1") // of the widest actor so far
	return func(line run.Line) {
		if ctx.Err() != nil {
			return
		}
		width = max(width, len(line.Actor))
		_, _ = fmt.Fprintln(out, fit(eventText(line, width, paint))) // Flush returns the error
	}
}

// eventText returns one line of a trace, in columns: a mark for misfortune, virtual time, actor, text.
func eventText(line run.Line, actorWidth int, paint text.Paint) string {
	mark, style := " ", text.Plain
	if line.Fault != "" {
		mark, style = "!", text.Yellow
	}
	return paint(style, fmt.Sprintf("%s %10s  %-*s  %s", mark, times.Precise(line.At), actorWidth, line.Actor, line.Text))
}

// replayEnd is what a replay prints after the events. Its last line is the trace hash.
type replayEnd struct {
	recorded *run.Replay
	engine   run.Bug // what this engine is broken with
	result   run.Result
	mismatch *campaign.Mismatch
	times    uint64 // that determinism was checked with; 0 for not at all
	store    string // how many runs were as on the model; empty for the model
	paint    text.Paint
}

func (r *replayEnd) String() string {
	var out strings.Builder
	o := r.result
	fmt.Fprintf(&out, "\n%s in %s of virtual time, %s\n", text.Plural(o.Steps, "step"), text.Span(o.Virtual.Seconds()),
		text.Plural(o.Faults.Total(), "fault"))
	if given := len(r.recorded.Overrides); given > 0 {
		fmt.Fprintf(&out, "%d of %s met a decision\n", o.Overrides, text.Plural(given, "override"))
	}
	r.determinism(&out)
	if r.store != "" {
		fmt.Fprintf(&out, "store: %s\n", r.store)
	}
	switch o.Verdict {
	case run.Violated:
		fmt.Fprintf(&out, "%s\n", r.paint(text.Bold, o.Violation.Message))
		fmt.Fprintf(&out, "%s\n", r.paint(text.Red, "verdict: violated: "+o.Violation.Property))
		if sentence := propertySentence(o.Violation.Property); sentence != "" {
			fmt.Fprintf(&out, "  %q\n", sentence)
		}
		if o.Violation.Detail != "" {
			fmt.Fprintf(&out, "  %s\n", o.Violation.Detail)
		}
		fmt.Fprintf(&out, "  at %s, signature: %s\n", times.Moment(o.Violation.At), o.Violation.Signature())
	case run.Unknown:
		fmt.Fprintf(&out, "%s\n", r.paint(text.Yellow, "verdict: unknown: "+o.Unknown))
	default:
		fmt.Fprintf(&out, "%s\n", r.paint(text.Green, "verdict: "+o.Verdict.String()))
	}
	r.recurrence(&out)
	fmt.Fprintf(&out, "trace_hash %s\n", run.FormatHash(o.Hash))
	return out.String()
}

// determinism reports what the repetitions came to.
func (r *replayEnd) determinism(out *strings.Builder) {
	switch {
	case r.times == 0:
		return
	case r.mismatch == nil:
		fmt.Fprintf(out, "ran %s times, in fresh worlds and used ones, and always the same way\n", text.Count(r.times))
		return
	}
	m := r.mismatch
	fmt.Fprintf(out, "\n%s\n", r.paint(text.Red, "not deterministic: it ran differently "+m.Circumstances))
	if m.Expected == nil && m.Got == nil {
		fmt.Fprintf(out, "  The traces read the same; what differs does not show in them.\n")
	} else {
		if m.Before != nil {
			fmt.Fprintf(out, "  both       %s\n", r.step(m.Before))
		}
		fmt.Fprintf(out, "  first run  %s\n  other run  %s\n", r.step(m.Expected), r.step(m.Got))
	}
	fmt.Fprintf(out, "  trace_hash %s, and then %s\n\n", run.FormatHash(m.First.Hash), run.FormatHash(m.Other.Hash))
}

// step returns a line of one of two traces that are compared.
func (r *replayEnd) step(line *run.Line) string {
	if line == nil {
		return "(nothing more)"
	}
	return fmt.Sprintf("step %d %s", line.Step, eventText(*line, len(line.Actor), text.Unpainted))
}

// recurrence reports how the run relates to the violation that its file was written for.
func (r *replayEnd) recurrence(out *strings.Builder) {
	version := r.recorded.EngineVersion
	if version == "" {
		version = "an unknown version"
	}
	if note := anotherEngine(r.recorded, r.engine); note != "" {
		fmt.Fprintf(out, "recorded: %s\n", note)
	}
	switch r.recorded.Compare(r.result) {
	case run.NothingExpected:
	case run.StillThere:
		fmt.Fprintf(out, "recorded: the violation of the replay file is still there\n")
	case run.Gone:
		fmt.Fprintf(out, "recorded: the violation of the replay file is gone: %s\n", r.recorded.Signature)
	case run.Another:
		if r.recorded.Signature != "" {
			fmt.Fprintf(out, "recorded: another violation than that of the replay file: %s\n", r.recorded.Signature)
		}
	}
	if hash := r.recorded.TraceHash; hash != 0 && hash != r.result.Hash {
		fmt.Fprintf(out, "recorded: the run is not the same any more: trace_hash was %s with onceover %s, this is %s\n",
			run.FormatHash(hash), version, run.EngineVersion())
	}
}

// anotherEngine describes how the engine that recorded a run differs from this one, which is broken with a bug or as it is;
// empty if it does not, or if nobody has recorded which it was.
func anotherEngine(recorded *run.Replay, here run.Bug) string {
	there := recorded.Bug
	switch {
	case recorded.SameEngine(here):
		return ""
	case there == here:
		return fmt.Sprintf("with another engine: onceover %s, and this is %s", recorded.EngineVersion, run.EngineVersion())
	case there == run.Bug{}:
		return fmt.Sprintf("with another engine: without a bug, and this one has bug %s", here.Name)
	case there.Name == here.Name:
		return fmt.Sprintf("with another engine: its bug %s was made by patch %s, and that of this one by patch %s", there.Name, there.Patch, here.Patch)
	}
	this := "has none"
	if here.Name != "" {
		this = "has bug " + here.Name
	}
	return fmt.Sprintf("with another engine: it had bug %s, and this one %s; --bug %s builds it", there.Name, this, text.ShellWord(there.Name))
}

// propertySentence returns the sentence of a property; empty for one that is not in the catalogue.
func propertySentence(id string) string {
	for _, property := range checker.Properties() {
		if property.ID == id {
			return property.Sentence
		}
	}
	return ""
}
