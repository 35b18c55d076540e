package checker

// A host that stops gracefully journals what it has received and gives its leases
// up. Nothing is lost if it does not: the agent keeps what is not acknowledged, and
// a lease ends. But then a deployment costs every running review the length of a
// lease. Giving up is tried once, so a host is excused when any fault struck
// meanwhile; and only orchestrations that it has really run are looked at, since
// one whose creation it was never told of is nothing that it could give up.
var shutdownLosesNothing = Property{
	ID:       "shutdown-loses-nothing",
	Class:    Protocol,
	Sentence: "A host that has stopped gracefully holds no lease of an unfinished attempt that it ran.",
	Source:   "design.md 3.5: graceful shutdown that loses nothing",
	watches:  []watching{on(checkShutdown, ShutdownEnded)},
}

func checkShutdown(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	if !p.stopping || r.Text != "" || l.faults != p.faults {
		return nil
	}
	for _, v := range l.reviews {
		for _, a := range v.attempts {
			if !a.hasRow || !a.row.Unfinished() || a.row.Holder == "" || a.holder != r.Actor || a.holderLife != r.Life || a.acted != a.row.Epoch {
				continue
			}
			return violated(r, "stopped holding a lease", "%s has stopped gracefully but still holds the lease of review %s, attempt %d, which is %s",
				r.Actor, a.key.Review, a.key.Attempt, describeRow(&a.row))
		}
	}
	return nil
}
