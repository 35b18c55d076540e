package checker

// A cycle is a reservation that found candidates. Which cycle a preparation belongs
// to is not recorded; it is taken for the latest one of its process that names the
// candidate and has not begun it, so that an answer that comes late, or never,
// accuses nobody. A process that was paused, crashed or struck by a fault is
// excused from the cycles that it had begun.
var dispatchParallel = Property{
	ID:       "dispatch-parallel",
	Class:    Outcome,
	Sentence: "The candidates of a cycle are prepared in parallel: none begins after the first has ended.",
	Source:   "seed.txt (twenty reviews one after the other); design.md 3.3",
	watches:  []watching{on(checkDispatchParallel, PrepareStarted)},
}

func checkDispatchParallel(l *ledger, r *Record) *Violation {
	cycle := l.process(r.Actor).waiting(r.Key)
	if cycle != nil && cycle.ended {
		return violated(r, "one after the other", "%s began to prepare review %s, attempt %d after it had prepared another candidate of the same cycle",
			r.Actor, r.Key.Review, r.Key.Attempt)
	}
	return nil
}
