package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

var callProperties = subject{
	name:     "Calls",
	sentence: "What every call of a port carries (a deadline, an honest time, an attempt), and how soon it may be repeated.",
}

// A call without a deadline hangs for as long as the other side does, and with it everything that waits for the call: a
// slot, a task, an orchestrator. If a clock jumps after a deadline was set, the deadline looks nearer or further away
// than it is.
var _ = callProperties.add(Property{
	ID:             "call-bounded",
	Class:          Protocol,
	Sentence:       "Every call has a deadline, no further away than the configured limit for it.",
	Source:         "3.3; 3.4",
	NotMistakenFor: "A deadline that looks wrong because a clock jumped after it was set.",
	watches:        []watching{on(checkCallBounded, CallBegan)},
})

const (
	causeCallWithoutADeadline Cause = "a-call-without-a-deadline"
	causeCallMayLastTooLong   Cause = "a-call-may-last-too-long"
)

func checkCallBounded(f *facts, r *Record) *Violation {
	if f.clockJumped {
		return nil
	}
	switch limit := f.limitOf(r); {
	case r.Within == 0:
		return violated(r, causeCallWithoutADeadline.Of(r.Call.String()), "%s asked %s to %s without a deadline at %s, and %s are allowed",
			caller(r), partnerOf(r.Call), toDo(r), moment(r.At), limit)
	case r.Within > limit:
		return violated(r, causeCallMayLastTooLong.Of(r.Call.String()), "%s asked %s to %s with a deadline of %s at %s, and %s are allowed",
			caller(r), partnerOf(r.Call), toDo(r), r.Within, moment(r.At), limit)
	}
	return nil
}

// limitOf is how long a call may last.
func (f *facts) limitOf(r *Record) time.Duration {
	app, worker := &f.config.App, &f.config.Worker
	switch {
	case r.Op != nil:
		return app.StoreTimeout
	case r.JournalOp != nil:
		return worker.JournalTimeout
	case r.Call == CallPrepare:
		return app.PrepareTimeout
	case r.Call == CallAppCallback:
		return worker.CallbackTimeout
	case r.Call.Port() == PortAgent:
		return worker.AgentTimeout
	}
	return app.DispatchTimeout
}

// Time reaches a store as a parameter. It may be wrong, as clocks are, but it is what the caller's clock shows: a
// predicate on another time means nothing.
var _ = callProperties.add(Property{
	ID:             "honest-now",
	Class:          Protocol,
	Sentence:       "The time that an operation of a store carries is what its caller's clock shows.",
	Source:         "3.2",
	NotMistakenFor: "A wrong time from a clock that is wrong.",
	watches:        []watching{on(checkHonestNow, CallBegan)},
})

const causeAnotherTimeThanTheClock Cause = "another-time-than-the-clocks"

func checkHonestNow(f *facts, r *Record) *Violation {
	carried, carries := f.carriedNow(r)
	if !carries || carried.Equal(r.Clock) {
		return nil
	}
	return violated(r, causeAnotherTimeThanTheClock.Of(r.Call.String()), "%s gave %s a wrong time at %s: its request to %s carries %s",
		caller(r), partnerOf(r.Call), moment(r.At), toDo(r), apart(carried, r.Clock))
}

// carriedNow returns the time that a call of a store carries.
func (f *facts) carriedNow(r *Record) (carried time.Time, carries bool) {
	switch {
	case r.Op != nil:
		return r.Op.Now, r.Op.Kind != model.ReviewsGet && r.Op.Kind != model.ReviewsAttempts
	case r.JournalOp == nil:
		return time.Time{}, false
	}
	switch op := r.JournalOp; op.Kind {
	case model.JournalLoad, model.JournalEvents, model.JournalPayload, model.JournalHeld, model.JournalRenewLease:
		return time.Time{}, false
	case model.JournalPurge:
		return op.Before.Add(f.config.workerOf(r).KeepFor), true
	default:
		return op.Now, true
	}
}

// Whoever asks for a durable step may leave before it has its answer. The step is carried out all the same, or it is
// not; either way the process that asked the store for it has to learn which, because it acts on it.
var _ = callProperties.add(Property{
	ID:             "asked-for-stays",
	Class:          Protocol,
	Sentence:       "A process that writes what a caller asked for waits for the answer of the store, although the caller has left.",
	Source:         "3: decide first, act after",
	NotMistakenFor: "A write that its own deadline ends, and one of a session that is being stopped.",
	watches:        []watching{on(checkAskedForStays, CallEnded)},
})

const causeGaveUpAWriteWithItsCaller Cause = "gave-up-a-write-with-its-caller"

func checkAskedForStays(_ *facts, r *Record) *Violation {
	if !r.Canceled || !askedFor(r) {
		return nil
	}
	return violated(r, causeGaveUpAWriteWithItsCaller, "%s was left in doubt: at %s %s gave up its request to %s, because the one who wanted it had left",
		r.Key, moment(r.At), caller(r), toDo(r))
}

