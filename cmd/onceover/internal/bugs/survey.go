package bugs

import (
	"context"
	"math"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/story"
)

// A Fate is what becomes of one property of the engine with a bug.
type Fate struct {
	Property   string
	Seeds      uint64          // that were run with this property alone watched, from 1 on
	Violations uint64          // seeds that violated it
	Smallest   *runner.Failure // of the first hundred, the one with the fewest faults, and then the fewest steps; nil: none
}

// SurveySeeds is how many seeds [Trials.FateOf] runs at most. A run that nothing ends early goes on until the bound of
// the quiet phase, and takes ten times as long as others.
const SurveySeeds = 200

// FateOf watches one property of a program alone, over as many seeds as a trial may take, and at most [SurveySeeds].
func (t *Trials) FateOf(ctx context.Context, program *runner.Program, property string) (*Fate, error) {
	f, err := program.Run(ctx, runner.Campaign{
		From: 1, Seeds: min(t.MaxSeeds, SurveySeeds), Profile: t.Profile, Properties: []string{property}, Parallel: t.Parallel,
	})
	if err != nil {
		return nil, err
	}
	fate := &Fate{Property: property, Seeds: f.Seeds, Violations: f.Violations}
	for i := range f.Failures {
		if fate.Smallest == nil || f.Failures[i].Smaller(fate.Smallest) {
			fate.Smallest = &f.Failures[i]
		}
	}
	return fate, nil
}

// A Story is a failure made as small as it gets, and its story.
type Story struct {
	story.Story
	*runner.Minimised
}

// StoryOf returns the story of a failure that a program found while some properties were watched.
func StoryOf(ctx context.Context, p *runner.Program, f *runner.Failure, profile string, watched []string) (*Story, error) {
	minimised, err := p.Minimise(ctx, f.Seed, profile, watched, p.File("smallest.json"))
	if err != nil {
		return nil, err
	}
	s := &Story{Minimised: minimised}
	s.Sentence = minimised.Message
	for _, line := range minimised.Story {
		s.Entries = append(s.Entries, story.Entry{
			At: time.Duration(math.Round(line.AtSeconds*1e6)) * time.Microsecond, Actor: line.Actor, Text: line.Text,
			Fault: line.Fault, Necessary: line.Necessary, Count: line.Count,
		})
	}
	return s, nil
}
