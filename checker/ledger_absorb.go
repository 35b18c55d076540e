package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// locate finds what a record is about before anybody looks at it.
func (l *ledger) locate(r *Record) {
	l.attempt = nil
	l.appended = appendNone
	if r.Key.Review == "" {
		l.review = nil
		return
	}
	l.review = l.open(r.Key.Review)
	l.attempt = l.review.open(r.Key.Attempt)
	if r.Kind == JournalExecuted && r.JournalOp.Kind == model.JournalAppend {
		l.appended = l.classify(r)
	}
}

// concernsAttempt tells which kinds of records are always about an attempt. One
// that names none is skipped: it is about nothing.
var concernsAttempt = [kindEnd]bool{
	StoreChanged: true, PrepareStarted: true, PrepareEnded: true, DispatchSent: true, StartArrived: true,
	DispatchAnswered: true, EventDelivered: true, StreamOpened: true, StreamClosed: true, ReceiveEnded: true, CallbackArrived: true,
	CreateSent: true, StreamSent: true, InterruptSent: true, JournalExecuted: true,
	SessionStarted: true, SessionEnded: true, Interrupted: true, CallbackSent: true, CallbackAnswered: true,
}

// absorb takes a record into the ledger.
func (l *ledger) absorb(r *Record) {
	switch r.Kind {
	case StoreExecuted:
		l.absorbOperation(r)
	case StoreChanged:
		l.absorbRow(r)
	case JournalExecuted:
		l.absorbJournal(r)
	case PrepareStarted:
		l.prepareStarted(r)
	case PrepareEnded:
		l.prepareEnded(r)
	case DispatchSent:
		if c := l.review.claim(r.Token); c != nil {
			c.used = true
			c.abandoned = c.abandoned || r.Text != ""
		}
		l.makespan.dispatched(r)
	case DispatchAnswered:
		l.dispatchAnswered(r)
	case CreateSent:
		l.attempt.host(r).creates++
	case StreamSent:
		h := l.attempt.host(r)
		h.streams++
		h.delivered = max(h.delivered, r.From)
	case StreamOpened:
		l.attempt.host(r).open++
	case StreamClosed:
		l.attempt.host(r).open--
	case ReceiveEnded:
		l.attempt.host(r).receiveEnded(r)
	case EventDelivered:
		if h := l.attempt.host(r); r.Number == h.delivered+1 {
			if !h.buffers {
				h.buffers, h.bufferedAt = true, r.At
			}
			h.delivered++
		}
	case InterruptSent:
		l.attempt.host(r).interrupts = true
	case CallbackArrived:
		if r.Status <= engine.Cancelled {
			l.attempt.arrived[r.Status] |= l.bit(r.Actor)
		}
	case SessionStarted:
		l.sessionStarted(r)
	case SessionEnded:
		l.sessionEnded(r)
	case Interrupted:
		l.attempt.interrupted = true
	case CallbackSent:
		if r.Status.Terminal() {
			l.attempt.callbacks++
		}
	case CallbackAnswered:
		if isAnswer(r.Text) && (r.Status == 0 || r.Status.Terminal()) {
			l.attempt.answered = true
		}
	case ProcessCrashed:
		p := l.process(r.Actor)
		p.crashed, p.stopping, p.over = true, false, r.At
		p.forgetCycles()
		l.makespan.crashed(r)
	case ProcessStarted:
		p := l.process(r.Actor)
		p.crashed, p.paused, p.stopping, p.life = false, false, false, int(r.Number)
		p.leaving, p.slow, p.halted = false, false, false
		p.started, p.rounds = r.At, roundsEntry{roundEntry{at: r.At}, roundEntry{at: r.At}}
		p.begun, p.sightings = p.begun[:0], p.sightings[:0]
		l.callsForgotten(p)
		p.forgetCycles()
	case ProcessPaused, ProcessResumed:
		p := l.process(r.Actor)
		p.paused, p.halted = r.Kind == ProcessPaused, true
		p.resumed = r.At
		p.forgetCycles()
	case FaultFired:
		l.faultFired(r)
	case PhaseBegan:
		l.phase, l.phaseBegan = r.Text, r.At
	case ClientAnswered:
		l.clientAnswered(r)
	case ShutdownBegan, ShutdownEnded:
		p := l.process(r.Actor)
		p.stopping, p.leaving = r.Kind == ShutdownBegan, true
		p.faults = l.faults
		l.shutdown(p, r)
	case CallBegan:
		l.callBegan(r)
	case CallEnded:
		l.callEnded(r)
	default: // what follows from it has records of its own
	}
}

func (l *ledger) absorbOperation(r *Record) {
	op := r.Op
	if l.review != nil {
		l.review.changed = false
	}
	switch op.Kind {
	case model.OpReserve:
		if !r.Result.Failed {
			l.cycleBegan(r)
		}
	case model.OpClaim:
		if !r.Result.Failed {
			l.review.claims = append(l.review.claims, claimEntry{
				token: r.Result.Token, attempt: op.Key.Attempt, actor: r.Actor, life: r.Life, at: r.At,
			})
			if i := l.attempt.prepares(r); i >= 0 {
				l.attempt.prepared = slices.Delete(l.attempt.prepared, i, i+1)
			}
		}
	case model.OpRelease, model.OpDefer, model.OpFail:
		if c := l.review.claim(op.Token); c != nil && op.Kind == model.OpRelease {
			c.released = true
		}
		if !r.Result.Failed {
			if c := l.review.claim(op.Token); c != nil && c.actor == r.Actor && c.life == r.Life {
				c.givenUp = true
			}
		}
	case model.OpSweep:
		l.sweepFound(r)
	case model.OpApply:
		// A refusal as stale or not found is an answer too.
		if op.Report.Status.Terminal() && (!r.Result.Failed || isAnswerKind(r.Result.Err)) && l.attempt != nil {
			l.attempt.reported = true
		}
	default: // what it does is in the rows that it changes
	}
}

