package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var slotProperties = subject{
	name:     "Slots",
	sentence: "How many sessions of an owner run at once, and in which order waiting reviews get a free slot.",
}

var _ = slotProperties.add(Property{
	ID:             "owner-limit",
	Class:          Outcome,
	Sentence:       "An owner never has more sessions running than its limit, not even for a moment.",
	Source:         "3.3; 7",
	NotMistakenFor: "Sessions of an owner of another deployment that uses the same agent: this app does not count its slots.",
	watches:        []watching{on(checkOwnerLimit, SessionStarted)},
})

const causeMoreSessionsThanSlots Cause = "more-sessions-than-slots"

func checkOwnerLimit(f *facts, r *Record) *Violation {
	limit := f.config.limit(r.Owner)
	if running := f.owner(r.Owner).live + 1; running > limit {
		return violated(r, causeMoreSessionsThanSlots, "Owner %s has too many sessions: at %s session %s of %s is the %s that runs, and the limit is %d",
			r.Owner, moment(r.At), r.Session, r.Key, ordinal(running), limit)
	}
	return nil
}

var _ = slotProperties.add(Property{
	ID:             "slot-held",
	Class:          Protocol,
	Sentence:       "A review holds a slot for as long as its session runs.",
	Source:         "3.4: a slot is free only when the session is known to be over",
	NotMistakenFor: "A cancelled review that holds a slot after its session has ended: the app does not know yet that it has.",
	watches: []watching{
		on(checkSlotAtStart, SessionStarted),
		on(checkSlotKept, StoreChanged),
	},
})

const (
	causeStartedWithoutASlot    Cause = "started-without-a-slot"
	causeSlotFreedUnderASession Cause = "slot-freed-under-a-session"
)

func checkSlotAtStart(f *facts, r *Record) *Violation {
	v := f.review
	if v.hasRow && covers(&v.row, r.Key.Attempt) || f.config.foreign(r.Owner) {
		return nil
	}
	status := "unknown to the app"
	if v.hasRow {
		status = v.row.Status.String()
	}
	return violated(r, causeStartedWithoutASlot.Of(v.statusState()), "%s ran without a slot: session %s began at %s while the review was %s",
		r.Key, r.Session, moment(r.At), status)
}

// reviewUnknown stands for the status of a review that the app does not have.
const reviewUnknown = "unknown"

// statusState is the status of a review, to narrow a cause down by.
func (v *reviewFacts) statusState() string {
	if !v.hasRow {
		return reviewUnknown
	}
	return v.row.Status.String()
}

func checkSlotKept(f *facts, r *Record) *Violation {
	if f.review.live == 0 {
		return nil
	}
	for _, a := range f.review.attempts {
		if !a.live || covers(r.After, a.key.Attempt) {
			continue
		}
		// A running attempt that is called over is the business of status-truthful.
		if r.After.Attempt == a.key.Attempt && r.After.Status.Terminal() && r.After.Status != engine.Cancelled {
			continue
		}
		return violated(r, causeSlotFreedUnderASession.Of(r.Op.Kind.String()), "Review %s lost its slot at %s while session %s of attempt %d was still running, when replica %s asked the store to %s",
			r.Key.Review, moment(r.At), a.session, a.key.Attempt, r.Actor, toDoOn(r.Op))
	}
	return nil
}

// The check counts from the rows in the facts: it shares no code with the store that granted the claim, and none with
// the engine. The claimer's clock decides whether an older review waits, because no other clock takes part in the
// decision.
var _ = slotProperties.add(Property{
	ID:             "fifo-claim",
	Class:          Outcome,
	Sentence:       "A pending review is claimed only if its owner has slots for it and for every older review that waits.",
	Source:         "3.3",
	NotMistakenFor: "A younger review that is claimed first when there are slots for both, and a stale claim, which keeps the slot that it has.",
	watches:        []watching{on(checkFirstComeFirstServed, StoreChanged).store(model.ReviewsClaim)},
})

const (
	causeClaimedWithoutAFreeSlot Cause = "claimed-without-a-free-slot"
	causeClaimedBeforeAnOlderOne Cause = "claimed-before-an-older-one"
)

