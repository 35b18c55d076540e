package failures

import (
	"context"
	"errors"

	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// Explain explains a failing run in a world of its own. Errors are those of [explain.Explain].
func Explain(ctx context.Context, newWorld func() run.World, spec run.Spec, options explain.Options) (*explain.Failure, error) {
	w := newWorld()
	failure, err := explain.Explain(ctx, w, spec, options)
	if broken := new(run.BrokenError); !errors.As(err, &broken) {
		w.Close()
	}
	return failure, err
}

// An Explanation is one of the different failures of a campaign, by its first seed.
type Explanation struct {
	Facts   explain.Facts // without a story when there was none to be found
	Repeats bool          // the run fails in the same way again
	Runs    uint64        // that fail in this way
	Replay  string        // command
	// ReplayMinimised is the command that replays the minimised run; empty when there is no file of it.
	ReplayMinimised string
}

// Explain explains the first run of a failure on a store, as far as the options ask for it, and writes the replay file of a
// minimised one. If the run does not repeat, that is part of the explanation.
func (f *Files) Explain(ctx context.Context, on *store.Store, failure campaign.Signature, options explain.Options) Explanation {
	first := failure.First
	spec := run.Spec{Seed: first.Seed, Profile: f.Profile, Properties: f.Properties}
	e := Explanation{Facts: explain.Describe(spec, first), Repeats: true, Runs: failure.Runs, Replay: f.Replay(first.Seed)}
	options.Expected = &first
	found, err := Explain(ctx, on.NewWorld, spec, options)
	switch {
	case on.Lost() != nil: // nobody can know whether it repeats
	case err != nil:
		e.Repeats = false
		e.Replay = f.ReplaySeed(first.Seed) + " --check-determinism 100"
	case options.Minimise:
		e.Facts = found.Facts
		if path := f.WriteMinimised(found); path != "" {
			e.ReplayMinimised = f.ReplayFile(path)
		}
	}
	return e
}
