package checker

// The answer of the journal to a start may come long after the attempt is journaled,
// and has the host launch an orchestrator. One that had been launched meanwhile, since
// a renewal found the attempt, may be over by then, and the second would begin anew
// with what it was told. So as long as a start is creating something, it is the only
// one that may launch it. Of two starts at the same time one is told that it has
// created the attempt, and the other may still wait for its answer.
var oneLaunch = Property{
	ID:       "one-launch",
	Class:    Protocol,
	Sentence: "A host does not work on an attempt that a start of its own is still creating.",
	Source:   "design.md 3.4: starts are idempotent; engine.Journal.Create",
	watches:  []watching{on(checkOneLaunch, CallBegan)},
}

func checkOneLaunch(l *ledger, r *Record) *Violation {
	if l.attempt == nil || !underLease(r) {
		return nil
	}
	h := l.attempt.find(r.Actor, r.Life)
	if h == nil || h.calls.creating == 0 || h.calls.accepted {
		return nil
	}
	return violated(r, "worked on what a start was creating", "%s calls %s about review %s, attempt %d, which a start of its own has not created yet as far as it knows",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt)
}
