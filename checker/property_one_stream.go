package checker

// A stream that is not closed stays open at the agent, and delivers to nobody.
var oneStream = Property{
	ID:       "one-stream",
	Class:    Protocol,
	Sentence: "A host follows a session on one stream: it opens the next when it has closed the one before.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkOneStream, StreamSent)},
}

func checkOneStream(l *ledger, r *Record) *Violation {
	if h := l.attempt.single(r); h != nil && h.open > 0 {
		return violated(r, "a stream was left open", "%s asked for a stream of review %s, attempt %d while it had %d open",
			r.Actor, r.Key.Review, r.Key.Attempt, h.open)
	}
	return nil
}
