package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var oneHolder = Property{
	ID:       "one-holder",
	Class:    Protocol,
	Sentence: "Each holder of an orchestration has an epoch of its own, higher than those before, and takes over only what nobody holds or whose holder has not renewed its lease since it was suspected.",
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
	if r.JournalOp.Kind != model.JournalHold || before.Holder == "" {
		return nil
	}
	beat := engine.Beat{Host: before.Holder, Count: l.leases[before.Holder].beats}
	if !slices.Contains(r.JournalOp.Suspects, beat) {
		return violated(r, "a lease was taken away", "%s took review %s, attempt %d over from %s, whose beat is %d, suspecting %v",
			after.Holder, r.Key.Review, r.Key.Attempt, before.Holder, beat.Count, r.JournalOp.Suspects)
	}
	return nil
}
