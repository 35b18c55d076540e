package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A queued attempt never becomes pending again: somebody may be running it.
var validTransitions = Property{
	ID:       "valid-transitions",
	Class:    Outcome,
	Sentence: "Statuses only follow each other as designed: pending, queued, running, terminal, and then the next attempt.",
	Source:   "seed.txt (a claim reverted to pending); design.md 1",
	watches:  []watching{on(checkValidTransition, StoreChanged)},
}

// allowed[from] is the set of statuses that may follow within an attempt. What a
// terminal status may become is the business of terminal-final.
var allowed = [engine.Cancelled + 1]uint8{
	engine.Pending: setOf(engine.Pending, engine.Queued, engine.Failed, engine.Cancelled),
	engine.Queued:  setOf(engine.Queued, engine.Running, engine.Completed, engine.Failed, engine.Cancelled),
	engine.Running: setOf(engine.Running, engine.Completed, engine.Failed, engine.Cancelled),
}

func setOf(statuses ...engine.Status) (set uint8) {
	for _, s := range statuses {
		set |= 1 << s
	}
	return set
}

func checkValidTransition(l *ledger, r *Record) *Violation {
	before, after := r.Before, r.After
	switch {
	case before == nil:
		born := after.Status == engine.Pending || after.Status == engine.Cancelled && after.SupersededBy != ""
		if after.Attempt != 1 || !born {
			return violated(r, "born in the middle", "review %s came into being as %s of attempt %d; allowed: pending of attempt 1, or cancelled when superseded",
				r.Key.Review, after.Status, after.Attempt)
		}
	case after.Attempt == before.Attempt:
		if before.Status <= engine.Running && (after.Status > engine.Cancelled || allowed[before.Status]&(1<<after.Status) == 0) {
			return violated(r, before.Status.String()+" became "+after.Status.String(), "%s made review %s, attempt %d %s, which was %s",
				r.Op.Kind, r.Key.Review, after.Attempt, after.Status, before.Status)
		}
	case after.Attempt > before.Attempt:
		retried := r.Op.Kind == model.OpApply && (before.Status == engine.Queued || before.Status == engine.Running)
		triggered := r.Op.Kind == model.OpRetrigger && before.Status.Terminal()
		if after.Attempt != before.Attempt+1 || after.Status != engine.Pending || !retried && !triggered {
			return violated(r, "a next attempt out of order", "%s took review %s from %s of attempt %d to %s of attempt %d",
				r.Op.Kind, r.Key.Review, before.Status, before.Attempt, after.Status, after.Attempt)
		}
	}
	return nil
}
