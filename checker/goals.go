package checker

import "fmt"

// A Goal is a rare situation that a campaign must have reached for its verdict to
// mean something ("sometimes" assertions). A campaign that never reached one says
// so.
type Goal uint8

// The coverage goals. [Goal.Sentence] says what each stands for.
const (
	CrashBetweenClaimAndDispatch Goal = iota
	DuplicateStartWhileStreaming
	StaleClaimWasAlive
	StaleClaimWasAbandoned
	ClaimLostRace
	LimitRefusedClaim
	AmbiguousClaimLanded
	AmbiguousDispatchLanded
	TakeoverAfterLeaseExpiry
	ZombieWriteRefused
	CancelBeforeStart
	CancelWhileQueued
	CancelWhileRunning
	InterruptBeforeCreate
	SupersededWhileRunning
	SupersededAtBirth
	RetryAfterInfrastructureFailure
	RetriesExhausted
	RetriggerAfterFailure
	OutboxRedelivered
	CallbackAfterNewerAttempt
	CrashWithBufferedEvents
	StreamResumed
	DuplicateEventsSkipped
	StreamLimitReached
	SilentReviewAsked
	PreparationFailedForGood
	ClaimReleasedAfterRejection
	StartRefusedForGood
	UnknownReviewReported
	TwoDispatchersPreparedOneReview
	GracefulShutdownMidStream
	PurgedByAWrongClock
	OverHTTP
	EventsShown
	WokenByAnotherReplica
	AnswerLostOneWay
	ArrivedAfterAStall
	WaitedForABusyService
	RestartedInTheQuietPhase
	AnotherLimitInForce
	RefusedByAFullDisk
	FailedForItsContent
	CallerLeftMidStart
	PanickedToTheEnd
	VersionsMixed
	HeadCameBack
	PullRequestReopened
	HeadsOfOneOrder
	CommitReviewedTwice
	ForkReviewed
	OldDeliveryRepeated
	SubmissionContradicted
	FullOwnerPassedOver
	SweepCutShort
	OlderAttemptNamed
	TwoUsersOfOneReview
	LongestPause
	EndedBehindASilentStream
	ThrottledForLong
	DispatchThrottled
	CallbackThrottled
	SessionLostWithTheAgent
	GoneWasOver
	UnknownForAWhile
	TimeCarriedOver
	AttemptAbandoned
	AbandonedWhileStopped
	CallbackGivenUp
	EndedByTakeovers
	DispatchedInVain
	StormsReturned
	QueueWasLong

	// GoalCount is how many goals there are.
	GoalCount = iota
)

