package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// What a store has refused for good excuses what follows from it, and no more. Beside each good history, which a property
// excuses for that reason, stands the same without the refusal, or with one that is not for good.
var barredCases = []propertyCase{
	{
		property: "retry-paced", cause: "tried-again-at-once",
		good: func(s *script) { s.decidesAgain(engine.Permanent) },
		bad:  func(s *script) { s.decidesAgain(engine.Rejected) },
	},
	{
		property: "dispatch-under-claim", cause: "dispatched-twice-under-one-claim",
		good: func(s *script) { s.abandonsAgain(engine.Permanent) }, // with less in it
		bad:  func(s *script) { s.abandonsAgain(engine.Ambiguous) },
	},
	{
		property: "dispatch-under-claim", cause: "dispatched-twice-under-one-claim",
		good: func(s *script) { s.unstartable(r1); s.barredBy(model.JournalCreate); s.abandons(r1) },
		bad: func(s *script) { // a start is no abandonment
			s.unstartable(r1)
			s.barredBy(model.JournalCreate)
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "deferrals-used", cause: "failed-too-early",
		good: func(s *script) { s.failsUncounted(engine.Permanent) },
		bad:  func(s *script) { s.failsUncounted(engine.Rejected) },
	},
	{
		property: "abandoned-when-refused", cause: "abandoned-without-need",
		good: func(s *script) { s.abandonsUncounted(engine.Permanent) },
		bad:  func(s *script) { s.abandonsUncounted(engine.Rejected) },
	},
	{
		property: "fence-carried", cause: "written-without-its-claim",
		good: func(s *script) { s.stopsUnrecorded(engine.Permanent) },
		bad:  func(s *script) { s.stopsUnrecorded(engine.Ambiguous) },
	},
	{
		property: "buffer-kept", cause: "ended-with-events-in-hand",
		good: func(s *script) { s.dropsEvents(engine.Permanent) },
		bad:  func(s *script) { s.dropsEvents(engine.Ambiguous) },
	},
	{
		property: "cancel-was-wanted", cause: "cancelled-though-nobody-wanted-it",
		good: func(s *script) { s.cancelsUnclaimable(engine.Permanent) },
		bad:  func(s *script) { s.cancelsUnclaimable(engine.Stale) },
	},
	{
		property: "retries-used", cause: "given-up-for-good-without-a-reason",
		good: func(s *script) { s.givesUpForGood(engine.Permanent) },
		bad:  func(s *script) { s.givesUpForGood(engine.Ambiguous) },
	},
	{
		property: "yield-when-leaving", cause: "a-lease-was-given-up-without-need",
		good: func(s *script) { s.yieldsAfter(engine.Permanent) },
		bad:  func(s *script) { s.yieldsAfter(engine.Ambiguous) },
	},
}

// barredBy has the journal refuse for good what a host wants to write about r1.
func (s *script) barredBy(kind model.JournalOpKind) {
	s.journaled("worker-1", model.JournalOp{Kind: kind, Key: r1, Epoch: s.epochOf(r1)}, FailedAs(engine.Permanent))
}

// decidesAgain has a host repeat a decision at once.
func (s *script) decidesAgain(kind engine.ErrorKind) {
	s.upTo(running, r1)
	op := model.JournalOp{Kind: model.JournalDecide, Key: r1, Epoch: 1}
	s.journaled("worker-1", op, FailedAs(kind))
	s.now -= time.Second
	s.journals("worker-1", op)
}

// abandonsAgain has app-1 abandon a start for the second time.
func (s *script) abandonsAgain(kind engine.ErrorKind) {
	s.unstartable(r1)
	s.journaled("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1}, FailedAs(engine.Permanent))
	s.abandons(r1)
	s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Error: FailedAs(kind)})
	s.abandons(r1)
}

// failsUncounted has app-1 call a review failed that it could not put off.
func (s *script) failsUncounted(kind engine.ErrorKind) {
	s.upTo(pending, r1)
	s.unprepared(r1, 3, FailedAs(engine.Rejected))
	s.stored("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()), FailedAs(kind))
	s.unannounced("app-1", model.Fail(r1, 0, "preparation: 502", s.clock()))
}

// abandonsUncounted has app-1 abandon a stale claim that it could neither prepare nor put off.
func (s *script) abandonsUncounted(kind engine.ErrorKind) {
	s.upTo(dispatched, r1)
	s.after(5 * time.Minute)
	s.unprepared(r1, 0, FailedAs(engine.Rejected))
	s.stored("app-1", model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()), FailedAs(kind))
	s.do("app-1", s.claimOp(r1))
	s.abandons(r1)
}

// stopsUnrecorded has app-1 write the outcome of a cancelled attempt, where it was to record that the attempt has stopped.
func (s *script) stopsUnrecorded(kind engine.ErrorKind) {
	s.upTo(running, r1)
	s.cancel(r1)
	s.interrupt(r1)
	s.sessionEnds(r1, engine.Cancelled, 1)
	s.finish("worker-1", r1, engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled})
	s.stored("app-1", model.Stopped(r1, s.clock()), FailedAs(kind))
	s.unannounced("app-1", s.reportOp(r1, 0))
}

// dropsEvents has a host decide that an attempt fails with events in hand.
func (s *script) dropsEvents(kind engine.ErrorKind) {
	s.upTo(running, r1)
	events := s.eventsOf(r1)
	s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 1})
	s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 2})
	s.journaled("worker-1", s.appendOp(r1, events[1]), FailedAs(kind))
	s.after(2 * time.Hour)
	s.failsAs(r1, engine.CauseStreamLimit)
}

// cancelsUnclaimable has a worker asked to cancel a queued attempt that could not be claimed.
func (s *script) cancelsUnclaimable(kind engine.ErrorKind) {
	s.upTo(queued, r1)
	s.after(10 * time.Minute)
	s.stored("app-1", s.claimOp(r1), FailedAs(kind))
	s.requestCancel("worker-1", r1)
}

// givesUpForGood has a host give up an attempt whose events it could not journal.
func (s *script) givesUpForGood(kind engine.ErrorKind) {
	s.upTo(running, r1)
	s.journaled("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), FailedAs(kind))
	s.failsAs(r1, engine.CauseBadEvent)
}

// yieldsAfter has a host give up its lease when it could not settle the callback.
func (s *script) yieldsAfter(kind engine.ErrorKind) {
	s.upTo(running, r1)
	s.journaled("worker-1", model.JournalOp{Kind: model.JournalDecide, Key: r1, Epoch: 1}, FailedAs(kind))
	s.journals("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
}
