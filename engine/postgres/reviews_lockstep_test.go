package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// epoch is the start of the time of the tests.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at returns a time n tenths of an hour and n microseconds after the epoch, so that a few steps cross the bound beyond
// which a due time is not believed.
func at(n int) time.Time {
	return epoch.Add(time.Duration(n) * (6*time.Minute + time.Microsecond))
}

// There are few identifiers, so that operations meet. Their order by bytes differs from that of any language. No table
// can hold the last one.
var (
	reviewIDs = []engine.ReviewID{"a", "B", "ä", "a b", "r-1", "Z'\"\\", "", "nul\x00"}
	ownerIDs  = []engine.OwnerID{"ann", "Bob", "ö", "nobody\xff"}
	texts     = []string{"", "broken", "nul \x00 and \xff\xfe", "ünïcode", "it's \\ \"quoted\" @now -- $1;"}
)

// drawOp draws an operation that is more often than not possible in the state.
func drawOp(t *rapid.T, store *model.Reviews, now int) model.ReviewsOp {
	pick := func(label string, low, high int) int { return rapid.IntRange(low, high).Draw(t, label) }
	kind := model.ReviewsOpKind(pick("kind", int(model.ReviewsSubmit), int(model.ReviewsSweep)))
	number := pick("review", 0, len(reviewIDs)-1)
	id, owner := reviewIDs[number], ownerIDs[number%3]
	known, ok := store.Review(id)
	if !ok {
		known = &engine.Review{Attempt: 1}
		if rapid.Bool().Draw(t, "submit first") {
			kind = model.ReviewsSubmit
		}
	}
	// Chance alone rarely gets further than a claim.
	straight := ok && rapid.Bool().Draw(t, "straight on")
	if straight {
		kind = rapid.SampledFrom(nextOps(known)).Draw(t, "next")
	}
	if kind == model.ReviewsSubmit && number == len(reviewIDs)-1 {
		number = 0
		id, owner = reviewIDs[0], ownerIDs[0]
	}
	key := engine.AttemptKey{Review: id, Attempt: known.Attempt}
	token := known.Claim
	twist, limit := 0, 4
	if !straight {
		twist, limit = pick("twist", 1, 12), pick("limit", -1, 4)
	}
	switch twist {
	case 1:
		key.Attempt = max(0, key.Attempt-1)
	case 2:
		key.Attempt++
	case 3:
		token++
	case 4:
		token = 0
	case 5:
		token = 1 << 63
	case 6, 7:
		if known.Stopping != 0 {
			key.Attempt = known.Stopping
		}
	case 8:
		owner = rapid.SampledFrom(ownerIDs[:3]).Draw(t, "owner")
	}
	clock := at(now)
	due := at(now + pick("due in", -3, 15))
	text := rapid.SampledFrom(texts).Draw(t, "text")
	switch kind {
	case model.ReviewsSubmit:
		if ok && rapid.Bool().Draw(t, "comes back") {
			back := known.Submission
			back.HeadOrder += int64(pick("later", -1, 3))
			return model.Submit(back, clock)
		}
		return model.Submit(engine.Submission{
			Review: id, Owner: owner, Platform: "github", Repository: "app", PullRequest: number % 2,
			HeadSHA: string(rapid.SampledFrom(reviewIDs[:6]).Draw(t, "head")), HeadOrder: int64(pick("order", 1, 6)),
		}, clock)
	case model.ReviewsGet:
		return model.Get(id)
	case model.ReviewsAttempts:
		return model.Attempts(id)
	case model.ReviewsReserve:
		return model.Reserve(rapid.SampledFrom(ownerIDs).Draw(t, "owner"), limit, clock)
	case model.ReviewsClaim:
		return model.Claim(engine.Claim{Key: key, Owner: owner, Seen: token, Limit: limit, Now: clock, DueAt: due})
	case model.ReviewsRelease:
		return model.Release(key, token, due, clock)
	case model.ReviewsDefer:
		return model.Defer(key, token, due, clock)
	case model.ReviewsFail:
		return model.Fail(key, token, text, clock)
	case model.ReviewsApply:
		return model.Apply(engine.Report{
			WorkerReport: engine.WorkerReport{
				Key: key, Status: engine.Status(pick("status", int(engine.Pending), int(engine.Cancelled))),
				Reason: text, Retryable: rapid.Bool().Draw(t, "retryable"), AgentVersion: rapid.SampledFrom(texts).Draw(t, "version"),
			},
			Token: token, Now: clock, DueAt: due, RetryAt: at(now + pick("retry in", 0, 15)), MaxRetries: 2,
		})
	case model.ReviewsSetAgentVersion:
		return model.SetAgentVersion(key, text, clock)
	case model.ReviewsCancel:
		return model.Cancel(key, text, clock)
	case model.ReviewsStopped:
		return model.Stopped(key, clock)
	case model.ReviewsRetrigger:
		return model.Retrigger(key, clock)
	default:
		return model.Sweep(engine.Search{
			Now: clock, Max: pick("sweep", -1, 4), Limit: pick("slots", 0, 3),
			OwnerLimits: map[engine.OwnerID]int{rapid.SampledFrom(ownerIDs).Draw(t, "owner"): pick("own slots", 0, 3)},
			After:       rapid.SampledFrom(append([]engine.OwnerID{""}, ownerIDs[:3]...)).Draw(t, "after"),
		})
	}
}

