package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// BenchmarkCycle measures a dispatch cycle of the store: it reserves the candidates of one owner, claims all of them in
// parallel like a dispatcher, and sweeps for others. A cycle must not get slower with the backlog. The small and the
// large backlog take turns, because the other load of a machine changes within seconds.
func BenchmarkCycle(b *testing.B) {
	const turns = 4
	for _, of := range []struct{ owners, slots int }{
		{1, limit},
		{1_000, 1}, // the small backlog has one review of each
	} {
		b.Run(fmt.Sprintf("owners=%d", of.owners), func(b *testing.B) {
			small, large := newBacklog(b, 1_000, of.owners, of.slots), newBacklog(b, *backlogMax, of.owners, of.slots)
			for turn := range turns {
				b.Run(fmt.Sprintf("backlog=small/turn=%d", turn+1), small.cycles)
				b.Run(fmt.Sprintf("backlog=large/turn=%d", turn+1), large.cycles)
			}
		})
	}
}

// A backlog is a number of pending reviews in a database of its own.
type backlog struct {
	store     *postgres.Reviews
	owners    int
	slots     int // of each owner
	submitted int // reviews so far
	cycle     int // number of the next cycle
}

func newBacklog(b *testing.B, reviews, owners, slots int) *backlog {
	pool, _ := database(b)
	submitMany(b, pool, "backlog", reviews, owners)
	run(b, pool, "CHECKPOINT")
	return &backlog{store: postgres.NewReviews(pool), owners: owners, slots: slots, submitted: reviews}
}

// cycles measures cycles, each of the next owner. Between two cycles, which is not measured, the claimed reviews
// complete and the same number is submitted, so that the backlog stays the same.
func (l *backlog) cycles(b *testing.B) {
	ctx, now := b.Context(), began.Add(time.Hour/2)
	for b.Loop() {
		owner := numbered[engine.OwnerID]("backlog", l.cycle%l.owners)
		l.cycle++
		candidates, err := l.store.Reserve(ctx, owner, l.slots, now)
		if err != nil || len(candidates) != l.slots {
			b.Fatalf("reserved %d, %v; want %d", len(candidates), err, l.slots)
		}
		inParallel(b, len(candidates), func(i int) error {
			_, err := l.store.Claim(ctx, engine.Claim{
				Key: candidates[i].Key(), Owner: owner, Seen: candidates[i].Claim, Limit: l.slots, Now: now, DueAt: now.Add(time.Minute),
			})
			return err
		})
		if _, err := l.store.Sweep(ctx, engine.Search{Now: now, Max: 100, Limit: 20}); err != nil {
			b.Fatal(err)
		}

		b.StopTimer()
		first := l.submitted
		l.submitted += len(candidates)
		inParallel(b, len(candidates), func(i int) error {
			if err := complete(ctx, l.store, candidates[i].Review, 0); err != nil {
				return err
			}
			n := first + i
			_, _, err := l.store.Submit(ctx, engine.Submission{
				Review: numbered[engine.ReviewID]("backlog", n), Owner: owner, Platform: "github",
				Repository: "owner/repository", PullRequest: n + 1, HeadSHA: "c0ffee", HeadOrder: 1,
			}, began.Add(time.Duration(n)*time.Microsecond))
			return err
		})
		b.StartTimer()
	}
}
