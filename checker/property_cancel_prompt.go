package checker

import "github.com/onceover/onceover/engine"

// A cancel is accepted by whichever host the app reaches, and the one that runs the
// attempt hears of it with its next renewal, at the latest. Then nothing is left to
// wait for but a write under way. That it hears at all is the business of one-holder
// and no-stuck, since what nobody holds is taken over. A host that was slow may still
// be in a pause that it began then.
var cancelPrompt = Property{
	ID:       "cancel-prompt",
	Class:    Protocol,
	Sentence: "In the quiet phase a host that its renewal has told of a cancel interrupts the session soon.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkCancelPrompt, holdExecuted)},
}

func checkCancelPrompt(l *ledger, r *Record) *Violation {
	if l.phase != "quiet" || r.JournalResult.Failed || l.process(r.Actor).slow {
		return nil
	}
	for i := range r.JournalResult.Orchestrations {
		row := &r.JournalResult.Orchestrations[i]
		if !row.Cancel || row.Phase == engine.PhaseOver {
			continue
		}
		a := l.held(row)
		if a == nil {
			continue
		}
		h := a.find(r.Actor, r.Life)
		if h == nil || h.again || h.interrupts || h.told == 0 || r.At-h.told <= l.config.CancelWithin {
			continue
		}
		return violated(r, "a cancel was not carried out", "%s was told %s ago that review %s, attempt %d is to be cancelled and has not interrupted it; it is %s",
			r.Actor, r.At-h.told, row.Key.Review, row.Key.Attempt, describeRow(row))
	}
	return nil
}
