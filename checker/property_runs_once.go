package checker

var runsOnce = Property{
	ID:       "runs-once",
	Class:    Outcome,
	Sentence: "An attempt is executed by at most one session of the agent.",
	Source:   "seed.txt; design.md 7",
	watches:  []watching{on(checkRunsOnce, SessionStarted)},
}

func checkRunsOnce(l *ledger, r *Record) *Violation {
	if a := l.attempt; a.sessions > 0 {
		return violated(r, "executed twice", "review %s, attempt %d was executed by sessions %s and %s",
			r.Key.Review, r.Key.Attempt, a.session, r.Session)
	}
	return nil
}
