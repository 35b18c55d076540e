package checker

import "github.com/onceover/onceover/checker/model"

// Whoever takes over has to find out again what the holder knows: how often it has
// tried, and what it has not journaled yet.
var yieldWhenLeaving = Property{
	ID:       "yield-when-leaving",
	Class:    Protocol,
	Sentence: "A lease is given up only by a host that shuts down, or whose write the journal has refused for good.",
	Source:   "design.md 3.4, 3.5: graceful shutdown",
	watches:  []watching{on(checkYield, CallBegan)},
}

func checkYield(l *ledger, r *Record) *Violation {
	if r.JournalOp == nil || r.JournalOp.Kind != model.JournalYield || l.process(r.Actor).shutdown.asked {
		return nil
	}
	if a := l.attempt; a != nil {
		if h := a.find(r.Actor, r.Life); h != nil && h.calls.barred {
			return nil
		}
	}
	return violated(r, "a lease was given up without need", "%s gives up the lease of review %s, attempt %d, and is not shutting down",
		r.Actor, r.Key.Review, r.Key.Attempt)
}
