package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// The count is made anew from the rows as the ledger knows them: it shares no code
// with the store that granted the claim, and none with the engine. Whether an older review waits is judged
// by the claimer's clock, since no other takes part in the decision.
var fifoClaim = Property{
	ID:       "fifo-claim",
	Class:    Outcome,
	Sentence: "A pending review is claimed only when it fits into its owner's limit together with every older one that waits.",
	Source:   "design.md 3.3",
	watches:  []watching{on(checkFirstComeFirstServed, StoreChanged)},
}

func checkFirstComeFirstServed(l *ledger, r *Record) *Violation {
	before := r.Before
	if r.Op.Kind != model.OpClaim || before == nil || before.Status != engine.Pending {
		return nil
	}
	held, older := 0, 0
	for _, other := range l.reviews {
		if other == l.review || !other.hasRow || other.row.Owner != before.Owner {
			continue
		}
		switch row := &other.row; {
		case holdsSlot(row):
			held++
		case candidate(row, r.Op.Now) && olderThan(row, before):
			older++
		}
	}
	limit := l.config.limit(before.Owner)
	switch {
	case held >= limit:
		return violated(r, "claimed without a free slot", "%s claimed review %s of owner %s, which had %d of %d slots taken",
			r.Actor, r.Key.Review, before.Owner, held, limit)
	case held+older >= limit:
		return violated(r, "claimed before an older one", "%s claimed review %s of owner %s, which had %d of %d slots taken and %d older reviews waiting",
			r.Actor, r.Key.Review, before.Owner, held, limit, older)
	}
	return nil
}
