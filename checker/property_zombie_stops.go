package checker

// When the answer of a refusal arrives is not recorded, and need not be. An
// orchestrator does one thing after the other: until it has the answer of a write it
// calls nobody, it repeats the write when the answer is lost, and it goes on to the
// agent only when the write was accepted. No write of an old epoch ever is. So from
// the refusal on there is nothing that it may ask the agent for, whether or not it
// has heard. (It may interrupt the session when it was told to cancel meanwhile.)
//
// One refusal says nothing: that of a first try which arrives when a second has been
// accepted. It was sent before that one, by the clock of the sender; in a run in which
// a clock jumped nobody can tell.
var zombieStops = Property{
	ID:       "zombie-stops",
	Class:    Protocol,
	Sentence: "A holder whose write was refused since another holds the lease asks the agent for nothing more.",
	Source:   "design.md 3.4: leases",
	watches:  []watching{on(checkZombieStops, CreateSent, StreamSent)},
}

func checkZombieStops(l *ledger, r *Record) *Violation {
	if h := l.attempt.single(r); h != nil && h.refused && !l.clockJumped {
		return violated(r, "went on after a refusal", "%s (%s) about review %s, attempt %d after the journal had refused it as the holder of epoch %d",
			r.Actor, r.Kind, r.Key.Review, r.Key.Attempt, h.epoch)
	}
	return nil
}
