package checker

import (
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// goalHistories reaches each goal with a history of its own.
var goalHistories = map[Goal]func(*script){
	CrashBetweenClaimAndDispatch: func(s *script) {
		s.upTo(claimed, r1)
		s.record(Record{Kind: ProcessCrashed, Actor: "app-1"})
	},
	DuplicateStartWhileStreaming: func(s *script) { s.upTo(running, r1); s.arrives("worker-2", r1) },
	StaleClaimWasAlive:           func(s *script) { s.upTo(accepted, r1); s.reclaim(r1) },
	StaleClaimWasAbandoned:       func(s *script) { s.upTo(claimed, r1); s.reclaim(r1) },
	ClaimLostRace: func(s *script) {
		s.upTo(pending, r1)
		op := s.claimOp(r1)
		s.upTo(claimed, r1)
		s.do("app-2", op)
	},
	LimitRefusedClaim: func(s *script) {
		s.upTo(claimed, r1, r2)
		s.upTo(pending, r3)
		s.claims("app-2", r3)
	},
	AmbiguousClaimLanded:    func(s *script) { s.upTo(claimed, r1); s.reclaim(r1) },
	AmbiguousDispatchLanded: func(s *script) { s.upTo(accepted, r1); s.reclaim(r1) },
	TakeoverAfterLeaseExpiry: func(s *script) {
		s.upTo(running, r1)
		s.takeover("worker-2", "worker-1")
	},
	ZombieWriteRefused: func(s *script) {
		s.upTo(running, r1)
		op := s.appendOp(r1, s.eventsOf(r1)[1])
		s.takeover("worker-2", "worker-1")
		s.write("worker-1", op)
	},
	CancelBeforeStart: func(s *script) {
		s.upTo(dispatched, r1)
		s.cancel(r1)
		s.requestCancel("worker-1", r1)
		s.arrives("worker-2", r1)
	},
	CancelWhileQueued:      func(s *script) { s.upTo(claimed, r1); s.cancel(r1) },
	CancelWhileRunning:     func(s *script) { s.upTo(running, r1); s.cancel(r1) },
	InterruptBeforeCreate:  func(s *script) { s.upTo(queued, r1); s.cancel(r1); s.interrupt(r1) },
	SupersededWhileRunning: func(s *script) { s.upTo(running, r1); s.newerHead("R9") },
	SupersededAtBirth: func(s *script) {
		s.newerHead("R9")
		s.upTo(pending, r1)
	},
	RetryAfterInfrastructureFailure: func(s *script) { s.failRetryably(r1) },
	RetriesExhausted:                func(s *script) { s.failRetryably(r1, again, key("R1", 3)) },
	RetriggerAfterFailure: func(s *script) {
		s.last = failure
		s.upTo(settled, r1)
		s.do("app-1", model.Retrigger(r1, s.clock()))
	},
	OutboxRedelivered:         func(s *script) { s.upTo(journaled, r1); s.callback(r1); s.callback(r1) },
	CallbackAfterNewerAttempt: func(s *script) { s.failRetryably(r1); s.do("app-2", s.reportOp(r1, 0)) },
	CrashWithBufferedEvents: func(s *script) {
		s.upTo(finished, r1)
		s.record(Record{Kind: ProcessCrashed, Actor: "worker-1"})
	},
	StreamResumed: func(s *script) {
		s.upTo(running, r1)
		s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 1})
	},
	DuplicateEventsSkipped: func(s *script) { s.upTo(journaled, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...)) },
	StreamLimitReached: func(s *script) {
		s.upTo(running, r1)
		s.after(20 * time.Minute)
		s.write("worker-1", model.JournalOp{
			Kind: model.JournalDecide, Key: r1, Epoch: 1,
			Outcome: engine.Outcome{Status: engine.Failed, Cause: engine.CauseStreamLimit},
		})
	},
	SilentReviewAsked: func(s *script) {
		s.upTo(running, r1)
		s.after(time.Hour)
		s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 10, Limit: 20}))
	},
	PreparationFailedForGood: func(s *script) {
		s.upTo(prepared, r1)
		s.do("app-1", model.Fail(r1, 0, "no such repository", s.clock()))
	},
	ClaimReleasedAfterRejection: func(s *script) {
		s.upTo(dispatched, r1)
		s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
	},
	StartRefusedForGood: func(s *script) { s.unstartable(r1) },
	UnknownReviewReported: func(s *script) {
		s.unknownToTheApp(r1)
		s.callback(r1)
		s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Failed, Error: FailedAs(engine.NotFound)})
	},
	TwoDispatchersPreparedOneReview: func(s *script) {
		s.upTo(reserved, r1)
		s.record(Record{Kind: PrepareStarted, Actor: "app-1", Key: r1})
		s.record(Record{Kind: PrepareStarted, Actor: "app-2", Key: r1})
	},
	GracefulShutdownMidStream: func(s *script) {
		s.upTo(running, r1)
		s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
	},
	CallerLeftMidStart: func(s *script) {
		s.upTo(dispatched, r1)
		s.journals("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1})
		s.record(Record{Kind: CallerLeft, Actor: "worker-1", Key: r1, Call: CallWorkerStart})
	},
	EventsShown: func(s *script) {
		s.upTo(journaled, r1)
		s.page(s.eventsOf(r1)[:2], 0, 2)
	},
	FullOwnerPassedOver: func(s *script) {
		s.config.Limit = func(engine.OwnerID) int { return 1 }
		s.upTo(claimed, r1)
		s.upTo(pending, r2)
		op := model.Submit(s.submission("R3", 1), s.clock())
		op.Submission.Owner = "zoe"
		s.do("app-1", op)
		s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 9, Limit: 1}))
	},
	SweepCutShort: func(s *script) {
		s.upTo(pending, r1)
		s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 1}))
	},
	OlderAttemptNamed: func(s *script) { s.failRetryably(r1); s.cancel(r1) },
	TwoUsersOfOneReview: func(s *script) {
		s.upTo(pending, r1)
		s.record(Record{Kind: ClientAnswered, Actor: "R1'", Key: r1, Call: CallAppGet, Status: engine.Pending})
	},
	LongestPause: func(s *script) {
		s.upTo(prepared, r1)
		s.do("app-1", model.Defer(r1, 0, s.clock().Add(time.Hour/2), s.clock()))
	},
	HeadCameBack:        func(s *script) { s.upTo(pending, r1); s.newerHead("R9"); s.do("app-1", s.backOp("R1", 3)) },
	PullRequestReopened: func(s *script) { s.upTo(pending, r1); s.cancel(r1); s.do("app-1", s.backOp("R1", 2)) },
	HeadsOfOneOrder:     func(s *script) { s.upTo(pending, r1); s.do("app-1", s.headAt("R9", 1)) },
	CommitReviewedTwice: func(s *script) {
		s.upTo(pending, r1)
		op := s.newerHeadOp("R9")
		op.Submission.HeadSHA = "R1"
		s.do("app-1", op)
	},
	ForkReviewed: func(s *script) {
		s.upTo(pending, r1)
		op := s.newerHeadOp("R9")
		op.Submission.Repository, op.Submission.HeadSHA = "acme/fork", "R1"
		s.do("app-1", op)
	},
	OldDeliveryRepeated: func(s *script) { s.do("app-1", s.backOp("R1", 2)); s.do("app-1", s.backOp("R1", 1)) },
	SubmissionContradicted: func(s *script) {
		s.upTo(pending, r1)
		op := s.newerHeadOp("R1")
		op.Submission.HeadSHA = "another"
		s.do("app-1", op)
	},
	EndedBehindASilentStream: func(s *script) {
		s.upTo(running, r1)
		s.record(Record{Kind: StreamSilent, Actor: "worker-1", Key: r1})
		s.sessionEnds(r1, engine.Completed, 3)
		s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 3})
	},
	ThrottledForLong: func(s *script) {
		s.upTo(intended, r1)
		s.throttles("worker-1", CallAgentCreate, r1, 0)
		s.after(15 * time.Minute)
		s.throttles("worker-1", CallAgentCreate, r1, 0)
	},
	DispatchThrottled: func(s *script) {
		s.upTo(claimed, r1)
		s.throttles("app-1", CallWorkerStart, r1, time.Minute)
	},
	CallbackThrottled: func(s *script) {
		s.upTo(journaled, r1)
		report := engine.WorkerReport{Key: r1, Status: engine.Completed}
		s.began(Record{Actor: "worker-1", Key: r1, Call: CallAppCallback, Status: report.Status, Report: &report})
		s.record(Record{
			Kind: CallEnded, Actor: "worker-1", Key: r1, Call: CallAppCallback, Status: report.Status, Report: &report,
			Error: FailedAs(engine.Rejected), Throttled: true,
		})
	},
	SessionLostWithTheAgent: func(s *script) { s.loses(r1, time.Minute) },
	GoneWasOver: func(s *script) {
		s.upTo(intended, r1)
		s.cancel(r1)
		s.requestCancel("worker-1", r1)
		s.asked("worker-1", CallAgentInterrupt, r1, FailedAs(engine.NotFound))
		s.finish("worker-1", r1, engine.Outcome{Status: engine.Cancelled})
	},
	UnknownForAWhile: func(s *script) {
		s.upTo(started, r1)
		s.asked("worker-1", CallAgentStream, r1, FailedAs(engine.NotFound))
		s.record(Record{Kind: StreamOpened, Actor: "worker-1", Key: r1})
	},
	TimeCarriedOver: func(s *script) {
		s.upTo(running, r1)
		s.write("worker-1", model.Spend(r1, s.epochOf(r1), time.Minute, 0, s.clock()))
		s.after(5 * time.Minute)
		s.takeover("worker-2", "worker-1")
	},
	AttemptAbandoned: func(s *script) {
		s.upTo(running, r1)
		s.sessionEnds(r1, engine.Cancelled, 0)
		s.forces("worker-2", r1)
	},
	AbandonedWhileStopped: func(s *script) {
		s.upTo(running, r1)
		s.cancel(r1)
		s.requestCancel("worker-1", r1)
		s.interrupt(r1)
		s.sessionEnds(r1, engine.Cancelled, 0)
		s.forces("worker-2", r1)
	},
	CallbackGivenUp:  func(s *script) { s.upTo(journaled, r1); s.forces("worker-2", r1) },
	EndedByTakeovers: func(s *script) { s.losesHosts(r1) },
	StormsReturned: func(s *script) {
		s.record(Record{Kind: PhaseBegan, Phase: PhaseStorm})
		s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
		s.record(Record{Kind: PhaseBegan, Phase: PhaseStorm})
		s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
		s.after(time.Hour)
		s.record(Record{Kind: PhaseBegan, Phase: PhaseStorm})
		s.upTo(claimed, r1)
	},
	QueueWasLong: func(s *script) {
		s.config.Limit = func(engine.OwnerID) int { return 1 }
		s.upTo(claimed, r1)
		for _, waits := range [...]engine.ReviewID{"R3", "R4", "R5", "R6", "R7", "R8"} {
			s.upTo(pending, key(waits, 1))
		}
		s.after(longWait)
		s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 10, Limit: 1}))
	},
	DispatchedInVain: func(s *script) {
		s.upTo(dispatched, r1)
		s.reclaim(r1)
		s.record(Record{Kind: DispatchSent, Actor: "app-2", Key: r1, Token: s.tokens["R1"]})
		s.forces("worker-2", r1)
	},
	PurgedByAWrongClock: func(s *script) {
		s.upTo(settled, r1)
		s.purge("worker-2", s.clock().Add(time.Hour))
	},
}

