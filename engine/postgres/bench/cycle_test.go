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
// It must not get slower with the backlog. Between two cycles, not measured, what was
// claimed completes, and as much is submitted: the backlog stays as it is.
func BenchmarkCycle(b *testing.B) {
	for _, of := range []struct{ owners, slots int }{
		{1, limit},
		{1_000, 1}, // the small backlog has one review of each
	} {
		for _, size := range []struct {
			name    string
			reviews int
		}{{"small", 1_000}, {"large", *backlogMax}} {
			b.Run(fmt.Sprintf("owners=%d/backlog=%s", of.owners, size.name), func(b *testing.B) {
				benchmarkCycle(b, size.reviews, of.owners, of.slots)
			})
		}
	}
}

func benchmarkCycle(b *testing.B, backlog, owners, slots int) {
	ctx := b.Context()
	pool, _ := database(b)
	store := postgres.NewReviews(pool)
	submitMany(b, pool, "backlog", backlog, owners)
	run(b, pool, "CHECKPOINT")
	now, submitted, cycles := began.Add(time.Hour/2), backlog, 0
	b.Run("cycle", func(b *testing.B) {
		for b.Loop() {
			owner := numbered[engine.OwnerID]("backlog", cycles%owners)
			cycles++
			candidates, err := store.Reserve(ctx, owner, slots, now)
			if err != nil || len(candidates) != slots {
				b.Fatalf("reserved %d, %v; want %d", len(candidates), err, slots)
			}
			inParallel(b, len(candidates), func(i int) error {
				_, err := store.Claim(ctx, engine.Claim{
					Key: candidates[i].Key(), Owner: owner, Seen: candidates[i].Claim, Limit: slots, Now: now, DueAt: now.Add(time.Minute),
				})
				return err
			})
			if _, err := store.Sweep(ctx, now, 100); err != nil {
				b.Fatal(err)
			}

			b.StopTimer()
			first := submitted
			submitted += len(candidates)
			inParallel(b, len(candidates), func(i int) error {
				if err := complete(ctx, store, candidates[i].Review, 0); err != nil {
					return err
				}
				n := first + i
				_, _, err := store.Submit(ctx, engine.Submission{
					Review: numbered[engine.ReviewID]("backlog", n), Owner: owner, Platform: "github",
					Repository: "owner/repository", PullRequest: n + 1, HeadSHA: "c0ffee", HeadOrder: 1,
				}, began.Add(time.Duration(n)*time.Microsecond))
				return err
			})
			b.StartTimer()
		}
	})
}
