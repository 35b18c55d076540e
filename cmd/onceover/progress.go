package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/sim/campaign"
)

// progressLine returns what is shown while a campaign runs, for a terminal of some columns. A limit of 0 is none.
func progressLine(p campaign.Progress, seeds uint64, limit time.Duration, columns int, paint paint) string {
	part := 0.0
	if seeds > 0 {
		part = float64(p.Seeds) / float64(seeds)
	}
	if limit > 0 {
		part = max(part, p.Elapsed.Seconds()/limit.Seconds())
	}
	part = min(part, 1)

	done := count(p.Seeds)
	if seeds > 0 {
		done += " of " + count(seeds)
	}
	text := fmt.Sprintf(" %3.0f %%  %s seeds", 100*part, done)
	if elapsed := p.Elapsed.Seconds(); elapsed > 0.5 && part > 0 {
		text += fmt.Sprintf("  %s per second  %s left", count(uint64(float64(p.Seeds)/elapsed)), span(elapsed/part-elapsed))
	}
	const barLeast, barMost = 5, 30
	failures, how := fmt.Sprintf("  %d violated", p.Violations), plain
	if p.Violations > 0 {
		how = red
	}
	if p.Unknown > 0 {
		failures += fmt.Sprintf(", %d unknown", p.Unknown)
	}
	bar := ""
	if width := min(columns-len(text)-len(failures)-1, barMost); width >= barLeast {
		full := int(part * float64(width))
		bar = paint(green, strings.Repeat("█", full)) + paint(dim, strings.Repeat("░", width-full))
	}
	return bar + text + paint(how, failures)
}

// eraseLine goes back to the start of a terminal's line and clears it.
const eraseLine = "\r\x1b[K"

// drawProgress returns a function that redraws the progress of a campaign in place.
func drawProgress(terminal *output, seeds uint64, limit time.Duration) func(campaign.Progress) {
	return func(p campaign.Progress) {
		// One write, and none that could wrap into a second line, which could not be erased.
		line := progressLine(p, seeds, limit, terminal.width(), terminal.paint())
		terminal.say("%s%s", eraseLine, line)
	}
}
