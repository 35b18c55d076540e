package checker

import "github.com/onceover/onceover/checker/model"

// The store checks the token of a report that carries one, so the report that should
// and does not passes every fence. Reports without a token have two origins: a
// callback, which has arrived at the replica that writes it, and an answer about a
// running review that the replica's sweep had found silent, which is written only when
// it says that the attempt is over.
var fenceCarried = Property{
	ID:       "fence-carried",
	Class:    Protocol,
	Sentence: "What a dispatcher was told under a claim it writes under that claim, and what it decided about a review under the claim that it saw; only callbacks and answers about silent reviews carry none.",
	Source:   "design.md 3.3",
	watches:  []watching{on(checkFenceCarried, StoreExecuted)},
}

func checkFenceCarried(l *ledger, r *Record) *Violation {
	op, a := r.Op, l.attempt
	if a != nil && (op.Kind == model.OpDefer || op.Kind == model.OpFail) {
		return checkClaimSeen(l, r)
	}
	if op.Kind != model.OpApply || a == nil {
		return nil
	}
	if op.Token != 0 {
		if c := l.review.claim(op.Token); c == nil || c.actor != r.Actor || c.life != r.Life || c.attempt != op.Key.Attempt {
			return violated(r, "written under a foreign claim", "%s by %s, which was not granted token %d for it", op, r.Actor, op.Token)
		}
		return nil
	}
	status := op.Report.Status
	if int(status) < len(a.arrived) {
		heard := a.arrived[status]
		if status.Terminal() {
			heard |= a.silent
		}
		if heard&l.bit(r.Actor) != 0 {
			return nil
		}
	}
	return violated(r, "written without its claim", "%s by %s carries no token, and no callback said so to it", op, r.Actor)
}

// checkClaimSeen: whoever puts a review off or calls it failed names the claim that it
// saw, by a reservation or beside a review that is stopping or silent. Only a
// reservation can have seen none.
func checkClaimSeen(l *ledger, r *Record) *Violation {
	op, a := r.Op, l.attempt
	for i := range a.seen {
		if s := &a.seen[i]; s.by == (lifeEntry{r.Actor, r.Life}) && s.claim == op.Token {
			return nil
		}
	}
	if op.Kind == model.OpDefer && op.Token != 0 && l.review.claim(op.Token) != nil {
		return nil
	}
	return violated(r, "written under a claim that was not seen", "%s by %s, which was never shown the review under claim %d", op, r.Actor, op.Token)
}