// askedFor reports whether a call of a store writes what a caller has asked the process for.
func askedFor(r *Record) bool {
	switch {
	case r.JournalOp != nil:
		return r.JournalOp.Kind == model.JournalCreate || r.JournalOp.Kind == model.JournalRequestCancel
	case r.Op == nil:
		return false
	}
	switch r.Op.Kind {
	case model.ReviewsSubmit, model.ReviewsCancel, model.ReviewsRetrigger, model.ReviewsApply:
		return true
	default:
		return false
	}
}

// The configuration decides when the sweep or a cycle looks at a review again. Too early, and a claim that is alive is
// taken for an abandoned one; too late, and a review waits for nothing. A process with an older configuration has other
// pauses, within the range that any configuration allows.
var _ = callProperties.add(Property{
	ID:             "due-times",
	Class:          Protocol,
	Sentence:       "A due time is as far ahead as configured for the operation that sets it, and the row has exactly that time.",
	Source:         "3.3",
	NotMistakenFor: "A pause that is longer or shorter by the configured share of chance, and other pauses of a process with an older configuration.",
	watches:        []watching{on(checkDueTimes, CallBegan), on(checkDueKept, StoreExecuted)},
})

const (
	causeDueTimeOutOfRange   Cause = "a-due-time-out-of-range"
	causeRetryTimeOutOfRange Cause = "a-retry-time-out-of-range"
	causeDueTimeWasNotKept   Cause = "a-due-time-was-not-kept"
)

// leastPause is the shortest pause that any configuration allows. Half of it is jitter.
const leastPause = 10 * time.Millisecond / 2

func checkDueTimes(f *facts, r *Record) *Violation {
	if r.Op == nil {
		return nil
	}
	op, app := r.Op, &f.config.App
	due := dueRange{r, f.process(r.Actor).old}
	switch op.Kind {
	case model.ReviewsClaim:
		return due.check(causeDueTimeOutOfRange, "due time", op.DueAt, app.StaleAfter, app.StaleAfter)
	case model.ReviewsRelease:
		return due.check(causeDueTimeOutOfRange, "due time", op.DueAt, app.BackoffMin/2, max(app.BackoffMax, app.RetryAfterMax))
	case model.ReviewsDefer:
		return due.check(causeDueTimeOutOfRange, "due time", op.DueAt, min(app.BackoffMin/2, app.StopEvery, app.SilentAfter), max(app.BackoffMax, app.StopEvery, app.SilentAfter))
	case model.ReviewsApply:
		if v := due.check(causeDueTimeOutOfRange, "due time", op.DueAt, app.SilentAfter, app.SilentAfter); v != nil {
			return v
		}
		return due.check(causeRetryTimeOutOfRange, "retry time", op.RetryAt, app.BackoffMin/2, app.BackoffMax)
	default:
		return nil
	}
}

// A dueRange judges the times of an operation. old is the latest life of its caller that ran an older configuration.
type dueRange struct {
	r   *Record
	old int
}

func (d dueRange) check(cause Cause, what string, at time.Time, low, high time.Duration) *Violation {
	r := d.r
	if r.Life <= d.old {
		low, high = leastPause, aheadMax
	}
	if ahead := at.Sub(r.Op.Now); ahead < low || ahead > high {
		return violated(r, cause.Of(r.Call.String()), "%s was put off by a wrong time: at %s replica %s asked the store to %s with a %s %s ahead, and %s is allowed",
			r.Key, moment(r.At), r.Actor, toDo(r), what, ahead, between(low, high))
	}
	return nil
}

func checkDueKept(f *facts, r *Record) *Violation {
	if r.Result.Failed || f.review == nil || !f.review.changed {
		return nil
	}
	switch op, row := r.Op, &f.review.row; op.Kind {
	case model.ReviewsClaim, model.ReviewsRelease, model.ReviewsDefer:
		if row.DueAt.Equal(op.DueAt) {
			return nil
		}
		return violated(r, causeDueTimeWasNotKept.Of(op.Kind.String()), "%s is due at another time than asked for: at %s replica %s wanted it due in %s, and it is due in %s",
			r.Key, moment(r.At), r.Actor, op.DueAt.Sub(op.Now), row.DueAt.Sub(op.Now))
	default:
		return nil
	}
}

// Limits on what one call may return protect a store that has fallen behind from having to return everything at once.
var _ = callProperties.add(Property{
	ID:             "no-more-at-once",
	Class:          Protocol,
	Sentence:       "A sweep, a takeover and a purge ask for exactly as much at once as configured, and change or return no more.",
	Source:         "engine.AppConfig; engine.WorkerConfig",
	NotMistakenFor: "A host that leaves and asks to take over nothing.",
	watches: []watching{
		on(checkNoMoreAtOnce, CallBegan),
		on(checkNoMoreRows, holdExecuted, purgeExecuted),
		on(checkNoMoreFound, StoreExecuted).store(model.ReviewsSweep),
	},
})