// goals has name and sentence of each goal.
var goals = [GoalCount]struct{ name, sentence string }{
	CrashBetweenClaimAndDispatch:    {"crash-between-claim-and-dispatch", "A dispatcher crashed when it held a claim and had not sent the dispatch."},
	DuplicateStartWhileStreaming:    {"duplicate-start-while-streaming", "A second start of an attempt reached a worker while its session was running."},
	StaleClaimWasAlive:              {"stale-claim-was-alive", "A stale claim was taken over although the worker knew the attempt: only the answer had been lost."},
	StaleClaimWasAbandoned:          {"stale-claim-was-abandoned", "A stale claim was taken over that no worker had ever heard of."},
	ClaimLostRace:                   {"claim-lost-race", "A claim was refused because somebody else had been faster."},
	LimitRefusedClaim:               {"limit-refused-claim", "A claim was refused because its owner had no slot left for it."},
	AmbiguousClaimLanded:            {"ambiguous-claim-landed", "A claim was granted, and its claimer never learned or used it, but lived on."},
	AmbiguousDispatchLanded:         {"ambiguous-dispatch-landed", "A dispatch reached a worker, which journaled it, and the review was claimed anew because nobody had heard."},
	TakeoverAfterLeaseExpiry:        {"takeover-after-lease-expiry", "A host took over an unfinished orchestration of another."},
	ZombieWriteRefused:              {"zombie-write-refused", "The journal refused a write of an earlier holder."},
	CancelBeforeStart:               {"cancel-before-start", "A start found that its attempt had been cancelled before it arrived."},
	CancelWhileQueued:               {"cancel-while-queued", "A queued review was cancelled."},
	CancelWhileRunning:              {"cancel-while-running", "A running review was cancelled."},
	InterruptBeforeCreate:           {"interrupt-before-create", "The agent was asked to interrupt a session that had not begun."},
	SupersededWhileRunning:          {"superseded-while-running", "A newer head cancelled a review whose session was running."},
	SupersededAtBirth:               {"superseded-at-birth", "A review was submitted after a newer head of its pull request."},
	RetryAfterInfrastructureFailure: {"retry-after-infrastructure-failure", "An attempt followed by itself after a retryable failure."},
	RetriesExhausted:                {"retries-exhausted", "A review failed for good because its retries were used up."},
	RetriggerAfterFailure:           {"retrigger-after-failure", "A failed review was triggered again."},
	OutboxRedelivered:               {"outbox-redelivered", "A terminal callback was sent again."},
	CallbackAfterNewerAttempt:       {"callback-after-newer-attempt", "News of an attempt reached the app when the review was at a later one."},
	CrashWithBufferedEvents:         {"crash-with-buffered-events", "A host crashed while a session that it followed had events that were not journaled."},
	StreamResumed:                   {"stream-resumed", "A stream was opened behind events that were journaled already."},
	DuplicateEventsSkipped:          {"duplicate-events-skipped", "An append carried events that were journaled already."},
	StreamLimitReached:              {"stream-limit-reached", "A session was given up at its time limit."},
	SilentReviewAsked:               {"silent-review-asked", "The sweep found a running review that nobody had heard of for too long."},
	PreparationFailedForGood:        {"preparation-failed-for-good", "A review failed because it could not be prepared."},
	ClaimReleasedAfterRejection:     {"claim-released-after-rejection", "A claim was given up because the worker had refused the dispatch."},
	StartRefusedForGood:             {"start-refused-for-good", "A worker refused a start for good, and the attempt had to be given up."},
	UnknownReviewReported:           {"unknown-review-reported", "A worker reported the outcome of a review that the app has never heard of."},
	TwoDispatchersPreparedOneReview: {"two-dispatchers-prepared-one-review", "Two dispatchers prepared the same attempt at the same time."},
	GracefulShutdownMidStream:       {"graceful-shutdown-mid-stream", "A host was asked to stop while a session that it followed was running."},
	PurgedByAWrongClock:             {"purged-by-a-wrong-clock", "Events were purged within a day of their journaling by a clock that was ahead."},
	OverHTTP:                        {"over-http", "The calls between app, worker and agent went through the real HTTP clients and handlers."},
	CallerLeftMidStart:              {"caller-left-mid-start", "The caller of a start left when the worker had begun to journal it and did not know yet that it had."},
	PanickedToTheEnd:                {"panicked-to-the-end", "Preparing a review panicked as often as a preparation is tried."},
	VersionsMixed:                   {"versions-mixed", "A process of the next version answered over HTTP, with fields that its caller does not know."},
	EventsShown:                     {"events-shown", "A client was shown events."},
	WokenByAnotherReplica:           {"woken-by-another-replica", "A notification woke a replica of the app for work that another one had recorded."},
	AnswerLostOneWay:                {"answer-lost-one-way", "A request was carried out and its answer was lost, because only one direction was cut."},
	ArrivedAfterAStall:              {"arrived-after-a-stall", "A request was carried out after its connection had stood still for longer than its caller waited."},
	WaitedForABusyService:           {"waited-for-a-busy-service", "A call waited for more than a second because a service was busy with others."},
	RestartedInTheQuietPhase:        {"restarted-in-the-quiet-phase", "All processes were restarted one after another in the quiet phase, with work unfinished."},
	AnotherLimitInForce:             {"another-limit-in-force", "A replica claimed a review under another limit of its owner than the other replicas had."},
	RefusedByAFullDisk:              {"refused-by-a-full-disk", "A batch of events was refused because the disk of the journal was full."},
	FailedForItsContent:             {"failed-for-its-content", "One call about one review failed three times in a row in the same place, while others passed."},
	HeadCameBack:                    {"head-came-back", "A superseded review was taken up again, because its head was the newest once more."},
	PullRequestReopened:             {"pull-request-reopened", "A review that its user had cancelled was taken up again, because its head was submitted with a higher order."},
	HeadsOfOneOrder:                 {"heads-of-one-order", "Two heads of a pull request had the same place in the order."},
	CommitReviewedTwice:             {"commit-reviewed-twice", "Another review was made of a commit of the same pull request."},
	ForkReviewed:                    {"fork-reviewed", "A review was made of a commit that another repository has in a pull request of the same number."},
	OldDeliveryRepeated:             {"old-delivery-repeated", "A head was submitted with a lower order than it has."},
	FullOwnerPassedOver:             {"full-owner-passed-over", "A sweep passed over an owner with waiting reviews and no free slot, and helped another."},
	SweepCutShort:                   {"sweep-cut-short", "A sweep found as many owners, silent reviews or attempts to be stopped as its batch holds."},
	OlderAttemptNamed:               {"older-attempt-named", "A client asked to cancel, or to retrigger, an attempt that another had followed."},
	TwoUsersOfOneReview:             {"two-users-of-one-review", "A second user was answered about a review."},
	LongestPause:                    {"longest-pause", "Something was put off by the longest pause that a configuration may set."},
	SubmissionContradicted:          {"submission-contradicted", "A submission was refused for good, because its identifier stands for another head."},
	EndedBehindASilentStream:        {"ended-behind-a-silent-stream", "A session ended while its stream was silent, and was read through another one."},
	ThrottledForLong:                {"throttled-for-long", "A host was throttled by the agent for a quarter of an hour and longer, and its attempt went on."},
	DispatchThrottled:               {"dispatch-throttled", "A worker throttled a dispatch."},
	CallbackThrottled:               {"callback-throttled", "The app throttled a terminal callback."},
	SessionLostWithTheAgent:         {"session-lost-with-the-agent", "An attempt failed because the agent had restarted without its session."},
	GoneWasOver:                     {"gone-was-over", "An attempt ended that was to be stopped, and whose session the agent did not know."},
	UnknownForAWhile:                {"unknown-for-a-while", "A stream was opened after the agent had answered that it does not know the session."},
	TimeCarriedOver:                 {"time-carried-over", "A host took over an attempt with a session that another host had followed for a while."},
	AttemptAbandoned:                {"attempt-abandoned", "An operator ended an attempt that was not over."},
	AbandonedWhileStopped:           {"abandoned-while-stopped", "An operator ended an attempt whose session the agent had been asked to end, and had not."},
	CallbackGivenUp:                 {"callback-given-up", "An operator gave up a callback that the app had not answered."},
	EndedByTakeovers:                {"ended-by-takeovers", "An attempt failed because as many hosts had lost it as are allowed to."},
	StormsReturned:                  {"storms-returned", "A review was claimed in a third storm, an hour and more after the first began."},
	QueueWasLong:                    {"queue-was-long", "Six reviews of an owner with no free slot waited, the oldest for ten minutes and longer."},
	DispatchedInVain:                {"dispatched-in-vain", "An operator ended an attempt that had been dispatched again and again, and that no worker had journaled."},
}

// String returns the name of the goal.
func (g Goal) String() string {
	if int(g) < GoalCount {
		return goals[g].name
	}
	return fmt.Sprintf("Goal(%d)", uint8(g))
}

// Sentence says what situation the goal stands for.
func (g Goal) Sentence() string {
	if int(g) < GoalCount {
		return goals[g].sentence
	}
	return ""
}

// Goals lists all goals in order.
func Goals() []Goal {
	list := make([]Goal, GoalCount)
	for i := range list {
		list[i] = Goal(i)
	}
	return list
}

// GoalCounts counts how often each goal was reached. The zero value is empty.
type GoalCounts [GoalCount]int64

// Add counts that a goal was reached once more. A goal that no monitor can see,
// such as [OverHTTP], [PanickedToTheEnd] and [VersionsMixed], is added by the caller that knows.
func (c *GoalCounts) Add(g Goal) { c[g]++ }
