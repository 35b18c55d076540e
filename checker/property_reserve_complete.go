package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var reserveComplete = Property{
	ID:       "reserve-complete",
	Class:    Protocol,
	Sentence: "A reservation counts with its owner's limit, and names every stale claim and the oldest due reviews for the slots that are left.",
	Source:   "design.md 3.3",
	watches:  []watching{on(checkReserveComplete, StoreExecuted)},
}

func checkReserveComplete(l *ledger, r *Record) *Violation {
	op := r.Op
	if op.Kind != model.OpReserve || r.Result.Failed {
		return nil
	}
	limit := l.config.limit(op.Owner)
	if op.Limit != limit {
		return violated(r, "reserved with a wrong limit", "%s reserved for %s with a limit of %d; it is %d", r.Actor, op.Owner, op.Limit, limit)
	}
	free, named := limit, 0
	for _, v := range l.reviews {
		if v.hasRow && v.row.Owner == op.Owner && holdsSlot(&v.row) {
			free--
		}
	}
	for _, v := range l.reviews {
		row := &v.row
		if !v.hasRow || row.Owner != op.Owner || !candidate(row, op.Now) {
			continue
		}
		wanted := row.Status == engine.Queued || l.olderCandidates(row, op) < free
		is := slices.ContainsFunc(r.Result.Reviews, func(named engine.Review) bool { return named == *row })
		if wanted != is {
			return violated(r, "reserved the wrong reviews", "%s reserved for %s with %d free slots, and review %s (%s) is named: %t",
				r.Actor, op.Owner, max(free, 0), row.Review, row.Status, is)
		}
		if is {
			named++
		}
	}
	if named != len(r.Result.Reviews) {
		return violated(r, "reserved the wrong reviews", "%s reserved %d reviews for %s, of which %d are candidates", r.Actor, len(r.Result.Reviews), op.Owner, named)
	}
	return nil
}

// olderCandidates counts the due pending reviews of an owner that come before a row.
func (l *ledger) olderCandidates(row *engine.Review, op *model.Op) (n int) {
	for _, v := range l.reviews {
		if v.hasRow && v.row.Owner == row.Owner && v.row.Status == engine.Pending && candidate(&v.row, op.Now) && olderThan(&v.row, row) {
			n++
		}
	}
	return n
}

var refusedForAReason = Property{
	ID:       "refused-for-a-reason",
	Class:    Protocol,
	Sentence: "A claim is refused for want of a slot only when taken slots and older due reviews fill the owner's limit.",
	Source:   "design.md 3.3",
	watches:  []watching{on(checkRefusedForAReason, StoreExecuted)},
}

func checkRefusedForAReason(l *ledger, r *Record) *Violation {
	op, v := r.Op, l.review
	if op.Kind != model.OpClaim || !r.Result.Failed || r.Result.Err != engine.Rejected || !v.isKnown() {
		return nil
	}
	before := l.olderCandidates(&v.row, op)
	for _, other := range l.reviews {
		if other.hasRow && other.row.Owner == v.row.Owner && holdsSlot(&other.row) {
			before++
		}
	}
	if limit := l.config.limit(v.row.Owner); before < limit || op.Limit != limit {
		return violated(r, "refused though there was a slot", "%s was refused review %s, attempt %d with %d slots and older due reviews of %d",
			r.Actor, r.Key.Review, r.Key.Attempt, before, limit)
	}
	return nil
}
