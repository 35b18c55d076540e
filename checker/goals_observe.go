package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// observe counts the goals that a record reaches, given what happened before it.
func (c *GoalCounts) observe(f *facts, r *Record) {
	switch r.Kind {
	case StoreExecuted:
		c.observeOperation(f, r)
	case StoreChanged:
		c.observeChange(f, r)
	case JournalExecuted:
		c.observeJournal(f, r)
	case PrepareStarted:
		if f.preparations.elsewhere(r) {
			c.Add(TwoDispatchersPreparedOneReview)
		}
	case DispatchAnswered:
		if r.Error.Is(engine.Permanent) {
			c.Add(StartRefusedForGood)
		}
	case StartArrived:
		if f.attempt.live {
			c.Add(DuplicateStartWhileStreaming)
		}
		if f.attempt.tombstone {
			c.Add(CancelBeforeStart)
		}
	case Interrupted:
		if f.attempt.sessions == 0 {
			c.Add(InterruptBeforeCreate)
		}
	case StreamSent:
		if r.From > 0 {
			c.Add(StreamResumed)
		}
	case StreamOpened:
		if h := f.attempt.hosts.find(r.Actor, r.Life); h != nil && h.unknownSince != 0 {
			c.Add(UnknownForAWhile)
		}
	case EventDelivered:
		// The first event that comes after the silence: the rest of the session is behind it.
		a := f.attempt
		if h := a.hosts.find(r.Actor, r.Life); h != nil && h.silentSince != 0 && a.endedAt > h.silentSince {
			c.Add(EndedBehindASilentStream)
		}
	case CallEnded:
		c.observeThrottled(f, r)
	case CallbackSent:
		if r.Status.Terminal() && f.attempt.callbacks > 0 {
			c.Add(OutboxRedelivered)
		}
	case CallbackAnswered:
		if r.Error.Is(engine.NotFound) && r.Status.Terminal() {
			c.Add(UnknownReviewReported)
		}
	case ClientAnswered:
		if r.Call == CallAppEvents && r.Events > 0 {
			c.Add(EventsShown)
		}
		if r.Actor != string(r.Key.Review) && !isOperators(r.Call) {
			c.Add(TwoUsersOfOneReview)
		}
	case CallerLeft:
		if r.Call == CallWorkerStart {
			if h := f.attempt.find(r.Actor, r.Life); h != nil && h.calls.creating > 0 {
				c.Add(CallerLeftMidStart)
			}
		}
	case ProcessCrashed:
		c.observeCrash(f, r)
	case ShutdownBegan:
		if f.follows(r, func(a *attemptFacts) bool { return a.live }) {
			c.Add(GracefulShutdownMidStream)
		}
	default: // no goal is about it
	}
}

// observeThrottled counts calls that ended because their callee is throttled.
func (c *GoalCounts) observeThrottled(f *facts, r *Record) {
	if !r.Throttled {
		return
	}
	switch p := f.process(r.Actor); {
	case r.Call == CallWorkerStart:
		c.Add(DispatchThrottled)
	case r.Call == CallAppCallback && r.Status.Terminal():
		c.Add(CallbackThrottled)
	case r.Call == CallAgentCreate && p.throttle.agent.now && r.At-p.throttle.agent.since >= longThrottle && f.attempt != nil && !f.attempt.over():
		c.Add(ThrottledForLong)
	}
}

// longThrottle is how long a partner throttles that makes a run reach ThrottledForLong.
const longThrottle = 15 * time.Minute

func (c *GoalCounts) observeOperation(f *facts, r *Record) {
	op, result := r.Op, r.Result
	switch op.Kind {
	case model.ReviewsSubmit:
		c.observeSubmission(f, r)
	case model.ReviewsClaim:
		switch {
		case result.Failed && result.Err == engine.Stale:
			c.Add(ClaimLostRace)
		case result.Failed && result.Err == engine.Rejected:
			c.Add(LimitRefusedClaim)
		}
	case model.ReviewsRelease:
		if !result.Failed {
			c.Add(ClaimReleasedAfterRejection)
		}
	case model.ReviewsApply:
		if !result.Failed && f.review.isKnown() && op.Key.Attempt < f.review.row.Attempt && !f.review.changed {
			c.Add(CallbackAfterNewerAttempt)
		}
	case model.ReviewsSweep:
		if !result.Failed && len(result.Work.Silent) > 0 {
			c.Add(SilentReviewAsked)
		}
		c.observeSweep(f, r)
		c.observeQueues(f, r)
	case model.ReviewsCancel, model.ReviewsRetrigger:
		if f.review.isKnown() && op.Key.Attempt < f.review.row.Attempt && !f.review.changed {
			c.Add(OlderAttemptNamed)
		}
	default: // counted by the change that it makes, or not at all
	}
}

