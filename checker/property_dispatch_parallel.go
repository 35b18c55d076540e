package checker

import "slices"

// A cycle is a reservation that found candidates. Which cycle a preparation belongs
// to is not recorded; it is taken for the latest one of its process that names the
// candidate and has not begun it, so that an answer that comes late, or never,
// accuses nobody. A process that was paused, crashed or struck by a fault is
// excused from the cycles that it had begun.
var dispatchParallel = Property{
	ID:       "dispatch-parallel",
	Class:    Outcome,
	Sentence: "The candidates of a cycle are prepared in parallel: each begins before the first has ended, and none after.",
	Source:   "seed.txt (twenty reviews one after the other); design.md 3.3",
	watches: []watching{
		on(checkDispatchParallel, PrepareStarted),
		on(checkNoneLeftOut, PrepareEnded),
	},
}

// checkNoneLeftOut looks at a cycle when the first of its preparations ends. A
// candidate that the process has prepared before may still be in its hands, and a
// process that is asked to stop begins nothing.
func checkNoneLeftOut(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	cycle, candidate := p.startedIn(r.Key)
	if cycle == nil || cycle.ended || !candidate.sure || p.leaving {
		return nil
	}
	for i := range cycle.candidates {
		if other := &cycle.candidates[i]; !other.started && !slices.Contains(p.begun, other.key) {
			return violated(r, "left out of a cycle", "%s has prepared review %s, attempt %d, and has not begun to prepare review %s, attempt %d of the same cycle",
				r.Actor, r.Key.Review, r.Key.Attempt, other.key.Review, other.key.Attempt)
		}
	}
	return nil
}

func checkDispatchParallel(l *ledger, r *Record) *Violation {
	cycle := l.process(r.Actor).waiting(r.Key)
	if cycle != nil && cycle.ended {
		return violated(r, "one after the other", "%s began to prepare review %s, attempt %d after it had prepared another candidate of the same cycle",
			r.Actor, r.Key.Review, r.Key.Attempt)
	}
	return nil
}
