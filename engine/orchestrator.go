package engine

import (
	"context"
	"errors"
	"time"
)

// An orchestrator runs one attempt of one review on the host that holds its lease. It is one task. Other tasks only ask
// it to cancel, to leave or to stop at once, and read a snapshot of its state.
//
// It journals every step before the step has an effect outside, so that the next holder of the lease can repeat it: the
// intent before the call of the agent, events before they are acknowledged, the outcome before it is reported.
//
// This file has the life of an attempt and its writes; orchestrator_session.go has the calls of the agent.
type orchestrator struct {
	host   *Host
	key    AttemptKey
	epoch  Epoch
	number uint64 // order of launch on this host

	state  Orchestration // as last journaled, without a phase until it is loaded; written by the task under host.mutex
	buffer []Event       // received, not yet journaled
	// unwritable means that the journal has refused the buffer for good: no host can journal these events.
	unwritable bool

	payload    []byte // until the session is created
	hasPayload bool   // it is known

	created   bool      // the agent has answered that it has the session
	confirmed time.Time // when the latest accepted write was sent
	meter     meter
	// undecodable is how often the event behind position could not be decoded.
	undecodable int
	position    int64

	// Guarded by host.mutex.
	cancelled bool // the attempt is to be stopped
	leaving   bool // the host is closing: journal, give up the lease, end
	lost      bool // another host holds the lease: end without a write
	// How often the session was interrupted and the app called, so far in vain.
	interrupts, callbacks int
	working               context.CancelFunc // ends the work; nil before it begins
	staying               context.CancelFunc // ends every pause, too
}

var (
	// errLeft ends the task without an outcome, because the lease is lost or given up.
	errLeft = errors.New("the lease is lost or given up")
	// errInterrupted is the error of work that was interrupted before it began.
	errInterrupted = errors.New("interrupted")
)

// newOrchestrator returns an orchestrator that continues under a lease from what is journaled.
func newOrchestrator(h *Host, lease Lease) *orchestrator {
	return &orchestrator{host: h, key: lease.Key, epoch: lease.Epoch, cancelled: lease.Cancel}
}

// newCreated returns an orchestrator of an attempt that this host has just created.
func newCreated(h *Host, state Orchestration, payload []byte) *orchestrator {
	o := newOrchestrator(h, Lease{Key: state.Key, Epoch: state.Epoch, Cancel: state.Cancel})
	o.state, o.payload, o.hasPayload = state, payload, true
	return o
}

// run executes the attempt, unless it has ended already, and then delivers the terminal callback until the app answers.
func (o *orchestrator) run(ctx context.Context) {
	staying, cancel := o.host.rt.WithCancel(ctx)
	defer cancel()
	o.mutate(func() { o.staying = cancel })
	if o.isLost() || o.isLeaving() {
		cancel()
	}

	err := o.load(ctx, staying)
	if err == nil {
		o.meter = meter{spent: o.state.Spent, saved: o.state.Spent, throttled: o.state.Throttled}
		err = o.execute(ctx, staying)
	}
	if err == nil {
		err = o.deliver(ctx, staying)
	}
	if err != nil && !o.isLost() && !ended(ctx) {
		o.yield(ctx)
	}
}

// execute takes the attempt from its journaled state to its outcome. staying ends when the host closes or has lost the
// lease.
func (o *orchestrator) execute(ctx, staying context.Context) error {
	if o.state.Phase == PhaseOver {
		return nil
	}
	work, cancel := o.host.rt.WithCancel(ctx)
	defer cancel()
	o.mutate(func() { o.working = cancel })

	cause, err := o.state.Outcome.Cause, errInterrupted
	if o.state.Phase != PhaseStopping && !o.interrupted() {
		cause, err = o.work(work)
	}
	switch {
	case o.isLost() || ended(ctx):
		return errLeft
	case err == nil:
		return nil // the session's last event is journaled, and with it the outcome
	}
	switch unwritten := o.flush(ctx); {
	case IsKind(unwritten, Permanent):
		cause, err = CauseBadEvent, unwritten
		o.buffer = nil // no host can journal these events
	case unwritten != nil || o.state.Phase == PhaseOver:
		return unwritten
	}
	outcome := Outcome{Status: Cancelled, Cause: CauseCancelled, Reason: "cancelled"}
	if !o.isCancelled() {
		if o.isLeaving() {
			return errLeft
		}
		outcome = Outcome{Status: Failed, Cause: cause, Reason: CleanText(err.Error()), Retryable: !IsKind(err, Permanent)}
		if o.state.Phase == PhaseAccepted {
			return o.finish(ctx, staying, outcome) // the intent was refused for good, so no host has called the agent
		}
		if err := o.decide(ctx, outcome); err != nil && !IsKind(err, Permanent) {
			return err // a refusal for good is left to finish, which records less
		}
	}
	// The owner's slot becomes free only when the session is known to have ended.
	if err := o.stop(ctx, staying); err != nil {
		return err
	}
	return o.finish(ctx, staying, outcome)
}

// decide records that the attempt has failed, before its session is interrupted for that reason. Otherwise the next
// holder of the lease could take the interruption for the reason.
func (o *orchestrator) decide(ctx context.Context, outcome Outcome) error {
	if o.state.Phase == PhaseStopping {
		return nil
	}
	record := func(call context.Context) (Orchestration, error) {
		return o.host.journal.Decide(call, o.key, o.epoch, outcome, o.host.rt.Now())
	}
	err := o.write(ctx, record)
	if IsKind(err, Permanent) {
		outcome.Reason = plainReason
		err = o.write(ctx, record)
	}
	return err
}

