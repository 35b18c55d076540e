package checker

// The other half of retries-used: the agent is not asked for more than is needed. A
// host that gives its lease up and gets it again, or finds that it still has it, begins
// anew.
var agentLeftAlone = Property{
	ID:       "agent-left-alone",
	Class:    Protocol,
	Sentence: "A holder asks for a session no more often than configured and not after an answer.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkCreateAgain, CallBegan)},
}

func checkCreateAgain(l *ledger, r *Record) *Violation {
	if r.Text != callCreate || l.attempt == nil {
		return nil
	}
	h := l.attempt.single(r)
	switch {
	case h == nil:
	case h.calls.created:
		return violated(r, "asked again after an answer", "%s asks the agent again for the session of review %s, attempt %d, which it has got or was refused for good",
			r.Actor, r.Key.Review, r.Key.Attempt)
	case h.calls.creates >= l.config.Worker.CreateTries:
		return violated(r, "asked too often", "%s asks the agent for the session of review %s, attempt %d once more than the %d times that are allowed",
			r.Actor, r.Key.Review, r.Key.Attempt, l.config.Worker.CreateTries)
	}
	return nil
}
