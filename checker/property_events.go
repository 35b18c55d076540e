package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var noLostEvents = Property{
	ID:       "no-lost-events",
	Class:    Outcome,
	Sentence: "An attempt that the agent ended has all events of its session, no append skips one, and what a client was shown stays.",
	Source:   "seed.txt (buffered events dropped by a duplicate start); design.md 3.4",
	watches: []watching{
		on(checkAppendComplete, JournalExecuted),
		on(checkAllEvents, JournalExecuted),
		on(checkShownStays, ClientAnswered),
	},
}

var noDuplicateEvents = Property{
	ID:       "no-duplicate-events",
	Class:    Outcome,
	Sentence: "No event is journaled twice.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkNoDuplicates, JournalExecuted)},
}

var eventsInOrder = Property{
	ID:       "events-in-order",
	Class:    Outcome,
	Sentence: "Events are journaled in the order in which the agent emitted them.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkOrder, JournalExecuted)},
}

func checkAppendComplete(l *ledger, r *Record) *Violation {
	switch l.appended {
	case appendGap:
		missing, came := skipped(r)
		return violated(r, "an append skipped events", "%s journaled event %d of review %s, attempt %d where event %d was to follow, which is lost",
			r.Actor, came, r.Key.Review, r.Key.Attempt, missing)
	case appendShort:
		return violated(r, "accepted events were not journaled", "%s was accepted, but only %d events are journaled",
			r.JournalOp, r.Row.Events)
	case appendAltered:
		return violated(r, "a journaled event was never emitted", "%s journaled events that %s does not emit",
			r.JournalOp, l.attempt.describeSource())
	default: // complete, whatever else is wrong with it
		return nil
	}
}

// skipped returns the first event that an append leaves out, and the one that came in its place.
func skipped(r *Record) (missing, came int64) {
	missing = r.RowBefore.Events + 1
	for i := range r.JournalOp.Events {
		switch seq := r.JournalOp.Events[i].Seq; {
		case seq == missing:
			missing++
		case seq > missing:
			return missing, seq
		}
	}
	return missing, 0
}

// checkAllEvents: an attempt that ended with its session's last event, or as
// completed, has every event. One that was cancelled or given up ends where it
// stands. Whether it has one too many is for no-duplicate-events to say.
func checkAllEvents(l *ledger, r *Record) *Violation {
	if r.Row == nil || r.Row.Phase != engine.PhaseOver || r.RowBefore == nil || r.RowBefore.Phase == engine.PhaseOver {
		return nil
	}
	if r.JournalOp.Kind != model.JournalAppend && r.Row.Outcome.Status != engine.Completed {
		return nil
	}
	if a := l.attempt; r.Row.Events < int64(len(a.script)) {
		return violated(r, "over without all events", "review %s, attempt %d is over as %s with %d of %d events",
			r.Key.Review, r.Key.Attempt, r.Row.Outcome.Status, r.Row.Events, len(a.script))
	}
	return nil
}

// checkShownStays compares answers to one client only: it asks for one at a time,
// whereas the answers to two clients may overtake each other.
func checkShownStays(l *ledger, r *Record) *Violation {
	a := l.attempt
	if r.Text != "events" || a == nil || a.purged {
		return nil
	}
	for i := range a.shown {
		if s := &a.shown[i]; s.client == r.Actor && r.Number < int64(r.Max) && r.From+r.Number < s.number && r.From < s.number {
			return violated(r, "shown events disappeared", "%s was shown %d events of review %s, attempt %d, and later only %d",
				r.Actor, s.number, r.Key.Review, r.Key.Attempt, r.From+r.Number)
		}
	}
	return nil
}

func checkNoDuplicates(l *ledger, r *Record) *Violation {
	if l.appended == appendTwice {
		return violated(r, "an event was journaled twice", "%s journaled %d events of review %s, attempt %d after %d, which made %d: one is there twice",
			r.Actor, len(r.JournalOp.Events), r.Key.Review, r.Key.Attempt, r.RowBefore.Events, r.Row.Events)
	}
	return nil
}

func checkOrder(l *ledger, r *Record) *Violation {
	if l.appended == appendShuffled {
		return violated(r, "events out of order", "%s journaled events after %d in another order than %s emits them",
			r.JournalOp, r.RowBefore.Events, l.attempt.describeSource())
	}
	return nil
}

func (a *attemptEntry) describeSource() string {
	if a.sessions == 0 {
		return "the agent, which has no session,"
	}
	return "session " + string(a.session)
}
