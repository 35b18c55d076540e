package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A claim that is released early is taken up again after a pause instead of when it
// is stale. That is right when the worker has refused the dispatch, and when nobody
// knows it invites a second one. The other way round, a claim that stays costs its
// user minutes: a dispatcher that was refused, and lived on, must have tried. It is
// excused when any fault struck it or the database since: the statement may have been
// lost.
var releaseWhenRefused = Property{
	ID:       "release-when-refused",
	Class:    Protocol,
	Sentence: "A claim is released when, and only when, the worker has refused its dispatch.",
	Source:   "design.md 3.3: the outcome table",
	watches: []watching{
		on(checkReleasedOnRefusal, StoreExecuted),
		on(checkReleaseTried, StoreChanged),
	},
}

func checkReleasedOnRefusal(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpRelease {
		return nil
	}
	if c := l.review.claim(r.Op.Token); c == nil || !c.refused || c.actor != r.Actor || c.life != r.Life {
		return violated(r, "released without a refusal", "%s gave token %d of review %s, attempt %d up, whose dispatch no worker had refused",
			r.Actor, r.Op.Token, r.Key.Review, r.Op.Key.Attempt)
	}
	return nil
}

// releaseWithin is for how long a statement that was sent may be under way.
const releaseWithin = 15 * time.Second

func checkReleaseTried(l *ledger, r *Record) *Violation {
	before := r.Before
	if r.Op.Kind != model.OpClaim || before == nil || before.Status != engine.Queued {
		return nil
	}
	c := l.review.claim(before.Claim)
	if c == nil || !c.refused || c.released || r.At-c.refusedAt <= releaseWithin ||
		!l.livesOn(c.actor, c.life) || l.process(c.actor).slow || l.struck(c.actor) != c.struck {
		return nil
	}
	return violated(r, "a refused dispatch was left to go stale", "%s claimed review %s, attempt %d, whose claim %s had kept for %s although the worker had refused the dispatch",
		r.Actor, r.Key.Review, before.Attempt, c.actor, r.At-c.refusedAt)
}
