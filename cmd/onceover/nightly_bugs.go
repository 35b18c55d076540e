package main

import (
	"context"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// nightlyBugs is the part of a shard in the table of bugs.
type nightlyBugs struct {
	*program
	catalogue *bugs.Catalogue
	trials    bugs.Trials
	baseline  *bugs.Baseline // nil: none
}

// newNightlyBugs makes ready what --bugs asks for. Errors are those of a catalogue, a source tree or a baseline that
// cannot be had.
func (p *program) newNightlyBugs(f *nightlyFlags) (*nightlyBugs, error) {
	catalogue, err := p.catalogue()
	if err != nil {
		return nil, err
	}
	b := &nightlyBugs{program: p, catalogue: catalogue, trials: bugs.Trials{
		Bugs:       shardOf(catalogue.Bugs, nightly.Shard(f.shard)),
		Trials:     bugsTrialsDefault,
		MaxSeeds:   bugsMaxSeedsDefault,
		Profile:    newProfileFlag().name,
		Parallel:   int(f.parallel.value),
		OnProgress: drawBugsProgress(p.stderr),
	}}
	if b.trials.Tree, err = overlay.Find("."); err != nil {
		return nil, err
	}
	b.baseline, err = readBaseline(f.baseline, &b.trials)
	return b, err
}

// shardOf returns the part of a list that a shard does: one piece of it, so that the order stays when the results of
// all shards are put together.
func shardOf[T any](list []T, shard nightly.Shard) []T {
	return list[len(list)*(shard.Index-1)/shard.Of : len(list)*shard.Index/shard.Of]
}

// try looks for the bugs and adds what came of it to a result. That they could not be tried is a problem as well: it
// must not take the rest of the night with it.
func (b *nightlyBugs) try(ctx context.Context, result *nightly.Result) {
	result.Bugs = &nightly.Bugs{Rows: []nightly.Bug{}, Problems: []string{}}
	if len(b.trials.Bugs) == 0 {
		return
	}
	table, err := b.trials.Run(ctx)
	clearBar(b.stderr)
	switch {
	case ctx.Err() != nil:
		result.Interrupted = true
		return
	case err != nil:
		result.Bugs.Problems = append(result.Bugs.Problems, err.Error())
		return
	}
	result.Bugs.Seconds = table.Time.Seconds()
	for i := range table.Rows {
		r := &table.Rows[i]
		result.Bugs.Rows = append(result.Bugs.Rows, nightly.Bug{
			ID: r.Bug.ID, Expected: r.Bug.Expected, Fired: r.Fired, Trials: r.Trials, Found: r.Found,
			SeedsMedian: r.SeedsMedian, SeedsWorst: r.SeedsWorst, Seconds: r.Time.Seconds(), Problem: r.Problem(),
		})
	}
	if problem := table.Control.Problem(); problem != "" {
		result.Bugs.Problems = append(result.Bugs.Problems, problem)
	}
	if b.baseline != nil {
		result.Bugs.Problems = append(result.Bugs.Problems, b.baseline.Compare(table.Rows, b.catalogue)...)
	}
}
