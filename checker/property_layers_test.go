package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// layerCases are about layers that another one makes up for when they neglect their
// duty.
var layerCases = []propertyCase{
	{
		property: "buffer-kept", cause: "asked again for what it had received",
		good: func(s *script) {
			s.upTo(running, r1)
			s.delivered(r1, 1, 1, 2)
			s.takeover("worker-2", "worker-1")
			s.streams("worker-2", r1, 1)
		},
		bad: func(s *script) { s.upTo(running, r1); s.delivered(r1, 1, 1, 2); s.streams("worker-1", r1, 1) },
	},
	{
		property: "buffer-kept", cause: "ended with events in hand",
		good: func(s *script) {
			s.upTo(running, r1)
			s.delivered(r1, 1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalYield, Key: r1, Epoch: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.delivered(r1, 1, 2)
			s.write("worker-1", model.JournalOp{Kind: model.JournalYield, Key: r1, Epoch: 1})
		},
	},
	{
		property: "appended-once", cause: "events were appended again",
		good: func(s *script) { // the first of two tries arrives late
			s.upTo(running, r1)
			late := s.appendOp(r1, s.eventsOf(r1)[0])
			late.Now = s.clock()
			s.after(time.Minute)
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]))
			s.writeSent("worker-1", late)
		},
		bad: func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)...)) },
	},
	{
		property: "appended-once", cause: "an append left events out",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad:  func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2])) },
	},
	{
		property: "zombie-stops", cause: "went on after a refusal",
		good: func(s *script) { // what is refused was sent before what was accepted
			s.upTo(running, r1)
			op := s.appendOp(r1, s.eventsOf(r1)[0])
			op.Now = epoch
			s.takeover("worker-2", "worker-1")
			s.writeSent("worker-1", op)
			s.streams("worker-1", r1, 1)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			op := s.appendOp(r1, s.eventsOf(r1)[1])
			s.takeover("worker-2", "worker-1")
			s.write("worker-1", op)
			s.streams("worker-1", r1, 1)
		},
	},
	{
		property: "retries-used", cause: "given up too early",
		good: func(s *script) {
			s.upTo(intended, r1)
			for range 6 {
				s.tell(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
			}
			s.decide(r1, true)
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.tell(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
			s.decide(r1, true)
		},
	},
	{
		property: "retries-used", cause: "given up for good without a reason",
		good: func(s *script) { s.upTo(running, r1); s.after(20 * time.Minute); s.decide(r1, false) },
		bad:  func(s *script) { s.upTo(running, r1); s.decide(r1, false) },
	},
	{
		property: "decision-before-interrupt", cause: "interrupted before it was decided",
		good: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.interrupt(r1) },
		bad:  func(s *script) { s.upTo(running, r1); s.tell(Record{Kind: InterruptSent, Actor: "worker-1", Key: r1}) },
	},
	{
		property: "cancel-prompt", cause: "a cancel was not carried out",
		good: func(s *script) { s.cancelInQuiet(); s.interrupt(r1); s.after(time.Minute); s.hold("worker-1") },
		bad:  func(s *script) { s.cancelInQuiet(); s.after(time.Minute); s.hold("worker-1") },
	},
	{
		property: "cancel-was-wanted", cause: "cancelled though nobody wanted it",
		good: func(s *script) {
			s.upTo(running, r1)
			s.do("app-1", model.Cancel(r1, "not needed any more", s.clock()))
			s.requestCancel("worker-1", r1)
		},
		bad: func(s *script) { s.upTo(running, r1); s.requestCancel("worker-1", r1) },
	},
	{
		property: "fail-when-unclaimed", cause: "failed though claimed",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", model.Fail(r1, 0, "preparation: gone", s.clock()))
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Fail(r1, s.tokens["R1"], "dispatch timed out", s.clock()))
		},
	},
	{
		property: "release-when-refused", cause: "released without a refusal",
		good: func(s *script) { s.upTo(dispatched, r1); s.do("app-1", model.Release(r1, 1, s.clock(), s.clock())) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.tell(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Text: "ambiguous"})
			op := model.Release(r1, 1, s.clock(), s.clock())
			s.tell(Record{Kind: StoreExecuted, Actor: "app-1", Key: r1, Op: &op, Result: &model.Result{}})
		},
	},
	{
		property: "release-when-refused", cause: "a refused dispatch was left to go stale",
		good: func(s *script) {
			s.refusedAndStale()
			s.tell(Record{Kind: FaultFired, Actor: "app-1", Text: "database.lost-before"})
			s.claims("app-2", r1)
		},
		bad: func(s *script) { s.refusedAndStale(); s.claims("app-2", r1) },
	},
	{
		property: "fence-carried", cause: "written without its claim",
		good: func(s *script) { // a silent review
			s.upTo(journaled, r1)
			s.after(time.Hour)
			s.do("app-2", model.Sweep(s.clock(), 100))
			s.unannounced("app-2", s.reportOp(r1, 0))
		},
		bad: func(s *script) { s.upTo(accepted, r1); s.unannounced("app-1", s.reportOp(r1, 0)) },
	},
	{
		property: "fence-carried", cause: "written under a foreign claim",
		good: func(s *script) { s.upTo(queued, r1) },
		bad:  func(s *script) { s.upTo(accepted, r1); s.do("app-2", s.reportOp(r1, 1)) },
	},
	{
		property: "lease-respected", cause: "taken over too early",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2", "worker-1") },
		bad:  func(s *script) { s.upTo(running, r1); s.hold("worker-2", "worker-1") },
	},
	{
		property: "nothing-neglected", cause: "a silent review was neglected",
		good: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(12 * time.Minute)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(10*time.Minute), s.clock()))
			s.after(12 * time.Minute)
			s.do("app-1", model.Sweep(s.clock(), 100))
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(16 * time.Minute)
			s.do("app-1", model.Sweep(s.clock(), 100))
		},
	},
	{
		property: "nothing-neglected", cause: "a stale claim was neglected",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(9 * time.Minute)
			s.do("app-1", model.Sweep(s.clock(), 100))
		},
		bad: func(s *script) { // due a week ahead is due
			s.upTo(claimed, r1)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(7*24*time.Hour), s.clock()))
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(6 * time.Minute)
			s.do("app-1", model.Sweep(s.clock(), 100))
		},
	},
	{
		property: "nothing-neglected", cause: "an attempt to be stopped was neglected",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.sessionEnds(r1, engine.Cancelled, 1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.after(20 * time.Minute)
			s.do("app-1", model.Sweep(s.clock(), 100))
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(20 * time.Minute)
			s.do("app-1", model.Sweep(s.clock(), 100))
		},
	},
}

