package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// When something is due is said here once more, and not asked of the engine: a
// mistake there would hide itself.
var oneClaimant = Property{
	ID:       "one-claimant",
	Class:    Protocol,
	Sentence: "A claim goes to whoever saw the latest one when it was due, and each gets a token of its own.",
	Source:   "seed.txt (two dispatchers revive one stale row); design.md 3.3",
	watches: []watching{
		on(checkClaimGranted, StoreChanged),
		on(checkTokenUnique, StoreExecuted),
	},
}

func checkClaimGranted(l *ledger, r *Record) *Violation {
	before, after, op := r.Before, r.After, r.Op
	if before == nil {
		return nil
	}
	if op.Kind != model.OpClaim {
		if after.Claim != before.Claim {
			return violated(r, "a token without a claim", "%s changed the token of review %s from %d to %d",
				op.Kind, r.Key.Review, before.Claim, after.Claim)
		}
		return nil
	}
	switch {
	case after.Claim <= before.Claim:
		return violated(r, "a token given out again", "a claim of review %s by %s got token %d, which is not higher than the one before, %d",
			r.Key.Review, r.Actor, after.Claim, before.Claim)
	case op.Token != before.Claim || op.Key.Attempt != before.Attempt:
		return violated(r, "a claim by one who saw an older one", "%s claimed review %s, attempt %d, having seen token %d; it was at attempt %d and token %d",
			r.Actor, r.Key.Review, op.Key.Attempt, op.Token, before.Attempt, before.Claim)
	case before.Status == engine.Queued && !due(before.DueAt, op.Now):
		return violated(r, "a fresh claim was taken away", "%s claimed review %s, attempt %d, %s before the claim of another was stale",
			r.Actor, r.Key.Review, op.Key.Attempt, before.DueAt.Sub(op.Now))
	case !candidate(before, op.Now):
		return violated(r, "claimed what was no candidate", "%s claimed review %s, attempt %d, which was %s and no candidate",
			r.Actor, r.Key.Review, op.Key.Attempt, before.Status)
	}
	return nil
}

func checkTokenUnique(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpClaim || r.Result.Failed {
		return nil
	}
	if c := l.review.claim(r.Result.Token); c != nil {
		return violated(r, "a token given out again", "%s got token %d of review %s, which %s has had since %s",
			r.Actor, r.Result.Token, r.Key.Review, c.actor, c.at)
	}
	return nil
}
