package engine

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	// errSilence ends a stream that is open and brings nothing.
	errSilence = &Error{Kind: Ambiguous, Op: "agent.stream", Err: errors.New("the stream is silent")}
	// errTimeUp ends a stream when the time of its session is up.
	errTimeUp = &Error{Kind: Ambiguous, Op: "agent.stream", Err: errors.New("the time of the session is up")}
)

// lookTries is how often a host tries to open the stream of a session before the attempt fails.
const lookTries = 3

// work runs the session until its last event is journaled. An error gives the reason why that is impossible, and cause
// classifies it. It is Permanent if another attempt would fail in the same way.
func (o *orchestrator) work(ctx context.Context) (cause Cause, err error) {
	if err := o.intend(ctx); err != nil {
		return CauseNotJournaled, err
	}
	lost := uint64(o.epoch) - 1
	logWaiting(o.host.log, "takeover", o.key, int(lost), nil)
	if most := uint64(o.host.config.MaxTakeovers); lost > most {
		err := Errorf(Permanent, "orchestrator", "%d hosts have lost the attempt", lost)
		if lost > most+1 {
			return CauseTakeovers, err // what kills its readers has killed the one that took the last look, too
		}
		return o.lastLook(ctx, CauseTakeovers, err)
	}
	// An agent that has lost a session which has emitted events would execute the attempt a second time.
	if o.state.Events == 0 {
		if err := o.readPayload(ctx); err != nil {
			return CauseNotJournaled, err
		}
		switch err := o.create(ctx); {
		case IsKind(err, Permanent):
			return CauseRefused, err
		case ended(ctx) || o.isLost():
			return CauseNoSession, ctx.Err()
		case errors.Is(err, errTimeUp):
			return o.timeUp(ctx)
		case err != nil && o.throttledTooLong():
			return CauseThrottled, err
		case err != nil:
			return o.lastLook(ctx, CauseNoSession, err)
		}
	}
	o.payload, o.hasPayload = nil, false // it may be large, and is not needed again
	o.host.tasks.start(o.host.rt, "announce", o.announce)
	return o.follow(ctx)
}

// intend records that the agent is about to be called.
func (o *orchestrator) intend(ctx context.Context) error {
	return o.write(ctx, func(call context.Context) (Orchestration, error) {
		return o.host.journal.RecordIntent(call, o.key, o.epoch, o.host.rt.Now())
	})
}

// create creates the session, or finds the one that an earlier holder of the lease created.
func (o *orchestrator) create(ctx context.Context) error {
	for try := 1; ; try++ {
		o.slice(ctx)
		err := o.ask(ctx, ctx, o.confirm, func(call context.Context) error {
			_, err := o.host.agent.Create(call, o.key, o.payload)
			return err
		})
		if err == nil {
			o.created = true
			return nil
		}
		if IsKind(err, Permanent) || try == o.host.config.CreateTries || o.isLost() || o.throttledTooLong() {
			return err
		}
		logWaiting(o.host.log, "agent.create", o.key, try, err)
		if !o.host.pause(ctx, o.key, try) {
			return ctx.Err()
		}
		if errors.Is(o.count(ctx), errTimeUp) {
			return errTimeUp
		}
	}
}

// confirm makes sure that this host held the lease a moment ago. A host that was stopped for a while must not create a
// session that another host has interrupted in the meantime, because an agent that restarts may forget the interrupt.
func (o *orchestrator) confirm(ctx context.Context) error {
	if age := o.host.rt.Now().Sub(o.confirmed); age >= 0 && age < o.host.config.LeaseFor/2 {
		return nil
	}
	return o.intend(ctx)
}

