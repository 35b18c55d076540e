package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// resolve finds what a record is about before anybody looks at it.
func (f *facts) resolve(r *Record) {
	f.attempt = nil
	f.appended = appendNone
	if r.Key.Review == "" {
		f.review = nil
		return
	}
	f.review = f.open(r.Key.Review)
	f.attempt = f.review.open(r.Key.Attempt)
	if r.Kind == JournalExecuted && r.JournalOp.Kind == model.JournalAppend {
		f.appended = f.classify(r)
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

// apply takes a record into the facts.
func (f *facts) apply(r *Record) {
	switch r.Kind {
	case StoreExecuted:
		f.applyOperation(r)
	case StoreChanged:
		f.applyRow(r)
	case JournalExecuted:
		f.applyJournal(r)
	case PrepareStarted:
		f.prepareStarted(r)
	case PrepareEnded:
		f.prepareEnded(r)
	case DispatchSent:
		if c := f.review.claim(r.Token); c != nil {
			c.used = true
			c.abandoned = c.abandoned || r.Abandoned
		}
		f.makespan.dispatched(r)
	case DispatchAnswered:
		f.dispatchAnswered(r)
	case CreateSent:
		f.attempt.host(r).creates++
	case StreamSent:
		h := f.attempt.host(r)
		h.streams++
		h.delivered = max(h.delivered, r.From)
	case StreamOpened:
		f.attempt.host(r).open++
	case StreamClosed:
		f.attempt.host(r).open--
	case ReceiveEnded:
		f.attempt.host(r).receiveEnded(r)
	case EventDelivered:
		if h := f.attempt.host(r); r.Seq == h.delivered+1 {
			if !h.buffers {
				h.buffers, h.bufferedAt = true, r.At
			}
			h.delivered++
		}
	case InterruptSent:
		f.attempt.host(r).interrupts = true
	case CallbackArrived:
		if r.Status <= engine.Cancelled {
			f.attempt.arrived[r.Status] |= f.bit(r.Actor)
		}
	case SessionStarted:
		f.sessionStarted(r)
	case SessionEnded:
		f.sessionEnded(r)
	case Interrupted:
		f.attempt.interrupted = true
	case CallbackSent:
		if r.Status.Terminal() {
			f.attempt.callbacks++
		}
	case CallbackAnswered:
		if isAnswer(r.Error) && (r.Status == 0 || r.Status.Terminal()) {
			f.attempt.answered = true
		}
	case ProcessCrashed:
		p := f.process(r.Actor)
		p.crashed, p.stopping, p.over = true, false, r.At
		p.forgetCycles()
		f.makespan.crashed(r)
	case ProcessStarted:
		p := f.process(r.Actor)
		p.crashed, p.paused, p.stopping, p.life = false, false, false, r.Life
		p.leaving, p.slow, p.halted = false, false, false
		p.started, p.rounds = r.At, roundsFacts{roundFacts{at: r.At}, roundFacts{at: r.At}}
		p.begun, p.sightings = p.begun[:0], p.sightings[:0]
		f.callsForgotten(p)
		p.forgetCycles()
	case ProcessPaused, ProcessResumed:
		p := f.process(r.Actor)
		p.paused, p.halted = r.Kind == ProcessPaused, true
		p.resumed = r.At
		p.forgetCycles()
	case FaultFired:
		f.faultFired(r)
	case PhaseBegan:
		f.phase, f.phaseBegan = r.Phase, r.At
	case ClientAnswered:
		f.clientAnswered(r)
	case ShutdownBegan, ShutdownEnded:
		p := f.process(r.Actor)
		p.stopping, p.leaving = r.Kind == ShutdownBegan, true
		p.faults = f.faults
		f.shutdown(p, r)
	case CallBegan:
		f.callBegan(r)
	case CallEnded:
		f.callEnded(r)
	default: // what follows from it has records of its own
	}
}

func (f *facts) applyOperation(r *Record) {
	op := r.Op
	if f.review != nil {
		f.review.changed = false
	}
	switch op.Kind {
	case model.OpReserve:
		if !r.Result.Failed {
			f.cycleBegan(r)
		}
	case model.OpClaim:
		if !r.Result.Failed {
			f.review.claims = append(f.review.claims, claimFacts{
				token: r.Result.Token, attempt: op.Key.Attempt, actor: r.Actor, life: r.Life, at: r.At,
			})
			if i := f.attempt.prepares(r); i >= 0 {
				f.attempt.prepared = slices.Delete(f.attempt.prepared, i, i+1)
			}
		}
	case model.OpRelease, model.OpDefer, model.OpFail:
		if c := f.review.claim(op.Token); c != nil && op.Kind == model.OpRelease {
			c.released = true
		}
		if !r.Result.Failed {
			if c := f.review.claim(op.Token); c != nil && c.actor == r.Actor && c.life == r.Life {
				c.givenUp = true
			}
		}
	case model.OpSweep:
		f.sweepFound(r)
	case model.OpApply:
		// A refusal as stale or not found is an answer too.
		if op.Report.Status.Terminal() && (!r.Result.Failed || isAnswerKind(r.Result.Err)) && f.attempt != nil {
			f.attempt.reported = true
		}
	default: // what it does is in the rows that it changes
	}
}

func (f *facts) applyRow(r *Record) {
	v := f.review
	f.concludes(r)
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
	f.countSlots(r)
}

// countSlots notes since when the owner of a changed row has had a free slot.
func (f *facts) countSlots(r *Record) {
	held := 0
	for _, v := range f.reviews {
		if v.hasRow && v.row.Owner == r.Owner && holdsSlot(&v.row) {
			held++
		}
	}
	o := f.owner(r.Owner)
	full := held >= f.config.limit(r.Owner)
	if o.full && !full {
		o.freeSince = r.At
	}
	o.full = full
}

func (f *facts) applyJournal(r *Record) {
	a, op := f.attempt, r.JournalOp
	if a == nil {
		switch {
		case r.JournalResult.Failed:
		case op.Kind == model.JournalHold:
			f.applyHold(r)
		case op.Kind == model.JournalPurge:
			f.applyPurge(r)
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
		f.leaseSeen(r.Row.Holder, r.At)
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

// applyPurge marks the attempts whose events may be gone.
func (f *facts) applyPurge(r *Record) {
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			if a.purgeable(r) {
				a.purged = true
			}
		}
	}
}

// purgeable reports whether a purge may forget an attempt's events.
func (a *attemptFacts) purgeable(r *Record) bool {
	return a.hasRow && !a.purged && !a.row.Unfinished() && a.row.UpdatedAt.Before(r.JournalOp.Before)
}

// held returns the entry of an orchestration that is journaled, or nil.
func (f *facts) held(o *engine.Orchestration) *attemptFacts {
	v := f.find(o.Key.Review)
	if v == nil {
		return nil
	}
	if a := v.known(o.Key.Attempt); a != nil && a.hasRow {
		return a
	}
	return nil
}

func (f *facts) sessionStarted(r *Record) {
	a := f.attempt
	a.sessions++
	a.session, a.owner = r.Session, r.Owner
	if !a.live {
		f.review.live++
		f.owner(r.Owner).live++
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

func (f *facts) sessionEnded(r *Record) {
	a := f.attempt
	if a.live {
		f.review.live--
		f.owner(a.owner).live--
	}
	a.live, a.ended, a.emitted = false, r.Status, r.Events
}

func (f *facts) clientAnswered(r *Record) {
	if r.Call != CallAppEvents || f.attempt == nil {
		return
	}
	a := f.attempt
	last := r.From + r.Events
	for i := range a.shown {
		if a.shown[i].client == r.Actor {
			a.shown[i].number = max(a.shown[i].number, last)
			return
		}
	}
	a.shown = append(a.shown, shownFacts{client: r.Actor, number: last})
}

// isAnswerKind reports whether an error of a callback is an answer: see
// [engine.Callback].
func isAnswerKind(kind engine.ErrorKind) bool {
	return kind == engine.NotFound || kind == engine.Stale || kind == engine.Permanent
}

// isAnswer is isAnswerKind for the failure of a record; none is an answer.
func isAnswer(f Failure) bool {
	return f == NoFailure || f.Is(engine.NotFound) || f.Is(engine.Stale) || f.Is(engine.Permanent)
}