func (l *ledger) absorbRow(r *Record) {
	v := l.review
	l.concludes(r)
	if !v.hasRow {
		v.began = r.At
	}
	if r.Before != nil && r.After.Attempt > r.Before.Attempt {
		v.retries++
		if r.Op.Kind == model.OpRetrigger {
			v.retries = 0
		}
	}
	v.row, v.hasRow, v.changed, v.changedAt = *r.After, true, true, r.At
	l.countSlots(r)
}

// countSlots notes since when the owner of a changed row has had a free slot.
func (l *ledger) countSlots(r *Record) {
	held := 0
	for _, v := range l.reviews {
		if v.hasRow && v.row.Owner == r.Owner && holdsSlot(&v.row) {
			held++
		}
	}
	o := l.owner(r.Owner)
	full := held >= l.config.limit(r.Owner)
	if o.full && !full {
		o.freeSince = r.At
	}
	o.full = full
}

func (l *ledger) absorbJournal(r *Record) {
	a, op := l.attempt, r.JournalOp
	if a == nil {
		switch {
		case r.JournalResult.Failed:
		case op.Kind == model.JournalHold:
			l.absorbHold(r)
		case op.Kind == model.JournalPurge:
			l.absorbPurge(r)
		}
		return
	}
	if op.Kind.Reads() || r.Row == nil {
		return
	}
	if r.RowBefore == nil {
		a.buried = r.Row.Phase == engine.PhaseOver
		a.began = r.At
	}
	if r.Row.Phase >= engine.PhaseIntended && op.Kind == model.JournalIntend {
		a.intended = true
	}
	if r.Row.Epoch != r.Current {
		a.holder, a.holderLife, a.knewCancel = r.Actor, r.Life, r.Row.Cancel
		a.given(r)
	} else if op.Epoch != 0 && op.Epoch == r.Current && !r.JournalResult.Failed {
		a.acted = op.Epoch
	}
	if op.Kind == model.JournalCreate && r.RowBefore == nil {
		l.leaseSeen(r.Row.Holder, r.At)
	}
	if op.Kind.Fenced() {
		a.wrote(r)
	}
	if op.Kind != model.JournalHold {
		a.journaledAt = r.At
	}
	a.row, a.hasRow = *r.Row, true
	a.row.Payload = nil // the caller's memory
}

// absorbPurge marks the attempts whose events may be gone.
func (l *ledger) absorbPurge(r *Record) {
	for _, v := range l.reviews {
		for _, a := range v.attempts {
			if a.purgeable(r) {
				a.purged = true
			}
		}
	}
}

// purgeable reports whether a purge may forget an attempt's events.
func (a *attemptEntry) purgeable(r *Record) bool {
	return a.hasRow && !a.purged && !a.row.Unfinished() && a.row.UpdatedAt.Before(r.JournalOp.Before)
}

// held returns the entry of an orchestration that is journaled, or nil.
func (l *ledger) held(o *engine.Orchestration) *attemptEntry {
	v := l.find(o.Key.Review)
	if v == nil {
		return nil
	}
	if a := v.known(o.Key.Attempt); a != nil && a.hasRow {
		return a
	}
	return nil
}

func (l *ledger) sessionStarted(r *Record) {
	a := l.attempt
	a.sessions++
	a.session, a.owner = r.Session, r.Owner
	if !a.live {
		l.review.live++
		l.owner(r.Owner).live++
	}
	a.live, a.ended = true, 0
	a.script = append(a.script[:0], r.Script...)
	a.usage = append(a.usage[:0], 0)
	sum := int64(0)
	for i := range a.script {
		sum += a.script[i].Tokens
		a.usage = append(a.usage, sum)
	}
}

func (l *ledger) sessionEnded(r *Record) {
	a := l.attempt
	if a.live {
		l.review.live--
		l.owner(a.owner).live--
	}
	a.live, a.ended, a.emitted = false, r.Status, r.Number
}

func (l *ledger) clientAnswered(r *Record) {
	if r.Text != "events" || l.attempt == nil {
		return
	}
	a := l.attempt
	last := r.From + r.Number
	for i := range a.shown {
		if a.shown[i].client == r.Actor {
			a.shown[i].number = max(a.shown[i].number, last)
			return
		}
	}
	a.shown = append(a.shown, shownEntry{client: r.Actor, number: last})
}

// isAnswerKind reports whether an error of a callback is an answer: see
// [engine.Callback].
func isAnswerKind(kind engine.ErrorKind) bool {
	return kind == engine.NotFound || kind == engine.Stale || kind == engine.Permanent
}

// isAnswer is isAnswerKind for the text of a record; no error is an answer.
func isAnswer(text string) bool {
	switch text {
	case "", "not found", "stale", "permanent":
		return true
	}
	return false
}
