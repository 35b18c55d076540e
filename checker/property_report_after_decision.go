package checker

var reportAfterDecision = Property{
	ID:       "report-after-decision",
	Class:    Protocol,
	Sentence: "A host reports what the journal says: running once it is intended, an outcome once it is decided.",
	Source:   "design.md 3: decide first, act after",
	watches:  []watching{on(checkReport, CallbackSent)},
}

func checkReport(l *ledger, r *Record) *Violation {
	a := l.attempt
	if r.Status.Terminal() {
		if !a.over() || a.row.Outcome.Status != r.Status {
			return violated(r, "reported an outcome that is not journaled", "%s reported review %s, attempt %d %s, which the journal does not say",
				r.Actor, r.Key.Review, r.Key.Attempt, r.Status)
		}
		return nil
	}
	if !a.hasRow || !a.intended {
		return violated(r, "reported before it was intended", "%s reported review %s, attempt %d %s before the intention was journaled",
			r.Actor, r.Key.Review, r.Key.Attempt, r.Status)
	}
	return nil
}
