package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// otherPlans are settings under which the server plans statements in ways that it never does in production: it reads
// whole tables in the order in which rows happen to lie, and joins them by sorting or hashing.
var otherPlans = map[string]string{
	"enable_seqscan": "on", "enable_indexscan": "off", "enable_indexonlyscan": "off", "enable_bitmapscan": "off",
	"enable_nestloop": "off",
}

func withOtherPlans(c *pgxpool.Config) {
	for name, value := range otherPlans {
		c.ConnConfig.RuntimeParams[name] = value
	}
}

// TestReviewsInLockstepUnderOtherPlans and TestJournalInLockstepUnderOtherPlans are the tests against the models under
// [otherPlans]: what a statement answers, and in which order, is up to its text and not to the plan that it gets.
func TestReviewsInLockstepUnderOtherPlans(t *testing.T) {
	reviewsInLockstep(t, migrated(t, withOtherPlans))
}

func TestJournalInLockstepUnderOtherPlans(t *testing.T) {
	journalInLockstep(t, migrated(t, withOtherPlans))
}

// TestOtherPlansAreOther holds the settings against those of the sessions that the tests get.
func TestOtherPlansAreOther(t *testing.T) {
	usual, other := migrated(t), migrated(t, withOtherPlans)
	for name, value := range otherPlans {
		var before, now string
		if err := usual.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&before); err != nil {
			t.Fatal(err)
		}
		if err := other.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&now); err != nil {
			t.Fatal(err)
		}
		if now != value || before == now {
			t.Errorf("%s is %s, and %s in production; want %s there", name, now, before, value)
		}
	}
}
