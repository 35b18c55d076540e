package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/page"
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
	spec := recorded.Spec()
	tuneMemory(1)
	var search minimise.Options
	if p.stderr.terminal {
		search.OnProgress = drawSearch(p.stderr)
	}
	found, err := p.findSmallest(ctx, spec, search)
	if p.stderr.terminal {
		p.stderr.say(eraseLine)
	}
	var none *minimise.NoFailureError
	var not *minimise.NotRepeatableError
	switch {
	case errors.As(err, &none):
		return p.nothingToMinimise(f, &recorded, none.Outcome)
	case errors.As(err, &not):
		p.stderr.say("onceover: %v; see %s replay %d --profile %s --check-determinism 100\n", err, self(), recorded.Seed, recorded.Profile)
		return verdictError(run.NotDeterministic)
	case err != nil:
		return err
	}
	path := f.out
	if path == "" {
		path = minimisedPath(failuresDirectory, recorded.Profile, recorded.Seed)
	}
	if err := found.write(path); err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(p.stdout).Encode(newMinimised(&recorded, &found))
	} else {
		err = p.tellMinimised(&recorded, &found)
	}
	if err != nil {
		return fmt.Errorf("print the minimised run: %w", err)
	}
	options := page.Options{
		Command:   fmt.Sprintf("%s replay %s%s", self(), shellWord(found.path), p.sameFlags()),
		Necessary: found.Necessary, Sizes: found.pageSizes(),
	}
	if err := p.pictures(ctx, &f.pictures, found.Spec, found.Outcome, options, f.json); err != nil {
		return err
	}
	return verdictError(run.Violated)
}

// tellMinimised prints a minimised run for people.
func (p *program) tellMinimised(recorded *run.Replay, found *smallest) error {
	paint := p.stdout.paint()
	out := bufio.NewWriter(p.stdout)
	violation := found.Outcome.Violation
	_, _ = fmt.Fprintf(out, "seed %d, profile %s%s\n\n%s\n", recorded.Seed, recorded.Profile, watching(recorded.Properties),
		paint(red, "violated: "+violation.Property))
	if sentence := propertySentence(violation.Property); sentence != "" {
		_, _ = fmt.Fprintf(out, "  %q\n", sentence)
	}
	_, _ = fmt.Fprintf(out, "\n%s\n  %s\n", tell(&found.story, "", paint), paint(bold, found.story.Sentence))
	_, _ = fmt.Fprintf(out, "\n  signature   %s\n  minimised   %s\n  search      %s\n  replay      %s replay %s%s\n", violation.Signature(), found.sizes(),
		found.effort(), self(), shellWord(found.path), p.sameFlags())
	if recorded.Signature != "" && recorded.Signature != violation.Signature() {
		_, _ = fmt.Fprintf(out, "  recorded    another violation than that of the replay file: %s\n", recorded.Signature)
	}
	return out.Flush() // tells of an error before
}

// nothingToMinimise says that a run does not fail.
func (p *program) nothingToMinimise(f *replayFlags, recorded *run.Replay, outcome run.Result) error {
	var err error
	if f.json {
		err = json.NewEncoder(p.stdout).Encode(runner.Minimised{
			Seed: recorded.Seed, Profile: recorded.Profile, Verdict: outcome.Verdict, Complete: true, Necessary: []kernel.Key{}, Story: []runner.Entry{},
		})
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

// newMinimised returns a minimised run for machines.
func newMinimised(recorded *run.Replay, found *smallest) runner.Minimised {
	violation := found.Outcome.Violation
	j := runner.Minimised{
		Seed: recorded.Seed, Profile: recorded.Profile, Verdict: found.Outcome.Verdict,
		Signature: violation.Signature(), Property: violation.Property, Message: violation.Message,
		FaultsBefore: found.Before.Faults, FaultsAfter: found.After.Faults,
		ReviewsBefore: int(found.Before.Workload.Of("reviews")), ReviewsAfter: int(found.After.Workload.Of("reviews")),
		OwnersBefore: int(found.Before.Workload.Of("owners")), OwnersAfter: int(found.After.Workload.Of("owners")),
		EventsBefore: int(found.Before.Workload.Of("events")), EventsAfter: int(found.After.Workload.Of("events")),
		StepsBefore: found.Before.Steps, StepsAfter: found.After.Steps,
		StoryLines: len(found.story.Entries), Runs: found.Runs, WallSeconds: found.wall.Seconds(), Complete: found.Complete,
		ReplayFile: found.path, Necessary: append([]kernel.Key{}, found.Necessary...), Story: make([]runner.Entry, 0, len(found.story.Entries)),
	}
	for _, e := range found.story.Entries {
		j.Story = append(j.Story, runner.Entry{
			AtSeconds: e.At.Seconds(), Actor: e.Actor, Text: e.Text, Fault: e.Fault, Necessary: e.Necessary, Count: e.Count,
		})
	}
	return j
}
