package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// sessionCases are the histories of the properties in property_sessions.go.
var sessionCases = []propertyCase{
	{
		property: "cancel-wins", cause: "started-after-a-worker-answered-that-it-is-over",
		good: func(s *script) { // it is not over yet
			s.upTo(intended, r1)
			s.cancelAnswers(r1, engine.Running)
			s.upTo(started, r1)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.cancelAnswers(r1, engine.Cancelled)
			s.upTo(started, r1)
		},
	},
	{
		property: "runs-once", cause: "executed-twice",
		good: func(s *script) { s.upTo(settled, r1, r2); s.end() },
		bad:  func(s *script) { s.upTo(running, r1); s.session(r1, "s2") },
	},
	{
		property: "one-live-attempt", cause: "two-attempts-at-once",
		good: func(s *script) { s.failRetryably(r1); s.upTo(started, again) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.session(again, "s2")
		},
		also: []string{"intent-before-effect", "slot-held"},
	},
	{
		property: "cancel-wins", cause: "started-after-its-interrupt",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1"); s.interrupt(r1) },
		bad:  func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.interrupt(r1); s.session(r1, "s1") },
	},
	{
		property: "cancel-wins", cause: "started-over-a-tombstone",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.cancel(r1)
			s.requestCancel("worker-1", r1)
			s.arrives("worker-2", r1)
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.cancel(r1)
			s.requestCancel("worker-1", r1)
			s.session(r1, "s1")
		},
		also: []string{"intent-before-effect"},
	},
	{
		property: "cancel-wins", cause: "created-knowing-of-the-cancel",
		good: func(s *script) {
			s.upTo(started, r1)
			s.cancel(r1)
			s.requestCancel("worker-2", r1)
			s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(started, r1)
			s.cancel(r1)
			s.requestCancel("worker-2", r1)
			s.takeover("worker-2", "worker-1")
			s.record(Record{Kind: CreateSent, Actor: "worker-2", Key: r1})
		},
	},
	{
		property: "cancel-was-wanted", cause: "cancelled-though-nobody-wanted-it",
		good: func(s *script) {
			s.upTo(running, r1)
			s.do("app-1", model.Cancel(r1, "not needed any more", s.clock()))
			s.requestCancel("worker-1", r1)
		},
		bad: func(s *script) { s.upTo(running, r1); s.requestCancel("worker-1", r1) },
	},
	{
		property: "intent-before-effect", cause: "called-before-it-was-intended",
		good: func(s *script) { s.upTo(started, r1) },
		bad:  func(s *script) { s.upTo(queued, r1); s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: r1}) },
	},
	{
		property: "intent-before-effect", cause: "began-before-it-was-intended",
		good: func(s *script) { s.upTo(started, r1) },
		bad:  func(s *script) { s.upTo(queued, r1); s.session(r1, "s1") },
	},
	{
		property: "over-means-over", cause: "over-while-it-runs",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.requestCancel("worker-1", r1)
			s.interrupt(r1)
			s.sessionEnds(r1, engine.Cancelled, 1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Cancelled})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.requestCancel("worker-1", r1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Cancelled})
		},
	},
	{
		property: "over-means-over", cause: "begun-after-it-was-over",
		good: func(s *script) { s.upTo(intended, r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.cancel(r1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Cancelled})
			s.session(r1, "s1")
		},
	},
	{
		property: "retries-used", cause: "given-up-too-early",
		good: func(s *script) {
			s.upTo(intended, r1)
			for range 6 {
				s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
			}
			s.failsAs(r1, engine.CauseNoSession)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
			s.failsAs(r1, engine.CauseNoSession)
		},
	},
	{
		property: "retries-used", cause: "given-up-too-early",
		good: func(s *script) { s.loses(r1, time.Minute) },
		bad:  func(s *script) { s.loses(r1, 30*time.Second) },
	},
	{
		property: "retries-used", cause: "given-up-too-early",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.throttles("worker-1", CallAgentCreate, r1, 0)
			s.after(24 * time.Hour)
			s.failsAs(r1, engine.CauseThrottled)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.throttles("worker-1", CallAgentCreate, r1, 0)
			s.failsAs(r1, engine.CauseThrottled)
		},
	},
	{
		property: "retries-used", cause: "given-up-too-early",
		good: func(s *script) { s.upTo(intended, r1) },
		bad:  func(s *script) { s.upTo(intended, r1); s.failsAs(r1, engine.CauseTakeovers) },
	},
	{
		property: "agent-waited-for", cause: "failed-while-throttled",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.throttles("worker-1", CallAgentCreate, r1, 0)
			for range 7 {
				s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
			}
			s.failsAs(r1, engine.CauseNoSession)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			for range 6 {
				s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
				s.throttles("worker-1", CallAgentCreate, r1, 0)
			}
			s.failsAs(r1, engine.CauseNoSession)
		},
		also: []string{"retries-used"},
	},
	{
		property: "agent-waited-for", cause: "called-lost-though-it-is-there",
		good: func(s *script) { s.loses(r1, time.Minute) },
		bad:  func(s *script) { s.upTo(running, r1); s.isUnknown(r1, time.Minute) },
	},
	{
		property: "ended-is-read", cause: "failed-though-it-had-ended",
		good: func(s *script) {
			s.upTo(running, r1)
			s.after(20 * time.Minute)
			s.sessionEnds(r1, engine.Completed, 3)
			s.failsAs(r1, engine.CauseStreamLimit)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.sessionEnds(r1, engine.Completed, 3)
			s.after(20 * time.Minute)
			s.failsAs(r1, engine.CauseStreamLimit)
		},
	},
	{
		property: "time-kept", cause: "followed-for-too-long",
		good: func(s *script) { s.followed(r1, 21*time.Minute); s.followed(r1, time.Minute) },
		bad:  func(s *script) { s.followed(r1, 19*time.Minute); s.followed(r1, 19*time.Minute) },
	},
	{
		property: "throttle-obeyed", cause: "called-while-asked-to-wait",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.throttles("worker-1", CallAgentCreate, r1, time.Minute)
			s.after(time.Minute)
			s.asks("worker-1", CallAgentCreate, r1)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.throttles("worker-1", CallAgentCreate, r1, time.Minute)
			s.after(30 * time.Second)
			s.asks("worker-1", CallAgentInterrupt, r1)
		},
	},
	{
		property: "retries-used", cause: "given-up-for-good-without-a-reason",
		good: func(s *script) { s.upTo(running, r1); s.after(20 * time.Minute); s.decide(r1, false) },
		bad:  func(s *script) { s.upTo(running, r1); s.decide(r1, false) },
	},
	{
		property: "retries-used", cause: "tried-without-end",
		good: func(s *script) { s.undecodable(r1, 2) },
		bad:  func(s *script) { s.undecodable(r1, 3) },
	},
	{
		property: "agent-left-alone", cause: "asked-again-after-an-answer",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.asked("worker-1", CallAgentCreate, r1, FailedAs(engine.Ambiguous))
			s.asked("worker-1", CallAgentCreate, r1, NoFailure)
			s.takeover("worker-2", "worker-1")
			s.loads("worker-2", r1, 2)
			s.asked("worker-2", CallAgentCreate, r1, NoFailure)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.asked("worker-1", CallAgentCreate, r1, FailedAs(engine.Permanent))
			s.asks("worker-1", CallAgentCreate, r1)
		},
	},
	{
		property: "agent-left-alone", cause: "asked-too-often",
		good: func(s *script) { s.upTo(intended, r1); s.createFails(6) },
		bad:  func(s *script) { s.upTo(intended, r1); s.createFails(7) },
	},
	{
		property: "nothing-when-over", cause: "work-on-what-is-decided",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.after(20 * time.Minute)
			s.decide(r1, false)
			s.record(Record{Kind: InterruptSent, Actor: "worker-1", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.record(Record{Kind: InterruptSent, Actor: "worker-1", Key: r1})
		},
	},
	{
		property: "decision-before-interrupt", cause: "interrupted-before-it-was-decided",
		good: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.interrupt(r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: InterruptSent, Actor: "worker-1", Key: r1})
		},
	},
}

