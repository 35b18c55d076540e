package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var durableStart = Property{
	ID:       "durable-start",
	Class:    Protocol,
	Sentence: "What a worker answered about an attempt is about the one that it was asked about, which is journaled.",
	Source:   "design.md 3.4: starting is durable before it is acknowledged",
	watches: []watching{
		on(checkDurableStart, StoreExecuted),
		on(checkStartAnswer, DispatchAnswered),
	},
}

// checkStartAnswer looks at the answer itself, which the app may not write.
func checkStartAnswer(l *ledger, r *Record) *Violation {
	told := r.Report
	switch {
	case r.Text != "" || told == nil:
		return nil
	case told.Key != r.Key || told.Status < engine.Queued || told.Status > engine.Cancelled:
		return violated(r, "an answer about something else", "%s started review %s, attempt %d and was told that review %s, attempt %d is %s",
			r.Actor, r.Key.Review, r.Key.Attempt, told.Key.Review, told.Key.Attempt, told.Status)
	case !l.attempt.hasRow:
		return violated(r, "acknowledged before it was durable", "%s was told that review %s, attempt %d is %s, which no journal knows",
			r.Actor, r.Key.Review, r.Key.Attempt, told.Status)
	}
	return nil
}

func checkDurableStart(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpApply || r.Op.Token == 0 || l.attempt == nil || l.attempt.hasRow {
		return nil
	}
	return violated(r, "acknowledged before it was durable", "%s was told that review %s, attempt %d is %s, which no journal knows",
		r.Actor, r.Key.Review, r.Key.Attempt, r.Op.Report.Status)
}