func (c *GoalCounts) observeChange(f *facts, r *Record) {
	before, after, op := r.Before, r.After, r.Op
	if after.DueAt.Sub(op.Now) == pauseMax {
		c.Add(LongestPause)
	}
	if before == nil {
		if after.Status == engine.Cancelled {
			c.Add(SupersededAtBirth)
		}
		c.observeNewHead(f, after)
		return
	}
	switch op.Kind {
	case model.ReviewsClaim:
		if before.Status == engine.Queued {
			c.observeRevival(f, before)
		}
		if f.phase == PhaseStorm && f.storms > 2 && r.At >= time.Hour {
			c.Add(StormsReturned)
		}
	case model.ReviewsCancel:
		switch {
		case before.Status == engine.Queued && after.Status == engine.Cancelled:
			c.Add(CancelWhileQueued)
		case before.Status == engine.Running && after.Status == engine.Cancelled:
			c.Add(CancelWhileRunning)
		}
	case model.ReviewsSubmit:
		switch a := f.review.known(before.Attempt); {
		case after.Attempt > before.Attempt && before.SupersededBy != "":
			c.Add(HeadCameBack)
		case after.Attempt > before.Attempt:
			c.Add(PullRequestReopened)
		case a != nil && a.live && before.Status != after.Status:
			c.Add(SupersededWhileRunning)
		}
	case model.ReviewsApply:
		switch {
		case after.Attempt > before.Attempt:
			c.Add(RetryAfterInfrastructureFailure)
		case after.Status == engine.Failed && before.Status != engine.Failed && op.Report.Retryable:
			c.Add(RetriesExhausted)
		}
	case model.ReviewsRetrigger:
		if before.Status == engine.Failed && after.Attempt > before.Attempt {
			c.Add(RetriggerAfterFailure)
		}
	case model.ReviewsFail:
		c.Add(PreparationFailedForGood) // nothing else ends a review that was never dispatched
	default: // no goal is about it
	}
}

// observeSweep counts what a sweep leaves out.
func (c *GoalCounts) observeSweep(f *facts, r *Record) {
	search, work := &r.Op.Search, &r.Result.Work
	if r.Result.Failed {
		return
	}
	if most := max(len(work.Owners), len(work.Silent), len(work.Stopping)); most > 0 && most == search.Max {
		c.Add(SweepCutShort)
	}
	if len(work.Owners) == 0 {
		return
	}
	for _, v := range f.reviews {
		row := &v.row
		if v.hasRow && row.Status == engine.Pending && candidate(row, search.Now) && !slices.Contains(work.Owners, row.Owner) && !f.canBeHelped(f.owner(row.Owner), search) {
			c.Add(FullOwnerPassedOver)
			return
		}
	}
}

// observeQueues counts an owner whose slots are too few for long.
func (c *GoalCounts) observeQueues(f *facts, r *Record) {
	if r.Result.Failed || len(f.reviews) < longQueue {
		return
	}
	for _, o := range f.owners {
		waiting, held, oldest := 0, 0, time.Duration(0)
		for _, v := range f.reviews {
			switch {
			case !v.hasRow || v.row.Owner != o.id:
			case holdsSlot(&v.row):
				held++
			case v.row.Status == engine.Pending:
				waiting++
				oldest = max(oldest, r.At-v.began)
			}
		}
		if held >= f.config.limit(o.id) && waiting >= longQueue && oldest >= longWait {
			c.Add(QueueWasLong)
			return
		}
	}
}

// A queue of so many reviews that wait, the oldest of them for so long, is a long one.
const (
	longQueue = 6
	longWait  = 10 * time.Minute
)

// observeNewHead counts what is special about the head of a new review.
func (c *GoalCounts) observeNewHead(f *facts, head *engine.Review) {
	order, commit, fork := false, false, false
	for _, v := range f.reviews {
		other := &v.row
		if !v.hasRow || other.Review == head.Review {
			continue
		}
		same := samePullRequest(&other.Submission, &head.Submission)
		order = order || same && other.HeadOrder == head.HeadOrder
		commit = commit || same && other.HeadSHA == head.HeadSHA
		fork = fork || other.PullRequest == head.PullRequest && other.HeadSHA == head.HeadSHA && other.Repository != head.Repository
	}
	for _, reached := range [...]struct {
		goal Goal
		is   bool
	}{{HeadsOfOneOrder, order}, {CommitReviewedTwice, commit}, {ForkReviewed, fork}} {
		if reached.is {
			c.Add(reached.goal)
		}
	}
}