// followed has a host have a stream for a while.
func (s *script) followed(k engine.AttemptKey, while time.Duration) {
	s.upTo(running, k)
	s.record(Record{Kind: StreamOpened, Actor: "worker-1", Key: k})
	s.after(while)
	s.record(Record{Kind: StreamClosed, Actor: "worker-1", Key: k})
}

// createFails has the agent give no good answer for a session, again and again.
func (s *script) createFails(times int) {
	for range times {
		s.asked("worker-1", CallAgentCreate, r1, FailedAs(engine.Rejected))
	}
}

func (s *script) decide(k engine.AttemptKey, retryable bool) {
	s.write("worker-1", model.JournalOp{
		Kind: model.JournalDecide, Key: k, Epoch: s.epochOf(k),
		Outcome: engine.Outcome{Status: engine.Failed, Reason: "given up", Retryable: retryable},
	})
}

// undecodable has a host fail to decode the first event so many times, and ask for it once more.
func (s *script) undecodable(k engine.AttemptKey, times int) {
	s.upTo(started, k)
	for range times {
		s.record(Record{Kind: ReceiveEnded, Actor: "worker-1", Key: k, Error: FailedAs(engine.Permanent)})
	}
	s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: k})
}

// cancelAnswers has a worker answer a cancel.
func (s *script) cancelAnswers(k engine.AttemptKey, status engine.Status) {
	s.cancel(k)
	s.asks("app-1", CallWorkerCancel, k)
	s.record(Record{
		Kind: CallEnded, Actor: "app-1", Key: k, Call: CallWorkerCancel, Status: status,
		Report: &engine.WorkerReport{Key: k, Status: status},
	})
}
