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
	Sentence: "What a dispatcher was told under a claim it writes under that claim; only callbacks and answers about silent reviews carry none.",
	Source:   "design.md 3.3",
	watches:  []watching{on(checkFenceCarried, StoreExecuted)},
}

func checkFenceCarried(l *ledger, r *Record) *Violation {
	op, a := r.Op, l.attempt
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
