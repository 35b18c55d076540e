package engine

import "context"

// Nothing waits for somebody else without an end: a loop has a bound, or the operator has a way out of it. What operators
// do about it stands here: they read the log, inspect an attempt, and abandon it when nothing else ends it.

// Inspect returns what an attempt waits for: from the review what the app knows, and from the worker the rest. A worker
// that does not answer, does not know the attempt, or has ended it without the app's knowledge is what an attempt waits for
// that is claimed, running, or to be stopped; of an attempt that has ended, an error of the worker is passed on. The error
// is Stale if the review has not reached the attempt, and NotFound if there is no such review.
func (a *App) Inspect(ctx context.Context, key AttemptKey) (Inspection, error) {
	r, err := a.reached(ctx, "app.inspect", key)
	if err != nil {
		return Inspection{}, err
	}
	seen := Inspection{Key: key, Waiting: r.waiting(key.Attempt), Since: r.UpdatedAt}
	if seen.Waiting == WaitSlot || seen.Waiting == WaitPreparation {
		seen.Since = r.EnqueuedAt
	} else {
		asked, err := a.dispatcher.inspect(ctx, key)
		switch {
		case err == nil:
			if asked.Waiting == WaitNothing && seen.Waiting != WaitNothing {
				// The attempt has ended, and the app has not heard of it. To ask, or to abandon it once more, tells it.
				asked.Waiting, asked.Since = seen.Waiting, seen.Since
			}
			seen = asked
		case seen.Waiting == WaitNothing && !IsKind(err, NotFound):
			return Inspection{}, err
		}
	}
	seen.Dispatches = uint64(r.Claim)
	if key.Attempt == r.Attempt {
		seen.Deferrals = r.Deferrals
	}
	return seen, nil
}

// Abandon ends an attempt for a reason that an operator gives, although its session may be running, and frees its slot;
// see [Worker]. The error is Rejected if the attempt is pending, because it is nobody's yet and can be cancelled, Stale if
// the review has not reached the attempt, and NotFound if there is no such review. After an error of the worker, which is
// passed on, the call may be repeated. If the app's store fails afterwards, the sweep asks the worker again.
func (a *App) Abandon(ctx context.Context, key AttemptKey, reason string) (Review, error) {
	ctx = lasting(ctx)
	r, err := a.reached(ctx, "app.abandon", key)
	if err != nil {
		return Review{}, err
	}
	if r.Status == Pending && key.Attempt == r.Attempt {
		return Review{}, Errorf(Rejected, "app.abandon", "attempt %s is pending; cancel it", key)
	}
	reason = CleanText(reason)
	report, err := a.dispatcher.ask(ctx, key, func(call context.Context, key AttemptKey) (WorkerReport, error) {
		return a.worker.Abandon(call, key, reason)
	})
	if err != nil {
		return Review{}, err
	}
	return a.dispatcher.apply(ctx, report, 0)
}

// inspect asks the worker what an attempt waits for, unless the workers throttle this replica.
func (d *Dispatcher) inspect(ctx context.Context, key AttemptKey) (Inspection, error) {
	if d.gate.isClosed() {
		return Inspection{}, errThrottled
	}
	call, cancel := d.rt.WithTimeout(ctx, d.config.DispatchTimeout)
	defer cancel()
	seen, err := d.worker.Inspect(call, key)
	d.gate.pass(key, err)
	return seen, err
}

// reached returns a review that has reached an attempt.
func (a *App) reached(ctx context.Context, op string, key AttemptKey) (Review, error) {
	if err := key.Check(); err != nil {
		return Review{}, &Error{Kind: Permanent, Op: op, Err: err}
	}
	call, cancel := a.rt.WithTimeout(ctx, a.config.StoreTimeout)
	defer cancel()
	r, err := a.store.Get(call, key.Review)
	if err == nil && key.Attempt > r.Attempt {
		err = Errorf(Stale, op, "the review is at attempt %d", r.Attempt)
	}
	return r, err
}

// Inspect implements [Worker].
func (h *Host) Inspect(ctx context.Context, key AttemptKey) (Inspection, error) {
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	state, err := h.journal.Load(call, key)
	if err != nil {
		return Inspection{}, err
	}
	seen := state.Inspection()
	if o := h.find(key); o != nil && state.Holder == h.id {
		o.mutate(func() { seen.Interrupts, seen.Callbacks = o.interrupts, o.callbacks })
	}
	return seen, nil
}

// Abandon implements [Worker].
func (h *Host) Abandon(ctx context.Context, key AttemptKey, reason string) (WorkerReport, error) {
	if err := key.Check(); err != nil {
		return WorkerReport{}, &Error{Kind: Permanent, Op: "worker.abandon", Err: err}
	}
	call, cancel := h.rt.WithTimeout(lasting(ctx), h.config.JournalTimeout)
	defer cancel()
	outcome := Outcome{Status: Failed, Cause: CauseForced, Reason: CleanText(reason)}
	state, err := h.journal.Abandon(call, key, outcome, h.rt.Now())
	if err != nil {
		return WorkerReport{}, err
	}
	if o := h.find(key); o != nil {
		o.lose()
	}
	return h.report(state), nil
}
