package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// minimisedPath is where the replay file of a minimised run goes unless the user says.
func minimisedPath(directory, profile string, seed uint64) string {
	return filepath.Join(directory, fmt.Sprintf("%s-%d-min.json", profile, seed))
}

// checkMinimise refuses flags that do not go together.
func (f *replayFlags) checkMinimise() error {
	switch {
	case f.minimise && f.checkDeterminism.value > 0:
		return errors.New("--minimise and --check-determinism are two things to do: give one of them; --minimise repeats the failure before it begins")
	case !f.minimise && f.out != "":
		return errors.New("--out is where --minimise writes: give both or neither")
	}
	return nil
}

// replayMinimised carries out onceover replay --minimise.
func (p *program) replayMinimised(ctx context.Context, f *replayFlags, recorded run.Replay) error {
	tuneMemory(1)
	options := f.pictures.options()
	options.Minimise = true
	found, err := p.explain(ctx, recorded.Spec(), options)
	var none *explain.NoFailureError
	var not *explain.NotRepeatableError
	switch {
	case errors.As(err, &none):
		return p.nothingToMinimise(f, &recorded, none.Result)
	case errors.As(err, &not):
		p.stderr.say("onceover: %v; see %s replay %d --profile %s --check-determinism 100\n", err, self(), recorded.Seed, recorded.Profile)
		return verdictError(run.NotDeterministic)
	case err != nil:
		return err
	}
	path, replay := f.out, found.Replay()
	if path == "" {
		path = minimisedPath(failuresDirectory, recorded.Profile, recorded.Seed)
	}
	if err := writeReplay(path, &replay); err != nil {
		return err
	}
	command := fmt.Sprintf("%s replay %s%s", self(), shellWord(path), p.sameFlags())
	if f.json {
		err = json.NewEncoder(p.stdout).Encode(runner.Minimised{Facts: found.Facts, ReplayFile: path})
	} else {
		notes := []explain.Note{{Name: "replay", Text: command}}
		if recorded.Signature != "" && recorded.Signature != found.Signature {
			notes = append(notes, explain.Note{Name: "recorded", Text: "another violation than that of the replay file: " + recorded.Signature})
		}
		_, err = io.WriteString(p.stdout, found.Text(p.stdout.paint().tones(), notes...))
	}
	if err != nil {
		return fmt.Errorf("print the minimised run: %w", err)
	}
	if err := p.showPictures(&f.pictures, found, command, f.json); err != nil {
		return err
	}
	return verdictError(run.Violated)
}

// nothingToMinimise says that a run does not fail.
func (p *program) nothingToMinimise(f *replayFlags, recorded *run.Replay, outcome run.Result) error {
	var err error
	if f.json {
		err = json.NewEncoder(p.stdout).Encode(runner.Minimised{Facts: explain.Describe(recorded.Spec(), outcome)})
	} else {
		gone := ""
		if recorded.Signature != "" {
			gone = "; the violation of the replay file is gone: " + recorded.Signature
		}
		_, err = fmt.Fprintf(p.stdout, "seed %d, profile %s: nothing to minimise, the verdict is %s%s\n", recorded.Seed, recorded.Profile, outcome.Verdict, gone)
	}
	if err != nil {
		return fmt.Errorf("print the verdict: %w", err)
	}
	if outcome.Verdict != run.Pass {
		return verdictError(outcome.Verdict)
	}
	return nil
}
