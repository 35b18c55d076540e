package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
)

// explainedMax is how many different failures are shown with their stories; more would push the first, which is the
// one to look at, out of sight.
const explainedMax = 3

// explainedSteps is the budget for making one of them small: a second or two.
const explainedSteps = explain.StepsDefault / 4

// failuresDirectory is where replay files go unless the user says.
const failuresDirectory = "onceover-failures"

// replayFiles writes the replay files of a campaign as failures are found: one that is killed has lost none.
type replayFiles struct {
	directory string
	profile   string
	watched   []string          // properties; empty for all
	same      string            // flags of a command that does the same again
	path      map[uint64]string // by seed; of those that were written
	failed    error             // the first that could not be written
}

// write writes the replay file of a failure.
func (r *replayFiles) write(failure run.Result) {
	if r.path == nil {
		r.path = make(map[uint64]string)
	}
	path := filepath.Join(r.directory, fmt.Sprintf("%s-%d.json", r.profile, failure.Seed))
	replay := run.NewReplay(run.Spec{Seed: failure.Seed, Profile: r.profile, Properties: r.watched}, failure)
	err := writeReplay(path, &replay)
	switch {
	case err == nil:
		r.path[failure.Seed] = path
	case r.failed == nil:
		r.failed = err
	}
}

// of returns the path of a seed's replay file; empty if it was not written.
func (r *replayFiles) of(seed uint64) string { return r.path[seed] }

// writeReplay writes a replay file, in a directory that is made when needed.
func writeReplay(path string, replay *run.Replay) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return replay.WriteFile(path)
}

// replayCommand returns the command that replays a seed: from its file, if there is one.
func (r *replayFiles) replayCommand(seed uint64) string {
	if path, written := r.path[seed]; written {
		return fmt.Sprintf("%s replay %s", self(), shellWord(path)) + r.same
	}
	return r.seedCommand(seed)
}

// seedCommand returns the command that replays a seed without its file.
func (r *replayFiles) seedCommand(seed uint64) string {
	command := fmt.Sprintf("%s replay %d --profile %s", self(), seed, r.profile)
	if len(r.watched) > 0 {
		command += " --properties " + checker.Selection(r.watched)
	}
	return command + r.same
}

// bugFlagOf is what makes a command build this program again.
func bugFlagOf(patch string) string {
	if patch == "" {
		return ""
	}
	return " --" + bugFlag + " " + shellWord(patch)
}

// self is how the user calls this program: go run builds it somewhere temporary, where it will not be tomorrow.
func self() string {
	path, err := os.Executable()
	if err != nil || !strings.Contains(path, "go-build") || filepath.Base(filepath.Dir(path)) != "exe" {
		return "onceover"
	}
	if _, err := os.Stat("cmd/onceover/main.go"); err == nil {
		return "go run ./cmd/onceover"
	}
	return "go run github.com/onceover/onceover/cmd/onceover"
}

// An explanation is one of the different failures of a campaign, shown by its first seed.
type explanation struct {
	facts   explain.Facts // without a story when there was none to be found
	repeats bool          // the run could be repeated
	runs    uint64        // that fail in this way
	replay  string        // command
	small   string        // command that replays the smallest run; empty when it has no file
}

// explainFirst explains the first run of a failure, and minimises it unless nobody is going to read that.
func (p *program) explainFirst(ctx context.Context, s *campaign.Summary, failure campaign.Signature, files *replayFiles, unread bool) explanation {
	first := failure.First
	spec := run.Spec{Seed: first.Seed, Profile: s.Profile, Properties: s.Properties}
	e := explanation{facts: explain.Describe(spec, first), repeats: true, runs: failure.Runs, replay: files.replayCommand(first.Seed)}
	found, err := p.explain(ctx, spec, explain.Options{Minimise: !unread, Steps: explainedSteps, Expected: &first})
	switch {
	case p.store.lost(): // nobody can know whether it repeats
	case err != nil:
		e.repeats = false
		e.replay = files.seedCommand(first.Seed) + " --check-determinism 100"
	case !unread:
		e.facts = found.Facts
		e.small = files.writeSmallest(found)
	}
	return e
}

// writeSmallest writes the replay file of a minimised failure and returns the command that replays it; empty if that is
// not possible.
func (r *replayFiles) writeSmallest(found *explain.Failure) (command string) {
	path, replay := minimisedPath(r.directory, r.profile, found.Seed), found.Replay()
	if err := writeReplay(path, &replay); err != nil {
		r.failed = cmp.Or(r.failed, err)
		return ""
	}
	return fmt.Sprintf("%s replay %s", self(), shellWord(path)) + r.same
}

// propertySentence returns what a property says, or nothing for one that is not in the catalogue.
func propertySentence(id string) string {
	for _, property := range checker.Properties() {
		if property.ID == id {
			return property.Sentence
		}
	}
	return ""
}

// traceText returns one line of a trace, in columns: a mark for misfortune, virtual time, actor, text.
func traceText(line run.Line, actorWidth int, paint paint) string {
	mark, how := " ", plain
	if line.Fault != "" {
		mark, how = "!", yellow
	}
	return paint(how, fmt.Sprintf("%s %10s  %-*s  %s", mark, explain.Moment(line.At), actorWidth, line.Actor, line.Text))
}
