package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// executeShow tries one bug and prints its story.
func (c *bugsCommand) executeShow(ctx context.Context, id string) error {
	catalogue, err := c.catalogue()
	if err != nil {
		return err
	}
	bug, err := catalogue.Find(id)
	if err != nil {
		return err
	}
	trials, err := c.newTrials([]*bugs.Bug{bug})
	if err != nil {
		return err
	}
	rows, err := trials.Rows(ctx)
	c.stderr.Erase()
	if err := c.interrupted(ctx, err, "all bugs were tried"); err != nil {
		return err
	}
	return c.showBug(ctx, trials, &rows[0])
}

// showBug prints the story of one bug: what the pull request claims, the smallest failing run, why it is wrong.
func (c *bugsCommand) showBug(ctx context.Context, trials *bugs.Trials, row *bugs.Row) (err error) {
	b := row.Bug
	paint := c.stdout.Paint()
	c.stdout.Printf("%s\n%s\n\n%s\n\n%s\n", paint(text.Bold, b.ID), b.Title, paint(text.Bold, "What the pull request claims"), text.Indent(b.Seed))
	program, err := b.Build(ctx, trials.Tree)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.Close()) }()

	if row.Smallest != nil {
		minimised, err := program.Minimise(ctx, row.Smallest.Seed, trials.Profile, row.SmallestWatched, program.File("smallest.json"))
		if err != nil {
			return err
		}
		c.stdout.Printf("\n%s\n\n%s", paint(text.Bold, "A failing run, as small as it gets"), minimised.Text(tones(paint)))
	}
	c.stdout.Printf("\n%s\n\n%s\n", paint(text.Bold, "Why it is wrong"), text.Indent(b.Wrong))
	if len(b.Survey) > 0 {
		if err := c.showFates(ctx, trials, b, program); err != nil {
			return err
		}
	}
	if problem := row.Problem(); problem != "" {
		c.stdout.Printf("\n%s\n", paint(text.Red, problem))
		return verdictError(run.Violated)
	}
	c.stdout.Printf("\n%s found it in %d of %d trials, with %s seeds (median), %s at worst. To see it happen:\n  %s --minimise\n",
		row.Fired, row.Found, row.Trials, strconv.FormatFloat(row.SeedsMedian, 'f', -1, 64), text.Count(row.SeedsWorst), replayBugCommand(trials, row))
	return nil
}

// showFates prints what becomes of each property that a bug names, and the smallest story of each that is violated.
func (c *bugsCommand) showFates(ctx context.Context, trials *bugs.Trials, b *bugs.Bug, program *runner.Program) error {
	paint := c.stdout.Paint()
	var stories strings.Builder
	rows := [][]string{{"property", "violated by", "replay of the smallest failure"}}
	for i, property := range b.Survey {
		c.stderr.DrawBar(float64(i)/float64(len(b.Survey)), fmt.Sprintf(" %d of %d properties  %s", i, len(b.Survey), property))
		f, err := trials.FateOf(ctx, program, property)
		if err != nil {
			return err
		}
		replay := ""
		if f.Smallest != nil {
			minimised, err := program.Minimise(ctx, f.Smallest.Seed, trials.Profile, []string{property}, program.File("smallest.json"))
			if err != nil {
				return err
			}
			stories.WriteString("\n" + minimised.Text(tones(paint)))
			replay = replayBugCommand(trials, &bugs.Row{Bug: b, Smallest: f.Smallest, SmallestWatched: []string{f.Property}})
		}
		rows = append(rows, []string{f.Property, text.Plural(f.Violations, "seed"), replay})
	}
	c.stderr.Erase()
	c.stdout.Printf("\n%s\n\n", paint(text.Bold, "Property by property, each watched alone over "+text.Plural(min(trials.MaxSeeds, bugs.SurveySeeds), "seed")))
	for _, line := range text.Align(rows) {
		c.stdout.Printf("  %s\n", line)
	}
	c.stdout.Printf("%s", stories.String())
	return nil
}