const (
	causeAnotherBatchThanConfigured Cause = "another-batch-than-configured"
	causeMoreThanWasAskedFor        Cause = "more-than-was-asked-for"
)

func checkNoMoreRows(f *facts, r *Record) *Violation {
	op := r.JournalOp
	if f.span.rows <= op.Max {
		return nil
	}
	return violated(r, causeMoreThanWasAskedFor.Of(op.Kind.String()), "Host %s got more than it asked for: at %s a request to %s changed %d attempts, and %d at most were asked for",
		r.Actor, moment(r.At), toWrite(op), f.span.rows, op.Max)
}

func checkNoMoreFound(_ *facts, r *Record) *Violation {
	op, work := r.Op, &r.Result.Work
	if r.Result.Failed {
		return nil
	}
	if most := max(len(work.Owners), len(work.Silent), len(work.Stopping)); most > op.Search.Max {
		return violated(r, causeMoreThanWasAskedFor.Of(op.Kind.String()), "Replica %s got more than it asked for: at %s its sweep found %d of one kind, and %d at most were asked for",
			r.Actor, moment(r.At), most, op.Search.Max)
	}
	return nil
}

func checkNoMoreAtOnce(f *facts, r *Record) *Violation {
	asked, allowed := 0, 0
	switch {
	case r.Op != nil && r.Op.Kind == model.ReviewsSweep:
		asked, allowed = r.Op.Search.Max, f.config.App.SweepBatch
	case r.JournalOp != nil && r.JournalOp.Kind == model.JournalRenewLease:
		asked, allowed = r.JournalOp.Max, f.config.Worker.TakeoverBatch
		if asked == 0 {
			return nil // a host that leaves takes nothing over
		}
	case r.JournalOp != nil && r.JournalOp.Kind == model.JournalPurge:
		asked, allowed = r.JournalOp.Max, f.config.Worker.PurgeBatch
	}
	if asked == allowed {
		return nil
	}
	return violated(r, causeAnotherBatchThanConfigured.Of(r.Call.String()), "%s asked %s to %s for %d at once at %s, and %d are configured",
		caller(r), partnerOf(r.Call), toDo(r), asked, moment(r.At), allowed)
}

// Attempts are numbered from 1. In rows attempt 0 stands for "none", so a message about it is about nothing: a worker
// that is asked to cancel attempt 0 keeps a tombstone for ever.
var _ = callProperties.add(Property{
	ID:             "attempt-named",
	Class:          Protocol,
	Sentence:       "Every message, row and report names an attempt, counted from 1.",
	Source:         "3: identity is (review, attempt)",
	NotMistakenFor: "A renewal or a purge, which is about many attempts and names none.",
	watches:        []watching{on(checkAttemptNamed, namesNone)},
})

const causeNoAttemptWasNamed Cause = "no-attempt-was-named"

func checkAttemptNamed(_ *facts, r *Record) *Violation {
	return violated(r, causeNoAttemptWasNamed, "Review %s was named with attempt %d by %s at %s (%s), and attempts count from 1",
		r.Key.Review, r.Key.Attempt, r.Actor, moment(r.At), r.Kind)
}

// A service that fails needs time: if every host repeated its call at once, it would not recover. Up to one half of a
// pause is left to chance, so that hosts do not all retry at the same time. An append may follow a failed one at once
// when the attempt is cancelled or the host leaves in between.
var _ = callProperties.add(Property{
	ID:             "retry-paced",
	Class:          Protocol,
	Sentence:       "A host repeats a call that failed no sooner than its configuration allows.",
	Source:         "3.4; engine.WorkerConfig",
	NotMistakenFor: "A pause that is shorter than configured by up to one half, which is left to chance, and the first call of the next holder.",
	watches:        []watching{on(checkRetryPaced, CallBegan)},
})

const causeTriedAgainAtOnce Cause = "tried-again-at-once"

// tried returns how the same call of the orchestrator has ended before, or nil.
func (f *facts) tried(r *Record) *triedFacts {
	kind := triedBy(r)
	if kind == triedNone || f.attempt == nil {
		return nil
	}
	h := f.attempt.single(r)
	if h == nil || !h.calls.tried[kind].ended {
		return nil
	}
	return &h.calls.tried[kind]
}

func checkRetryPaced(f *facts, r *Record) *Violation {
	before := f.tried(r)
	if before == nil || !before.failed || f.attempt.barred {
		return nil // what was refused for good is not tried again: less is
	}
	if pause := r.At - before.at; pause < f.config.Worker.BackoffMin/2 {
		return violated(r, causeTriedAgainAtOnce.Of(r.Call.String()), "%s was tried again at once: at %s host %s asked %s to %s only %s after that had failed, and pauses last %s, half of it left to chance",
			r.Key, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r), pause, f.config.Worker.BackoffMin)
	}
	return nil
}