func checkFirstComeFirstServed(f *facts, r *Record) *Violation {
	before := r.Before
	if before == nil || before.Status != engine.Pending {
		return nil
	}
	held, older := 0, 0
	for _, other := range f.reviews {
		if other == f.review || !other.hasRow || other.row.Owner != before.Owner {
			continue
		}
		switch row := &other.row; {
		case holdsSlot(row):
			held++
		case candidate(row, r.Op.Now) && olderThan(row, before):
			older++
		}
	}
	limit := f.config.limitUnder(r, before.Owner)
	switch {
	case held >= limit:
		return violated(r, causeClaimedWithoutAFreeSlot, "%s was claimed without a free slot: at %s replica %s claimed it when owner %s had %d of %d slots taken",
			r.Key, moment(r.At), r.Actor, before.Owner, held, limit)
	case held+older >= limit:
		return violated(r, causeClaimedBeforeAnOlderOne, "%s jumped the queue: at %s replica %s claimed it when owner %s had %d of %d slots taken and %s waiting",
			r.Key, moment(r.At), r.Actor, before.Owner, held, limit, count(older, "older review"))
	}
	return nil
}

var _ = slotProperties.add(Property{
	ID:             "reserve-complete",
	Class:          Protocol,
	Sentence:       "A reservation uses the limit of its owner, and returns every stale claim and the oldest due reviews for the slots that are left.",
	Source:         "3.3",
	NotMistakenFor: "A reservation without some of the reviews that wait: they are not due on the caller's clock, or there is no slot for them.",
	watches:        []watching{on(checkReserveComplete, StoreExecuted).store(model.ReviewsReserve)},
})

const (
	causeReservedWithAWrongLimit Cause = "reserved-with-a-wrong-limit"
	causeReservedTheWrongReviews Cause = "reserved-the-wrong-reviews"
)

func checkReserveComplete(f *facts, r *Record) *Violation {
	op := r.Op
	if r.Result.Failed {
		return nil
	}
	limit := f.config.limitUnder(r, op.Owner)
	if op.Limit != limit {
		return violated(r, causeReservedWithAWrongLimit, "Owner %s was given a wrong limit: at %s replica %s reserved for it with a limit of %d, and its limit is %d",
			op.Owner, moment(r.At), r.Actor, op.Limit, limit)
	}
	free, named := limit, 0
	for _, v := range f.reviews {
		if v.hasRow && v.row.Owner == op.Owner && holdsSlot(&v.row) {
			free--
		}
	}
	for _, v := range f.reviews {
		row := &v.row
		if !v.hasRow || row.Owner != op.Owner || !candidate(row, op.Now) {
			continue
		}
		wanted := row.Status == engine.Queued || f.olderCandidates(row, op) < free
		is := slices.ContainsFunc(r.Result.Reviews, func(named engine.Review) bool { return named == *row })
		if wanted != is {
			return violated(r, causeReservedTheWrongReviews, "Review %s was %s a reservation of replica %s at %s, when owner %s had %s and the review was %s",
				row.Review, wrongly(is), r.Actor, moment(r.At), op.Owner, count(max(free, 0), "free slot"), row.Status)
		}
		if is {
			named++
		}
	}
	if named != len(r.Result.Reviews) {
		return violated(r, causeReservedTheWrongReviews, "Owner %s had reviews reserved that are no candidates: at %s replica %s got %d, of which %d may be claimed",
			op.Owner, moment(r.At), r.Actor, len(r.Result.Reviews), named)
	}
	return nil
}

// olderCandidates counts the due pending reviews of an owner that come before a row.
func (f *facts) olderCandidates(row *engine.Review, op *model.ReviewsOp) (n int) {
	for _, v := range f.reviews {
		if v.hasRow && v.row.Owner == row.Owner && v.row.Status == engine.Pending && candidate(&v.row, op.Now) && olderThan(&v.row, row) {
			n++
		}
	}
	return n
}

var _ = slotProperties.add(Property{
	ID:             "refused-for-a-reason",
	Class:          Protocol,
	Sentence:       "A claim is refused for lack of a slot only if taken slots and older due reviews fill the limit of its owner.",
	Source:         "3.3",
	NotMistakenFor: "A claim that is refused as stale: another dispatcher was faster.",
	watches:        []watching{on(checkRefusedForAReason, StoreExecuted).store(model.ReviewsClaim)},
})

const causeRefusedThoughThereWasASlot Cause = "refused-though-there-was-a-slot"

func checkRefusedForAReason(f *facts, r *Record) *Violation {
	op, v := r.Op, f.review
	if !r.Result.Failed || r.Result.Err != engine.Rejected || !v.isKnown() {
		return nil
	}
	before := f.olderCandidates(&v.row, op)
	for _, other := range f.reviews {
		if other.hasRow && other.row.Owner == v.row.Owner && holdsSlot(&other.row) {
			before++
		}
	}
	if limit := f.config.limitUnder(r, v.row.Owner); before < limit || op.Limit != limit {
		return violated(r, causeRefusedThoughThereWasASlot, "%s was refused for lack of a slot at %s though there was one: replica %s found %d of %d slots taken or wanted by older reviews",
			r.Key, moment(r.At), r.Actor, before, limit)
	}
	return nil
}
