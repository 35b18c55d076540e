package checker

var terminalFinal = Property{
	ID:       "terminal-final",
	Class:    Outcome,
	Sentence: "Once an attempt is completed, failed or cancelled, it stays that.",
	Source:   "design.md 1 and 7",
	watches:  []watching{on(checkTerminalFinal, StoreChanged)},
}

func checkTerminalFinal(l *ledger, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil {
		return nil
	}
	switch {
	case after.Attempt < before.Attempt:
		return violated(r, "an ended attempt came back", "%s took review %s from attempt %d back to attempt %d",
			r.Op.Kind, r.Key.Review, before.Attempt, after.Attempt)
	case after.Attempt == before.Attempt && before.Status.Terminal() && after.Status != before.Status:
		return violated(r, "a terminal status changed", "%s made review %s, attempt %d %s, which was %s",
			r.Op.Kind, r.Key.Review, after.Attempt, after.Status, before.Status)
	}
	return nil
}
