package main

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
)

// replayEnd is what a replay says after the events. Its last line is the trace hash.
type replayEnd struct {
	recorded *run.Replay
	outcome  run.Result
	mismatch *campaign.Mismatch
	times    uint64 // that determinism was checked with; 0 for not at all
	store    *usedStore
	paint    paint
}

func (r *replayEnd) String() string {
	var out strings.Builder
	o := r.outcome
	fmt.Fprintf(&out, "\n%s in %s of virtual time, %s\n", plural(o.Steps, "step"), span(o.Virtual.Seconds()),
		plural(o.Faults.Total(), "fault"))
	if given := len(r.recorded.Overrides); given > 0 {
		fmt.Fprintf(&out, "%d of %s met a decision\n", o.Overrides, plural(given, "override"))
	}
	r.determinism(&out)
	if r.store != nil {
		fmt.Fprintf(&out, "store: %s\n", r.store.tally(r.store.pool.Runs(), r.store.pool.Equal()))
	}
	switch o.Verdict {
	case run.Violated:
		fmt.Fprintf(&out, "%s\n", r.paint(red, "verdict: violated: "+o.Violation.Property))
		if sentence := propertySentence(o.Violation.Property); sentence != "" {
			fmt.Fprintf(&out, "  %q\n", sentence)
		}
		fmt.Fprintf(&out, "  at %s: %s\n  signature: %s\n", explain.Moment(o.Violation.At), r.paint(bold, o.Violation.Message), o.Violation.Signature())
	case run.Unknown:
		fmt.Fprintf(&out, "%s\n", r.paint(yellow, "verdict: unknown: "+o.Unknown))
	default:
		fmt.Fprintf(&out, "%s\n", r.paint(green, "verdict: "+o.Verdict.String()))
	}
	r.recurrence(&out)
	fmt.Fprintf(&out, "trace_hash %s\n", run.FormatHash(o.Hash))
	return out.String()
}

// determinism tells what the repetitions came to.
func (r *replayEnd) determinism(out *strings.Builder) {
	switch {
	case r.times == 0:
		return
	case r.mismatch == nil:
		fmt.Fprintf(out, "ran %s times, in fresh worlds and used ones, and always the same way\n", count(r.times))
		return
	}
	m := r.mismatch
	fmt.Fprintf(out, "\n%s\n", r.paint(red, "not deterministic: it ran differently "+m.Circumstances))
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
	return fmt.Sprintf("step %d %s", line.Step, traceText(*line, len(line.Actor), unpainted))
}

// recurrence tells how the run relates to the violation that its file was written for.
func (r *replayEnd) recurrence(out *strings.Builder) {
	version := r.recorded.EngineVersion
	if version == "" {
		version = "an unknown version"
	}
	switch r.recorded.Compare(r.outcome) {
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
	if hash := r.recorded.TraceHash; hash != 0 && hash != r.outcome.Hash {
		fmt.Fprintf(out, "recorded: the run is not the same any more: trace_hash was %s with onceover %s, this is %s\n",
			run.FormatHash(hash), version, run.EngineVersion())
	}
}
