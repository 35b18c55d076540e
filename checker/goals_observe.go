package checker

import (
	"strings"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// observe counts the goals that a record reaches, given what happened before it.
func (c *GoalCounts) observe(l *ledger, r *Record) {
	switch r.Kind {
	case StoreExecuted:
		c.observeOperation(l, r)
	case StoreChanged:
		c.observeChange(l, r)
	case JournalExecuted:
		c.observeJournal(l, r)
	case PrepareStarted:
		if l.makespan.elsewhere(r) {
			c.Add(TwoDispatchersPreparedOneReview)
		}
	case DispatchAnswered:
		if r.Text == "permanent" {
			c.Add(StartRefusedForGood)
		}
	case StartArrived:
		if l.attempt.live {
			c.Add(DuplicateStartWhileStreaming)
		}
		if l.attempt.buried {
			c.Add(CancelBeforeStart)
		}
	case Interrupted:
		if l.attempt.sessions == 0 {
			c.Add(InterruptBeforeCreate)
		}
	case StreamSent:
		if r.From > 0 {
			c.Add(StreamResumed)
		}
	case CallbackSent:
		if r.Status.Terminal() && l.attempt.callbacks > 0 {
			c.Add(OutboxRedelivered)
		}
	case CallbackAnswered:
		if r.Text == "not found" && r.Status.Terminal() {
			c.Add(UnknownReviewReported)
		}
	case ClientAnswered:
		if r.Text == "events" && r.Number > 0 {
			c.Add(EventsShown)
		}
	case ProcessCrashed:
		c.observeCrash(l, r)
	case ShutdownBegan:
		if l.follows(r, func(a *attemptEntry) bool { return a.live }) {
			c.Add(GracefulShutdownMidStream)
		}
	default: // no goal is about it
	}
}

func (c *GoalCounts) observeOperation(l *ledger, r *Record) {
	op, result := r.Op, r.Result
	switch op.Kind {
	case model.OpClaim:
		switch {
		case result.Failed && result.Err == engine.Stale:
			c.Add(ClaimLostRace)
		case result.Failed && result.Err == engine.Rejected:
			c.Add(LimitRefusedClaim)
		}
	case model.OpRelease:
		if !result.Failed {
			c.Add(ClaimReleasedAfterRejection)
		}
	case model.OpApply:
		if !result.Failed && l.review.isKnown() && op.Key.Attempt < l.review.row.Attempt && !l.review.changed {
			c.Add(CallbackAfterNewerAttempt)
		}
	case model.OpSweep:
		if !result.Failed && len(result.Work.Silent) > 0 {
			c.Add(SilentReviewAsked)
		}
	default: // counted by the change that it makes, or not at all
	}
}

func (c *GoalCounts) observeChange(l *ledger, r *Record) {
	before, after, op := r.Before, r.After, r.Op
	if before == nil {
		if after.Status == engine.Cancelled {
			c.Add(SupersededAtBirth)
		}
		return
	}
	switch op.Kind {
	case model.OpClaim:
		if before.Status == engine.Queued {
			c.observeRevival(l, before)
		}
	case model.OpCancel:
		switch {
		case before.Status == engine.Queued && after.Status == engine.Cancelled:
			c.Add(CancelWhileQueued)
		case before.Status == engine.Running && after.Status == engine.Cancelled:
			c.Add(CancelWhileRunning)
		}
	case model.OpSubmit:
		if a := l.review.known(before.Attempt); a != nil && a.live && before.Status != after.Status {
			c.Add(SupersededWhileRunning)
		}
	case model.OpApply:
		switch {
		case after.Attempt > before.Attempt:
			c.Add(RetryAfterInfrastructureFailure)
		case after.Status == engine.Failed && before.Status != engine.Failed && op.Report.Retryable:
			c.Add(RetriesExhausted)
		}
	case model.OpRetrigger:
		if before.Status == engine.Failed && after.Attempt > before.Attempt {
			c.Add(RetriggerAfterFailure)
		}
	case model.OpFail:
		if strings.HasPrefix(op.Text, "preparation: ") {
			c.Add(PreparationFailedForGood)
		}
	default: // no goal is about it
	}
}

// observeRevival counts what a stale claim that is taken over had been.
func (c *GoalCounts) observeRevival(l *ledger, before *engine.Review) {
	a := l.review.known(before.Attempt)
	if a == nil || !a.hasRow {
		c.Add(StaleClaimWasAbandoned)
	} else {
		c.Add(StaleClaimWasAlive)
	}
	claim := l.review.claim(before.Claim)
	if claim == nil || claim.givenUp {
		return
	}
	process := l.process(claim.actor)
	lived := process.life <= claim.life && !process.crashed
	switch {
	case claim.used && a != nil && a.hasRow:
		c.Add(AmbiguousDispatchLanded)
	case !claim.used && lived:
		c.Add(AmbiguousClaimLanded)
	}
}

func (c *GoalCounts) observeJournal(l *ledger, r *Record) {
	op := r.JournalOp
	if op.Kind == model.JournalPurge && !r.JournalResult.Failed {
		c.observePurge(l, r)
	}
	switch {
	case op.Epoch != 0 && op.Epoch < r.Current && r.JournalResult.Failed && r.JournalResult.Err == engine.Stale:
		c.Add(ZombieWriteRefused)
	case r.JournalResult.Failed || r.RowBefore == nil || r.Row == nil:
	case op.Kind == model.JournalHold && r.Row.Epoch > r.RowBefore.Epoch:
		c.Add(TakeoverAfterLeaseExpiry)
	case op.Kind == model.JournalAppend && len(op.Events) > 0 && op.Events[0].Seq <= r.RowBefore.Events:
		c.Add(DuplicateEventsSkipped)
	case op.Kind == model.JournalDecide && strings.Contains(op.Outcome.Reason, "not over after"):
		c.Add(StreamLimitReached)
	}
}

// observePurge looks for attempts that were over only lately.
func (c *GoalCounts) observePurge(l *ledger, r *Record) {
	for _, v := range l.reviews {
		for _, a := range v.attempts {
			if a.purgeable(r) && r.At-a.journaledAt < 24*time.Hour {
				c.Add(PurgedByAWrongClock)
			}
		}
	}
}

// observeCrash looks at what the process held in memory alone.
func (c *GoalCounts) observeCrash(l *ledger, r *Record) {
	for _, v := range l.reviews {
		if n := len(v.claims); n > 0 {
			claim := &v.claims[n-1]
			if claim.actor == r.Actor && claim.life == r.Life && !claim.used && !claim.givenUp {
				c.Add(CrashBetweenClaimAndDispatch)
			}
		}
	}
	if l.follows(r, func(a *attemptEntry) bool { return a.emitted > a.row.Events }) {
		c.Add(CrashWithBufferedEvents)
	}
}

// follows reports whether a process holds an unfinished orchestration that fits.
func (l *ledger) follows(r *Record, fits func(*attemptEntry) bool) bool {
	for _, v := range l.reviews {
		for _, a := range v.attempts {
			if a.hasRow && a.row.Phase == engine.PhaseIntended && a.holder == r.Actor && a.holderLife == r.Life && fits(a) {
				return true
			}
		}
	}
	return false
}
