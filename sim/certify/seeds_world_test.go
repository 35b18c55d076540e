package certify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// memory is a pair of stores in memory, behind the engine's ports.
type memory struct {
	reviews *enginetest.Reviews
	journal *enginetest.Journal
}

func newMemory() memory { return memory{enginetest.NewReviews(), enginetest.NewJournal()} }

// ports returns the stores as a world uses them.
func (m memory) ports() *Ports {
	return &Ports{
		Reviews: m.reviews,
		Journal: m.journal,
		Clear: func(context.Context) error {
			m.reviews.Reset()
			m.journal.Reset()
			return nil
		},
		Count: m.count,
	}
}

func (m memory) count(context.Context) (Counts, error) {
	counts := Counts{Heartbeats: m.journal.Heartbeats()}
	m.reviews.Each(func(_ engine.Review, ended []engine.Attempt) {
		counts.Reviews++
		counts.Attempts += len(ended)
	})
	m.journal.Each(func(_ engine.Orchestration, events []engine.Event) {
		counts.Orchestrations++
		counts.Events += len(events)
	})
	return counts, nil
}

// TestMemoryIsTheModel runs seeds of every profile on the stores in memory. Each run, and the campaign as a whole, is the
// same as on the model.
func TestMemoryIsTheModel(t *testing.T) {
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
func models() run.World { return world.New() }

// straying is a world on stores whose answers are the model's. From a step on it runs differently: it decides as another
// seed does.
type straying struct {
	*world.Deployment
	from uint64
}

func (w straying) Run(spec run.Spec) run.Result {
	spec.Branch = run.Branch{After: w.from, Seed: 99}
	return w.Deployment.Run(spec)
}

// TestAnotherRunIsFoundByItsTrace pins the message when the trace hashes differ, but no answer does.
func TestAnotherRunIsFoundByItsTrace(t *testing.T) {
	const from = 200
	tally := new(tally)
	w := &comparedWorld{real: straying{world.New(), from}, model: world.New(), tally: tally}
	defer w.Close()
	outcome := w.Run(run.Spec{Seed: 1, Profile: "default"})
	v := outcome.Violation
	if outcome.Verdict != run.Violated || v == nil || v.Signature() != world.StoreAsModel+": another-run" || tally.equal.Load() != 0 {
		t.Fatalf("the run is %s: %+v; %d are equal", outcome.Verdict, v, tally.equal.Load())
	}
	lines := strings.Split(v.Detail, "\n\t")
	if len(lines) != 4 || !strings.Contains(lines[0], "trace hash is "+run.FormatHash(outcome.Hash)) {
		t.Fatalf("want both hashes and three lines of traces, got %s", v.Detail)
	}
	before, model, store := lines[1], lines[2], lines[3]
	for prefix, line := range map[string]string{"both before  step ": before, "on the model step ": model, "on the store step ": store} {
		if !strings.HasPrefix(line, prefix) {
			t.Errorf("%q does not begin with %q", line, prefix)
		}
	}
	if strings.TrimPrefix(model, "on the model ") == strings.TrimPrefix(store, "on the store ") {
		t.Errorf("the steps that differ are equal: %s", model)
	}
}
