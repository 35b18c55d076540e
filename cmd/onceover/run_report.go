package main

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// title describes what a campaign is going to do.
func title(c *campaign.Campaign) string {
	var what string
	switch {
	case c.Seeds == 0:
		what = fmt.Sprintf("seeds from %d for %s", c.From, c.Time)
	case c.Time > 0:
		what = fmt.Sprintf("%s from %d, for %s at most", text.Plural(c.Seeds, "seed"), c.From, c.Time)
	default:
		what = fmt.Sprintf("%s from %d", text.Plural(c.Seeds, "seed"), c.From)
	}
	return fmt.Sprintf("onceover: %s, profile %s%s, %d at a time", what, c.Profile, watching(c.Properties), c.Parallel)
}

// watching names the properties that are watched, unless it is all of them.
func watching(properties []string) string {
	if len(properties) == 0 {
		return ""
	}
	return ", watching " + checker.Selection(properties)
}

// report is the summary of a campaign for people. It ends with the verdict.
type report struct {
	summary   *campaign.Summary
	explained []failures.Explanation
	files     *failures.Files
	store     string // how many runs were as on the model; empty for the model
	width     int    // columns that there are
	paint     text.Paint
}

// verdict returns the verdict of the campaign. A failure that does not repeat cannot be replayed, and means more about the
// simulator than about the engine.
func (r *report) verdict() run.Verdict {
	verdict := r.summary.Verdict()
	for i := range r.explained {
		if !r.explained[i].Repeats {
			verdict = verdict.Worse(run.NotDeterministic)
		}
	}
	return verdict
}

func (r *report) String() string {
	var out strings.Builder
	r.work(&out)
	r.faults(&out)
	r.goals(&out)
	r.inputs(&out)
	r.failures(&out)
	r.unknowns(&out)
	r.conclusion(&out)
	return out.String()
}

// work reports how much was done.
func (r *report) work(out *strings.Builder) {
	s := r.summary
	cut := ""
	if s.Interrupted {
		cut = ", then interrupted"
	}
	fmt.Fprintf(out, "\n%s simulated in %s%s: %s\n\n", r.paint(text.Bold, text.Plural(s.Seeds, "deployment")),
		text.Span(s.Wall.Seconds()), cut, r.paint(text.Bold, text.Count(uint64(s.SeedsPerMinute()))+" per minute"))
	faster := 0.0
	if s.Wall > 0 {
		faster = s.VirtualSeconds() / s.Wall.Seconds()
	}
	table := [][3]string{
		{"steps", text.Count(s.Steps), text.Count(uint64(s.StepsPerSecond())) + " per second"},
		{"operations", text.Count(s.Operations), text.Count(uint64(s.OperationsPerSecond())) + " per second"},
		{"virtual time", text.Span(s.VirtualSeconds()), text.Count(uint64(faster)) + " times as fast as the clock"},
	}
	width := 0
	for _, row := range table {
		width = max(width, len(row[1]))
	}
	for _, row := range table {
		fmt.Fprintf(out, "  %-12s  %*s  %s\n", row[0], width, row[1], r.paint(text.Dim, row[2]))
	}
}

// faults counts the injected faults, by category: every kind that the profile may inject.
func (r *report) faults(out *strings.Builder) {
	s := r.summary
	fmt.Fprintf(out, "\n%s\n\n", r.paint(text.Bold, text.Plural(s.Faults.Total(), "fault")+" injected"))
	var cells []text.Cell
	profile, _ := faults.Named(s.Profile) // the flag takes no other
	for _, entry := range faults.Catalogue() {
		n := s.Faults.Of(entry.Kind.String())
		if n == 0 && profile.Intensities[entry.Kind].Probability == 0 {
			continue
		}
		category := string(entry.Kind.Category())
		cells = append(cells, text.Cell{Group: category, Name: strings.TrimPrefix(entry.Kind.String(), category+"."), Count: n})
	}
	if len(cells) == 0 {
		fmt.Fprintf(out, "  none: profile %s means %s\n", s.Profile, profile.Sentence)
	}
	out.WriteString(text.Grid(cells, r.width, r.paint))
}

// goals lists the coverage goals that were reached, and those that were not.
func (r *report) goals(out *strings.Builder) {
	s := r.summary
	var cells []text.Cell
	var never []checker.Goal
	for _, goal := range checker.Goals() {
		if n := s.Goals.Of(goal.String()); n > 0 {
			cells = append(cells, text.Cell{Name: goal.String(), Count: n})
		} else {
			never = append(never, goal)
		}
	}
	fmt.Fprintf(out, "\n%s\n\n", r.paint(text.Bold, fmt.Sprintf("%d of %d coverage goals reached", len(cells), checker.GoalCount)))
	out.WriteString(text.Grid(cells, r.width, r.paint))
	if len(never) == 0 {
		return
	}
	how := text.Dim
	if s.Seeds >= nightly.GoalSeeds && (s.Profile == "default" || s.Profile == "storm") {
		how = text.Yellow
		fmt.Fprintf(out, "\n  %s\n", r.paint(text.Yellow, fmt.Sprintf("Never reached in %s, which is no bad luck any more; what these are about was not tested:", text.Plural(s.Seeds, "seed"))))
	} else {
		fmt.Fprintf(out, "\n  %s\n", r.paint(text.Dim, "Never reached:"))
	}
	for _, goal := range never {
		fmt.Fprintf(out, "  %s\n", r.paint(how, goal.String()+": "+goal.Sentence()))
	}
}