// observeSubmission counts what submissions are about that change nothing.
func (c *GoalCounts) observeSubmission(f *facts, r *Record) {
	switch {
	case r.Result.Failed && r.Result.Err == engine.Permanent:
		c.Add(SubmissionContradicted)
	case !r.Result.Failed && f.review.hasRow && r.Op.Submission.HeadOrder < f.review.row.HeadOrder:
		c.Add(OldDeliveryRepeated)
	}
}

// observeRevival counts what a stale claim that is taken over had been.
func (c *GoalCounts) observeRevival(f *facts, before *engine.Review) {
	a := f.review.known(before.Attempt)
	if a == nil || !a.hasRow {
		c.Add(StaleClaimWasAbandoned)
	} else {
		c.Add(StaleClaimWasAlive)
	}
	claim := f.review.claim(before.Claim)
	if claim == nil || claim.givenUp {
		return
	}
	process := f.process(claim.actor)
	lived := process.life <= claim.life && !process.crashed
	switch {
	case claim.used && a != nil && a.hasRow:
		c.Add(AmbiguousDispatchLanded)
	case !claim.used && lived:
		c.Add(AmbiguousClaimLanded)
	}
}

func (c *GoalCounts) observeJournal(f *facts, r *Record) {
	op := r.JournalOp
	switch {
	case op.Epoch != 0 && op.Epoch < r.Current && r.JournalResult.Failed && r.JournalResult.Err == engine.Stale:
		c.Add(ZombieWriteRefused)
	case op.Kind == model.JournalAbandon && !r.JournalResult.Failed && r.RowBefore == nil && f.review.dispatchedUnder(op.Key.Attempt) > 1:
		c.Add(DispatchedInVain)
	case r.JournalResult.Failed || r.RowBefore == nil || r.Row == nil:
	case op.Kind == model.JournalAbandon:
		c.observeAbandoned(f, r)
	case op.Kind == model.JournalPurge && r.At-f.attempt.journaledAt < 24*time.Hour:
		c.Add(PurgedByAWrongClock)
	case op.Kind == model.JournalRenewLease && r.Row.Epoch > r.RowBefore.Epoch:
		c.Add(TakeoverAfterLeaseExpiry)
		if r.Row.Spent > 0 && r.Row.Phase == engine.PhaseIntended {
			c.Add(TimeCarriedOver)
		}
	case op.Kind == model.JournalDecide && op.Outcome.Cause == engine.CauseSessionLost && f.attempt.lost:
		c.Add(SessionLostWithTheAgent)
	case op.Kind == model.JournalFinish && r.RowBefore.Phase != engine.PhaseOver && f.attempt.gone:
		c.Add(GoneWasOver)
	case op.Kind == model.JournalAppend && len(op.Events) > 0 && op.Events[0].Seq <= r.RowBefore.Events:
		c.Add(DuplicateEventsSkipped)
	case op.Kind == model.JournalDecide && op.Outcome.Cause == engine.CauseTakeovers:
		c.Add(EndedByTakeovers)
	case op.Kind == model.JournalDecide && op.Outcome.Cause == engine.CauseStreamLimit:
		c.Add(StreamLimitReached)
	}
}

// isOperators reports whether a call is one that operators make, and users do not.
func isOperators(call Call) bool { return call >= CallWorkerAbandon && call <= CallAppInspect }

// observeAbandoned counts what an operator has ended.
func (c *GoalCounts) observeAbandoned(f *facts, r *Record) {
	switch before := r.RowBefore; {
	case before.Phase == engine.PhaseOver:
		if before.CallbackPending && !r.Row.CallbackPending {
			c.Add(CallbackGivenUp)
		}
		return
	case f.attempt.interrupted && (before.Cancel || before.Phase == engine.PhaseStopping):
		c.Add(AbandonedWhileStopped)
	}
	c.Add(AttemptAbandoned)
}

// observeCrash looks at what the process held in memory alone.
func (c *GoalCounts) observeCrash(f *facts, r *Record) {
	for _, v := range f.reviews {
		if claim := v.claims.latest(); claim != nil && claim.heldBy(r) && !claim.used && !claim.givenUp {
			c.Add(CrashBetweenClaimAndDispatch)
		}
	}
	if f.follows(r, func(a *attemptFacts) bool { return a.emitted > a.row.Events }) {
		c.Add(CrashWithBufferedEvents)
	}
}

// follows reports whether a process holds an unfinished orchestration that fits.
func (f *facts) follows(r *Record, fits func(*attemptFacts) bool) bool {
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			if a.hasRow && a.row.Phase == engine.PhaseIntended && a.holder == r.Actor && a.holderLife == r.Life && fits(a) {
				return true
			}
		}
	}
	return false
}
