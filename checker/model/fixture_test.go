package model_test

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// at is a moment of the tests' day.
func at(seconds int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, seconds, 0, time.UTC)
}

func key(review string, attempt int) engine.AttemptKey {
	return engine.AttemptKey{Review: engine.ReviewID(review), Attempt: attempt}
}

// head is a submission for owner ann; the pull request is the identifier's first letter, the order and sha follow.
func head(review string, order int64) engine.Submission {
	return engine.Submission{
		Review: engine.ReviewID(review), Owner: "ann", Platform: "github", Repository: "ann/" + review[:1],
		PullRequest: 1, HeadSHA: "sha-" + review, HeadOrder: order,
	}
}

func submit(review string, now int) model.ReviewsOp { return model.Submit(head(review, 1), at(now)) }

// withSHA makes a submission one of another commit.
func withSHA(op model.ReviewsOp, sha string) model.ReviewsOp {
	op.Submission.HeadSHA = sha
	return op
}

// claim asks for attempt 1 with the token seen and two slots; it goes stale 60 s later.
func claim(review string, seen engine.Token, now int) model.ReviewsOp {
	return claimAttempt(review, 1, seen, now)
}

func claimAttempt(review string, attempt int, seen engine.Token, now int) model.ReviewsOp {
	return model.Claim(engine.Claim{
		Key: key(review, attempt), Owner: "ann", Seen: seen, Limit: 2, Now: at(now), DueAt: at(now + 60),
	})
}

func report(review string, attempt int, status engine.Status, now int) model.ReviewsOp {
	return model.Apply(engine.Report{
		WorkerReport: engine.WorkerReport{Key: key(review, attempt), Status: status, AgentVersion: "v7"},
		Now:          at(now), DueAt: at(now + 100), RetryAt: at(now + 5), MaxRetries: 1,
	})
}

// broken reports a failure of the infrastructure.
func broken(review string, attempt int, now int) model.ReviewsOp {
	op := report(review, attempt, engine.Failed, now)
	op.Report.Reason, op.Report.Retryable = "host lost", true
	return op
}

func withToken(op model.ReviewsOp, token engine.Token) model.ReviewsOp {
	op.Token = token
	return op
}

func run(store *model.Reviews, ops ...model.ReviewsOp) (last model.ReviewsResult) {
	for i := range ops {
		store.Apply(&ops[i], &last)
	}
	return last
}
