package checker

import "github.com/onceover/onceover/checker/model"

// A review that is claimed first and prepared after is claimed for as long as that
// takes, and a crash anywhere in between leaves it to go stale. The stale claim is
// found, so no user is harmed: hence the order is watched by itself. A preparation
// that failed counts as well, since a claim is then what ends the attempt.
var claimAfterPrepare = Property{
	ID:       "claim-after-prepare",
	Class:    Protocol,
	Sentence: "A review is claimed by who has just prepared it, so that a crash leaves none claimed for longer than a call takes.",
	Source:   "seed.txt (claimed before the slow preparation); design.md 3.3",
	watches:  []watching{on(checkClaimAfterPrepare, StoreChanged)},
}

func checkClaimAfterPrepare(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpClaim || r.Before == nil || l.attempt.prepares(r) >= 0 {
		return nil
	}
	return violated(r, "claimed before it was prepared", "%s claimed review %s, attempt %d without having prepared it since its last claim",
		r.Actor, r.Key.Review, r.Key.Attempt)
}
