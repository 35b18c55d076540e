package main

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
)

// campaignLine returns what is shown while a campaign runs, for a terminal of some columns. A limit of 0 is none.
func campaignLine(p campaign.Progress, seeds uint64, limit time.Duration, columns int, paint text.Paint) string {
	part := 0.0
	if seeds > 0 {
		part = float64(p.Seeds) / float64(seeds)
	}
	if limit > 0 {
		part = max(part, p.Elapsed.Seconds()/limit.Seconds())
	}
	part = min(part, 1)

	done := text.Count(p.Seeds)
	if seeds > 0 {
		done += " of " + text.Count(seeds)
	}
	line := fmt.Sprintf(" %3.0f %%  %s seeds", 100*part, done)
	if elapsed := p.Elapsed.Seconds(); elapsed > 0.5 && part > 0 {
		line += fmt.Sprintf("  %s per second  %s left", text.Count(uint64(float64(p.Seeds)/elapsed)), text.Span(elapsed/part-elapsed))
	}
	violated, how := fmt.Sprintf("  %d violated", p.Violations), text.Plain
	if p.Violations > 0 {
		how = text.Red
	}
	if p.Unknown > 0 {
		violated += fmt.Sprintf(", %d unknown", p.Unknown)
	}
	room := columns - utf8.RuneCountInString(line) - utf8.RuneCountInString(violated) - 1
	return paint.Bar(part, room) + line + paint(how, violated)
}

// drawCampaign returns a function that draws the progress of a campaign.
func drawCampaign(o *text.Output, seeds uint64, limit time.Duration) func(campaign.Progress) {
	return func(p campaign.Progress) {
		o.Draw(campaignLine(p, seeds, limit, o.Width(), o.Paint()))
	}
}

// explanationLine returns what is shown while a failure is explained.
func explanationLine(p explain.Progress) string {
	if p.Branching {
		return fmt.Sprintf("trying other continuations: %s, %s, about %.0f %% done", text.Plural(p.Runs, "run"), p.Continuation, 100*p.Part)
	}
	return fmt.Sprintf("minimising: %s, %s, %s left, %.0f %% of the budget; Ctrl-C keeps the smallest",
		p.Aspect, text.Plural(p.Runs, "run"), text.Plural(p.Faults, "fault"), 100*p.Part)
}

// drawEvery is the time between two drawings of what changes thousands of times a second.
const drawEvery = 100 * time.Millisecond

// drawExplanation returns a function that draws how far an explanation is; nil where nobody would see it.
func drawExplanation(o *text.Output) func(explain.Progress) {
	if !o.Live {
		return nil
	}
	var last time.Time
	return func(p explain.Progress) {
		now := time.Now()
		if now.Sub(last) < drawEvery {
			return
		}
		last = now
		o.Draw(explanationLine(p))
	}
}

// trialsLine returns what is shown while bugs are tried, and how much of the bar is full.
func trialsLine(p bugs.Progress) (part float64, line string) {
	if p.Bug == "" {
		return 1, " all trials done; now the engine as it is"
	}
	return float64(p.Trials) / float64(max(p.Of, 1)), fmt.Sprintf(" %3d of %s  %s", p.Trials, text.Plural(p.Of, "trial"), p.Bug)
}

// drawTrials returns a function that draws how far trials of bugs are.
func drawTrials(o *text.Output) func(bugs.Progress) {
	return func(p bugs.Progress) { o.DrawBar(trialsLine(p)) }
}

// tones returns how the tones of a failure are painted.
func tones(paint text.Paint) func(explain.Tone, string) string {
	return func(tone explain.Tone, piece string) string {
		switch tone {
		case explain.Heading:
			return paint(text.Red, piece)
		case explain.Misfortune:
			return paint(text.Yellow, piece)
		default:
			return paint(text.Bold, piece)
		}
	}
}
