package checker

var ownerLimit = Property{
	ID:       "owner-limit",
	Class:    Outcome,
	Sentence: "An owner never has more sessions running than its limit, not even for a moment.",
	Source:   "design.md 3.3 and 7",
	watches:  []watching{on(checkOwnerLimit, SessionStarted)},
}

func checkOwnerLimit(l *ledger, r *Record) *Violation {
	limit := l.config.limit(r.Owner)
	if running := l.owner(r.Owner).live + 1; running > limit {
		return violated(r, "more sessions than slots", "session %s of review %s is the %d. that owner %s has running; the limit is %d",
			r.Session, r.Key, running, r.Owner, limit)
	}
	return nil
}
