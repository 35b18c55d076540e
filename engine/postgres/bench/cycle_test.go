package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// A dispatch cycle as the store sees it: the candidates of one owner are reserved, all
// of them are claimed, in parallel as a dispatcher does, and a sweep looks for others.
// It must not get slower with the backlog. The small and the large one take turns, for
// what a machine does besides changes within seconds.
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

// A backlog is what waits in a database of its own.
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

// cycles measures cycles, each of the next owner. Between two of them, not measured,
// what was claimed completes, and as much is submitted: the backlog stays as it is.
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
		if _, err := l.store.Sweep(ctx, now, 100); err != nil {
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
