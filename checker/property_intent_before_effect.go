package checker

var intentBeforeEffect = Property{
	ID:       "intent-before-effect",
	Class:    Protocol,
	Sentence: "The agent is called, and a session begins, only once the intention is journaled.",
	Source:   "design.md 3.4: it records the intention before it calls the agent",
	watches:  []watching{on(checkIntent, CreateSent, SessionStarted)},
}

func checkIntent(l *ledger, r *Record) *Violation {
	if l.attempt.intended {
		return nil
	}
	if r.Kind == CreateSent {
		return violated(r, "called before it was intended", "%s asked the agent for a session of review %s, attempt %d before the intention was journaled",
			r.Actor, r.Key.Review, r.Key.Attempt)
	}
	return violated(r, "began before it was intended", "session %s of review %s, attempt %d began before the intention was journaled",
		r.Session, r.Key.Review, r.Key.Attempt)
}