// ask makes one call of the agent, bounded by AgentTimeout, as soon as the agent accepts calls from this host, and after
// the function first, unless that is nil. While the agent throttles its callers, ask waits and calls again; it fails when
// the attempt has waited for ThrottleLimit, when first fails, or when waiting ends.
func (o *orchestrator) ask(ctx, waiting context.Context, first, call func(context.Context) error) error {
	var throttled error
	for times := 0; ; {
		if err := o.host.agentGate.wait(waiting, o.key); err != nil {
			return err
		}
		if ended(waiting) {
			return waiting.Err()
		}
		if o.meter.waited() && o.state.Phase < PhaseStopping && !o.isCancelled() {
			if err := o.saveMeter(ctx); err != nil {
				return err
			}
			if o.throttledTooLong() {
				return throttled
			}
			if o.host.agentGate.isClosed() {
				continue // it has closed meanwhile
			}
		}
		if first != nil {
			if err := first(ctx); err != nil {
				return err
			}
			if o.host.agentGate.isClosed() {
				continue // it has closed meanwhile
			}
		}
		bounded, cancel := o.host.rt.WithTimeout(ctx, o.host.config.AgentTimeout)
		err := call(bounded)
		cancel()
		pause, is := o.host.agentGate.pass(o.key, err)
		if !is {
			return err
		}
		throttled = err
		times++
		logWaiting(o.host.log, "agent", o.key, times, err)
		o.meter.throttle(pause, o.host.rt.Now())
	}
}

// throttledTooLong reports whether the attempt has waited for a throttled agent for as long as it may.
func (o *orchestrator) throttledTooLong() bool {
	return o.meter.throttled >= o.host.config.ThrottleLimit
}

// follow journals the events of the session up to the last one. When a stream ends or falls silent, it opens another
// one, which resumes after the last journaled event.
func (o *orchestrator) follow(ctx context.Context) (Cause, error) {
	unknown := o.host.config.UnknownFor
	for try := 1; ; try++ {
		before := o.state.Events
		opened, err := o.stream(ctx)
		switch {
		case err == nil || ended(ctx) || o.isLost() || IsKind(err, Stale) || o.unwritable:
			return causeOfBreak(err), err
		case o.throttledTooLong():
			return CauseThrottled, err
		case errors.Is(err, errTimeUp):
			return o.timeUp(ctx)
		}
		if opened && !IsKind(err, NotFound) {
			unknown = o.host.config.UnknownFor
		}
		if o.state.Events > before || errors.Is(err, errSilence) {
			try = 1
		}
		if o.isHopeless(err) {
			return CauseBadEvent, err
		}
		logWaiting(o.host.log, "agent.stream", o.key, try, err)
		pause := o.host.backoff(o.key, try)
		if IsKind(err, NotFound) {
			if unknown <= 0 {
				return CauseSessionLost, err
			}
			unknown -= pause
		}
		if o.host.rt.Sleep(ctx, pause) != nil {
			return CauseSessionLost, ctx.Err()
		}
		if errors.Is(o.count(ctx), errTimeUp) {
			return o.timeUp(ctx)
		}
	}
}

// isHopeless counts an event that can't be decoded, and reports whether the event at this position has had all its tries.
func (o *orchestrator) isHopeless(err error) bool {
	if !IsKind(err, Permanent) {
		return false
	}
	if o.position != o.state.Events {
		o.undecodable, o.position = 0, o.state.Events
	}
	o.undecodable++
	return o.undecodable >= o.host.config.DecodeTries
}

// stream opens one stream and journals its events in batches. It returns nil once the session's last event is
// journaled, and otherwise the error that ended the stream. It journals what it has received before it returns.
func (o *orchestrator) stream(ctx context.Context) (opened bool, err error) {
	stream, err := o.open(ctx)
	if err != nil {
		return false, err
	}
	defer stream.Close()
	o.meter.open()
	for {
		received := o.receiveBatch(ctx, stream, o.slice(ctx))
		if err := o.flush(ctx); err != nil {
			return true, err
		}
		if received != nil || o.state.Phase == PhaseOver {
			return true, received
		}
		if err := o.count(ctx); err != nil {
			return true, err
		}
	}
}

// open opens a stream behind the last journaled event.
func (o *orchestrator) open(ctx context.Context) (stream EventStream, err error) {
	err = o.ask(ctx, ctx, nil, func(call context.Context) (err error) {
		stream, err = o.host.agent.Stream(call, o.key, o.state.Events)
		return err
	})
	return stream, err
}

