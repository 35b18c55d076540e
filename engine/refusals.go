package engine

import "context"

// A store or a worker may refuse a write for good, because of what it carries. The same write would fail again, here and
// at every other process, so whoever is refused records less: first the same without the text, then another write that
// leads to the same end. Nothing is tried for ever, and no slot stays behind.

// plainReason is the reason that is recorded when the real one was refused for good.
const plainReason = "reason not recorded"

// plain returns the report without its own texts, and whether that is less.
func (r WorkerReport) plain() (plain WorkerReport, less bool) {
	less = r.AgentVersion != "" || r.Reason != ""
	r.AgentVersion = ""
	if r.Reason != "" {
		r.Reason = plainReason
	}
	return r, less
}

// fail ends an attempt that can't be executed, and triggers the cycle for those that waited behind it.
func (d *Dispatcher) fail(ctx context.Context, candidate *Review, token Token, reason string) {
	for _, text := range [...]string{CleanText(reason), plainReason} {
		call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
		err := d.store.Fail(call, candidate.Key(), token, text, d.rt.Now())
		cancel()
		if err == nil {
			d.Trigger(candidate.Owner)
		}
		if !IsKind(err, Permanent) {
			return
		}
	}
}

// abandon ends a claimed attempt that can't be executed. An earlier dispatch may have reached a worker, or may still be
// in flight. So abandon asks the worker to record the failure unless it knows the attempt already, and the worker's
// answer decides. If the worker can record nothing about the attempt, it accepts no start of it either.
func (d *Dispatcher) abandon(ctx context.Context, candidate *Review, token Token, reason string) {
	for _, text := range [...]string{CleanText(reason), plainReason} {
		err := d.send(ctx, candidate, StartRequest{
			Key: candidate.Key(), Owner: candidate.Owner, Token: token, Abandon: text,
		})
		if !IsKind(err, Permanent) {
			return
		}
	}
	d.fail(ctx, candidate, token, reason)
}

// claimRefused ends a candidate that can never be claimed. A stale claim may have reached a worker, so the worker is
// asked.
func (d *Dispatcher) claimRefused(ctx context.Context, candidate Review, cause error) {
	if candidate.Status == Pending {
		d.fail(ctx, &candidate, candidate.Claim, "the claim failed: "+cause.Error())
		return
	}
	_ = d.askAbout(ctx, candidate)
}

// stopUnrecorded asks about a cancelled attempt whose cancellation the worker can't record. If the worker does not know
// the attempt, it will never record a start of it: it has ended.
func (d *Dispatcher) stopUnrecorded(ctx context.Context, key AttemptKey) (WorkerReport, error) {
	report, err := d.ask(ctx, key, d.worker.Status)
	if IsKind(err, NotFound) {
		return WorkerReport{Key: key, Status: Cancelled}, nil
	}
	return report, err
}

// finish records the outcome of an attempt whose session has ended. If the journal takes no outcome at all, finish
// reports it to the app nevertheless, so that the owner's slot is free: the session is gone, and interrupted for
// whoever comes next. It keeps the lease and goes on trying, because another host would be refused as well.
func (o *orchestrator) finish(ctx, staying context.Context, outcome Outcome) error {
	for try := 1; ; try++ {
		err := o.write(ctx, func(call context.Context) (Orchestration, error) {
			return o.host.journal.Finish(call, o.key, o.epoch, outcome, o.host.rt.Now())
		})
		if !IsKind(err, Permanent) {
			return err
		}
		if try == 1 {
			outcome.Reason = plainReason
			continue
		}
		state, _ := o.snapshot()
		state.Phase, state.Outcome = PhaseOver, outcome
		call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.CallbackTimeout)
		_ = o.host.callback.Report(call, o.host.report(state))
		cancel()
		logWaiting(o.host.log, "journal.finish", o.key, try, err)
		if !o.host.pause(staying, o.key, try) {
			return errLeft
		}
	}
}

// clearOutbox records that the app has answered. If the journal refuses that for good, clearOutbox goes on trying and
// keeps the lease: the app knows the outcome, and another host would be refused as well.
func (o *orchestrator) clearOutbox(ctx, staying context.Context) error {
	for try := 1; ; try++ {
		err := o.write(ctx, func(call context.Context) (Orchestration, error) {
			settled := o.state
			settled.CallbackPending = false
			return settled, o.host.journal.ClearOutbox(call, o.key, o.epoch, o.host.rt.Now())
		})
		if !IsKind(err, Permanent) {
			return err
		}
		logWaiting(o.host.log, "journal.clear-outbox", o.key, try, err)
		if !o.host.pause(staying, o.key, try) {
			return errLeft
		}
	}
}