// reclaim has another dispatcher take a stale claim over.
func (s *script) reclaim(k engine.AttemptKey) {
	s.faultAt("app-1")
	s.after(5 * time.Minute)
	s.claims("app-2", k)
}

// unseen are the goals that no monitor can see.
var unseen = map[Goal]bool{
	OverHTTP: true, PanickedToTheEnd: true, VersionsMixed: true, WokenByAnotherReplica: true, AnswerLostOneWay: true, ArrivedAfterAStall: true,
	WaitedForABusyService: true, RestartedInTheQuietPhase: true, AnotherLimitInForce: true, RefusedByAFullDisk: true,
	FailedForItsContent: true,
}

func TestGoals(t *testing.T) {
	for _, goal := range Goals() {
		t.Run(goal.String(), func(t *testing.T) {
			if goal.Sentence() == "" {
				t.Error("no sentence")
			}
			if unseen[goal] {
				return // the world counts it
			}
			history := goalHistories[goal]
			if history == nil {
				t.Fatal("no hand-written history reaches it")
			}
			v, counts := played(t, history)
			if v != nil {
				t.Error(v)
			}
			if counts[goal] != 1 {
				t.Errorf("reached %d times, want once", counts[goal])
			}
			if _, calm := played(t, func(s *script) { s.upTo(running, r1); s.upTo(reported, r2) }); calm[goal] != 0 && goal != DuplicateEventsSkipped {
				t.Errorf("a calm run reached it %d times", calm[goal])
			}
		})
	}
}
