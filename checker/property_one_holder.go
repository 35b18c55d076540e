package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var oneHolder = Property{
	ID:       "one-holder",
	Sentence: "Each holder of an orchestration has an epoch of its own, higher than those before, and takes over only what no lease covers by its clock.",
	Source:   "design.md 3.4: leases",
	watches:  []watching{on(checkOneHolder, JournalExecuted)},
}

func checkOneHolder(l *ledger, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil || after == nil || after.Holder == before.Holder || after.Holder == "" {
		return nil
	}
	if after.Epoch <= before.Epoch {
		return violated(r, "two holders of one epoch", "%s gave review %s, attempt %d from %s to %s under the same epoch, %d",
			r.JournalOp.Kind, r.Key.Review, r.Key.Attempt, before.Holder, after.Holder, after.Epoch)
	}
	if r.JournalOp.Kind == model.JournalHold && !engine.Due(before.LeaseUntil, r.JournalOp.Now) {
		return violated(r, "a lease was taken away", "%s took review %s, attempt %d over %s before the lease of %s ended",
			after.Holder, r.Key.Review, r.Key.Attempt, before.LeaseUntil.Sub(r.JournalOp.Now), before.Holder)
	}
	return nil
}
