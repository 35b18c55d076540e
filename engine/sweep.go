package engine

import (
	"context"
	"time"
)

// runSweeps sweeps periodically until the dispatcher closes.
func (d *Dispatcher) runSweeps(ctx context.Context) {
	var failed failures
	for !d.isClosing() {
		failed.count(d.log, "store.sweep", d.sweep(ctx))
		if d.rt.Sleep(ctx, d.config.SweepEvery) != nil {
			return
		}
	}
}

// sweep finds what no trigger finds: pending reviews with a lost trigger, stale claims, running reviews that are
// silent, and cancelled attempts that are not known to have ended.
//
// Nothing hides anything else, whatever comes of it. Owners take turns. A review is put off before the worker is asked
// about it, so that the next sweep finds another one.
func (d *Dispatcher) sweep(ctx context.Context) error {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	work, err := d.store.Sweep(call, Search{
		Now: d.rt.Now(), Max: d.config.SweepBatch,
		Limit: d.config.Limit, OwnerLimits: d.config.OwnerLimits, After: d.sweptTo,
	})
	if err != nil {
		return err
	}
	for _, owner := range work.Owners {
		d.sweptTo = owner
		d.Trigger(owner)
	}
	for _, r := range work.Stopping {
		key := AttemptKey{Review: r.Review, Attempt: r.Stopping}
		d.start("stop", key, func(ctx context.Context) {
			_ = d.postpone(ctx, key, r.Claim, d.config.StopEvery)
			over, err := d.stop(ctx, key, r.Owner)
			d.asked(task{"stop", key}, over, "worker.cancel", err)
		})
	}
	for _, r := range work.Silent {
		d.start("ask", r.Key(), func(ctx context.Context) {
			_ = d.postpone(ctx, r.Key(), r.Claim, d.config.StopEvery)
			err := d.askAbout(ctx, r)
			d.asked(task{"ask", r.Key()}, err == nil, "worker.status", err)
		})
	}
	return nil
}

// Stop carries out a recorded cancellation. It asks the worker to stop the attempt, and frees the slot once the worker
// reports that the session has ended. Like Trigger it is a hint: the sweep repeats it.
func (d *Dispatcher) Stop(r Review) {
	key := AttemptKey{Review: r.Review, Attempt: r.Stopping}
	d.start("stop", key, func(ctx context.Context) {
		if over, _ := d.stop(ctx, key, r.Owner); !over {
			// The callback reports the end, or the sweep asks the worker again.
			_ = d.postpone(ctx, key, r.Claim, d.config.StopEvery)
		}
	})
}

// asked counts how often the sweeps of this replica have asked the worker about an attempt in vain, and logs it when that
// is often. Other replicas ask, too, and may have the answer, so what is counted is forgotten when it is much.
func (d *Dispatcher) asked(about task, answered bool, op string, err error) {
	d.mutex.Lock()
	times := 0
	switch {
	case answered:
		delete(d.inVain, about)
	case len(d.inVain) >= inVainMax:
		clear(d.inVain)
	default:
		d.inVain[about]++
		times = d.inVain[about]
	}
	d.mutex.Unlock()
	logWaiting(d.log, op, about.key, times, err)
}

// inVainMax bounds the memory of a replica for attempts that it asks about in vain.
const inVainMax = 10_000

// stop asks the worker to stop an attempt, and frees its slot if the worker reports that the session has ended. It
// reports whether it did; if not, err is why the worker has not answered, or nil if the session has not ended.
func (d *Dispatcher) stop(ctx context.Context, key AttemptKey, owner OwnerID) (over bool, err error) {
	report, err := d.ask(ctx, key, d.worker.Cancel)
	if IsKind(err, Permanent) {
		report, err = d.stopUnrecorded(ctx, key)
	}
	if err != nil || !report.Status.Terminal() {
		return false, err
	}
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	switch _, err := d.store.Stopped(call, key, d.rt.Now()); {
	case err == nil:
		d.Trigger(owner)
	case IsKind(err, Permanent):
		_, _ = d.apply(ctx, report, 0) // frees the slot, too
	}
	return true, nil
}

// askAbout asks the worker about a running review that is silent, and acts on the answer. If the worker does not know
// the attempt, askAbout first makes the worker refuse a late start. Then the attempt is known to have ended, and it
// fails for an infrastructure reason. The error is that of a worker that does not answer.
func (d *Dispatcher) askAbout(ctx context.Context, r Review) error {
	report, err := d.ask(ctx, r.Key(), d.worker.Status)
	switch {
	case err == nil && (report.Status.Terminal() || r.Status == Queued):
		_, _ = d.apply(ctx, report, 0)
	case err == nil:
		_ = d.postpone(ctx, r.Key(), r.Claim, d.config.SilentAfter)
	case IsKind(err, NotFound):
		report, err = d.ask(ctx, r.Key(), d.worker.Cancel)
		if err != nil || !report.Status.Terminal() {
			return err
		}
		if report.Status == Cancelled {
			report.Status, report.Retryable = Failed, true
			report.Reason = "the worker has no record of the attempt"
		}
		_, _ = d.apply(ctx, report, 0)
	}
	return err
}

// postpone makes the sweep look at a review again after a pause.
func (d *Dispatcher) postpone(ctx context.Context, key AttemptKey, token Token, pause time.Duration) error {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	return d.store.Defer(call, key, token, now.Add(pause), now)
}
