package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// apply applies a record: it passes it on to all facts that it is about.
func (f *facts) apply(r *Record) {
	if disturbs(r) {
		f.disturbed(r)
	}
	switch r.Kind {
	case StoreExecuted:
		f.applyOperation(r)
	case StoreChanged:
		f.applyRow(r)
	case JournalExecuted:
		f.applyJournal(r)
	case PrepareStarted:
		f.openProcess(r.Actor).cycles.prepareStarted(r)
		f.openOwner(f.review.row.Owner).touch()
		f.attempt.prepareStarted(r)
		f.attempt.beganToPrepare(r)
		f.preparations.started(r)
	case PrepareEnded:
		f.attempt.prepareEnded(r)
		f.openOwner(f.review.row.Owner).touch()
		f.openProcess(r.Actor).cycles.prepareEnded(r)
		f.preparations.ended(r)
	case DispatchSent:
		if c := f.review.claim(r.Token); c != nil {
			c.dispatched(r)
		}
	case DispatchAnswered:
		if c := f.review.claim(r.Token); c != nil && c.heldBy(r) {
			c.answered(r, f.faultsAround(r.Actor))
		}
	case CreateSent, StreamSent, StreamOpened, StreamClosed, ReceiveEnded, EventDelivered, InterruptSent:
		h := f.attempt.host(r)
		h.apply(r)
		if r.Kind == InterruptSent {
			f.attempt.interruptSent()
		}
		if r.Kind == StreamClosed && h.open == 0 {
			f.attempt.followedBy(h, f.process(r.Actor), r.At)
		}
	case CallbackArrived:
		f.attempt.heard(r, f.openProcess(r.Actor).bit())
	case CallbackSent:
		f.attempt.callbackSent(r)
		f.attempt.beganToReport(r)
	case CallbackAnswered:
		f.attempt.callbackAnswered(r)
	case SessionStarted:
		if !f.attempt.live {
			f.review.sessionStarted()
			f.openOwner(r.Owner).sessionStarted()
		}
		f.attempt.sessionStarted(r)
		f.attempt.beganToExecute(r)
	case SessionEnded:
		if f.attempt.live {
			f.review.sessionEnded()
			f.openOwner(f.attempt.owner).sessionEnded()
		}
		f.attempt.sessionEnded(r)
	case StreamSilent:
		f.attempt.host(r).apply(r)
	case SessionLost:
		f.attempt.sessionLost()
	case Interrupted:
		f.attempt.sessionInterrupted()
	case ProcessCrashed:
		f.streamsEnd(r)
		f.openProcess(r.Actor).crash(r)
		f.preparations.crashed(r)
		f.attend(r)
	case ProcessStarted:
		f.openProcess(r.Actor).start(r)
		f.asking.forget(r.Actor)
		f.attend(r)
	case ProcessPaused, ProcessResumed:
		f.openProcess(r.Actor).pause(r)
		f.attend(r)
	case ShutdownBegan, ShutdownEnded:
		f.openProcess(r.Actor).shutDown(r, f.faults, f.faultsAround(r.Actor))
		f.attend(r)
	case FaultFired:
		f.applyFault(r)
	case PhaseBegan:
		f.phaseBegins(r)
	case ClientAnswered:
		if r.Call == CallAppEvents && f.attempt != nil {
			f.attempt.shownTo(r)
		}
		if r.Submission != nil {
			f.review.submitted(r.Submission)
		}
	case CallBegan:
		f.callBegan(r)
	case CallEnded:
		f.callEnded(r)
	default: // what follows from it has records of its own
	}
}

// applyOperation takes an operation of the app's store. What it does to rows stands in records of its own.
func (f *facts) applyOperation(r *Record) {
	op := r.Op
	if f.review != nil {
		f.review.operationEnded()
	}
	switch op.Kind {
	case model.ReviewsSubmit:
		for _, v := range f.reviews {
			v.operationEnded() // it changes older heads, too
		}
		if !r.Result.Failed {
			f.review.submitted(&op.Submission)
		}
	case model.ReviewsReserve:
		if !r.Result.Failed && len(r.Result.Reviews) > 0 {
			f.openProcess(r.Actor).cycles.began(r)
		}
	case model.ReviewsClaim:
		if !r.Result.Failed {
			f.review.claims.granted(r)
			if f.attempt != nil {
				f.attempt.claimed(r)
			}
		}
	case model.ReviewsRelease, model.ReviewsDefer, model.ReviewsFail:
		if c := f.review.claim(op.Token); c != nil {
			c.applyOperation(r)
		}
	case model.ReviewsSweep:
		f.sweepFound(r)
		f.swept(r)
	case model.ReviewsApply:
		if f.attempt != nil {
			f.attempt.reportExecuted(r)
		}
	default: // what it does is in the rows that it changes
	}
}

// sweepFound takes the silent reviews that a sweep has found for a process.
func (f *facts) sweepFound(r *Record) {
	if r.Result.Failed || r.Op.Key.Review != "" {
		return
	}
	f.turnTaken(r)
	for i := range r.Result.Work.Silent {
		row := &r.Result.Work.Silent[i]
		if v := f.find(row.Review); v != nil {
			if a := v.open(row.Attempt); a != nil {
				a.foundSilent(f.openProcess(r.Actor).bit())
			}
		}
	}
}

// applyRow takes a change of a row of the app's store.
func (f *facts) applyRow(r *Record) {
	if ended, ok := conclusion(r); ok {
		if a := f.review.open(ended.Number); a != nil {
			a.concluded(ended, r.At)
		}
	}
	f.review.applyRow(r)
	f.openOwner(r.After.Owner).touch()
	held := 0
	for _, v := range f.reviews {
		if v.hasRow && v.row.Owner == r.Owner && holdsSlot(&v.row) {
			held++
		}
	}
	f.openOwner(r.Owner).slotsHeld(held, f.config.leastLimit(r.Owner), r)
}

