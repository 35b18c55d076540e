package certify

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

type reviewOp = model.Op

// noon is when every round begins, on the clock that its operations carry.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at returns a time some seconds into the round.
func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

const owner engine.OwnerID = "ann"

// stale is when claims of the preparation go stale, in seconds into the round.
const stale = 300

// first is the first attempt of a review.
func first(review engine.ReviewID) engine.AttemptKey {
	return engine.AttemptKey{Review: review, Attempt: 1}
}

// submission is a head of a pull request that no other review of the round has.
func submission(review engine.ReviewID) engine.Submission {
	return engine.Submission{
		Review: review, Owner: owner, Platform: "github", Repository: "onceover/" + string(review),
		PullRequest: 1, HeadSHA: "sha-" + string(review), HeadOrder: 1,
	}
}

func submit(review engine.ReviewID, second int) reviewOp {
	return model.Submit(submission(review), at(second))
}

func claim(key engine.AttemptKey, seen engine.Token, limit, second int) reviewOp {
	return model.Claim(engine.Claim{
		Key: key, Owner: owner, Seen: seen, Limit: limit, Now: at(second), DueAt: at(second + stale),
	})
}

// report is what a worker says; token 0 is a callback.
func report(key engine.AttemptKey, token engine.Token, status engine.Status, second int) reviewOp {
	r := engine.Report{
		WorkerReport: engine.WorkerReport{Key: key, Status: status},
		Token:        token, Now: at(second), DueAt: at(second + 900), RetryAt: at(second + 30), MaxRetries: 2,
	}
	if status == engine.Failed {
		r.Reason, r.Retryable = "agent is gone", true
	}
	return model.Apply(r)
}

// readAll reads every review of a round, as it is and what it was.
func readAll(reviews ...engine.ReviewID) []reviewOp {
	var ops []reviewOp
	for _, review := range reviews {
		ops = append(ops, model.Get(review), model.Attempts(review))
	}
	return append(ops, model.Reserve(owner, 10, at(10_000)))
}

// names returns n identifiers.
func names(n int) []engine.ReviewID {
	all := make([]engine.ReviewID, n)
	for i := range all {
		all[i] = engine.ReviewID(rune('a' + i))
	}
	return all
}

func reviewScenarios() []Scenario {
	return []Scenario{
		{
			Name:     "claims-under-one-limit",
			Sentence: "dispatchers whose clocks differ claim different reviews of one owner, who has one free slot",
			reviews:  claimsUnderOneLimit,
		},
		{
			Name:     "claims-of-one-review",
			Sentence: "dispatchers claim one review, pending or with a stale claim",
			reviews:  claimsOfOneReview,
		},
		{
			Name:     "claim-against-callback",
			Sentence: "a stale claim is revived while callbacks and answers of the attempt arrive",
			reviews:  claimAgainstCallback,
		},
		{
			Name:     "cancel-against-start",
			Sentence: "a user cancels what is being claimed, dispatched and reported",
			reviews:  cancelAgainstStart,
		},
		{
			Name:     "heads-of-one-pull-request",
			Sentence: "newer heads of a pull request arrive at once, in any order, some of them twice",
			reviews:  headsOfOnePullRequest,
		},
		{
			Name:     "attempts-of-one-review",
			Sentence: "a failure is reported, retried, retriggered and cancelled at once",
			reviews:  attemptsOfOneReview,
		},
		{
			Name:     "any-reviews",
			Sentence: "any operations of the review store over two owners and three reviews",
			reviews:  anyReviews,
		},
	}
}

// claimsUnderOneLimit puts the older reviews to sleep for some time, so that whoever's clock is behind does not see them
// ahead of its own: the order of the queue alone would serialise the claims otherwise.
func claimsUnderOneLimit(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	reviews := names(d.between(2, 4))
	var p plan[reviewOp]
	for i, review := range reviews {
		p.before = append(p.before, submit(review, i))
		if asleep := 10 * (len(reviews) - i); asleep > 10 {
			p.before = append(p.before, model.Defer(first(review), 0, at(100+asleep), at(i)))
		}
	}
	for i, review := range reviews {
		awake := 100 + 10*(len(reviews)-i)
		p.rivals = append(p.rivals, []reviewOp{claim(first(review), 0, 1, awake)})
	}
	p.after = readAll(reviews...)
	return p
}

func claimsOfOneReview(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	p := plan[reviewOp]{before: []reviewOp{submit("a", 0)}, after: readAll("a")}
	seen, second := engine.Token(0), 10
	if d.IntN(2) == 0 {
		p.before = append(p.before, claim(first("a"), 0, 1, 1))
		seen, second = 1, 1+stale
	}
	for range d.between(2, 5) {
		p.rivals = append(p.rivals, []reviewOp{claim(first("a"), seen, 1, second+d.IntN(3))})
	}
	return p
}

func claimAgainstCallback(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	p := plan[reviewOp]{
		before: []reviewOp{submit("a", 0), claim(first("a"), 0, 1, 1)},
		rivals: [][]reviewOp{{claim(first("a"), 1, 1, 1+stale)}},
		after:  readAll("a"),
	}
	for range d.between(1, 3) {
		token := oneOf(d, engine.Token(0), 0, 1, 2)
		status := oneOf(d, engine.Queued, engine.Running, engine.Completed, engine.Failed)
		p.rivals = append(p.rivals, []reviewOp{report(first("a"), token, status, 1+stale+d.IntN(3))})
	}
	p.rivals = append(p.rivals, []reviewOp{oneOf(d,
		model.Release(first("a"), 1, at(stale+60), at(stale)),
		model.Defer(first("a"), 1, at(stale+60), at(stale)),
		model.Fail(first("a"), 1, "cannot be dispatched", at(stale)),
		model.SetAgentVersion(first("a"), "v2", at(stale)),
	)})
	return p
}

