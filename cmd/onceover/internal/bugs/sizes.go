package bugs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// Sizes define how the size of minimised failures is measured: failures of some bugs, each found from a starting seed of its
// own and minimised by the program that has the bug.
type Sizes struct {
	Tree     overlay.Tree
	Bugs     []*Bug
	Failures int    // of each bug, from 1
	MaxSeeds uint64 // that finding one may take, from 1
	Profile  string // of faults, by name
	Parallel int    // how many searches run at the same time, from 1
	// OnProgress, when not nil, is called after every failure that was minimised. Calls do not overlap.
	OnProgress func(Progress)
}

// A Minimised is what became of one failure.
type Minimised struct {
	Failure runner.Failure // as it was found
	// Faults, Reviews and Lines are what is left: misfortunes that happen, reviews that are submitted, entries of the story.
	Faults, Reviews, Lines int
	Runs                   int     // that the search took
	Seconds                float64 // on the wall clock, that of the story included
	// Changed: the smallest run, replayed from its file, does not fail as the failure did that was found.
	Changed bool
	// EndedEarly: the budget was used up, so less may do.
	EndedEarly bool
	// Unnecessary are the faults marked necessary without which it fails in the same way nevertheless.
	Unnecessary []kernel.Key
}

// A SizeRow is what became of the failures of one bug.
type SizeRow struct {
	Bug      *Bug
	Failures []Minimised // those that were found, in the order of their starting seeds
}

// Run builds the bugs, finds failures of each and minimises them. A starting seed from which none is found adds nothing
// to its row. Errors are those of [Trials.Run].
func (s Sizes) Run(ctx context.Context) ([]SizeRow, error) {
	if len(s.Bugs) == 0 {
		return nil, errors.New("there is no bug to minimise a failure of")
	}
	found := make([][]*Minimised, len(s.Bugs))
	for i := range found {
		found[i] = make([]*Minimised, s.Failures)
	}
	b := builder{
		tree: s.Tree, parallel: s.Parallel, tasks: s.Failures, onProgress: s.OnProgress,
		do: func(ctx context.Context, j *job, i int) error {
			t, err := j.try(ctx, i, s.MaxSeeds, s.Profile)
			if err != nil || !t.found {
				return err
			}
			found[j.place][i], err = minimise(ctx, j.program, t.failure, s.Profile, t.watched)
			return err
		},
	}
	if err := b.run(ctx, s.Bugs); err != nil {
		return nil, err
	}
	rows := make([]SizeRow, 0, len(s.Bugs))
	for i, b := range s.Bugs {
		row := SizeRow{Bug: b}
		for _, m := range found[i] {
			if m != nil {
				row.Failures = append(row.Failures, *m)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// minimise makes a failure small, and then takes the result apart by its replay file.
func minimise(ctx context.Context, p *runner.Program, f *runner.Failure, profile string, watched []string) (*Minimised, error) {
	path := p.File(fmt.Sprintf("smallest-%d.json", f.Seed))
	s, err := p.Minimise(ctx, f.Seed, profile, watched, path)
	if err != nil {
		return nil, err
	}
	m := &Minimised{
		Failure: *f, Lines: len(s.Story), Runs: s.Minimised.Runs, Seconds: s.Minimised.WallSeconds, EndedEarly: !s.Minimised.Complete,
		Faults: int(s.Minimised.After("faults")), Reviews: int(s.Minimised.After("reviews")),
	}
	replay, err := run.ReadReplay(path, world.Vocabulary())
	if err != nil {
		return nil, fmt.Errorf("the smallest run of seed %d: %w", f.Seed, err)
	}
	signature, err := signatureOf(ctx, p, &replay)
	if err != nil {
		return nil, err
	}
	m.Changed = signature != f.Signature
	for _, key := range s.Necessary {
		without := replay
		without.Overrides = slices.DeleteFunc(slices.Clone(replay.Overrides), func(o kernel.Override) bool { return o.Key == key })
		without.Overrides = append(without.Overrides, kernel.Override{Key: key})
		if signature, err = signatureOf(ctx, p, &without); err != nil {
			return nil, err
		}
		if signature == f.Signature {
			m.Unnecessary = append(m.Unnecessary, key)
		}
	}
	return m, nil
}

// signatureOf returns the signature of the violation that a replay comes to; empty for none.
func signatureOf(ctx context.Context, p *runner.Program, replay *run.Replay) (string, error) {
	path := p.File(fmt.Sprintf("again-%d.json", replay.Seed))
	if err := replay.WriteFile(path); err != nil {
		return "", err
	}
	again, err := p.Replay(ctx, path)
	if err != nil || again.Violation == nil {
		return "", err
	}
	return again.Violation.Signature, nil
}
