package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// executeMinimise minimises the failure of the run on a store, and prints its story.
func (c *replayCommand) executeMinimise(ctx context.Context, on *store.Store) error {
	tuneMemory(1)
	options := c.pictures.options()
	options.Minimise = true
	found, err := c.explain(ctx, on, c.recorded.Spec(), options)
	var none *explain.NoFailureError
	var not *explain.NotRepeatableError
	switch {
	case errors.As(err, &none):
		return c.printNoFailure(none.Result)
	case errors.As(err, &not):
		c.warn(fmt.Errorf("%w; see %s replay %s --check-determinism 100", err, runner.Self(),
			failures.Seed(c.recorded.Seed, c.recorded.Profile, nil)))
		return verdictError(run.NotDeterministic)
	case err != nil:
		return err
	}
	path, replay := c.minimised, found.Replay()
	replay.Bug = c.bug.engine()
	if err := failures.WriteReplay(path, &replay); err != nil {
		return err
	}
	command := runner.Self() + " replay " + text.ShellWord(path) + on.Flags() + c.bug.again()
	if err := c.printMinimised(found, path, command); err != nil {
		return fmt.Errorf("print the minimised run: %w", err)
	}
	if err := c.drawFailure(found, command); err != nil {
		return err
	}
	return verdictError(run.Violated)
}

// printMinimised prints a minimised failure. Its replay file is at path, and command replays it.
func (c *replayCommand) printMinimised(found *explain.Failure, path, command string) error {
	if c.json {
		return json.NewEncoder(c.stdout).Encode(runner.Minimised{Facts: found.Facts, ReplayFile: path})
	}
	notes := []explain.Note{{Name: "replay", Text: command}}
	if c.recorded.Signature != "" && c.recorded.Signature != found.Signature {
		notes = append(notes, explain.Note{Name: "recorded", Text: "another violation than that of the replay file: " + c.recorded.Signature})
	}
	if note := anotherEngine(&c.recorded, c.bug.engine()); note != "" {
		notes = append(notes, explain.Note{Name: "recorded", Text: note})
	}
	_, err := io.WriteString(c.stdout, c.stdout.Fit(found.Text(tones(c.stdout.Paint()), notes...), command))
	return err
}

// printNoFailure prints that a run does not fail, and returns the error of its verdict.
func (c *replayCommand) printNoFailure(result run.Result) error {
	var err error
	if c.json {
		err = json.NewEncoder(c.stdout).Encode(runner.Minimised{Facts: explain.Describe(c.recorded.Spec(), result)})
	} else {
		gone := ""
		if c.recorded.Signature != "" {
			gone = "; the violation of the replay file is gone: " + c.recorded.Signature
		}
		another := ""
		if note := anotherEngine(&c.recorded, c.bug.engine()); note != "" {
			another = "recorded: " + note + "\n"
		}
		_, err = fmt.Fprintf(c.stdout, "seed %d, profile %s: nothing to minimise, the verdict is %s%s\n%s",
			c.recorded.Seed, c.recorded.Profile, result.Verdict, gone, another)
	}
	if err != nil {
		return fmt.Errorf("print the verdict: %w", err)
	}
	return failed(result.Verdict)
}

// explain explains a failing run, and draws how far it is.
func (c *replayCommand) explain(ctx context.Context, on *store.Store, spec run.Spec, options explain.Options) (*explain.Failure, error) {
	options.OnProgress = drawExplanation(c.stderr)
	defer c.stderr.Erase()
	return failures.Explain(ctx, on.NewWorld, spec, options)
}
