package checker

import "github.com/onceover/onceover/engine"

// A host empties its outbox when the app says that it will never take a report. So
// one that is valid, about an attempt that the app has begun, must never be told so.
var callbackTaken = Property{
	ID:       "callback-taken",
	Class:    Protocol,
	Sentence: "A report with a status from queued to cancelled about an attempt that the app knows is never refused for good.",
	Source:   "design.md 3.4: the outbox is empty when the app has taken note",
	watches:  []watching{on(checkCallbackTaken, CallbackAnswered)},
}

func checkCallbackTaken(l *ledger, r *Record) *Violation {
	v := l.review
	if r.Text != engine.Permanent.String() || !v.hasRow || r.Key.Attempt > v.row.Attempt ||
		r.Status < engine.Queued || r.Status > engine.Cancelled {
		return nil
	}
	return violated(r, "a valid report was refused for good", "%s reported review %s, attempt %d %s, and was told that no app will ever take that",
		r.Actor, r.Key.Review, r.Key.Attempt, r.Status)
}
