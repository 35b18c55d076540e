package enginetest

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

// Apply implements [engine.ReviewStore].
func (s *Reviews) Apply(ctx context.Context, report engine.Report) (engine.Review, error) {
	const op = "store.apply"
	return s.change(ctx, op, report.Key.Review, func(r *reviewRow) error {
		if report.Key.Attempt > r.Attempt || report.Token != 0 && report.Token != r.Claim {
			return engine.Errorf(engine.Stale, op, "review %s, token %d", report.Key, report.Token)
		}
		if report.Status.Terminal() && r.isStopping(report.Key.Attempt) {
			r.sessionOver(report.Now)
		}
		claimed := r.Status == engine.Queued || r.Status == engine.Running
		switch {
		case report.Key.Attempt < r.Attempt || !claimed: // old news, or news of an attempt that was never dispatched
		case report.Status.Terminal():
			r.conclude(&report)
		case report.Status == engine.Running && r.Status == engine.Queued:
			r.Status, r.DueAt, r.UpdatedAt = engine.Running, report.DueAt, report.Now
			if report.AgentVersion != "" {
				r.AgentVersion = report.AgentVersion
			}
		}
		return nil
	})
}

// SetAgentVersion implements [engine.ReviewStore].
func (s *Reviews) SetAgentVersion(ctx context.Context, key engine.AttemptKey, version string, now time.Time) error {
	const op = "store.set-agent-version"
	return doWrite(ctx, &s.memory, op, func() error {
		r := s.find(key.Review)
		if r == nil || r.Attempt != key.Attempt {
			return engine.Errorf(engine.Stale, op, "review %s", key)
		}
		r.AgentVersion, r.UpdatedAt = version, now
		return nil
	})
}

// Cancel implements [engine.ReviewStore].
func (s *Reviews) Cancel(ctx context.Context, key engine.AttemptKey, reason string, now time.Time) (engine.Review, error) {
	const op = "store.cancel"
	return s.change(ctx, op, key.Review, func(r *reviewRow) error {
		if r.Attempt != key.Attempt {
			return engine.Errorf(engine.Stale, op, "review %s is at attempt %d", key, r.Attempt)
		}
		r.cancel(reason, now)
		return nil
	})
}

// Stopped implements [engine.ReviewStore].
func (s *Reviews) Stopped(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return s.change(ctx, "store.stopped", key.Review, func(r *reviewRow) error {
		if r.isStopping(key.Attempt) {
			r.sessionOver(now)
		}
		return nil
	})
}

// Retrigger implements [engine.ReviewStore].
func (s *Reviews) Retrigger(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	const op = "store.retrigger"
	return s.change(ctx, op, key.Review, func(r *reviewRow) error {
		switch {
		case key.Attempt < r.Attempt: // it has happened already
		case key.Attempt > r.Attempt:
			return engine.Errorf(engine.Stale, op, "review %s is at attempt %d", key, r.Attempt)
		case !r.Status.Terminal():
			return engine.Errorf(engine.Rejected, op, "attempt %s is %s", key, r.Status)
		case r.SupersededBy != "":
			return engine.Errorf(engine.Permanent, op, "review %s is superseded by %s", key, r.SupersededBy)
		default:
			r.Retries = 0
			r.next(now, now)
		}
		return nil
	})
}

// isStopping reports whether the session of that attempt is being stopped.
func (r *reviewRow) isStopping(attempt int) bool { return r.Stopping != 0 && r.Stopping == attempt }

// end makes the current attempt terminal.
func (r *reviewRow) end(status engine.Status, reason string, now time.Time) {
	r.Status, r.Reason, r.UpdatedAt = status, reason, now
	r.ended = append(r.ended, engine.Attempt{Number: r.Attempt, Status: status, Reason: reason, EndedAt: now})
}

// next begins the next attempt, at the end of its owner's queue.
func (r *reviewRow) next(due, now time.Time) {
	r.Attempt++
	r.Status, r.Reason, r.Deferrals = engine.Pending, "", 0
	r.DueAt, r.EnqueuedAt, r.UpdatedAt = due, now, now
}

// conclude ends the current attempt as reported, or lets the next one follow a failure of the infrastructure.
func (r *reviewRow) conclude(report *engine.Report) {
	again := report.Status == engine.Failed && report.Retryable && r.Retries < report.MaxRetries
	r.end(report.Status, report.Reason, report.Now)
	if again {
		r.Retries++
		r.next(report.RetryAt, report.Now)
	}
}

// cancel ends the current attempt unless it is over. One that was claimed may have a session, which has to be stopped.
func (r *reviewRow) cancel(reason string, now time.Time) {
	if r.Status.Terminal() {
		return
	}
	if r.Status != engine.Pending {
		r.Stopping, r.DueAt = r.Attempt, now
	}
	r.end(engine.Cancelled, reason, now)
}

// supersede makes another review the successor of r, which goes on no more.
func (r *reviewRow) supersede(by engine.ReviewID, now time.Time) {
	r.SupersededBy, r.UpdatedAt = by, now
	r.cancel("superseded by "+string(by), now)
}

// sessionOver frees the slot of a cancelled attempt. The attempt that waited for that is due from now on.
func (r *reviewRow) sessionOver(now time.Time) {
	r.Stopping, r.UpdatedAt = 0, now
	if r.Status == engine.Pending {
		r.DueAt = now
	}
}
