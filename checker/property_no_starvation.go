package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var noStarvation = Property{
	ID:       "no-starvation",
	Class:    Outcome,
	Sentence: "In the quiet phase no due review waits for long while younger ones of its owner are claimed.",
	Source:   "design.md 7",
	watches:  []watching{on(checkNoStarvation, StoreChanged)},
}

func checkNoStarvation(l *ledger, r *Record) *Violation {
	before := r.Before
	if l.phase != "quiet" || r.Op.Kind != model.OpClaim || before == nil || before.Status != engine.Pending {
		return nil
	}
	for _, other := range l.reviews {
		row := &other.row
		if other == l.review || !other.hasRow || row.Owner != before.Owner ||
			row.Status != engine.Pending || row.Stopping != 0 || !olderThan(row, before) {
			continue
		}
		// It has waited since it was due and its owner had a free slot.
		since := max(row.DueAt.Sub(l.config.Start), row.EnqueuedAt.Sub(l.config.Start), l.phaseBegan, l.owner(row.Owner).freeSince)
		if waited := r.At - since; waited > l.config.StarvedAfter {
			return violated(r, "a younger review was claimed", "review %s of owner %s has been due for %s while the younger review %s was claimed",
				row.Review, row.Owner, waited, r.Key.Review)
		}
	}
	return nil
}
