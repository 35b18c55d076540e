package checker

// What a cancel promises, and what it can't. Once the agent has taken note of an
// interrupt, and once the worker has journaled a tombstone, no session may begin,
// however late the create or the start arrives. A cancel of an attempt that a host
// is just beginning is different: the host has not heard of it, so a session may
// still begin, and end. What the user was told stays true (terminal-final), the
// slot stays taken until the session is over (slot-held), and it does get over
// (no-stuck). But a host that was given the orchestration after the cancel was
// journaled has heard: it must not call the agent for a session at all.
var cancelWins = Property{
	ID:       "cancel-wins",
	Class:    Outcome,
	Sentence: "No session begins after its attempt was interrupted or buried, and no host asks for one that was told of the cancel.",
	Source:   "design.md 3.4: cancel is durable and wins over a start that arrives later",
	watches: []watching{
		on(checkNoStartAfterCancel, SessionStarted),
		on(checkNoCreateKnowingly, CreateSent),
	},
}

func checkNoStartAfterCancel(l *ledger, r *Record) *Violation {
	a := l.attempt
	switch {
	case a.interrupted:
		return violated(r, "started after its interrupt", "session %s of review %s, attempt %d began although the agent had taken note of its interrupt",
			r.Session, r.Key.Review, r.Key.Attempt)
	case a.buried:
		return violated(r, "started over a tombstone", "session %s of review %s, attempt %d began although the attempt was cancelled before it reached a worker",
			r.Session, r.Key.Review, r.Key.Attempt)
	}
	return nil
}

func checkNoCreateKnowingly(l *ledger, r *Record) *Violation {
	a := l.attempt
	if a.knewCancel && a.holder == r.Actor && a.holderLife == r.Life {
		return violated(r, "created knowing of the cancel", "%s asked for a session of review %s, attempt %d, which it had been given as one to be cancelled",
			r.Actor, r.Key.Review, r.Key.Attempt)
	}
	return nil
}
