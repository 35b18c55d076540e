package checker

import "github.com/onceover/onceover/engine"

// The agent knows an attempt by its key and answers a late question as it did before,
// so that asking when all is decided harms nobody. But it says that the host does not
// know what it has journaled.
var nothingWhenOver = Property{
	ID:       "nothing-when-over",
	Class:    Protocol,
	Sentence: "The holder of an attempt whose outcome is decided asks for no session and no events, and once it is over for no end of it.",
	Source:   "design.md 3: decide first, act after",
	watches:  []watching{on(checkNothingWhenOver, CreateSent, StreamSent, InterruptSent)},
}

func checkNothingWhenOver(l *ledger, r *Record) *Violation {
	a := l.attempt
	h := a.single(r)
	if h == nil || !a.hasRow || h.epoch != a.row.Epoch || a.row.Phase < engine.PhaseStopping ||
		r.Kind == InterruptSent && a.row.Phase != engine.PhaseOver {
		return nil
	}
	return violated(r, "work on what is decided", "%s (%s) about review %s, attempt %d, which it holds %s",
		r.Actor, r.Kind, r.Key.Review, r.Key.Attempt, describeRow(&a.row))
}