// receiveBatch buffers events until the batch is full, its first event is older than FlushAfter, the session's last
// event has arrived, or until ends. An error means that the stream has ended.
func (o *orchestrator) receiveBatch(ctx context.Context, stream EventStream, until context.Context) error {
	wait, cancel := until, context.CancelFunc(func() {})
	defer func() { cancel() }()
	for len(o.buffer) < o.host.config.Batch {
		event, err := stream.Recv(wait)
		switch {
		case err != nil && (wait.Err() == nil || ended(ctx)):
			return err
		case err != nil:
			return nil // time to flush, or to look at how much time is left
		}
		o.meter.alive = true
		next := o.state.Events + int64(len(o.buffer)) + 1
		switch {
		case event.Seq > next:
			return Errorf(Ambiguous, "agent.stream", "event %d follows event %d; the events between them are missing", event.Seq, next-1)
		case event.Seq == next:
			// Texts may be large, and to look is much faster than to copy what is valid.
			if !utf8.ValidString(event.Text) {
				event.Text = strings.ToValidUTF8(event.Text, "\uFFFD")
			}
			if err := event.Check(); err != nil {
				return &Error{Kind: Permanent, Op: "agent.stream", Err: err}
			}
			o.buffer = append(o.buffer, event)
			o.meter.heard = true
			if event.Last() {
				return nil
			}
			if len(o.buffer) == 1 {
				wait, cancel = o.host.rt.WithTimeout(until, o.host.config.FlushAfter)
			}
		default: // a sign of life, or delivered again on resume
		}
	}
	return nil
}

// timeUp ends an attempt with a session that has not ended in time, after a last look.
func (o *orchestrator) timeUp(ctx context.Context) (Cause, error) {
	return o.lastLook(ctx, CauseStreamLimit,
		Errorf(Permanent, "orchestrator", "the session did not end within %s", o.host.config.StreamLimit))
}

// lastLook reads what the session has emitted before its attempt fails with a cause and a reason, because a session may
// have ended that a silent stream, a lost answer or a lost host has kept from being read. It returns no error if the
// session's last event is journaled now.
func (o *orchestrator) lastLook(ctx context.Context, cause Cause, reason error) (Cause, error) {
	for try := 1; ; try++ {
		stream, err := o.open(ctx)
		if err == nil {
			err = o.readOut(ctx, stream)
			if err == nil && o.state.Phase == PhaseOver {
				return CauseSession, nil
			}
		}
		switch {
		case ended(ctx) || o.isLost() || IsKind(err, Stale) || o.unwritable:
			return cause, err
		case o.isHopeless(err):
			return CauseBadEvent, err
		case err == nil, try == lookTries, o.throttledTooLong():
			return cause, reason
		}
		if !o.host.pause(ctx, o.key, try) {
			return cause, ctx.Err()
		}
	}
}

// readOut journals the events of a stream for as long as they come without a pause of AgentTimeout, and at most for a
// slice of time. It returns nil once that is done, and otherwise the error that ended the stream.
func (o *orchestrator) readOut(ctx context.Context, stream EventStream) error {
	defer stream.Close()
	all, cancel := o.host.rt.WithTimeout(ctx, meterSlice)
	defer cancel()
	for all.Err() == nil && o.state.Phase != PhaseOver {
		soon, cancel := o.host.rt.WithTimeout(all, o.host.config.AgentTimeout)
		received := o.receiveBatch(ctx, stream, soon)
		cancel()
		none := len(o.buffer) == 0
		if err := o.flush(ctx); err != nil {
			return err
		}
		if received != nil || none {
			return received
		}
	}
	return nil
}

// stop interrupts the session until it is known to have ended. An agent that does not know the session has nothing to
// end. But if a request to create it may still be on its way, it might begin later, and is interrupted until no request
// can be on its way any more.
func (o *orchestrator) stop(ctx, staying context.Context) error {
	inDoubt := o.state.Phase != PhaseAccepted && !o.created && o.state.Events == 0
	var waited time.Duration
	for try := 1; ; try++ {
		over := false
		err := o.ask(ctx, staying, nil, func(call context.Context) (err error) {
			over, err = o.host.agent.Interrupt(call, o.key)
			return err
		})
		if err == nil && over || IsKind(err, NotFound) && (!inDoubt || waited >= o.host.config.GoneAfter) {
			return nil
		}
		o.mutate(func() { o.interrupts = try })
		logWaiting(o.host.log, "agent.interrupt", o.key, try, err)
		pause := o.host.backoff(o.key, try)
		if o.host.rt.Sleep(staying, pause) != nil {
			return errLeft
		}
		waited += pause
	}
}