// nextOps returns the operations that take a review further.
func nextOps(r *engine.Review) []model.ReviewsOpKind {
	switch {
	case r.Stopping != 0:
		return []model.ReviewsOpKind{model.ReviewsRetrigger, model.ReviewsClaim, model.ReviewsStopped, model.ReviewsSubmit}
	case r.Status == engine.Pending:
		return []model.ReviewsOpKind{model.ReviewsClaim}
	case r.Status == engine.Queued || r.Status == engine.Running:
		return []model.ReviewsOpKind{model.ReviewsApply, model.ReviewsCancel, model.ReviewsClaim}
	default:
		return []model.ReviewsOpKind{model.ReviewsRetrigger, model.ReviewsClaim, model.ReviewsSubmit}
	}
}

// TestReviewsInLockstepWithModel checks that the review store and the model answer every operation alike and hold the
// same in the end.
func TestReviewsInLockstepWithModel(t *testing.T) { reviewsInLockstep(t, migrated(t)) }

func reviewsInLockstep(t *testing.T, pool *pgxpool.Pool) {
	reviews := postgres.NewReviews(pool)
	rapid.Check(t, func(t *rapid.T) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		run(t, pool, "TRUNCATE app.reviews, app.attempts")
		store, now := model.NewReviews(), 20
		for range rapid.IntRange(1, 80).Draw(t, "operations") {
			now = max(0, now+rapid.IntRange(-2, 4).Draw(t, "later by")) // clocks differ
			op := drawOp(t, store, now)
			var want model.ReviewsResult
			store.Apply(&op, &want)
			got, _ := op.Execute(ctx, reviews)
			if !got.Equal(&want) {
				t.Fatalf("%s\n answered %s\ninstead of %s\nin\n%s", &op, &got, &want, store)
			}
		}
		compareReviews(ctx, t, pool, reviews, store)
	})
}

// compareReviews reads everything back and compares it.
func compareReviews(ctx context.Context, t *rapid.T, pool *pgxpool.Pool, reviews *postgres.Reviews, store *model.Reviews) {
	var count int
	if err := pool.QueryRow(ctx, "SELECT count(*) FROM app.reviews").Scan(&count); err != nil {
		t.Fatal(err)
	}
	if count != store.Len() {
		t.Fatalf("%d reviews instead of %d:\n%s", count, store.Len(), store)
	}
	port := store.Port()
	store.Each(func(r *engine.Review) {
		for _, op := range []model.ReviewsOp{model.Get(r.Review), model.Attempts(r.Review)} {
			want, _ := op.Execute(ctx, port)
			got, _ := op.Execute(ctx, reviews)
			if !got.Equal(&want) {
				t.Fatalf("%s holds %s instead of %s", fmt.Sprint(&op), &got, &want)
			}
		}
	})
}
