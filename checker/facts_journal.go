package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// rowFacts are about the journal's row of an attempt.
type rowFacts struct {
	hasRow      bool
	row         engine.Orchestration // as last changed
	began       time.Duration        // when it was journaled
	journaledAt time.Duration        // when it last changed, but for its lease
	intended    bool                 // an accepted intend is journaled
	intendedAt  time.Duration        // when the first was
	tombstone   bool                 // it was over from the start
	purged      bool                 // its events are gone
	// progressed is when the row last changed, but for its lease, on the clock of the process that changed it.
	progressed time.Time
	// holder is the process that was given the row's epoch. knewCancel: the row was to be cancelled when it was. acted
	// is the latest epoch under which its holder wrote something.
	holder     string
	holderLife int
	takenAt    time.Duration // when the row last got another epoch
	knewCancel bool
	forced     bool // an operator has ended it
	unowed     bool // an operator has given up its callback
	acted      engine.Epoch
}

// over reports whether the row has its outcome.
func (f *rowFacts) over() bool { return f.hasRow && f.row.Phase == engine.PhaseOver }

// journaledStatus is what a caller that asks about the attempt has to learn.
func (f *rowFacts) journaledStatus() engine.Status {
	switch {
	case !f.hasRow:
		return 0
	case f.row.Phase == engine.PhaseOver:
		return f.row.Outcome.Status
	case f.row.Phase == engine.PhaseAccepted:
		return engine.Queued
	}
	return engine.Running
}

// applyJournal takes an operation that may have changed the row.
func (f *rowFacts) applyJournal(r *Record) {
	op := r.JournalOp
	if r.RowBefore == nil {
		f.tombstone = r.Row.Phase == engine.PhaseOver
		f.began = r.At
	}
	if r.Row.Phase >= engine.PhaseIntended && op.Kind == model.JournalRecordIntent {
		if !f.intended {
			f.intendedAt = r.At
		}
		f.intended = true
	}
	if r.Row.Epoch != r.Current {
		f.holder, f.holderLife, f.knewCancel, f.takenAt = r.Actor, r.Life, r.Row.Cancel, r.At
	} else if op.Epoch != 0 && op.Epoch == r.Current && !r.JournalResult.Failed {
		f.acted = op.Epoch
	}
	switch {
	case op.Kind == model.JournalRenewLease:
	case op.Kind == model.JournalPurge:
		f.purged = true
	case op.Kind == model.JournalAbandon:
		f.forced = true
		f.unowed = f.unowed || r.RowBefore != nil && r.RowBefore.Phase == engine.PhaseOver
		fallthrough
	default:
		f.journaledAt = r.At
		if r.RowBefore == nil || progressed(r.RowBefore, r.Row) {
			f.progressed = op.Now
		}
	}
	f.row, f.hasRow = *r.Row, true
}

// progressed reports whether more of a row has changed than who holds it.
func progressed(before, after *engine.Orchestration) bool {
	return before.Phase != after.Phase || before.Cancel != after.Cancel || before.Outcome != after.Outcome ||
		before.CallbackPending != after.CallbackPending || before.Events != after.Events || before.Tokens != after.Tokens
}

// spanFacts are about the operation of the journal that changes several rows just now.
type spanFacts struct{ rows int }

// rowChanged takes the record of one row.
func (f *spanFacts) rowChanged() { f.rows++ }

// ended takes the record of the operation as a whole.
func (f *spanFacts) ended() { f.rows = 0 }

// spans reports whether an operation of the journal may change several rows.
func spans(op *model.JournalOp) bool {
	return op.Kind == model.JournalRenewLease || op.Kind == model.JournalPurge
}

// An appendClass is what an accepted append did to the journaled events. Appends are idempotent by sequence number: the
// journal ignores events up to the last journaled one, no matter which host sends them again.
type appendClass uint8

const (
	appendNone     appendClass = iota // no append, or refused
	appendFaithful                    // the new events are the next ones of the script
	appendGap                         // a sequence number is missing
	appendShort                       // fewer events were journaled than accepted
	appendAltered                     // an event is none that the agent emits
	appendTwice                       // more were journaled than accepted, or one again under a new number
	appendShuffled                    // the events are there, in another order
)

// classify compares an append with the script of its session, once for all properties about events.
func (a *attemptFacts) classify(r *Record) appendClass {
	if a == nil || r.JournalResult.Failed || r.RowBefore == nil || r.Row == nil {
		return appendNone
	}
	last := r.RowBefore.Events
	events := r.JournalOp.Events
	for i := range events {
		e := &events[i]
		if e.Seq <= last {
			if e.Seq > r.RowBefore.Events && !containsSeq(events[:i], e.Seq) {
				return appendShuffled // it comes after a later one
			}
			continue
		}
		if e.Seq != last+1 {
			if containsSeq(events[i+1:], last+1) {
				return appendShuffled
			}
			return appendGap
		}
		last = e.Seq
		if e.Seq > int64(len(a.script)) || *e != a.script[e.Seq-1] {
			return a.misplaced(e)
		}
	}
	switch {
	case r.Row.Events < last:
		return appendShort
	case r.Row.Events > last:
		return appendTwice
	}
	return appendFaithful
}

// misplaced classifies an event that stands at the wrong place of the script.
func (a *attemptFacts) misplaced(e *engine.Event) appendClass {
	for i := range a.script {
		emitted := a.script[i]
		emitted.Seq = e.Seq
		switch {
		case emitted != *e:
		case int64(i) < e.Seq-1:
			return appendTwice
		default:
			return appendShuffled
		}
	}
	return appendAltered
}

func containsSeq(events []engine.Event, seq int64) bool {
	for i := range events {
		if events[i].Seq == seq {
			return true
		}
	}
	return false
}
