package checker

import "github.com/onceover/onceover/engine"

var slotHeld = Property{
	ID:       "slot-held",
	Class:    Protocol,
	Sentence: "While the session of a review runs, the review holds a slot for it.",
	Source:   "design.md 3.4: a slot is free only when the session is known to be over",
	watches: []watching{
		on(checkSlotAtStart, SessionStarted),
		on(checkSlotKept, StoreChanged),
	},
}

func checkSlotAtStart(l *ledger, r *Record) *Violation {
	v := l.review
	if v.hasRow && covers(&v.row, r.Key.Attempt) || l.config.foreign(r.Owner) {
		return nil
	}
	status := "unknown to the app"
	if v.hasRow {
		status = v.row.Status.String()
	}
	return violated(r, "started without a slot", "session %s of review %s, attempt %d began while the review was %s and held no slot for it",
		r.Session, r.Key.Review, r.Key.Attempt, status)
}

func checkSlotKept(l *ledger, r *Record) *Violation {
	if l.review.live == 0 {
		return nil
	}
	for _, a := range l.review.attempts {
		if !a.live || covers(r.After, a.key.Attempt) {
			continue
		}
		// A running attempt that is called over is the business of status-truthful.
		if r.After.Attempt == a.key.Attempt && r.After.Status.Terminal() && r.After.Status != engine.Cancelled {
			continue
		}
		return violated(r, "slot freed under a session", "%s of review %s freed the slot of attempt %d while session %s was running",
			r.Op.Kind, r.Key.Review, a.key.Attempt, a.session)
	}
	return nil
}
