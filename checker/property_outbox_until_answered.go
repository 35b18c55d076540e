package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A tombstone owes nobody a callback: whoever had the attempt buried was answered.
var outboxUntilAnswered = Property{
	ID:       "outbox-until-answered",
	Class:    Protocol,
	Sentence: "Every outcome goes into the outbox and stays there until the app has answered its callback.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkOutbox, JournalExecuted)},
}

func checkOutbox(l *ledger, r *Record) *Violation {
	before, after, a := r.RowBefore, r.Row, l.attempt
	if before == nil || after == nil {
		return nil
	}
	switch {
	case after.Phase == engine.PhaseOver && before.Phase != engine.PhaseOver && !after.Owed:
		return violated(r, "an outcome is not owed", "%s ended review %s, attempt %d without putting its callback into the outbox",
			r.JournalOp.Kind, r.Key.Review, r.Key.Attempt)
	case before.Owed && !after.Owed && r.JournalOp.Kind != model.JournalSettle:
		return violated(r, "the outbox was emptied by another write", "%s took the callback of review %s, attempt %d out of the outbox",
			r.JournalOp.Kind, r.Key.Review, r.Key.Attempt)
	case before.Owed && !after.Owed && !a.reported && !a.answered:
		return violated(r, "settled without an answer", "%s settled the callback of review %s, attempt %d, which the app has never answered",
			r.Actor, r.Key.Review, r.Key.Attempt)
	}
	return nil
}
