package checker

// The other half of outbox-until-answered. An outcome that is answered is settled in
// the journal, and that is repeated until it is known to have happened; so the app is
// not told again by the same holder. The next one can't know, and tells it again.
var settledOnce = Property{
	ID:       "settled-once",
	Class:    Protocol,
	Sentence: "A holder does not report an outcome again that the app has answered.",
	Source:   "design.md 3.4: callbacks",
	watches:  []watching{on(checkSettledOnce, CallBegan)},
}

func checkSettledOnce(l *ledger, r *Record) *Violation {
	if r.Text != callCallback || !r.Status.Terminal() || l.attempt == nil {
		return nil
	}
	h := l.attempt.single(r)
	if h == nil || !h.calls.reported {
		return nil
	}
	return violated(r, "an answered outcome was reported again", "%s reports that review %s, attempt %d is %s, though the app has answered that",
		r.Actor, r.Key.Review, r.Key.Attempt, r.Status)
}
