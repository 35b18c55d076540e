package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// explain explains a failing run in a world of its own. Errors are those of [explain.Explain].
func (p *program) explain(ctx context.Context, spec run.Spec, options explain.Options) (*explain.Failure, error) {
	if p.stderr.terminal {
		options.OnProgress = drawExplanation(p.stderr)
		defer p.stderr.say(eraseLine)
	}
	w := p.newWorld()
	failure, err := explain.Explain(ctx, w, spec, options)
	if broken := new(run.BrokenError); !errors.As(err, &broken) {
		w.Close()
	}
	return failure, err
}

// drawExplanation returns a function that redraws in place how far an explanation is.
func drawExplanation(terminal *output) func(explain.Progress) {
	var last time.Time
	return func(p explain.Progress) {
		now := time.Now()
		if now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		text := fmt.Sprintf("minimising: %s, %s, %s left, %.0f %% of the budget; Ctrl-C keeps the smallest",
			p.Aspect, plural(p.Runs, "run"), plural(p.Faults, "fault"), 100*p.Part)
		if p.Branching {
			text = fmt.Sprintf("trying other continuations: %s, %s, about %.0f %% done", plural(p.Runs, "run"), p.Continuation, 100*p.Part)
		}
		terminal.say("%s%s", eraseLine, clip(text, terminal.width()-1))
	}
}

// clip returns as much of a text as fits into a number of columns.
func clip(text string, columns int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), max(columns, 0))])
}

// tones returns how the tones of a failure are painted.
func (p paint) tones() func(explain.Tone, string) string {
	return func(tone explain.Tone, text string) string {
		switch tone {
		case explain.Heading:
			return p(red, text)
		case explain.Misfortune:
			return p(yellow, text)
		default:
			return p(bold, text)
		}
	}
}
