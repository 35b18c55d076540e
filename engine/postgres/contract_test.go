package postgres_test

import (
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/postgres"
)

// TestReviewsFollowTheContract and TestJournalFollowsTheContract run the suites of the engine's ports.
func TestReviewsFollowTheContract(t *testing.T) {
	pool := migrated(t)
	enginetest.TestReviewStore(t, func(t testing.TB) engine.ReviewStore {
		run(t, pool, "TRUNCATE app.reviews, app.attempts")
		return postgres.NewReviews(pool)
	})
}

func TestJournalFollowsTheContract(t *testing.T) {
	pool := migrated(t)
	enginetest.TestJournal(t, func(t testing.TB) engine.Journal {
		run(t, pool, "TRUNCATE worker.orchestrations, worker.events, worker.leases")
		return postgres.NewJournal(pool)
	})
}
