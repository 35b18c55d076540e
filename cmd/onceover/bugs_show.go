package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// showBug tells the story of one bug: what the pull request says, the smallest failing run, why it is wrong.
func (p *program) showBug(ctx context.Context, trials *bugs.Trials, row *bugs.Row) (err error) {
	b := row.Bug
	paint := p.stdout.paint()
	p.stdout.say("%s\n%s\n\n%s\n\n%s\n", paint(bold, b.ID), b.Title, paint(bold, "What the pull request says"), indented(b.Seed))
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
		p.stdout.say("\n%s\n\n%s", paint(bold, "A failing run, as small as it gets"), minimised.Text(paint.tones()))
	}
	p.stdout.say("\n%s\n\n%s\n", paint(bold, "Why it is wrong"), indented(b.Wrong))
	if len(b.Survey) > 0 {
		if err := p.showFates(ctx, trials, b, program); err != nil {
			return err
		}
	}
	if problem := row.Problem(); problem != "" {
		p.stdout.say("\n%s\n", paint(red, problem))
		return verdictError(run.Violated)
	}
	p.stdout.say("\n%s found it in %d of %d trials, with %s seeds (median), %s at worst. To see it happen:\n  %s --minimise\n",
		row.Fired, row.Found, row.Trials, strconv.FormatFloat(row.SeedsMedian, 'f', -1, 64), count(row.SeedsWorst), replayBugCommand(trials, row))
	return nil
}

// showFates tells what becomes of each property that a bug names, and the smallest story of each that is violated.
func (p *program) showFates(ctx context.Context, trials *bugs.Trials, b *bugs.Bug, program *runner.Program) error {
	paint := p.stdout.paint()
	var stories strings.Builder
	rows := [][]string{{"property", "violated by", "replay of the smallest failure"}}
	for i, property := range b.Survey {
		drawBar(p.stderr, i, len(b.Survey), fmt.Sprintf(" %d of %d properties  %s", i, len(b.Survey), property))
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
			stories.WriteString("\n" + minimised.Text(paint.tones()))
			replay = replayBugCommand(trials, &bugs.Row{Bug: b, Smallest: f.Smallest, SmallestWatched: []string{f.Property}})
		}
		rows = append(rows, []string{f.Property, plural(f.Violations, "seed"), replay})
	}
	clearBar(p.stderr)
	p.stdout.say("\n%s\n\n", paint(bold, "Property by property, each watched alone over "+plural(min(trials.MaxSeeds, bugs.SurveySeeds), "seed")))
	for _, line := range align(rows, nil) {
		p.stdout.say("  %s\n", line)
	}
	p.stdout.say("%s", stories.String())
	return nil
}

// indented returns a text with its lines two columns in.
func indented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}
