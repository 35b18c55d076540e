package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
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

// TestOrderDoesNotDependOnPlans reads rows that lie in the table the other way round.
func TestOrderDoesNotDependOnPlans(t *testing.T) {
	pool := migrated(t, withOtherPlans)
	const many = 5
	run(t, pool, `INSERT INTO app.reviews (review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason,
		claim, stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at)
		VALUES ('a', 'ann', 'github', 'app', 1, 'sha', 1, 'pending', 9, '', 8, 0, '', 'epoch', 'epoch', 0, 0, '', 'epoch')`)
	run(t, pool, `INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
		SELECT 'a', n, 'failed', '', 'epoch' FROM generate_series($1::bigint, 1, -1) AS n`, many)
	run(t, pool, `INSERT INTO worker.orchestrations (review, attempt, owner, payload, phase, cancel, outcome, reason, retryable, owed, events,
		tokens, holder, epoch, updated_at) VALUES ('a', 1, 'ann', '', 2, false, '', '', false, false, $1, 0, 'h', 1, 'epoch')`, many)
	run(t, pool, `INSERT INTO worker.events (review, attempt, seq, kind, tokens, text, retryable)
		SELECT 'a', 1, n, 'progress', 0, '', false FROM generate_series($1::bigint, 1, -1) AS n`, many)
	attempts, err := postgres.NewReviews(pool).Attempts(t.Context(), "a")
	if err != nil || len(attempts) != many {
		t.Fatalf("%d attempts, %v", len(attempts), err)
	}
	for i := range attempts {
		if attempts[i].Number != i+1 {
			t.Errorf("attempt %d comes as number %d", attempts[i].Number, i+1)
		}
	}
	for _, page := range []int{2, many} {
		events, err := postgres.NewJournal(pool).Events(t.Context(), engine.AttemptKey{Review: "a", Attempt: 1}, 1, page)
		if want := min(page, many-1); err != nil || len(events) != want {
			t.Fatalf("%d events, %v, want %d", len(events), err, want)
		}
		for i := range events {
			if events[i].Seq != int64(i+2) {
				t.Errorf("event %d comes as number %d after 1", events[i].Seq, i+1)
			}
		}
	}
}
