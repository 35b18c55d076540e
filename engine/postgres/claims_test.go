package postgres_test

import (
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// TestClaimCountsWhatItWaitedFor: a claim waits for somebody who is changing its review. Meanwhile an older review
// becomes due, which has the owner's only slot coming. The claim counted before that, so it has to count again.
func TestClaimCountsWhatItWaitedFor(t *testing.T) {
	pool := migrated(t)
	reviews, ctx := postgres.NewReviews(pool), t.Context()
	for i, id := range []engine.ReviewID{"older", "newer"} {
		submission := engine.Submission{Review: id, Owner: "ann", Platform: "github", Repository: string(id), HeadSHA: "sha", HeadOrder: 1}
		if _, _, err := reviews.Submit(ctx, submission, at(i)); err != nil {
			t.Fatal(err)
		}
	}
	older, newer := engine.AttemptKey{Review: "older", Attempt: 1}, engine.AttemptKey{Review: "newer", Attempt: 1}
	if err := reviews.Defer(ctx, older, 0, at(15), at(2)); err != nil {
		t.Fatal(err)
	}
	other, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback(ctx) }()
	if _, err := other.Exec(ctx, "UPDATE app.reviews SET agent_version = 'new' WHERE review = 'newer'"); err != nil {
		t.Fatal(err)
	}

	claimed := make(chan error, 1)
	go func() {
		_, err := reviews.Claim(ctx, engine.Claim{Key: newer, Owner: "ann", Limit: 1, Now: at(10), DueAt: at(20)})
		claimed <- err
	}()
	for waiting := 0; waiting == 0; { // until the server says so
		err := pool.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-claimed:
			t.Fatalf("the claim did not wait for who is changing its review: %v", err)
		default:
		}
	}
	if err := reviews.Defer(ctx, older, 0, at(5), at(10)); err != nil {
		t.Fatal(err)
	}
	if err := other.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-claimed; !engine.IsKind(err, engine.Rejected) {
		t.Errorf("claimed beside an older review that is due: %v, want it rejected", err)
	}
	if _, err := reviews.Claim(ctx, engine.Claim{Key: older, Owner: "ann", Limit: 1, Now: at(10), DueAt: at(20)}); err != nil {
		t.Errorf("the older review can't be claimed: %v", err)
	}
}