// delivered has worker-1 receive events.
func (s *script) delivered(k engine.AttemptKey, numbers ...int64) {
	for _, number := range numbers {
		s.tell(Record{Kind: EventDelivered, Actor: "worker-1", Key: k, Number: number})
	}
}

func (s *script) streams(host string, k engine.AttemptKey, from int64) {
	s.tell(Record{Kind: StreamSent, Actor: host, Key: k, From: from})
}

func (s *script) decide(k engine.AttemptKey, retryable bool) {
	s.write("worker-1", model.JournalOp{
		Kind: model.JournalDecide, Key: k, Epoch: s.epochOf(k),
		Outcome: engine.Outcome{Status: engine.Failed, Reason: "given up", Retryable: retryable},
	})
}

// cancelInQuiet has worker-1 told by its renewal, in the quiet phase, that what it
// runs is to be cancelled.
func (s *script) cancelInQuiet() {
	s.upTo(running, r1)
	s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
	s.cancel(r1)
	s.requestCancel("worker-2", r1)
	s.hold("worker-1")
}

// refusedAndStale leaves a claim of app-1 whose dispatch was refused.
func (s *script) refusedAndStale() {
	s.upTo(dispatched, r1)
	s.tell(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Text: "rejected"})
	s.after(5 * time.Minute)
}

// unannounced tells of a report that follows from nothing.
func (s *script) unannounced(actor string, op model.Op) {
	var result model.Result
	s.store.Apply(&op, &result)
	s.tell(Record{Kind: StoreExecuted, Actor: actor, Key: op.Key, Op: &op, Result: &result})
}
