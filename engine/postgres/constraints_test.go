package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestConstraintsRefuse checks that the database itself refuses every row that breaks an invariant.
func TestConstraintsRefuse(t *testing.T) {
	pool := migrated(t)
	ctx := limited(t)
	const (
		review        = `INSERT INTO app.reviews SELECT 'r', 'o', 'github', 'app', 1, 'sha', 1, 'queued', 2, '', 3, 0, '', 'epoch', 'epoch', 0, 0, '', 'epoch'`
		attempt       = `; INSERT INTO app.attempts VALUES ('r', 1, 'failed', '', 'epoch')`
		over          = `; UPDATE app.reviews SET status = 'completed'`
		orchestration = `INSERT INTO worker.orchestrations VALUES ('r', 1, 'o', '', 2, true, '', '', false, false, 5, 0, 'h', 3, NULL, 'epoch')`
		ended         = `; UPDATE worker.orchestrations SET phase = 4, outcome = 'failed', owed = true`
		event         = `INSERT INTO worker.events VALUES ('r', 1, 1, 'progress', 0, '', false)`
		lease         = `INSERT INTO worker.leases VALUES ('h', 3)`
	)
	for _, test := range []struct{ name, before, broken, constraint string }{
		{"unknown status", review, `UPDATE app.reviews SET status = 'lost'`, "reviews_status_known"},
		{"attempt 0", ``, `INSERT INTO app.reviews SELECT 'r', 'o', 'github', 'app', 1, 'sha', 1, 'pending', 0, '', 0, 0, '', 'epoch', 'epoch', 0, 0, '', 'epoch'`, "reviews_numbers_valid"},
		{"negative retries", review, `UPDATE app.reviews SET retries = -1`, "reviews_numbers_valid"},
		{"queued without a claim", ``, `INSERT INTO app.reviews SELECT 'r', 'o', 'github', 'app', 1, 'sha', 1, 'queued', 1, '', 0, 0, '', 'epoch', 'epoch', 0, 0, '', 'epoch'`, "reviews_claimed"},
		{"two live attempts", review, `UPDATE app.reviews SET stopping = 1`, "reviews_one_live_attempt"},
		{"stopping an attempt to come", review + over, `UPDATE app.reviews SET stopping = 3`, "reviews_one_live_attempt"},
		{"superseded and live", review, `UPDATE app.reviews SET superseded_by = 's'`, "reviews_superseded_over"},
		{"another owner", review, `UPDATE app.reviews SET owner = 'p'`, "reviews_identity_final"},
		{"another head", review, `UPDATE app.reviews SET head_sha = 'other'`, "reviews_identity_final"},
		{"head goes back in the order", review, `UPDATE app.reviews SET head_order = 0`, "reviews_head_order_forward"},
		{"terminal status changed", review + over, `UPDATE app.reviews SET status = 'failed'`, "reviews_terminal_final"},
		{"terminal status taken back", review + over, `UPDATE app.reviews SET status = 'running'`, "reviews_terminal_final"},
		{"terminal reason changed", review + over, `UPDATE app.reviews SET reason = 'other'`, "reviews_terminal_final"},
		{"status goes back", review, `UPDATE app.reviews SET status = 'pending'`, "reviews_status_forward"},
		{"attempt goes back", review + over, `UPDATE app.reviews SET attempt = 1, status = 'pending'`, "reviews_attempt_forward"},
		{"attempt skipped", review + over, `UPDATE app.reviews SET attempt = 4, status = 'pending'`, "reviews_attempt_forward"},
		{"attempt begins running", review + over, `UPDATE app.reviews SET attempt = 3, status = 'running'`, "reviews_attempt_forward"},
		{"claim token goes back", review, `UPDATE app.reviews SET claim = 2`, "reviews_claim_forward"},
		{"review deleted", review, `DELETE FROM app.reviews`, "reviews_kept"},
		{"review twice", review, `INSERT INTO app.reviews SELECT 'r', 'p', 'github', 'app', 1, 'sha', 1, 'pending', 1, '', 0, 0, '', 'epoch', 'epoch', 0, 0, '', 'epoch'`, "reviews_pkey"},
		{"attempt ends twice", review + attempt, `INSERT INTO app.attempts VALUES ('r', 1, 'completed', '', 'epoch')`, "attempts_pkey"},
		{"attempt ended and live", review, `INSERT INTO app.attempts VALUES ('r', 1, 'running', '', 'epoch')`, "attempts_over"},
		{"attempt of no review", ``, `INSERT INTO app.attempts VALUES ('r', 1, 'failed', '', 'epoch')`, "attempts_review_fkey"},
		{"attempt 0 ended", review, `INSERT INTO app.attempts VALUES ('r', 0, 'failed', '', 'epoch')`, "attempts_number_valid"},
		{"ended attempt changed", review + attempt, `UPDATE app.attempts SET status = 'completed'`, "attempts_final"},
		{"ended attempt deleted", review + attempt, `DELETE FROM app.attempts`, "attempts_final"},
		{"unknown phase", orchestration, `UPDATE worker.orchestrations SET phase = 5`, "orchestrations_phase_known"},
		{"unknown outcome", orchestration, `UPDATE worker.orchestrations SET phase = 3, outcome = 'running'`, "orchestrations_outcome_known"},
		{"stopping without an outcome", orchestration, `UPDATE worker.orchestrations SET phase = 3`, "orchestrations_outcome_decided"},
		{"outcome before it is decided", orchestration, `UPDATE worker.orchestrations SET outcome = 'failed'`, "orchestrations_outcome_decided"},
		{"cause before it is decided", orchestration, `UPDATE worker.orchestrations SET cause = 1`, "orchestrations_outcome_decided"},
		{"owed before it is over", orchestration, `UPDATE worker.orchestrations SET owed = true`, "orchestrations_owed_when_over"},
		{"negative events", ``, `INSERT INTO worker.orchestrations VALUES ('r', 1, 'o', '', 2, true, '', '', false, false, -1, 0, '', 0, NULL, 'epoch')`, "orchestrations_numbers_valid"},
		{"held without an epoch", ``, `INSERT INTO worker.orchestrations VALUES ('r', 1, 'o', '', 2, true, '', '', false, false, 0, 0, 'h', 0, NULL, 'epoch')`, "orchestrations_held_under_epoch"},
		{"purged while owed", orchestration + ended, `UPDATE worker.orchestrations SET kept_since = 'epoch'`, "orchestrations_kept_when_finished"},
		{"epoch goes back", orchestration, `UPDATE worker.orchestrations SET epoch = 2`, "orchestrations_epoch_forward"},
		{"another holder under one epoch", orchestration, `UPDATE worker.orchestrations SET holder = 'i'`, "orchestrations_epoch_forward"},
		{"phase goes back", orchestration, `UPDATE worker.orchestrations SET phase = 1`, "orchestrations_phase_forward"},
		{"cancellation taken back", orchestration, `UPDATE worker.orchestrations SET cancel = false`, "orchestrations_phase_forward"},
		{"another outcome", orchestration + ended, `UPDATE worker.orchestrations SET outcome = 'completed'`, "orchestrations_outcome_final"},
		{"another cause", orchestration + ended, `UPDATE worker.orchestrations SET cause = 1`, "orchestrations_outcome_final"},
		{"negative cause", orchestration, `UPDATE worker.orchestrations SET phase = 3, outcome = 'failed', cause = -1`, "orchestrations_numbers_valid"},
		{"event after the end", orchestration + ended, `UPDATE worker.orchestrations SET events = 6`, "orchestrations_over_final"},
		{"second callback", orchestration + ended + `; UPDATE worker.orchestrations SET owed = false`, `UPDATE worker.orchestrations SET owed = true`, "orchestrations_over_final"},
		{"events taken back", orchestration, `UPDATE worker.orchestrations SET events = 4`, "orchestrations_events_forward"},
		{"orchestration deleted", orchestration, `DELETE FROM worker.orchestrations`, "orchestrations_kept_for_ever"},
		{"event twice", event, event, "events_pkey"},
		{"event 0", ``, `INSERT INTO worker.events VALUES ('r', 1, 0, 'progress', 0, '', false)`, "events_seq_valid"},
		{"unknown kind of event", ``, `INSERT INTO worker.events VALUES ('r', 1, 1, 'news', 0, '', false)`, "events_kind_known"},
		{"event changed", event, `UPDATE worker.events SET tokens = 1`, "events_final"},
		{"beat goes back", lease, `UPDATE worker.leases SET beat = 2`, "leases_beat_forward"},
		{"beat 0", ``, `INSERT INTO worker.leases VALUES ('h', 0)`, "leases_beat_valid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run(t, pool, "TRUNCATE app.reviews, app.attempts, worker.orchestrations, worker.events, worker.leases")
			for sql := range strings.SplitSeq(test.before, "; ") {
				run(t, pool, sql)
			}
			_, err := pool.Exec(ctx, test.broken)
			var refused *pgconn.PgError
			if !errors.As(err, &refused) || refused.ConstraintName != test.constraint {
				t.Fatalf("%s: %v instead of constraint %s", test.broken, err, test.constraint)
			}
		})
	}
}
