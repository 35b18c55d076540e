package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
)

// bugsTable is what onceover bugs prints for people. Its last line is the verdict.
type bugsTable struct {
	trials   *bugs.Trials
	table    *bugs.Table
	problems []string
	paint    text.Paint
}

func (b *bugsTable) String() string { return b.rows() + "\n" + b.end() }

// rows is the table.
func (b *bugsTable) rows() string {
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
			text.Count(r.SeedsWorst),
			text.Span(r.Time.Seconds()),
			orNothing(replayBugCommand(b.trials, r)),
		})
	}
	fmt.Fprintf(&out, "Seeds to find each bug, in %s from different seeds, profile %s:\n\n", text.Plural(b.trials.Trials, "trial"), b.trials.Profile)
	numbers := []int{3, 4, 5, 6} // columns that are aligned on the right
	for i, line := range text.Align(rows, numbers...) {
		how := text.Plain
		switch {
		case i == 0:
			how = text.Dim
		case b.table.Rows[i-1].Problem() != "":
			how = text.Red
		}
		fmt.Fprintf(&out, "%s\n", b.paint(how, line))
	}
	return out.String()
}

// commands returns the commands that the table names, which are not wrapped.
func (b *bugsTable) commands() []string {
	var commands []string
	for i := range b.table.Rows {
		commands = append(commands, replayBugCommand(b.trials, &b.table.Rows[i]))
	}
	return commands
}

// end is what stands below the table: the engine as it is, what is wrong, and the verdict.
func (b *bugsTable) end() string {
	var out strings.Builder
	c := &b.table.Control
	if c.Problem() == "" {
		fmt.Fprintf(&out, "the engine as it is: %s, no violation (%s)\n", text.Plural(c.Seeds, "seed"), text.Span(c.Time.Seconds()))
	}
	for _, problem := range b.problems {
		fmt.Fprintf(&out, "%s\n", b.paint(text.Red, problem))
	}
	found := 0
	for i := range b.table.Rows {
		if b.table.Rows[i].Problem() == "" {
			found++
		}
	}
	sum := fmt.Sprintf("%d of %s found in every trial, in %s", found, text.Plural(len(b.table.Rows), "bug"), text.Span(b.table.Time.Seconds()))
	if len(b.problems) > 0 {
		fmt.Fprintf(&out, "%s\n", b.paint(text.Red, "fail: "+sum))
	} else {
		fmt.Fprintf(&out, "%s\n", b.paint(text.Green, "pass: "+sum))
	}
	return out.String()
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// replayBugCommand returns the command that replays the smallest failure of a bug, or nothing.
func replayBugCommand(trials *bugs.Trials, r *bugs.Row) string {
	if r.Smallest == nil {
		return ""
	}
	command := fmt.Sprintf("%s replay %d --bug %s", runner.Self(), r.Smallest.Seed, r.Bug.ID)
	if trials.Profile != "default" {
		command += " --profile " + trials.Profile
	}
	if watched := checker.Selection(r.SmallestWatched); watched != checker.Selection(r.Bug.Watched) {
		command += " --properties " + watched
	}
	return command
}
