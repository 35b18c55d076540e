package world

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// A content is something that a write carries and that a store refuses for good. Which fields count depends on what is
// written.
type content struct {
	key  engine.AttemptKey
	what written
	seq  int64  // of an event
	text string // of a reason
}

// written is what a write carries.
type written uint8

const (
	writtenNothing written = iota // that could be refused for good
	writtenPayload
	writtenIntent
	writtenEvent
	writtenReason
	writtenClaim
	writtenDueTime
	writtenStop
)

// A refusals is what a store refuses for good: decided once, when it is written for the first time, and kept.
type refusals []content

// refuse decides whether a store refuses for good what a call carries.
func (r *refusals) refuse(c *call, carried content, kind faults.Kind) {
	if carried.what == writtenNothing || c.faults.withoutEffect {
		return
	}
	w := c.world
	decision := w.plannedFault(c.from.process.Actor(), kind)
	if !slices.ContainsFunc(*r, func(refused content) bool { return refused.covers(&carried, c) }) {
		if c.copy || !w.injectBy(c.from.process.Actor(), c.to.party(), &c.method.faults, kind) {
			return
		}
		*r = append(*r, carried)
	} else {
		w.noteFault(kind, c.to.party(), c.method.name, decision)
	}
	c.faults.refuse(engine.Permanent, nil)
}

// covers reports whether a call carries the refused content.
func (refused *content) covers(carried *content, c *call) bool {
	if refused.key != carried.key || refused.what != carried.what {
		return false
	}
	if refused.what == writtenEvent {
		return slices.ContainsFunc(c.entry.op.Events, func(e engine.Event) bool { return e.Seq == refused.seq })
	}
	return refused.text == carried.text
}

// carries returns what a write of the journal carries that is not journaled yet.
func (j *journal) carries(op *model.JournalOp) content {
	carried := content{key: op.Key}
	row, known := j.state.Orchestration(op.Key)
	switch op.Kind {
	case model.JournalCreate:
		switch {
		case known:
		case op.Outcome.Status == 0:
			carried.what = writtenPayload
		default:
			carried.what, carried.text = writtenReason, op.Outcome.Reason
		}
	case model.JournalRecordIntent:
		if known && row.Phase < engine.PhaseIntended {
			carried.what = writtenIntent
		}
	case model.JournalAppend:
		if n := len(op.Events); known && n > 0 && op.Events[n-1].Seq > row.Events {
			carried.what, carried.seq = writtenEvent, op.Events[n-1].Seq
		}
	case model.JournalDecide, model.JournalFinish:
		if known && row.Phase < engine.PhaseStopping && len(op.Outcome.Reason) > shortText {
			carried.what, carried.text = writtenReason, op.Outcome.Reason
		}
	default: // carries nothing of its own
	}
	return carried
}

// shortText is the length up to which a text is never refused.
const shortText = 24

// receive implements [answerer].
func (j *journal) receive(c *call) {
	if j.world.refusesContent(faults.JournalRefusedForGood) {
		j.refused.refuse(c, j.carries(&c.entry.op), faults.JournalRefusedForGood)
	}
}

// carries returns what a write of the database carries.
func (db *database) carries(op *model.ReviewsOp) content {
	carried := content{key: op.Key}
	switch op.Kind {
	case model.ReviewsClaim:
		carried.what = writtenClaim
	case model.ReviewsDefer:
		carried.what = writtenDueTime
	case model.ReviewsStopped:
		carried.what = writtenStop
	case model.ReviewsFail:
		if len(op.Text) > shortText {
			carried.what, carried.text = writtenReason, op.Text
		}
	case model.ReviewsApply:
		if len(op.Report.Reason) > shortText {
			carried.what, carried.text = writtenReason, op.Report.Reason
		}
	default: // carries nothing of its own, or its caller is told
	}
	return carried
}

// refusesContent reports whether a kind of refusal for good is enabled. It outlasts the storm.
func (w *Deployment) refusesContent(kind faults.Kind) bool { return w.mix.Rate(kind) > 0 }