func cancelAgainstStart(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	p := plan[reviewOp]{before: []reviewOp{submit("a", 0), submit("b", 1)}, after: readAll("a", "b")}
	token := engine.Token(0)
	if d.IntN(2) == 0 {
		p.before = append(p.before, claim(first("a"), 0, 1, 2))
		token = 1
	}
	p.rivals = [][]reviewOp{
		{model.Cancel(first("a"), "not needed", at(10)), model.Stopped(first("a"), at(11))},
		{claim(first("a"), token, 1, oneOf(d, 10, 10+stale)), report(first("a"), token+1, engine.Running, 12)},
		{claim(first("b"), 0, d.between(1, 2), 10)},
	}
	if d.IntN(2) == 0 {
		p.rivals = append(p.rivals, []reviewOp{report(first("a"), 0, oneOf(d, engine.Running, engine.Completed, engine.Failed, engine.Cancelled), 11)})
	}
	return p
}

func headsOfOnePullRequest(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	reviews := names(d.between(2, 4))
	head := func(i int) reviewOp {
		s := submission(reviews[i])
		s.Repository, s.HeadOrder = "onceover/onceover", int64(i+1)
		return model.Submit(s, at(d.IntN(3)))
	}
	p := plan[reviewOp]{after: readAll(reviews...)}
	known := d.IntN(len(reviews))
	p.before = append(p.before, head(known))
	if d.IntN(2) == 0 {
		p.before = append(p.before, claim(first(reviews[known]), 0, 1, 3))
	}
	for i := range reviews {
		p.rivals = append(p.rivals, []reviewOp{head(i)})
	}
	p.rivals = append(p.rivals, []reviewOp{oneOf(d,
		claim(first(reviews[known]), 0, 1, 5),
		model.Cancel(first(reviews[known]), "not needed", at(5)),
		report(first(reviews[known]), 0, engine.Running, 5),
		model.Retrigger(first(reviews[known]), at(5)),
	)})
	return p
}

func attemptsOfOneReview(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	p := plan[reviewOp]{
		before: []reviewOp{submit("a", 0), claim(first("a"), 0, 1, 1), report(first("a"), 1, engine.Running, 2)},
		after:  readAll("a"),
	}
	second := engine.AttemptKey{Review: "a", Attempt: 2}
	p.rivals = [][]reviewOp{
		{report(first("a"), 0, engine.Failed, 10)},
		{report(first("a"), 1, oneOf(d, engine.Failed, engine.Completed), 10)},
		{model.Retrigger(first("a"), at(11)), claim(second, 1, 1, 60)},
		{oneOf(d, model.Cancel(first("a"), "not needed", at(11)), model.Cancel(second, "not needed", at(11)), model.Retrigger(first("a"), at(12)))},
	}
	return p
}

func anyReviews(random *rand.Rand) plan[reviewOp] {
	d := draw{random}
	reviews := names(3)
	owners := []engine.OwnerID{owner, owner, "bob"}
	var p plan[reviewOp]
	for i, review := range reviews {
		s := submission(review)
		s.Owner = owners[i]
		p.before = append(p.before, model.Submit(s, at(i)))
		p.after = append(p.after, model.Get(review), model.Attempts(review))
	}
	for range d.between(3, 5) {
		var ops []reviewOp
		for range d.between(1, 3) {
			i := d.IntN(len(reviews))
			ops = append(ops, anyReview(d, reviews[i], owners[i]))
		}
		p.rivals = append(p.rivals, ops)
	}
	return p
}

// anyReview is any operation on a review but a sweep, which looks at all owners at once and is not checked.
func anyReview(d draw, review engine.ReviewID, of engine.OwnerID) reviewOp {
	key := engine.AttemptKey{Review: review, Attempt: oneOf(d, 1, 1, 1, 2)}
	token := engine.Token(d.IntN(3))
	second := oneOf(d, 10, 50, 10+stale, 100+stale)
	now := at(second)
	switch oneOf(d,
		model.OpClaim, model.OpClaim, model.OpClaim, model.OpApply, model.OpApply, model.OpGet, model.OpAttempts, model.OpReserve,
		model.OpRelease, model.OpDefer, model.OpFail, model.OpSetAgentVersion, model.OpCancel, model.OpStopped, model.OpRetrigger) {
	case model.OpApply:
		return report(key, token, oneOf(d, engine.Queued, engine.Running, engine.Completed, engine.Failed, engine.Cancelled), second)
	case model.OpGet:
		return model.Get(review)
	case model.OpAttempts:
		return model.Attempts(review)
	case model.OpReserve:
		return model.Reserve(of, 2, now)
	case model.OpRelease:
		return model.Release(key, token, at(second+60), now)
	case model.OpDefer:
		return model.Defer(key, token, at(second+60), now)
	case model.OpFail:
		return model.Fail(key, token, "cannot be dispatched", now)
	case model.OpSetAgentVersion:
		return model.SetAgentVersion(key, fmt.Sprintf("v%d", d.IntN(2)), now)
	case model.OpCancel:
		return model.Cancel(key, "not needed", now)
	case model.OpStopped:
		return model.Stopped(key, now)
	case model.OpRetrigger:
		return model.Retrigger(key, now)
	default:
		return model.Claim(engine.Claim{
			Key: key, Owner: of, Seen: token, Limit: 1, Now: now, DueAt: at(second + stale),
		})
	}
}
