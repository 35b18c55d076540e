package postgres_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// TestHints looks at the owners that each operation of the review store wakes dispatchers for: those with new work or a
// free slot, and no others.
func TestHints(t *testing.T) {
	pool := migrated(t)
	ctx := t.Context()
	listener, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close(context.WithoutCancel(ctx)) }()
	if _, err := listener.Exec(ctx, "LISTEN onceover_work"); err != nil {
		t.Fatal(err)
	}
	// hints returns what has been notified since the last call: notifications come in the order of their commits.
	hints := func() (owners []string) {
		run(t, pool, "SELECT pg_notify('onceover_work', 'the end')")
		for {
			hint, err := listener.WaitForNotification(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if hint.Payload == "the end" {
				return owners
			}
			owners = append(owners, hint.Payload)
		}
	}
	first, second := engine.AttemptKey{Review: "a", Attempt: 1}, engine.AttemptKey{Review: "a", Attempt: 2}
	submission := engine.Submission{Review: "a", Owner: "ann", Platform: "github", Repository: "app", PullRequest: 1, HeadSHA: "sha", HeadOrder: 1}
	submit := model.Submit(submission, at(0))
	claim := model.Claim(engine.Claim{Key: first, Owner: "ann", Limit: 4, Now: at(1), DueAt: at(9)})
	report := func(status engine.Status, retryable bool) model.ReviewsOp {
		return model.Apply(engine.Report{
			WorkerReport: engine.WorkerReport{Key: first, Status: status, Retryable: retryable, Reason: "so"},
			Now:          at(2), DueAt: at(9), RetryAt: at(5), MaxRetries: 1,
		})
	}
	cancel, stopped := model.Cancel(first, "typo", at(3)), model.Stopped(first, at(4))
	for _, test := range []struct {
		name   string
		before []model.ReviewsOp
		op     model.ReviewsOp
		wakes  bool
	}{
		{"a submission", nil, submit, true},
		{"a submission that is known", []model.ReviewsOp{submit}, submit, false},
		{"a claim", []model.ReviewsOp{submit}, claim, false},
		{"a released claim", []model.ReviewsOp{submit, claim}, model.Release(first, 1, at(5), at(2)), false},
		{"a deferral", []model.ReviewsOp{submit}, model.Defer(first, 0, at(5), at(2)), false},
		{"a failure before the start", []model.ReviewsOp{submit}, model.Fail(first, 0, "no", at(2)), true},
		{"a failure that is stale", []model.ReviewsOp{submit, claim}, model.Fail(first, 0, "no", at(2)), false},
		{"a start", []model.ReviewsOp{submit, claim}, report(engine.Running, false), false},
		{"a completion", []model.ReviewsOp{submit, claim}, report(engine.Completed, false), true},
		{"a completion that is known", []model.ReviewsOp{submit, claim, report(engine.Completed, false)}, report(engine.Completed, false), false},
		{"a failure that is retried", []model.ReviewsOp{submit, claim}, report(engine.Failed, true), true},
		{"a version", []model.ReviewsOp{submit, claim}, model.SetAgentVersion(first, "2", at(2)), false},
		{"a cancellation", []model.ReviewsOp{submit, claim}, cancel, true},
		{"a cancellation that is known", []model.ReviewsOp{submit, claim, cancel}, cancel, false},
		{"the end of a cancelled session", []model.ReviewsOp{submit, claim, cancel}, stopped, true},
		{"the end of a cancelled session, reported", []model.ReviewsOp{submit, claim, cancel}, report(engine.Cancelled, false), true},
		{"the end of a session that is known", []model.ReviewsOp{submit, claim, cancel, stopped}, stopped, false},
		{"another attempt", []model.ReviewsOp{submit, claim, report(engine.Completed, false)}, model.Retrigger(first, at(5)), true},
		{"another attempt that is known", []model.ReviewsOp{submit, claim, report(engine.Completed, false), model.Retrigger(first, at(5))}, model.Retrigger(first, at(6)), false},
		{"a cancellation of an attempt that waits", []model.ReviewsOp{submit, claim, report(engine.Failed, true)}, model.Cancel(second, "typo", at(6)), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			run(t, pool, "TRUNCATE app.reviews, app.attempts")
			reviews := postgres.NewReviews(pool)
			for i := range test.before {
				if _, err := test.before[i].Execute(ctx, reviews); err != nil {
					t.Fatalf("%s: %v", &test.before[i], err)
				}
			}
			hints()
			_, _ = test.op.Execute(ctx, reviews)
			var want []string
			if test.wakes {
				want = []string{"ann"}
			}
			if got := hints(); !slices.Equal(got, want) {
				t.Errorf("wakes %q, want %q", got, want)
			}
		})
	}
}
