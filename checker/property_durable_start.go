package checker

import "github.com/onceover/onceover/checker/model"

// A dispatcher writes an answer of the worker into the app under its claim, so
// that is where an answer shows that it was given.
var durableStart = Property{
	ID:       "durable-start",
	Class:    Protocol,
	Sentence: "What a worker answered about an attempt is about one that is journaled.",
	Source:   "design.md 3.4: starting is durable before it is acknowledged",
	watches:  []watching{on(checkDurableStart, StoreExecuted)},
}

func checkDurableStart(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpApply || r.Op.Token == 0 || l.attempt == nil || l.attempt.hasRow {
		return nil
	}
	return violated(r, "acknowledged before it was durable", "%s was told that review %s, attempt %d is %s, which no journal knows",
		r.Actor, r.Key.Review, r.Key.Attempt, r.Op.Report.Status)
}
