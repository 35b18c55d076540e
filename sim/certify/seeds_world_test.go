package certify

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// TestSecondModelIsTheModel runs seeds of every profile on a second model, behind the engine's ports. Each run, and the
// campaign as a whole, is the same as on the model alone.
func TestSecondModelIsTheModel(t *testing.T) {
	seeds := uint64(200)
	if testing.Short() {
		seeds = 10
	}
	for _, profile := range faults.Profiles() {
		t.Run(profile.Name, func(t *testing.T) {
			tally := new(tally)
			c := campaign.Campaign{Profile: profile.Name, From: 1, Seeds: seeds, NewWorld: models}
			expected, err := c.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.NewWorld = func() run.World { return newComparedWorld(newMemory().ports(), tally) }
			got, err := c.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if tally.runs.Load() != seeds || tally.equal.Load() != seeds {
				t.Errorf("%d of %d runs are the same, want all %d", tally.equal.Load(), tally.runs.Load(), seeds)
			}
			if got.TraceHash != expected.TraceHash || got.Verdict() != expected.Verdict() || !got.Goals.Equal(expected.Goals) || !got.Faults.Equal(expected.Faults) {
				t.Errorf("the campaign came to\n%+v\nwant\n%+v", got, expected)
			}
		})
	}
}

// TestOutageIsUnknown takes the stores away at each operation in turn. The seed is unknown, and the world can be used
// again.
func TestOutageIsUnknown(t *testing.T) {
	away := errors.New("the connection is gone")
	left := 0 // operations until then
	stores := newMemory().ports()
	do := func(next func()) error {
		if left--; left < 0 {
			return away
		}
		next()
		return nil
	}
	stores.Reviews = &leaving{ReviewStore: stores.Reviews, do: do}
	clearAll, count := stores.Clear, stores.Count
	stores.Clear = func(ctx context.Context) (err error) {
		return errors.Join(do(func() { err = clearAll(ctx) }), err)
	}
	stores.Count = func(ctx context.Context) (counts Counts, err error) {
		lost := do(func() { counts, err = count(ctx) })
		return counts, errors.Join(lost, err)
	}
	stores.Outage = func(err error) bool { return errors.Is(err, away) }

	tally := new(tally)
	w := newComparedWorld(stores, tally)
	defer w.Close()
	for operations := 0; ; operations++ {
		left = operations
		outcome := w.Run(run.Spec{Seed: 1, Profile: "storm"})
		if left >= 0 {
			if outcome.Verdict != run.Pass || tally.equal.Load() != 1 {
				t.Errorf("with stores that stay, the run is %s, and %d are equal", outcome.Verdict, tally.equal.Load())
			}
			if operations < 10 {
				t.Errorf("the run has %d operations only", operations)
			}
			return
		}
		if outcome.Verdict != run.Unknown || outcome.Violation != nil || outcome.Unknown == "" {
			t.Fatalf("after %d operations the stores are gone, and the run is %s: %q, %v", operations, outcome.Verdict, outcome.Unknown, outcome.Violation)
		}
	}
}

// leaving is a review store that passes its operations to do, which decides when they are out of reach.
type leaving struct {
	engine.ReviewStore
	do func(next func()) error
}

func (s *leaving) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) (reviews []engine.Review, err error) {
	lost := s.do(func() { reviews, err = s.ReviewStore.Reserve(ctx, owner, limit, now) })
	return reviews, errors.Join(lost, err)
}

func (s *leaving) Get(ctx context.Context, id engine.ReviewID) (review engine.Review, err error) {
	lost := s.do(func() { review, err = s.ReviewStore.Get(ctx, id) })
	return review, errors.Join(lost, err)
}

// models returns worlds on the models alone.
func models() run.World { return world.NewWorld() }
