package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
)

// bugsTable is what onceover bugs prints for people. Its last line is the verdict.
type bugsTable struct {
	trials   *bugs.Trials
	table    *bugs.Table
	problems []string
	paint    paint
}

func (b *bugsTable) String() string {
	var out strings.Builder
	header := []string{"bug", "expected", "fired", "found", "median", "worst", "time", "replay of the smallest failure"}
	rows := [][]string{header}
	for i := range b.table.Rows {
		r := &b.table.Rows[i]
		rows = append(rows, []string{
			r.Bug.ID,
			r.Bug.Expected,
			orNothing(r.Fired),
			fmt.Sprintf("%d/%d", r.Found, r.Trials),
			strconv.FormatFloat(r.SeedsMedian, 'f', -1, 64),
			count(r.SeedsWorst),
			span(r.Time.Seconds()),
			orNothing(replayBugCommand(b.trials, r)),
		})
	}
	fmt.Fprintf(&out, "Seeds to find each bug, in %s from different seeds, profile %s:\n\n", plural(b.trials.Trials, "trial"), b.trials.Profile)
	numbers := []int{3, 4, 5, 6} // columns that are aligned on the right
	for i, line := range align(rows, numbers) {
		how := plain
		switch {
		case i == 0:
			how = dim
		case b.table.Rows[i-1].Problem() != "":
			how = red
		}
		fmt.Fprintf(&out, "%s\n", b.paint(how, line))
	}
	fmt.Fprintf(&out, "\n%s", b.end())
	return out.String()
}

// end is what stands below the table: the engine as it is, what is wrong, and the verdict.
func (b *bugsTable) end() string {
	var out strings.Builder
	c := &b.table.Control
	if c.Problem() == "" {
		fmt.Fprintf(&out, "the engine as it is: %s, no violation (%s)\n", plural(c.Seeds, "seed"), span(c.Time.Seconds()))
	}
	for _, problem := range b.problems {
		fmt.Fprintf(&out, "%s\n", b.paint(red, problem))
	}
	found := 0
	for i := range b.table.Rows {
		if b.table.Rows[i].Problem() == "" {
			found++
		}
	}
	text := fmt.Sprintf("%d of %s found in every trial, in %s", found, plural(len(b.table.Rows), "bug"), span(b.table.Time.Seconds()))
	if len(b.problems) > 0 {
		fmt.Fprintf(&out, "%s\n", b.paint(red, "fail: "+text))
	} else {
		fmt.Fprintf(&out, "%s\n", b.paint(green, "pass: "+text))
	}
	return out.String()
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// align returns the lines of a table; some columns are aligned on the right.
func align(rows [][]string, right []int) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if slices.Contains(right, i) {
				text = space + text
			} else {
				text += space
			}
			line.WriteString(text + "  ")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}

// replayBugCommand returns the command that replays the smallest failure of a bug, or nothing.
func replayBugCommand(trials *bugs.Trials, r *bugs.Row) string {
	if r.Smallest == nil {
		return ""
	}
	command := fmt.Sprintf("%s replay %d --bug %s", self(), r.Smallest.Seed, r.Bug.ID)
	if trials.Profile != "default" {
		command += " --profile " + trials.Profile
	}
	if watched := checker.Selection(r.SmallestWatched); watched != checker.Selection(r.Bug.Watched) {
		command += " --properties " + watched
	}
	return command
}

// drawBugsProgress returns a function that redraws how far the trials are, in place.
func drawBugsProgress(terminal *output) func(bugs.Progress) {
	return func(p bugs.Progress) {
		if p.Bug == "" {
			drawBar(terminal, 1, 1, " all trials done; now the engine as it is")
			return
		}
		drawBar(terminal, p.Trials, p.Of, fmt.Sprintf(" %3d of %s  %s", p.Trials, plural(p.Of, "trial"), p.Bug))
	}
}

// drawBar redraws a bar with a text behind it, in place, if this is a terminal.
func drawBar(terminal *output, done, of int, text string) {
	if !terminal.terminal {
		return
	}
	paint := terminal.paint()
	const barLeast, barMost = 5, 30
	bar := ""
	if width := min(terminal.width()-utf8.RuneCountInString(text)-1, barMost); width >= barLeast {
		full := done * width / of
		bar = paint(green, strings.Repeat("█", full)) + paint(dim, strings.Repeat("░", width-full))
	}
	terminal.say("%s%s%s", eraseLine, bar, text)
}

// clearBar takes away what drawBar has drawn.
func clearBar(terminal *output) {
	if terminal.terminal {
		terminal.say(eraseLine)
	}
}
