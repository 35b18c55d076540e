package checker

var oneLiveAttempt = Property{
	ID:       "one-live-attempt",
	Class:    Outcome,
	Sentence: "A review never has two attempts running at once.",
	Source:   "design.md 3.4: a slot is free only when the session is known to be over",
	watches:  []watching{on(checkOneLiveAttempt, SessionStarted)},
}

func checkOneLiveAttempt(l *ledger, r *Record) *Violation {
	if l.review.live == 0 {
		return nil
	}
	for _, other := range l.review.attempts {
		if other != l.attempt && other.live {
			return violated(r, "two attempts at once", "session %s of review %s, attempt %d began while session %s of attempt %d was running",
				r.Session, r.Key.Review, r.Key.Attempt, other.session, other.key.Attempt)
		}
	}
	return nil
}
