package checker

import (
	"github.com/onceover/onceover/checker/model"
)

// The journal skips what it has, so an append that carries too much does no harm: it
// shows that its sender does not know what is journaled. Honest ones exist. A write
// whose answer was lost is repeated, with the same events; and of two tries the first
// may arrive when the second has long been accepted. It was sent before, by the clock
// of the sender, unless that clock jumped.
var appendedOnce = Property{
	ID:       "appended-once",
	Class:    Protocol,
	Sentence: "An append begins right behind the journaled events, unless it repeats an earlier one of its sender.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkAppendedOnce, JournalExecuted)},
}

func checkAppendedOnce(l *ledger, r *Record) *Violation {
	op := r.JournalOp
	if op.Kind != model.JournalAppend || len(op.Events) == 0 || r.RowBefore == nil || op.Epoch != r.Current {
		return nil
	}
	first, next := op.Events[0].Seq, r.RowBefore.Events+1
	switch h := l.attempt.single(r); {
	case first == next || h == nil || h.epoch != op.Epoch || l.clockJumped:
	case first > next:
		return violated(r, "an append left events out", "%s by %s, though %d events were journaled", op, r.Actor, r.RowBefore.Events)
	case first == h.appendedFirst && op.Events[len(op.Events)-1].Seq == h.appendedTo:
	case op.Now.Before(h.appended):
	default:
		return violated(r, "events were appended again", "%s by %s, though %d events were journaled and its append before was another", op, r.Actor, r.RowBefore.Events)
	}
	return nil
}
