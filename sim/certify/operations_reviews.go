package certify

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// The operations of races and cuts carry times of their own: no clock is read.

// noon is when every history begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// minute is a minute, in the seconds that [at] takes.
const minute = 60

// at returns the time some seconds after noon.
func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// owner owns the reviews, unless a history needs several owners.
const owner engine.OwnerID = "ann"

// staleAfter is how long a claim lasts, in seconds.
const staleAfter = 300

// first returns the first attempt of a review.
func first(review engine.ReviewID) engine.AttemptKey {
	return engine.AttemptKey{Review: review, Attempt: 1}
}

// submission returns a head of a pull request that no other review has.
func submission(review engine.ReviewID) engine.Submission {
	return engine.Submission{
		Review: review, Owner: owner, Platform: "github", Repository: "onceover/" + string(review),
		PullRequest: 1, HeadSHA: "sha-" + string(review), HeadOrder: 1,
	}
}

// submit submits a review of a pull request of its own.
func submit(review engine.ReviewID, second int) operation {
	return onReviews(model.Submit(submission(review), at(second)))
}

// submitHead submits a review of a pull request that others share. order is the place of the head among its heads.
func submitHead(review engine.ReviewID, repository string, order int64, second int) operation {
	s := submission(review)
	s.Repository, s.HeadOrder = "onceover/"+repository, order
	return onReviews(model.Submit(s, at(second)))
}

// claim claims an attempt for its dispatch. seen is the token that the dispatcher has read.
func claim(key engine.AttemptKey, seen engine.Token, limit, second int) operation {
	return onReviews(model.Claim(engine.Claim{
		Key: key, Owner: owner, Seen: seen, Limit: limit, Now: at(second), DueAt: at(second + staleAfter),
	}))
}

// report applies the report of a worker. The token is that of the claim, or 0 for a callback.
func report(key engine.AttemptKey, token engine.Token, status engine.Status, second int) operation {
	r := engine.Report{
		WorkerReport: engine.WorkerReport{Key: key, Status: status},
		Token:        token, Now: at(second), DueAt: at(second + 15*minute), RetryAt: at(second + 30), MaxRetries: 2,
	}
	if status == engine.Failed {
		r.Reason, r.Retryable = "agent is gone", true
	}
	return onReviews(model.Apply(r))
}

// cancel cancels an attempt on the wish of a user.
func cancel(key engine.AttemptKey, second int) operation {
	return onReviews(model.Cancel(key, "not needed", at(second)))
}
