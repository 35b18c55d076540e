package checker

import "github.com/onceover/onceover/engine"

// A session that is interrupted without anything in the journal that says so looks,
// to the next holder, like one that was interrupted by somebody else. An attempt that
// is over is excused: an earlier holder, told to cancel it, need not know.
var decisionBeforeInterrupt = Property{
	ID:       "decision-before-interrupt",
	Class:    Protocol,
	Sentence: "A session is interrupted only once the journal says that the attempt is to be cancelled, or has failed.",
	Source:   "design.md 3: decide first, act after",
	watches:  []watching{on(checkDecisionBeforeInterrupt, InterruptSent)},
}

func checkDecisionBeforeInterrupt(l *ledger, r *Record) *Violation {
	a := l.attempt
	if !a.hasRow || a.row.Cancel || a.row.Phase >= engine.PhaseStopping {
		return nil
	}
	return violated(r, "interrupted before it was decided", "%s interrupted review %s, attempt %d, which is %s",
		r.Actor, r.Key.Review, r.Key.Attempt, describeRow(&a.row))
}