// announce reports once that the attempt is running, so that the user sees it. If the report is lost, the dispatcher
// asks when the claim is stale.
func (o *orchestrator) announce(ctx context.Context) {
	if o.host.appGate.isClosed() {
		return
	}
	call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.CallbackTimeout)
	defer cancel()
	state, _ := o.snapshot()
	err := o.host.callback.Report(call, o.host.report(state))
	o.host.appGate.pass(o.key, err)
}

// flush journals the buffered events. They stay in the buffer until the write is known to have happened.
func (o *orchestrator) flush(ctx context.Context) error {
	if len(o.buffer) == 0 {
		return nil
	}
	err := o.write(ctx, func(call context.Context) (Orchestration, error) {
		return o.host.journal.Append(call, o.key, o.epoch, o.buffer, o.host.rt.Now())
	})
	if err == nil {
		o.buffer = o.buffer[:0]
	}
	o.unwritable = IsKind(err, Permanent)
	return err
}

// deliver reports the outcome until the app answers, and then clears the outbox.
func (o *orchestrator) deliver(ctx, staying context.Context) error {
	for try, calls := 1, 1; o.state.CallbackPending; calls++ {
		if o.host.appGate.wait(staying, o.key) != nil {
			return errLeft
		}
		call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.CallbackTimeout)
		err := o.host.callback.Report(call, o.host.report(o.state))
		cancel()
		if answered(err) {
			return o.clearOutbox(ctx, staying)
		}
		o.mutate(func() { o.callbacks = calls })
		logWaiting(o.host.log, "callback.report", o.key, calls, err)
		if _, throttled := o.host.appGate.pass(o.key, err); throttled {
			continue
		}
		if !o.host.pause(staying, o.key, try) {
			return errLeft
		}
		try++
	}
	return nil
}

// answered reports whether the app has answered the callback. Stale, NotFound and Permanent are answers too: the app
// knows a newer attempt, does not know the review, or will never accept the report, and a retry would not change that.
func answered(err error) bool {
	return err == nil || IsKind(err, Stale) || IsKind(err, NotFound) || IsKind(err, Permanent)
}

// write repeats a journal write until it is known to have happened. That is safe because journal writes are idempotent.
// A Stale or NotFound error means that the lease is lost.
func (o *orchestrator) write(ctx context.Context, write func(context.Context) (Orchestration, error)) error {
	for try := 1; ; try++ {
		if ended(ctx) {
			return ctx.Err()
		}
		sent := o.host.rt.Now()
		call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.JournalTimeout)
		state, err := write(call)
		cancel()
		switch {
		case err == nil:
			o.confirmed = sent
			o.mutate(func() {
				o.state = state
				o.cancelled = o.cancelled || state.Cancel
			})
			if o.isCancelled() && !ended(ctx) && o.working != nil {
				o.working()
			}
			return nil
		case IsKind(err, Stale), IsKind(err, NotFound):
			o.lose()
			return err
		case IsKind(err, Permanent):
			return err
		}
		logWaiting(o.host.log, "journal", o.key, try, err)
		if !o.host.pause(ctx, o.key, try) {
			return ctx.Err()
		}
		if o.isLost() {
			return errLeft
		}
	}
}

// yield gives up the lease, so that the next holder does not have to wait until it expires.
func (o *orchestrator) yield(ctx context.Context) {
	call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.JournalTimeout)
	defer cancel()
	_ = o.host.journal.ReleaseLease(call, o.key, o.epoch, o.host.rt.Now())
}

// cancel interrupts the work; leave and lose interrupt every pause as well.
func (o *orchestrator) cancel() { o.interrupt(&o.cancelled, false) }
func (o *orchestrator) leave()  { o.interrupt(&o.leaving, true) }
func (o *orchestrator) lose()   { o.interrupt(&o.lost, true) }

// interrupt sets a flag and interrupts the work, and with all also every pause.
func (o *orchestrator) interrupt(why *bool, all bool) {
	var working, staying context.CancelFunc
	o.mutate(func() {
		if *why {
			return
		}
		*why = true
		working = o.working
		if all {
			staying = o.staying
		}
	})
	if working != nil {
		working()
	}
	if staying != nil {
		staying()
	}
}

// snapshot returns the state as it was last journaled, if it is loaded.
func (o *orchestrator) snapshot() (state Orchestration, loaded bool) {
	o.mutate(func() { state = o.state })
	return state, state.Phase != 0
}

func (o *orchestrator) isCancelled() (is bool) {
	o.mutate(func() { is = o.cancelled })
	return is
}

func (o *orchestrator) isLeaving() (is bool) {
	o.mutate(func() { is = o.leaving })
	return is
}

func (o *orchestrator) isLost() (is bool) {
	o.mutate(func() { is = o.lost })
	return is
}

// interrupted reports whether the work must not begin or go on.
func (o *orchestrator) interrupted() bool { return o.isCancelled() || o.isLeaving() || o.isLost() }

// mutate calls fn with the mutex of the host held.
func (o *orchestrator) mutate(fn func()) {
	o.host.mutex.Lock()
	defer o.host.mutex.Unlock()
	fn()
}
