package bugs

import (
	"context"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/story"
)

// A Story is a failure made as small as it gets, and told: the part of `onceover replay --minimise --json` that matters
// here.
type Story struct {
	story.Story  `json:"-"`
	Signature    string      `json:"signature"`
	Message      string      `json:"message"`
	FaultsBefore int         `json:"faults_before"`
	FaultsAfter  int         `json:"faults_after"`
	StepsBefore  uint64      `json:"steps_before"`
	StepsAfter   uint64      `json:"steps_after"`
	Lines        []storyLine `json:"story"`
}

type storyLine struct {
	AtSeconds float64 `json:"at_seconds"`
	Actor     string  `json:"actor"`
	Text      string  `json:"text"`
	Fault     bool    `json:"fault"`
	Necessary bool    `json:"necessary"`
	Count     int     `json:"count"`
}

// Story returns the story of a failure that was found while some properties were watched.
func (p *Program) Story(ctx context.Context, f *Failure, profile string, watched []string) (*Story, error) {
	s := &Story{}
	err := p.ask(ctx, s, "replay", strconv.FormatUint(f.Seed, 10), "--profile", profile, "--properties", checker.Selection(watched),
		"--minimise", "--json", "--out", filepath.Join(p.directory, "smallest.json"))
	if err != nil {
		return nil, err
	}
	s.Sentence = s.Message
	for _, line := range s.Lines {
		s.Entries = append(s.Entries, story.Entry{
			At: time.Duration(math.Round(line.AtSeconds*1e6)) * time.Microsecond, Actor: line.Actor, Text: line.Text,
			Fault: line.Fault, Necessary: line.Necessary, Count: line.Count,
		})
	}
	return s, nil
}
