package certify

import (
	"fmt"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// readReviews reads each review of a round with its attempts, and what the owner could claim late on.
func readReviews(reviews ...engine.ReviewID) []operation {
	var ops []operation
	for _, review := range reviews {
		ops = append(ops, onReviews(model.Get(review)), onReviews(model.Attempts(review)))
	}
	return append(ops, onReviews(model.Reserve(owner, 10, at(10_000))))
}

// reviewIDs returns n identifiers: a, b, and so on.
func reviewIDs(n int) []engine.ReviewID {
	all := make([]engine.ReviewID, n)
	for i := range all {
		all[i] = engine.ReviewID(rune('a' + i))
	}
	return all
}

// reviewScenarios are the races over the review store.
func reviewScenarios() []scenario {
	reviews := &port{model: model.ReviewsModel(), lockRows: "SELECT FROM app.reviews FOR UPDATE"}
	return []scenario{
		{
			name: "claims-under-one-limit", port: reviews, plan: claimsUnderOneLimit,
			sentence: "dispatchers with different clocks claim different reviews of one owner, who has one free slot",
		},
		{
			name: "claims-of-one-review", port: reviews, plan: claimsOfOneReview,
			sentence: "dispatchers claim one review, which is pending or has a stale claim",
		},
		{
			name: "claim-against-callback", port: reviews, plan: claimAgainstCallback,
			sentence: "a stale claim is revived while callbacks and answers of the attempt arrive",
		},
		{
			name: "cancel-against-start", port: reviews, plan: cancelAgainstStart,
			sentence: "a user cancels what is being claimed, dispatched and reported",
		},
		{
			name: "heads-of-one-pull-request", port: reviews, plan: headsOfOnePullRequest,
			sentence: "newer heads of a pull request arrive at once, in any order, some of them twice",
		},
		{
			name: "attempts-of-one-review", port: reviews, plan: attemptsOfOneReview,
			sentence: "a failure is reported, retried, retriggered and cancelled at once",
		},
		{
			name: "any-reviews", port: reviews, plan: anyReviews,
			sentence: "any operations of the review store over two owners and three reviews",
		},
	}
}

// claimsUnderOneLimit defers the older reviews for some time, so that a dispatcher with a slow clock does not see them
// ahead of its own review. Otherwise the order of the queue alone would serialise the claims.
func claimsUnderOneLimit(d draw) plan {
	reviews := reviewIDs(d.between(2, 4))
	var p plan
	for i, review := range reviews {
		p.before = append(p.before, submit(review, i))
		if asleep := 10 * (len(reviews) - i); asleep > 10 {
			p.before = append(p.before, onReviews(model.Defer(first(review), 0, at(100+asleep), at(i))))
		}
	}
	for i, review := range reviews {
		awake := 100 + 10*(len(reviews)-i)
		p.rivals = append(p.rivals, []operation{claim(first(review), 0, 1, awake)})
	}
	p.after = readReviews(reviews...)
	return p
}

func claimsOfOneReview(d draw) plan {
	p := plan{before: []operation{submit("a", 0)}, after: readReviews("a")}
	seen, second := engine.Token(0), 10
	if d.IntN(2) == 0 {
		p.before = append(p.before, claim(first("a"), 0, 1, 1))
		seen, second = 1, 1+staleAfter
	}
	for range d.between(2, 5) {
		p.rivals = append(p.rivals, []operation{claim(first("a"), seen, 1, second+d.IntN(3))})
	}
	return p
}

func claimAgainstCallback(d draw) plan {
	p := plan{
		before: []operation{submit("a", 0), claim(first("a"), 0, 1, 1)},
		rivals: [][]operation{{claim(first("a"), 1, 1, 1+staleAfter)}},
		after:  readReviews("a"),
	}
	for range d.between(1, 3) {
		token := oneOf(d, engine.Token(0), 0, 1, 2)
		status := oneOf(d, engine.Queued, engine.Running, engine.Completed, engine.Failed)
		p.rivals = append(p.rivals, []operation{report(first("a"), token, status, 1+staleAfter+d.IntN(3))})
	}
	p.rivals = append(p.rivals, []operation{oneOf(d,
		onReviews(model.Release(first("a"), 1, at(staleAfter+60), at(staleAfter))),
		onReviews(model.Defer(first("a"), 1, at(staleAfter+60), at(staleAfter))),
		onReviews(model.Fail(first("a"), 1, "cannot be dispatched", at(staleAfter))),
		onReviews(model.SetAgentVersion(first("a"), "v2", at(staleAfter))),
	)})
	return p
}

func cancelAgainstStart(d draw) plan {
	p := plan{before: []operation{submit("a", 0), submit("b", 1)}, after: readReviews("a", "b")}
	token := engine.Token(0)
	if d.IntN(2) == 0 {
		p.before = append(p.before, claim(first("a"), 0, 1, 2))
		token = 1
	}
	p.rivals = [][]operation{
		{cancel(first("a"), 10), onReviews(model.Stopped(first("a"), at(11)))},
		{claim(first("a"), token, 1, oneOf(d, 10, 10+staleAfter)), report(first("a"), token+1, engine.Running, 12)},
		{claim(first("b"), 0, d.between(1, 2), 10)},
	}
	if d.IntN(2) == 0 {
		p.rivals = append(p.rivals, []operation{report(first("a"), 0, oneOf(d, engine.Running, engine.Completed, engine.Failed, engine.Cancelled), 11)})
	}
	return p
}

func headsOfOnePullRequest(d draw) plan {
	reviews := reviewIDs(d.between(2, 4))
	head := func(i int) operation {
		return submitHead(reviews[i], "onceover", int64(i+1), d.IntN(3))
	}
	p := plan{after: readReviews(reviews...)}
	known := d.IntN(len(reviews))
	p.before = append(p.before, head(known))
	if d.IntN(2) == 0 {
		p.before = append(p.before, claim(first(reviews[known]), 0, 1, 3))
	}
	for i := range reviews {
		p.rivals = append(p.rivals, []operation{head(i)})
	}
	p.rivals = append(p.rivals, []operation{oneOf(d,
		claim(first(reviews[known]), 0, 1, 5),
		cancel(first(reviews[known]), 5),
		report(first(reviews[known]), 0, engine.Running, 5),
		onReviews(model.Retrigger(first(reviews[known]), at(5))),
	)})
	return p
}

func attemptsOfOneReview(d draw) plan {
	p := plan{
		before: []operation{submit("a", 0), claim(first("a"), 0, 1, 1), report(first("a"), 1, engine.Running, 2)},
		after:  readReviews("a"),
	}
	second := engine.AttemptKey{Review: "a", Attempt: 2}
	p.rivals = [][]operation{
		{report(first("a"), 0, engine.Failed, 10)},
		{report(first("a"), 1, oneOf(d, engine.Failed, engine.Completed), 10)},
		{onReviews(model.Retrigger(first("a"), at(11))), claim(second, 1, 1, 60)},
		{oneOf(d, cancel(first("a"), 11), cancel(second, 11), onReviews(model.Retrigger(first("a"), at(12))))},
	}
	return p
}

func anyReviews(d draw) plan {
	reviews := reviewIDs(3)
	owners := []engine.OwnerID{owner, owner, "bob"}
	var p plan
	for i, review := range reviews {
		s := submission(review)
		s.Owner = owners[i]
		p.before = append(p.before, onReviews(model.Submit(s, at(i))))
		p.after = append(p.after, onReviews(model.Get(review)), onReviews(model.Attempts(review)))
	}
	for range d.between(3, 5) {
		var ops []operation
		for range d.between(1, 3) {
			i := d.IntN(len(reviews))
			ops = append(ops, anyReview(d, reviews[i], owners[i]))
		}
		p.rivals = append(p.rivals, ops)
	}
	return p
}

// anyReview returns any operation on a review. Sweeps are left out: they read the reviews of all owners, and the model
// judges each owner alone.
func anyReview(d draw, review engine.ReviewID, of engine.OwnerID) operation {
	key := engine.AttemptKey{Review: review, Attempt: oneOf(d, 1, 1, 1, 2)}
	token := engine.Token(d.IntN(3))
	second := oneOf(d, 10, 50, 10+staleAfter, 100+staleAfter)
	now := at(second)
	switch oneOf(d,
		model.ReviewsClaim, model.ReviewsClaim, model.ReviewsClaim, model.ReviewsApply, model.ReviewsApply, model.ReviewsGet, model.ReviewsAttempts, model.ReviewsReserve,
		model.ReviewsRelease, model.ReviewsDefer, model.ReviewsFail, model.ReviewsSetAgentVersion, model.ReviewsCancel, model.ReviewsStopped, model.ReviewsRetrigger) {
	case model.ReviewsApply:
		return report(key, token, oneOf(d, engine.Queued, engine.Running, engine.Completed, engine.Failed, engine.Cancelled), second)
	case model.ReviewsGet:
		return onReviews(model.Get(review))
	case model.ReviewsAttempts:
		return onReviews(model.Attempts(review))
	case model.ReviewsReserve:
		return onReviews(model.Reserve(of, 2, now))
	case model.ReviewsRelease:
		return onReviews(model.Release(key, token, at(second+60), now))
	case model.ReviewsDefer:
		return onReviews(model.Defer(key, token, at(second+60), now))
	case model.ReviewsFail:
		return onReviews(model.Fail(key, token, "cannot be dispatched", now))
	case model.ReviewsSetAgentVersion:
		return onReviews(model.SetAgentVersion(key, fmt.Sprintf("v%d", d.IntN(2)), now))
	case model.ReviewsCancel:
		return cancel(key, second)
	case model.ReviewsStopped:
		return onReviews(model.Stopped(key, now))
	case model.ReviewsRetrigger:
		return onReviews(model.Retrigger(key, now))
	default:
		return onReviews(model.Claim(engine.Claim{
			Key: key, Owner: of, Seen: token, Limit: 1, Now: now, DueAt: at(second + staleAfter),
		}))
	}
}
