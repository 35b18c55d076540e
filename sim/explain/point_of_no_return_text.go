package explain

import (
	"fmt"
	"math"
	"strings"
)

// Sentence returns when it was too late, and what happened then.
func (p *PointOfNoReturn) Sentence() string {
	calm, stormy := p.Calm.After(), p.Stormy.After()
	switch {
	case calm == nil && stormy == nil:
		return fmt.Sprintf("No step was found from which on at least %s of all continuations fail in the same way: there was a way out up to the end.", percent(threshold))
	case calm == nil:
		return "Up to the end the failure would not have happened if nothing more had gone wrong. " + p.Stormy.sentence("")
	case calm.Step <= firstStep(stormy):
		return p.Calm.sentence(", even if nothing more goes wrong")
	}
	return p.Stormy.sentence("")
}

// Decisive returns the curve that the sentence is about.
func (p *PointOfNoReturn) Decisive() *Curve {
	if calm := p.Calm.After(); calm != nil && calm.Step <= firstStep(p.Stormy.After()) {
		return &p.Calm
	}
	return &p.Stormy
}

func firstStep(p *Point) uint64 {
	if p == nil {
		return math.MaxUint64
	}
	return p.Step
}

func (c *Curve) sentence(even string) string {
	p := c.After()
	fails := percent(c.Share(p)) + " of all continuations fail in the same way"
	if p.Same == c.Branches {
		fails = "every continuation fails in the same way"
	}
	text := fmt.Sprintf("From %s on (%s) %s%s", Moment(p.At), p.describe(), fails, even)
	before := c.Before()
	switch {
	case before == nil && p.Step <= 1:
		return text + "; that is from the start."
	case before == nil:
		return text + "."
	case before.Step+1 == p.Step:
		return fmt.Sprintf("%s; one step earlier %s did.", text, percent(c.Share(before)))
	}
	return fmt.Sprintf("%s; at %s %s did.", text, Moment(before.At), percent(c.Share(before)))
}

// describe returns who did what at the point's step.
func (p *Point) describe() string {
	switch {
	case p.What == "":
		return fmt.Sprintf("step %d", p.Step)
	case p.Exactly:
		return p.Actor + " " + p.What
	}
	return fmt.Sprintf("step %d, after %s %s", p.Step, p.Actor, p.What)
}

// barWidth is how many characters a share of one has in [PointOfNoReturn.Table].
const barWidth = 20

// Table returns both curves as a table for a terminal or a log: a line per moment of the decisive curve, with the
// share of the other curve where it has that moment, a bar, the shares, the interval, and what happened.
func (p *PointOfNoReturn) Table(columns int) string {
	var out strings.Builder
	decisive, other := p.Decisive(), &p.Stormy
	if decisive == other {
		other = &p.Calm
	}
	fmt.Fprintf(&out, "  %10s  %6s  %-*s  %6s  %9s  %6s  %s\n", "time", "step", barWidth, "failures, "+decisive.Continuation.String(),
		decisive.Continuation, "95 %", other.Continuation, "what happened")
	for i := range decisive.Points {
		p := &decisive.Points[i]
		mark := " "
		if i == decisive.Jump {
			mark = ">"
		}
		share := "-"
		if q := other.at(p.Step); q != nil {
			share = percent(other.Share(q))
		}
		line := fmt.Sprintf("%s %10s  %6d  %s  %6s  %9s  %6s  %s", mark, Moment(p.At), p.Step, bar(decisive.Share(p)),
			percent(decisive.Share(p)), fmt.Sprintf("%.0f-%.0f %%", 100*p.Low, 100*p.High), share, p.describe())
		out.WriteString(clip(line, columns))
		out.WriteByte('\n')
	}
	return out.String()
}

// at returns the point of a step; nil if the curve has none.
func (c *Curve) at(step uint64) *Point {
	for i := range c.Points {
		if c.Points[i].Step == step {
			return &c.Points[i]
		}
	}
	return nil
}

// bar returns a share as a bar of blocks, in eighths of a character.
func bar(share float64) string {
	eighths := int(math.Round(share * barWidth * 8))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text + strings.Repeat("·", barWidth-len([]rune(text)))
}

// clip returns as much of a text as fits into a number of columns.
func clip(text string, columns int) string {
	runes := []rune(text)
	if len(runes) <= columns {
		return text
	}
	return string(runes[:max(columns-1, 0)]) + "…"
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
