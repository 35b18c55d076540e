package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var progressProperties = subject{
	name:     "Progress",
	sentence: "What has to happen at all, and how soon, once faults have stopped.",
}

var _ = progressProperties.add(Property{
	ID:             "no-stuck",
	Class:          Outcome,
	Sentence:       "Once faults have stopped, every review finishes: it is terminal, no session is left, no slot is held and no callback is owed.",
	Source:         "7; 8: queued-before-dispatch",
	NotMistakenFor: "A review that makes no progress during the storm: it has until the end of the quiet phase.",
	ending:         checkNoStuck,
})

const (
	causeStuckPending            Cause = "review-stuck-pending"
	causeStuckQueued             Cause = "review-stuck-queued"
	causeStuckRunning            Cause = "review-stuck-running"
	causeNeverStopped            Cause = "review-never-known-to-have-stopped"
	causeSessionStillRunning     Cause = "session-still-running"
	causeOrchestrationUnfinished Cause = "orchestration-unfinished"
	causeCallbackStillOwed       Cause = "callback-still-owed"
)

// checkNoStuck: a review that waits for the slot of another one is stuck because of that one, so reviews that wait come
// last.
func checkNoStuck(f *facts, r *Record) *Violation {
	var waits *reviewFacts
	for _, v := range f.reviews {
		switch {
		case !v.hasRow:
		case v.row.Stopping != 0:
			return f.stuck(r, v, v.row.Stopping, causeNeverStopped)
		case v.row.Status == engine.Pending:
			if waits == nil {
				waits = v
			}
		case !v.row.Status.Terminal():
			return f.stuck(r, v, v.row.Attempt, stuckStatus(&v.row))
		}
		for _, a := range v.attempts {
			switch {
			case a.live:
				return f.stuck(r, v, a.key.Attempt, causeSessionStillRunning)
			case a.hasRow && a.row.Phase != engine.PhaseOver:
				return f.stuck(r, v, a.key.Attempt, causeOrchestrationUnfinished)
			case a.hasRow && a.row.CallbackPending:
				return f.stuck(r, v, a.key.Attempt, causeCallbackStillOwed)
			}
		}
	}
	if waits != nil {
		return f.stuck(r, waits, waits.row.Attempt, causeStuckPending)
	}
	return nil
}

func stuckStatus(row *engine.Review) Cause {
	if row.Status == engine.Queued {
		return causeStuckQueued
	}
	return causeStuckRunning
}

// The sweep finds what was lost. Most of that would be repaired later without it: a callback arrives, a time limit
// passes. So the sweep is watched by itself. Anything that is done about a due review changes its row: it is put off,
// claimed, or over. Pending reviews may wait for a slot.
//
// Due is meant in true time. A due time that was more than an hour ahead when it was written is due at once. Wrong
// clocks see it otherwise, but never for more than an hour, which [Config].StarvedAfter allows for.
var _ = progressProperties.add(Property{
	ID:       "nothing-neglected",
	Class:    Protocol,
	Sentence: "In the quiet phase nothing that is due stays untouched for long: silent reviews, stale claims, attempts to be stopped.",
	Source:   "3.3: the sweep",
	NotMistakenFor: "A pending review that waits for a slot, a review that is looked at and put off again, even if the store refuses for good to put it off, " +
		"and the time in which no replica is there to look: the last one has been shut down or taken down.",
	watches: []watching{on(checkNothingNeglected, StoreExecuted)},
	ending:  checkNothingNeglected,
})

const (
	causeStoppingNeglected Cause = "an-attempt-to-be-stopped-was-neglected"
	causeClaimNeglected    Cause = "a-stale-claim-was-neglected"
	causeSilentNeglected   Cause = "a-silent-review-was-neglected"
)

func checkNothingNeglected(f *facts, r *Record) *Violation {
	if f.phase != PhaseQuiet || f.unattended || r.At-f.phaseBegan <= f.config.StarvedAfter {
		return nil
	}
	for _, v := range f.reviews {
		row := &v.row
		if !v.hasRow || row.Status != engine.Running && row.Status != engine.Queued && row.Stopping == 0 {
			continue
		}
		since := max(v.dueSince(f.config.Start), f.phaseBegan, f.attendedAt, v.lookedAt)
		if waited := r.At - since; waited > f.config.StarvedAfter {
			return violatedAbout(r, row.Key(), neglected(row), "Review %s was neglected: %s, it has been due for %s at %s, and no sweep has taken it up",
				row.Review, f.waiting(v), waited, moment(r.At))
		}
	}
	return nil
}

// dueSince is when a row was due by a clock that is right.
func (v *reviewFacts) dueSince(start time.Time) time.Duration {
	at := v.row.DueAt.Sub(start)
	if at-v.changedAt > aheadMax {
		return v.changedAt
	}
	return max(at, v.changedAt)
}

func neglected(row *engine.Review) Cause {
	switch {
	case row.Stopping != 0:
		return causeStoppingNeglected
	case row.Status == engine.Queued:
		return causeClaimNeglected
	}
	return causeSilentNeglected
}

