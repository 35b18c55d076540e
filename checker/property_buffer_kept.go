package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// What a host has received and not journaled is in its memory alone. Losing it does
// no lasting harm, since the agent keeps what is not acknowledged and delivers it
// again: so no-lost-events stays silent, and the loss is watched here. A host that
// asks for events again which it had received has lost its buffer, or goes on past a
// write whose outcome it does not know; one that ends the attempt, or lets it go,
// with events in hand has thrown them away. What a process has when it crashes, or
// when its lease is lost, is lost with it.
var bufferKept = Property{
	ID:       "buffer-kept",
	Class:    Protocol,
	Sentence: "What a holder has received it keeps until it is journaled: it asks for none of it again, and ends nothing before.",
	Source:   "seed.txt (buffered events dropped by a duplicate start); design.md 3.4",
	watches: []watching{
		on(checkNotAskedAgain, StreamSent),
		on(checkNothingInHand, JournalExecuted),
	},
}

func checkNotAskedAgain(l *ledger, r *Record) *Violation {
	if h := l.attempt.single(r); h != nil && r.From < h.delivered {
		return violated(r, "asked again for what it had received", "%s asked for the events of review %s, attempt %d behind %d, having received all up to %d",
			r.Actor, r.Key.Review, r.Key.Attempt, r.From, h.delivered)
	}
	return nil
}

func checkNothingInHand(l *ledger, r *Record) *Violation {
	op := r.JournalOp
	switch op.Kind {
	case model.JournalDecide, model.JournalFinish, model.JournalYield:
	default:
		return nil
	}
	if r.JournalResult.Failed || r.RowBefore == nil || op.Epoch != r.Current || r.RowBefore.Phase == engine.PhaseOver {
		return nil
	}
	if h := l.attempt.single(r); h != nil && h.epoch == op.Epoch && r.RowBefore.Events < h.delivered {
		return violated(r, "ended with events in hand", "%s by %s of review %s, attempt %d, of which it had received %d events and journaled %d",
			op.Kind, r.Actor, r.Key.Review, r.Key.Attempt, h.delivered, r.RowBefore.Events)
	}
	return nil
}
