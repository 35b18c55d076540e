package nightly

import (
	"context"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// BugTrials are the part of a shard in the table of bugs.
type BugTrials struct {
	Catalogue *bugs.Catalogue
	Trials    bugs.Trials
	Baseline  *bugs.Baseline // nil for none
}

// NewBugTrials returns the trials of a shard, in the source tree that holds the working directory. Errors are those of the
// tree, and of the file of a baseline; an empty path is none.
func NewBugTrials(catalogue *bugs.Catalogue, shard Shard, parallel int, baseline string) (*BugTrials, error) {
	tree, err := overlay.Find(".")
	if err != nil {
		return nil, err
	}
	b := &BugTrials{Catalogue: catalogue, Trials: bugs.Trials{
		Tree:     tree,
		Bugs:     shardOf(catalogue.Bugs, shard),
		Trials:   bugs.TrialsDefault,
		MaxSeeds: bugs.MaxSeedsDefault,
		Profile:  "default",
		Parallel: parallel,
	}}
	b.Baseline, err = bugs.ReadBaseline(baseline, &b.Trials)
	return b, err
}

// shardOf returns the part of a list that a shard does: one piece of it, so that the order stays when the results of
// all shards are put together.
func shardOf[T any](list []T, shard Shard) []T {
	return list[len(list)*(shard.Index-1)/shard.Of : len(list)*shard.Index/shard.Of]
}

// Try looks for the bugs and adds the outcome to a result. That they could not be tried is a problem as well: it must not
// take the rest of the night with it.
func (b *BugTrials) Try(ctx context.Context, result *Result) {
	result.Bugs = &Bugs{Rows: []Bug{}, Problems: []string{}}
	if len(b.Trials.Bugs) == 0 {
		return
	}
	table, err := b.Trials.Run(ctx)
	switch {
	case ctx.Err() != nil:
		result.Interrupted = true
	case err != nil:
		result.Bugs.Problems = append(result.Bugs.Problems, err.Error())
	default:
		result.Bugs.add(table)
		if b.Baseline != nil {
			result.Bugs.Problems = append(result.Bugs.Problems, b.Baseline.Compare(table.Rows, b.Catalogue)...)
		}
	}
}

// add adds a table of bugs.
func (b *Bugs) add(table *bugs.Table) {
	b.Seconds = table.Time.Seconds()
	for i := range table.Rows {
		r := &table.Rows[i]
		b.Rows = append(b.Rows, Bug{
			ID: r.Bug.ID, Expected: r.Bug.Expected, Fired: r.Fired, Trials: r.Trials, Found: r.Found,
			SeedsMedian: r.SeedsMedian, SeedsWorst: r.SeedsWorst, Seconds: r.Time.Seconds(), Problem: r.Problem(),
		})
	}
	if problem := table.Control.Problem(); problem != "" {
		b.Problems = append(b.Problems, problem)
	}
}