// inputs counts the values that the campaign drew for each input type, and lists the classes of values that it did not.
// The JSON summary has a count for each class.
func (r *report) inputs(out *strings.Builder) {
	const shown = 12
	counts := r.summary.Inputs
	if counts.Len() == 0 {
		return // a campaign of no seeds
	}
	var cells []text.Cell
	for i := range counts.Len() {
		name, n := counts.At(i)
		of := name[:strings.LastIndexByte(name, '.')]
		if len(cells) == 0 || cells[len(cells)-1].Name != of {
			cells = append(cells, text.Cell{Name: of})
		}
		cells[len(cells)-1].Count += n
	}
	fmt.Fprintf(out, "\n%s\n\n", r.paint(text.Bold, fmt.Sprintf("%d of %d classes of input values drawn", counts.Reached(), counts.Len())))
	out.WriteString(text.Grid(cells, r.width, r.paint))
	never := counts.Missing()
	if len(never) == 0 {
		return
	}
	fmt.Fprintf(out, "\n  %s\n", r.paint(text.Dim, "Never drawn:"))
	for _, name := range never[:min(shown, len(never))] {
		fmt.Fprintf(out, "  %s\n", r.paint(text.Dim, name))
	}
	if more := len(never) - shown; more > 0 {
		fmt.Fprintf(out, "  %s\n", r.paint(text.Dim, fmt.Sprintf("and %d more, which --json lists", more)))
	}
}

// failures describes the different failures: the first ones in full, the others on a line each.
func (r *report) failures(out *strings.Builder) {
	s := r.summary
	for i := range r.explained {
		e := &r.explained[i]
		out.WriteString("\n" + e.Facts.Text(tones(r.paint),
			explain.Note{Name: "seen in", Text: fmt.Sprintf("%s of %s", text.Count(e.Runs), text.Plural(s.Seeds, "seed"))},
			explain.Note{Name: "smallest", Text: e.ReplayMinimised},
			explain.Note{Name: "as found", Text: e.Replay}))
		if !e.Repeats {
			fmt.Fprintf(out, "\n  %s\n", r.paint(text.Red, "The same seed ran differently when it was repeated: look at that first."))
		}
	}
	if rest := s.Signatures[min(len(r.explained), len(s.Signatures)):]; len(rest) > 0 {
		fmt.Fprintf(out, "\n%s\n\n", r.paint(text.Red, "violated in other ways"))
		for _, other := range rest {
			fmt.Fprintf(out, "  seed %d: %s (%s)\n", other.First.Seed, other.First.Violation.Signature(), text.Plural(other.Runs, "seed"))
		}
	}
}

// unknowns lists runs without a verdict.
func (r *report) unknowns(out *strings.Builder) {
	s := r.summary
	if len(s.Unknowns) == 0 {
		return
	}
	const shown = 3
	fmt.Fprintf(out, "\n%s\n\n", r.paint(text.Yellow, "unknown: a check gave up on "+text.Plural(s.Unknown, "seed")))
	for _, run := range s.Unknowns[:min(shown, len(s.Unknowns))] {
		fmt.Fprintf(out, "  seed %d: %s\n  %s\n", run.Seed, run.Unknown, r.files.ReplaySeed(run.Seed))
	}
}

// commands returns the commands that the report names, which are not wrapped.
func (r *report) commands() []string {
	var commands []string
	for i := range r.explained {
		commands = append(commands, r.explained[i].ReplayMinimised, r.explained[i].Replay)
	}
	return commands
}

// conclusion is the verdict, which a command follows that replays the first failure.
func (r *report) conclusion(out *strings.Builder) {
	s := r.summary
	if r.store != "" {
		fmt.Fprintf(out, "\nstore: %s", r.store)
	}
	fmt.Fprintf(out, "\ntrace_hash %s\n", run.FormatHash(s.TraceHash))
	switch r.verdict() {
	case run.Pass:
		fmt.Fprintln(out, r.paint(text.Green, "pass: "+text.Plural(s.Seeds, "seed")+", no violation"))
	case run.Violated:
		fmt.Fprintf(out, "%s Replay:\n  %s\n", r.paint(text.Red, fmt.Sprintf("violated: %s of %s, in %s.", text.Count(s.Violations),
			text.Plural(s.Seeds, "seed"), text.Plural(len(s.Signatures), "way"))), r.explained[0].Replay)
	case run.Unknown:
		fmt.Fprintln(out, r.paint(text.Yellow, "unknown: "+r.unknown()))
	case run.NotDeterministic:
		fmt.Fprintln(out, r.paint(text.Red, "not deterministic: a seed did not run the same way twice, so no other verdict means anything"))
	}
}

// unknown describes why the verdict is unknown.
func (r *report) unknown() string {
	s := r.summary
	var reasons []string
	if s.Unknown > 0 {
		reasons = append(reasons, fmt.Sprintf("a check gave up on %s of %s", text.Count(s.Unknown), text.Plural(s.Seeds, "seed")))
	}
	if s.Interrupted {
		reasons = append(reasons, "interrupted after "+text.Plural(s.Seeds, "seed"))
	}
	if len(reasons) == 0 {
		return "no seed was finished"
	}
	return strings.Join(reasons, ", and ") + "; no violation found"
}
