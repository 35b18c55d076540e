package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// calmFacts are about what may excuse that something comes late: since disturbedAt nothing has.
type calmFacts struct {
	// disturbedAt is when a call was last not answered, or a process began, was asked to end or was gone: a deployment that
	// shrinks takes processes down without a fault.
	disturbedAt time.Duration
	// leaving is how many processes are ending or have ended, and have not begun again.
	leaving int
}

// disturbed takes a record of something that a wake-up may have been lost in.
func (f *calmFacts) disturbed(r *Record) {
	f.disturbedAt = r.At
	switch {
	case r.Kind == ShutdownBegan:
		f.leaving++
	case r.Kind == ProcessStarted && r.Life > 1:
		f.leaving = max(f.leaving-1, 0)
	}
}

// promptFacts are about when the steps of an attempt began.
type promptFacts struct {
	preparing   time.Duration // the latest preparation
	executing   time.Duration // the session
	toCancel    time.Duration // when it was journaled that it is to be cancelled
	cancelledIn engine.Epoch  // of its holder at that time
	cancelledBy lifeEntry     // the host that was asked to
	reporting   time.Duration // the latest report of the outcome
}

func (f *promptFacts) beganToPrepare(r *Record) { f.preparing = r.At }

func (f *promptFacts) beganToExecute(r *Record) { f.executing = r.At }

func (f *promptFacts) beganToReport(r *Record) {
	if r.Status.Terminal() {
		f.reporting = r.At
	}
}

// beganToCancel takes a write of the journal.
func (f *promptFacts) beganToCancel(r *Record) {
	if r.JournalOp.Kind == model.JournalRequestCancel && r.RowBefore != nil && !r.RowBefore.Cancel && r.Row.Cancel {
		f.toCancel, f.cancelledBy, f.cancelledIn = r.At, sender(r), 0
		if r.RowBefore.Holder != "" {
			f.cancelledIn = r.RowBefore.Epoch
		}
	}
}

// disturbs reports whether a record shows that something may have been lost, or begins late, without a fault.
func disturbs(r *Record) bool {
	switch r.Kind {
	case ProcessStarted, ProcessCrashed, ShutdownBegan, ShutdownEnded:
		return true
	case CallEnded:
		return r.Error.Is(engine.Ambiguous)
	default:
		return false
	}
}