var _ = progressProperties.add(Property{
	ID:             "no-starvation",
	Class:          Outcome,
	Sentence:       "In the quiet phase no due review waits for long while younger ones of its owner are claimed.",
	Source:         "7",
	NotMistakenFor: "A review that waits while its owner has no free slot, or that was put off after a failed preparation.",
	watches:        []watching{on(checkNoStarvation, StoreChanged).store(model.ReviewsClaim)},
})

const causeYoungerReviewWasClaimed Cause = "a-younger-review-was-claimed"

func checkNoStarvation(f *facts, r *Record) *Violation {
	before := r.Before
	if f.phase != PhaseQuiet || before == nil || before.Status != engine.Pending {
		return nil
	}
	for _, other := range f.reviews {
		row := &other.row
		if other == f.review || !other.hasRow || row.Owner != before.Owner ||
			row.Status != engine.Pending || row.Stopping != 0 || !olderThan(row, before) {
			continue
		}
		// It has waited since it was due and its owner had a free slot.
		since := max(row.DueAt.Sub(f.config.Start), row.EnqueuedAt.Sub(f.config.Start), f.phaseBegan, f.owner(row.Owner).freeSince)
		if waited := r.At - since; waited > f.config.StarvedAfter {
			return violated(r, causeYoungerReviewWasClaimed, "Review %s was passed over: due for %s at %s, it still waits, and replica %s claimed the younger review %s of its owner %s",
				row.Review, waited, moment(r.At), r.Actor, r.Key.Review, row.Owner)
		}
	}
	return nil
}

// The host that journals a start executes it at once. If it does not, nothing is lost: its next renewal shows it what it
// holds. But the user waits for that, although nothing was wrong.
var _ = progressProperties.add(Property{
	ID:             "start-prompt",
	Class:          Outcome,
	Sentence:       "A start that a host has journaled begins at once, also when its caller has left.",
	Source:         "3.4: starting is durable before it is acknowledged",
	NotMistakenFor: "A start of a host that a fault has struck since, that is slow or paused, or that is shutting down.",
	watches:        []watching{on(checkStartPrompt, heldRead)},
})

const causeStartWaitedForARenewal Cause = "a-start-waited-for-a-renewal"

// promptWithin covers the answer of the journal and the first write, with the latencies of a process that is not slow.
const promptWithin = 5 * time.Second

func checkStartPrompt(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	if r.JournalResult.Failed || !f.livesOn(r.Actor, r.Life) || p.slow || p.halted {
		return nil
	}
	for _, lease := range r.JournalResult.Leases {
		a := f.leased(lease)
		if a == nil || a.row.Phase != engine.PhaseAccepted {
			continue
		}
		h := a.find(r.Actor, r.Life)
		if h == nil || h.again || !h.first || h.calls.begun || h.calls.startedAt == 0 || h.calls.startFaults != p.faults {
			continue
		}
		if waited := r.At - h.calls.startedAt; waited > promptWithin {
			return violatedAbout(r, lease.Key, causeStartWaitedForARenewal, "%s was accepted and not begun: host %s journaled its start at %s and left it until a renewal found it %s later",
				lease.Key, r.Actor, moment(h.calls.startedAt), waited)
		}
	}
	return nil
}

// Any host accepts a cancel. The host that runs the attempt learns of it with its next renewal at the latest; then it
// has to wait for nothing but a write that is under way. That it learns of it at all is the business of one-holder and
// no-stuck, because what nobody holds is taken over. A host that was slow may still be in a pause that it began then.
var _ = progressProperties.add(Property{
	ID:             "cancel-prompt",
	Class:          Protocol,
	Sentence:       "In the quiet phase a host that learns of a cancel from its renewal interrupts the session soon.",
	Source:         "3.4",
	NotMistakenFor: "A session that runs until the next renewal, and a host that is slow or that the agent throttles.",
	watches:        []watching{on(checkCancelPrompt, heldRead)},
})

const causeCancelWasNotCarriedOut Cause = "a-cancel-was-not-carried-out"

func checkCancelPrompt(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	if f.phase != PhaseQuiet || r.JournalResult.Failed || p.slow || p.throttle.agent.lately(r.At, f.config.CancelWithin+f.config.Worker.BackoffMax) {
		return nil
	}
	for _, lease := range r.JournalResult.Leases {
		a := f.leased(lease)
		if a == nil || !lease.Cancel || a.over() {
			continue
		}
		h := a.find(r.Actor, r.Life)
		if h == nil || h.again || h.interrupts || h.cancelKnownAt == 0 || r.At-h.cancelKnownAt <= f.config.CancelWithin {
			continue
		}
		return violated(r, causeCancelWasNotCarriedOut, "%s was not cancelled in time: host %s has known for %s at %s that it is to be, and has not interrupted it; it is %s",
			lease.Key, r.Actor, r.At-h.cancelKnownAt, moment(r.At), rowState(&a.row))
	}
	return nil
}
