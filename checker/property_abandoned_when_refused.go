package checker

// A start that a worker refuses for good would be refused each time that the claim is
// stale, so the attempt has to end. That no session exists only a worker can know: an
// earlier dispatch may have reached one. So it is told to record the end, and an attempt
// that is abandoned for anything less would be one that could have run.
var abandonedWhenRefused = Property{
	ID:       "abandoned-when-refused",
	Class:    Protocol,
	Sentence: "An attempt is given up at the worker when, and only when, its start was refused for good or it can't be prepared.",
	Source:   "design.md 3.2: permanent; engine.Worker",
	watches: []watching{
		on(checkAbandonedForAReason, DispatchSent),
		on(checkAbandoned, StoreChanged),
	},
}

func checkAbandonedForAReason(l *ledger, r *Record) *Violation {
	if r.Text == "" {
		return nil
	}
	if c := l.review.claim(r.Token); c != nil && c.unstartable {
		return nil
	}
	if s := l.attempt.seenBy(r); s != nil && s.ended && s.cause != "" && s.hopeless(l) {
		return nil
	}
	return violated(r, "abandoned without need", "%s gives review %s, attempt %d up (%s), whose start no worker has refused and which can be prepared",
		r.Actor, r.Key.Review, r.Key.Attempt, r.Text)
}

func checkAbandoned(l *ledger, r *Record) *Violation {
	c := l.staleClaim(r)
	if c == nil || !c.unstartable || c.abandoned {
		return nil
	}
	return violated(r, "a refused start was left to go stale", "%s claimed review %s, attempt %d, whose start under claim %d the worker had refused for good, and %s had not given it up",
		r.Actor, r.Key.Review, r.Before.Attempt, c.token, c.actor)
}
