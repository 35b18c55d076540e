package main

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
)

// title says what a campaign is going to do.
func title(c *campaign.Campaign) string {
	var what string
	switch {
	case c.Seeds == 0:
		what = fmt.Sprintf("seeds from %d for %s", c.From, c.Time)
	case c.Time > 0:
		what = fmt.Sprintf("%s from %d, for %s at most", plural(c.Seeds, "seed"), c.From, c.Time)
	default:
		what = fmt.Sprintf("%s from %d", plural(c.Seeds, "seed"), c.From)
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

// report is the summary of a campaign for people. Its last line is the verdict.
type report struct {
	summary   *campaign.Summary
	explained []explanation
	verdict   run.Verdict
	// seedCommand returns the command that replays a seed.
	seedCommand func(uint64) string
	store       string // what running on a real store came to; empty for the model
	width       int    // columns that there are
	paint       paint
}

func (r *report) String() string {
	var out strings.Builder
	r.work(&out)
	r.faults(&out)
	r.goals(&out)
	r.failures(&out)
	r.unknowns(&out)
	r.conclusion(&out)
	return out.String()
}

// work tells how much was done.
func (r *report) work(out *strings.Builder) {
	s := r.summary
	cut := ""
	if s.Interrupted {
		cut = ", then interrupted"
	}
	fmt.Fprintf(out, "\n%s simulated in %s%s: %s\n\n", r.paint(bold, plural(s.Seeds, "deployment")),
		span(s.Wall.Seconds()), cut, r.paint(bold, count(uint64(s.SeedsPerMinute()))+" per minute"))
	faster := 0.0
	if s.Wall > 0 {
		faster = s.VirtualSeconds() / s.Wall.Seconds()
	}
	table := [][3]string{
		{"steps", count(s.Steps), count(uint64(s.StepsPerSecond())) + " per second"},
		{"operations", count(s.Operations), count(uint64(s.OperationsPerSecond())) + " per second"},
		{"virtual time", span(s.VirtualSeconds()), count(uint64(faster)) + " times as fast as the clock"},
	}
	width := 0
	for _, row := range table {
		width = max(width, len(row[1]))
	}
	for _, row := range table {
		fmt.Fprintf(out, "  %-12s  %*s  %s\n", row[0], width, row[1], r.paint(dim, row[2]))
	}
}

// faults tells what went wrong, by category: every kind that the profile may inject.
func (r *report) faults(out *strings.Builder) {
	s := r.summary
	fmt.Fprintf(out, "\n%s\n\n", r.paint(bold, plural(s.Faults.Total(), "fault")+" injected"))
	var cells []cell
	profile, _ := faults.Named(s.Profile) // the flag takes no other
	for _, entry := range faults.Catalogue() {
		n := s.Faults.Of(entry.Kind.String())
		if n == 0 && profile.Intensities[entry.Kind].Probability == 0 {
			continue
		}
		category := string(entry.Kind.Category())
		cells = append(cells, cell{group: category, name: strings.TrimPrefix(entry.Kind.String(), category+"."), count: n})
	}
	if len(cells) == 0 {
		fmt.Fprintf(out, "  none: profile %s means %s\n", s.Profile, profile.Sentence)
	}
	r.grid(out, cells)
}

// goals tells which rare situations were reached.
func (r *report) goals(out *strings.Builder) {
	s := r.summary
	var cells []cell
	var never []checker.Goal
	for _, goal := range checker.Goals() {
		if n := s.Goals.Of(goal.String()); n > 0 {
			cells = append(cells, cell{name: goal.String(), count: uint64(n)})
		} else {
			never = append(never, goal)
		}
	}
	fmt.Fprintf(out, "\n%s\n\n", r.paint(bold, fmt.Sprintf("%d of %d coverage goals reached", len(cells), checker.GoalCount)))
	r.grid(out, cells)
	if len(never) == 0 {
		return
	}
	how := dim
	if s.Seeds >= nightly.GoalSeeds && (s.Profile == "default" || s.Profile == "storm") {
		how = yellow
		fmt.Fprintf(out, "\n  %s\n", r.paint(yellow, fmt.Sprintf("Never reached in %s, which is no bad luck any more; what these are about was not tested:", plural(s.Seeds, "seed"))))
	} else {
		fmt.Fprintf(out, "\n  %s\n", r.paint(dim, "Never reached:"))
	}
	for _, goal := range never {
		fmt.Fprintf(out, "  %s\n", r.paint(how, goal.String()+": "+goal.Sentence()))
	}
}

// failures tells of the different failures: the first ones in full, the others on a line each.
func (r *report) failures(out *strings.Builder) {
	s := r.summary
	for i := range r.explained {
		e := &r.explained[i]
		out.WriteString("\n" + e.facts.Text(r.paint.tones(),
			explain.Note{Name: "seen in", Text: fmt.Sprintf("%s of %s", count(e.runs), plural(s.Seeds, "seed"))},
			explain.Note{Name: "smallest", Text: e.small},
			explain.Note{Name: "as found", Text: e.replay}))
		if !e.repeats {
			fmt.Fprintf(out, "\n  %s\n", r.paint(red, "The same seed ran differently when it was repeated: look at that first."))
		}
	}
	if rest := s.Signatures[min(len(r.explained), len(s.Signatures)):]; len(rest) > 0 {
		fmt.Fprintf(out, "\n%s\n\n", r.paint(red, "violated in other ways"))
		for _, other := range rest {
			fmt.Fprintf(out, "  seed %d: %s (%s)\n", other.First.Seed, other.First.Violation.Signature(), plural(other.Runs, "seed"))
		}
	}
}

// unknowns tells of runs without a verdict.
func (r *report) unknowns(out *strings.Builder) {
	s := r.summary
	if len(s.Unknowns) == 0 {
		return
	}
	const shown = 3
	fmt.Fprintf(out, "\n%s\n\n", r.paint(yellow, "unknown: a check gave up on "+plural(s.Unknown, "seed")))
	for _, run := range s.Unknowns[:min(shown, len(s.Unknowns))] {
		fmt.Fprintf(out, "  seed %d: %s\n  %s\n", run.Seed, run.Unknown, r.seedCommand(run.Seed))
	}
}

// conclusion is the last line.
func (r *report) conclusion(out *strings.Builder) {
	s := r.summary
	if r.store != "" {
		fmt.Fprintf(out, "\nstore: %s", r.store)
	}
	fmt.Fprintf(out, "\ntrace_hash %s\n", run.FormatHash(s.TraceHash))
	switch r.verdict {
	case run.Pass:
		text := "pass: " + plural(s.Seeds, "seed") + ", no violation"
		if s.Seeds == 0 {
			text = "pass, but of nothing: no seed was done"
		}
		fmt.Fprintln(out, r.paint(green, text))
	case run.Violated:
		fmt.Fprintf(out, "%s Replay: %s\n", r.paint(red, fmt.Sprintf("violated: %s of %s, in %s.", count(s.Violations),
			plural(s.Seeds, "seed"), plural(len(s.Signatures), "way"))), r.explained[0].replay)
	case run.Unknown:
		fmt.Fprintln(out, r.paint(yellow, fmt.Sprintf("unknown: %s of %s; no violation in the others", count(s.Unknown), plural(s.Seeds, "seed"))))
	case run.NotDeterministic:
		fmt.Fprintln(out, r.paint(red, "not deterministic: a seed did not run the same way twice, so no other verdict means anything"))
	}
}

// cell is a name and a count in a grid, and the group that it belongs to.
type cell struct {
	group string
	name  string
	count uint64
}

// grid lays out cells in as many columns as fit, row by row. Each group begins a row of its own and stands at its
// start.
func (r *report) grid(out *strings.Builder, cells []cell) {
	const gap = 3
	var groupWidth, nameWidth, countWidth int
	for _, c := range cells {
		groupWidth = max(groupWidth, len(c.group)+2)
		nameWidth = max(nameWidth, len(c.name))
		countWidth = max(countWidth, len(count(c.count)), len("never"))
	}
	if len(cells) == 0 || cells[0].group == "" {
		groupWidth = 0
	}
	columns := max(1, (r.width-2-groupWidth+gap)/(nameWidth+2+countWidth+gap))
	for i, column := 0, 0; i < len(cells); i++ {
		c := cells[i]
		newGroup := i == 0 || cells[i-1].group != c.group
		if i > 0 && (newGroup || column == columns) {
			out.WriteByte('\n')
			column = 0
		}
		switch {
		case newGroup:
			fmt.Fprintf(out, "  %-*s", groupWidth, c.group)
		case column == 0:
			fmt.Fprintf(out, "  %*s", groupWidth, "")
		}
		if column > 0 {
			fmt.Fprintf(out, "%*s", gap, "")
		}
		number, how := count(c.count), plain
		if c.count == 0 {
			number, how = "never", yellow
		}
		fmt.Fprintf(out, "%-*s  %s", nameWidth, c.name, r.paint(how, fmt.Sprintf("%*s", countWidth, number)))
		column++
	}
	if len(cells) > 0 {
		out.WriteByte('\n')
	}
}
