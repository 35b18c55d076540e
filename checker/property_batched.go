package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// Events are journaled in batches, since each write costs, and within seconds, since
// what is only in memory is lost in a crash and delivered again. A batch is shorter
// than configured only when the host has waited for the next event in vain: it took too
// long, the stream ended, or the work was interrupted. While it journals it receives
// nothing, so whenever an event arrives the oldest in hand is younger than that. A
// process that is slow or runs an older configuration is excused.
var batched = Property{
	ID:       "batched",
	Class:    Protocol,
	Sentence: "Received events are journaled in full batches, or when the first of them has waited long enough, and never later.",
	Source:   "design.md 3.4: events are buffered in memory and flushed in batches",
	watches: []watching{
		on(checkBatch, JournalExecuted),
		on(checkFlushed, EventDelivered),
	},
}

func checkBatch(l *ledger, r *Record) *Violation {
	op := r.JournalOp
	if op.Kind != model.JournalAppend || r.JournalResult.Failed || len(op.Events) == 0 || r.RowBefore == nil || l.otherPace(r) {
		return nil
	}
	h := l.attempt.single(r)
	first, last := &op.Events[0], &op.Events[len(op.Events)-1]
	if h == nil || first.Seq <= r.RowBefore.Events {
		return nil // not the first write of these
	}
	switch n := len(op.Events); {
	case n > l.config.Worker.Batch:
		return violated(r, "more than a batch", "%s journaled %d events of review %s, attempt %d at once; a batch is %d",
			r.Actor, n, r.Key.Review, r.Key.Attempt, l.config.Worker.Batch)
	case n < l.config.Worker.Batch && !h.stopped && !last.Last():
		return violated(r, "less than a batch", "%s journaled %d events of review %s, attempt %d without waiting for more; a batch is %d",
			r.Actor, n, r.Key.Review, r.Key.Attempt, l.config.Worker.Batch)
	}
	return nil
}

// flushSlack is for the rounding of timers.
const flushSlack = 10 * time.Millisecond

func checkFlushed(l *ledger, r *Record) *Violation {
	h := l.attempt.single(r)
	if h == nil || !h.buffers || l.otherPace(r) {
		return nil
	}
	if age := r.At - h.bufferedAt; age > l.config.Worker.FlushAfter+flushSlack {
		return violated(r, "kept in memory for too long", "%s received event %d of review %s, attempt %d with others in hand since %s, which are journaled after %s",
			r.Actor, r.Number, r.Key.Review, r.Key.Attempt, age, l.config.Worker.FlushAfter)
	}
	return nil
}

// otherPace reports whether the sender of a record keeps to other times than those
// configured: it is or was slow or paused in this life, or runs an older configuration.
func (l *ledger) otherPace(r *Record) bool {
	p := l.process(r.Actor)
	return p.slow || p.halted || p.old >= r.Life // what an earlier life had sent may arrive now
}
