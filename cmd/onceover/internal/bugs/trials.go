package bugs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// How bugs are looked for unless something else is asked for.
const (
	TrialsDefault   = 20
	MaxSeedsDefault = 2000
)

// Trials define how the bugs of a catalogue are looked for.
type Trials struct {
	Tree     overlay.Tree
	Bugs     []*Bug
	Trials   int    // of each bug, from 1
	MaxSeeds uint64 // that a trial may take, from 1
	Profile  string // of faults, by name
	Parallel int    // how many campaigns run at the same time, from 1
	// OnProgress, when not nil, is called after every trial. Calls do not overlap.
	OnProgress func(Progress)
}

// A Progress is how far the trials are.
type Progress struct {
	Bug    string // the trial was of; empty for the engine as it is, which comes last
	Trials int    // that have ended, of all bugs
	Of     int
}

// A Table is what the trials came to.
type Table struct {
	Rows    []Row // in the order of the bugs
	Control Control
	Time    time.Duration // on the wall clock
}

// Problems returns what is wrong with the table, a sentence each.
func (t *Table) Problems() []string {
	var problems []string
	for i := range t.Rows {
		if problem := t.Rows[i].Problem(); problem != "" {
			problems = append(problems, problem)
		}
	}
	if problem := t.Control.Problem(); problem != "" {
		problems = append(problems, problem)
	}
	return problems
}

// A Control is what the engine as it is came to, over as many seeds as all trials together.
type Control struct {
	Seeds      uint64 // that were run, from 1 on
	Violations uint64
	Unknown    uint64
	First      *runner.Failure // with the lowest seed, if there is one
	Profile    string
	Time       time.Duration // on the wall clock, that of the build included
}

// Problem returns why the engine as it is fails the table; empty if it does not.
func (c *Control) Problem() string {
	switch {
	case c.First != nil:
		return fmt.Sprintf("the engine as it is violates %s at seed %d: onceover replay %[2]d --profile %s", c.First.Property, c.First.Seed, c.Profile)
	case c.Unknown > 0:
		return fmt.Sprintf("of the engine as it is, a check gave up on %d of %d seeds: onceover run --seeds %[2]d --profile %s", c.Unknown, c.Seeds, c.Profile)
	}
	return ""
}

// trialDistance is how far the starting seeds of two trials are apart: more than a trial runs.
const trialDistance = 1_000_000

// Run builds and tries all bugs, and then the engine as it is. What it needs on disk is temporary and gone when it
// returns. Errors are those of [Bug.Build], a program that does not do what it is asked to, and that of the context, which
// ends it: then the table has the rows of the bugs that were tried to the end.
func (t Trials) Run(ctx context.Context) (*Table, error) {
	started := time.Now()
	table := &Table{}
	var err error
	if table.Rows, err = t.Rows(ctx); err != nil {
		table.Time = time.Since(started)
		return table, err
	}
	var seeds uint64
	for i := range table.Rows {
		seeds += table.Rows[i].Seeds
	}
	err = t.control(ctx, &table.Control, seeds)
	table.Time = time.Since(started)
	return table, err
}

// Rows is [Trials.Run] without the engine as it is. Beside an error it returns the rows of the bugs that were tried to the end.
func (t Trials) Rows(ctx context.Context) ([]Row, error) {
	if len(t.Bugs) == 0 {
		return nil, errors.New("the catalogue has no bug to try")
	}
	trials := make([][]trial, len(t.Bugs))
	for i := range trials {
		trials[i] = make([]trial, t.Trials)
	}
	b := builder{
		tree: t.Tree, parallel: t.Parallel, tasks: t.Trials, onProgress: t.OnProgress,
		do: func(ctx context.Context, j *job, i int) (err error) {
			trials[j.place][i], err = j.try(ctx, i, t.MaxSeeds, t.Profile)
			return err
		},
	}
	err := b.run(ctx, t.Bugs)
	rows := make([]Row, 0, len(b.jobs))
	for i, j := range b.jobs {
		if !j.done() {
			continue
		}
		row := newRow(j.bug, trials[i])
		row.Time = j.time
		rows = append(rows, row)
	}
	return rows, err
}

// try looks for a bug, from a starting seed that belongs to the number of the trial. If another property fires before
// the expected one, it goes on from there with that one alone. Of a bug of which nothing is expected, any will do.
func (j *job) try(ctx context.Context, number int, maxSeeds uint64, profile string) (trial, error) {
	b, from := j.bug, 1+uint64(number)*trialDistance
	t := trial{watched: b.Watched}
	c := runner.Campaign{From: from, Seeds: maxSeeds, Profile: profile, Properties: b.Watched, Parallel: 1, FailFast: true}
	f, err := j.program.Run(ctx, c)
	if err != nil {
		return trial{}, err
	}
	t.seeds = f.Seeds
	if len(f.Failures) > 0 && b.Expected != "" && f.Failures[0].Property != b.Expected {
		t.other = &f.Failures[0]
		t.watched = []string{b.Expected}
		c.Seeds -= t.other.Seed - c.From
		c.From, c.Properties = t.other.Seed, t.watched
		if f, err = j.program.Run(ctx, c); err != nil {
			return trial{}, err
		}
		t.seeds += f.Seeds
	}
	t.took = maxSeeds
	if len(f.Failures) > 0 {
		t.found, t.failure = true, &f.Failures[0]
		t.took = t.failure.Seed - from + 1
	}
	return t, nil
}

// control runs the engine as it is.
func (t *Trials) control(ctx context.Context, c *Control, seeds uint64) (err error) {
	if t.OnProgress != nil {
		all := len(t.Bugs) * t.Trials
		t.OnProgress(Progress{Trials: all, Of: all})
	}
	started := time.Now()
	program, err := runner.Build(ctx, t.Tree, nil)
	if err != nil {
		return fmt.Errorf("the engine as it is does not compile: %w", err)
	}
	defer func() { err = errors.Join(err, program.Close()) }()
	f, err := program.Run(ctx, runner.Campaign{From: 1, Seeds: seeds, Profile: t.Profile, Parallel: t.Parallel})
	if err != nil {
		return fmt.Errorf("the engine as it is: %w", err)
	}
	*c = Control{Seeds: f.Seeds, Violations: f.Violations, Unknown: f.Unknown, Profile: t.Profile, Time: time.Since(started)}
	if len(f.Failures) > 0 {
		c.First = &f.Failures[0]
	}
	return nil
}

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
