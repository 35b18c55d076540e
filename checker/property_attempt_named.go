package checker

// Attempts are numbered from 1. An attempt 0 stands in rows for "none", so a message
// about it is one about nothing: a worker told to cancel it keeps a tombstone for ever.
var attemptNamed = Property{
	ID:       "attempt-named",
	Class:    Protocol,
	Sentence: "Every message, every row and every report names an attempt, from 1 on.",
	Source:   "design.md 3: the attempt's key stands in every message, key and row",
	watches:  []watching{on(checkAttemptNamed, namesNone)},
}

func checkAttemptNamed(_ *ledger, r *Record) *Violation {
	return violated(r, "no attempt was named", "%s by %s names attempt %d of review %q", r.Kind, r.Actor, r.Key.Attempt, r.Key.Review)
}
