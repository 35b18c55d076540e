package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A claim that nothing comes of is found when it is stale, so no user is harmed beyond
// the minutes that this takes. It is what a crash between claim and dispatch leaves
// behind; whoever lives on, and has been told that it holds the claim, owes the worker
// a word about it.
var claimUsed = Property{
	ID:       "claim-used",
	Class:    Protocol,
	Sentence: "Who learns that it holds a claim sends a dispatch under it, unless its process ends first.",
	Source:   "design.md 3.3: prepare, then claim, then dispatch",
	watches:  []watching{on(checkClaimUsed, StoreChanged)},
}

func checkClaimUsed(l *ledger, r *Record) *Violation {
	c := l.staleClaim(r)
	if c == nil || !c.told || c.used || c.released {
		return nil
	}
	return violated(r, "nothing came of a claim", "%s claimed review %s, attempt %d, whose claim %s had been granted %s before, and had not used",
		r.Actor, r.Key.Review, r.Before.Attempt, c.actor, r.At-c.at)
}

// staleClaim returns the claim that a further one overtakes, if its holder has lived
// on, or nil.
func (l *ledger) staleClaim(r *Record) *claimEntry {
	if r.Op.Kind != model.OpClaim || r.Before == nil || r.Before.Status != engine.Queued {
		return nil
	}
	c := l.review.claim(r.Before.Claim)
	if c == nil || !l.livesOn(c.actor, c.life) {
		return nil
	}
	return c
}