// applyJournal takes an operation of the journal.
func (f *facts) applyJournal(r *Record) {
	a, op := f.attempt, r.JournalOp
	if a == nil {
		f.span.ended()
		switch {
		case r.JournalResult.Failed:
		case op.Kind == model.JournalRenewLease:
			f.leases.renewed(op.Host, r.At)
		case op.Kind == model.JournalHeld:
			f.applyHeld(r)
		}
		return
	}
	if spans(op) {
		f.span.rowChanged()
	}
	if op.Kind.Reads() || r.Row == nil {
		return
	}
	a.applyJournal(r)
	a.beganToCancel(r)
	if r.Row.Epoch != r.Current {
		a.host(r).given(r)
	}
	if op.Kind.Fenced() {
		a.host(r).wrote(r)
	}
	if op.Kind == model.JournalCreate && r.RowBefore == nil {
		f.leases.seen(r.Row.Holder, r.At)
	}
}

// phaseBegins takes a phase. What is counted in a quiet phase begins anew in the next one.
func (f *facts) phaseBegins(r *Record) {
	f.beginPhase(r)
	if r.Phase != PhaseQuiet {
		return
	}
	for _, o := range f.owners {
		o.turnsBegin()
	}
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			a.hosts.quietBegins()
		}
	}
}

// applyHeld takes what a host learns when it reads what it holds.
func (f *facts) applyHeld(r *Record) {
	if f.phase != PhaseQuiet {
		return
	}
	for _, lease := range r.JournalResult.Leases {
		if a := f.leased(lease); a != nil && lease.Cancel && !a.over() {
			a.host(r).learnCancel(r.At)
		}
	}
}

// heldRead takes that a host has read that it holds a lease.
func (f *facts) heldRead(lease engine.Lease, r *Record) {
	if a := f.leased(lease); a != nil {
		if h := a.find(r.Actor, r.Life); h != nil {
			h.calls.heldRead()
		}
	}
}

// applyFault takes a fault. One of the database strikes every process that uses it.
func (f *facts) applyFault(r *Record) {
	f.faultFired(r)
	f.openProcess(r.Actor).faultFired(r)
	if r.Fault == faults.AgentRefuse {
		// Which attempt was refused does not stand in the record, so it may be every one whose session the agent has
		// been asked for and not begun.
		for _, v := range f.reviews {
			for _, a := range v.attempts {
				a.maybeRefused()
			}
		}
	}
}

// asks reports whether a call asks a worker about an attempt, and is answered with its state.
func asks(call Call) bool {
	return call == CallWorkerStatus || call == CallWorkerCancel || call == CallWorkerAbandon
}

func (f *facts) callBegan(r *Record) {
	p := f.openProcess(r.Actor)
	p.learn(engine.AttemptKey{})
	p.rounds.callBegan(r)
	a := f.attempt
	if a == nil {
		return
	}
	if asks(r.Call) {
		f.asking.began(r, a.journaledStatus())
	}
	if r.Op != nil {
		a.followedUp(r)
	}
	if countsWhenBegun(r) {
		a.host(r).calls.callBegan(r, p)
	}
}

func (f *facts) callEnded(r *Record) {
	p := f.openProcess(r.Actor)
	p.rounds.callEnded(r)
	if r.Result != nil && r.Op.Kind == model.ReviewsReserve {
		p.cycles.reserved(r.Result.Reviews)
	}
	p.throttle.callEnded(r, f.config.retryAfterMax(r.Call))
	if isHeld(r) && r.Error == NoFailure {
		p.sightings.sees(r.JournalResult.Others, r.At)
		for _, lease := range r.JournalResult.Leases {
			f.heldRead(lease, r)
		}
	}
	a := f.attempt
	if a == nil {
		return
	}
	a.callRefused(r)
	f.review.callRefused(r)
	switch {
	case asks(r.Call):
		f.asking.ended(r)
		if r.Call == CallWorkerCancel {
			a.cancelAnswered(r)
		}
		if r.Call != CallWorkerCancel && r.Error == NoFailure && r.Status.Terminal() {
			p.learn(r.Key)
		}
		if r.Call == CallWorkerStatus && r.Error.Is(engine.NotFound) {
			p.learnUnknown(r.Key)
		}
		if r.Call == CallWorkerAbandon && r.Error == NoFailure {
			a.heard(r, p.bit())
		}
	case r.Op != nil:
		if r.Op.Kind == model.ReviewsClaim && r.Error == NoFailure {
			f.review.claims.confirmed(r)
		}
	}
	if countsWhenEnded(r) {
		h := a.host(r)
		h.calls.callEnded(r)
		h.answered(r)
	}
	if op := r.JournalOp; op != nil && op.Kind == model.JournalLoad && r.Error == NoFailure {
		if h := a.find(r.Actor, r.Life); h != nil {
			h.calls.stateRead(&r.JournalResult.Orchestration)
		}
	}
	if r.Call == CallAgentInterrupt && r.Error.Is(engine.NotFound) {
		a.sessionGone()
	}
}

// streamsEnd takes that the streams of a process end because it crashes.
func (f *facts) streamsEnd(r *Record) {
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			if h := a.hosts.find(r.Actor, r.Life); h != nil && h.open > 0 {
				h.streamsEnd()
				a.followedBy(h, f.process(r.Actor), r.At)
			}
		}
	}
}
