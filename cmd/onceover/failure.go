package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/campaign"
)

const (
	// explainedMax is how many different failures are shown with their traces; more would push the first, which is
	// the one to look at, out of sight.
	explainedMax = 3
	// explainedLines is how much of a trace is shown. Runs stop at their first violation, so the last lines are those
	// that led to it.
	explainedLines = 25
)

// replayFiles writes the replay files of a campaign as failures are found: one that is killed has lost none.
type replayFiles struct {
	directory string
	profile   faults.Profile
	watched   []string          // properties; empty for all
	patch     string            // that this program was built with, as --bug takes it
	path      map[uint64]string // by seed; of those that were written
	failed    error             // the first that could not be written
}

// write writes the replay file of a failure.
func (r *replayFiles) write(failure sim.Outcome) {
	if r.path == nil {
		r.path = make(map[uint64]string)
	}
	path := filepath.Join(r.directory, fmt.Sprintf("%s-%d.json", r.profile.Name, failure.Seed))
	err := os.MkdirAll(r.directory, 0o755)
	if err == nil {
		replay := sim.NewReplay(sim.Spec{Seed: failure.Seed, Profile: r.profile, Properties: r.watched}, failure)
		err = replay.WriteFile(path)
	}
	switch {
	case err == nil:
		r.path[failure.Seed] = path
	case r.failed == nil:
		r.failed = err
	}
}

// replayCommand returns the command that replays a seed: from its file, if there is one.
func (r *replayFiles) replayCommand(seed uint64) string {
	if path, written := r.path[seed]; written {
		return fmt.Sprintf("%s replay %s", self(), shellWord(path)) + r.bugFlag()
	}
	return r.seedCommand(seed)
}

// seedCommand returns the command that replays a seed without its file.
func (r *replayFiles) seedCommand(seed uint64) string {
	command := fmt.Sprintf("%s replay %d --profile %s", self(), seed, r.profile.Name)
	if len(r.watched) > 0 {
		command += " --properties " + checker.Selection(r.watched)
	}
	return command + r.bugFlag()
}

// bugFlag is what makes a command build this program again.
func (r *replayFiles) bugFlag() string {
	if r.patch == "" {
		return ""
	}
	return " --bug " + shellWord(r.patch)
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
	failure  campaign.Signature
	sentence string     // of the property
	lines    []sim.Line // the end of the trace
	before   int        // how many lines of the trace stand before those
	repeats  bool       // the run could be repeated
	replay   string     // command
}

// explain runs a failing seed again, this time with a trace.
func (p *program) explain(s *campaign.Summary, failure campaign.Signature, files *replayFiles) explanation {
	e := explanation{failure: failure, replay: files.replayCommand(failure.First.Seed)}
	e.sentence = propertySentence(failure.First.Violation.Property)
	world := p.newWorld()
	again, err := campaign.Once(world, sim.Spec{Seed: failure.First.Seed, Profile: s.Profile, Properties: s.Properties, Trace: func(line sim.Line) {
		if len(e.lines) == explainedLines {
			e.lines = append(e.lines[:0], e.lines[1:]...)
			e.before++
		}
		e.lines = append(e.lines, line)
	}})
	if err == nil {
		world.Close()
	}
	e.repeats = err == nil && again.Hash == failure.First.Hash && again.Violation != nil && *again.Violation == *failure.First.Violation
	if !e.repeats {
		e.replay = files.seedCommand(failure.First.Seed) + " --check-determinism 100"
	}
	return e
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
func traceText(line sim.Line, actorWidth int, paint paint) string {
	mark, how := " ", plain
	if line.Fault {
		mark, how = "!", yellow
	}
	return paint(how, fmt.Sprintf("%s %10s  %-*s  %s", mark, moment(line.At), actorWidth, line.Actor, line.Text))
}
