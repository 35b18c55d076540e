package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var refusalCases = []propertyCase{
	{
		property: "refused-changes-nothing", cause: "refused-and-carried-out/append",
		good: func(s *script) {
			s.write("worker-1", s.overtaken())
		},
		bad: func(s *script) {
			s.write("worker-1", s.overtaken(), func(row *engine.Orchestration, _ *model.JournalResult) { row.UpdatedAt = s.clock() })
		},
	},
	{
		property: "refused-changes-nothing", cause: "refused-and-carried-out/cancel",
		good: func(s *script) { // what a submission has changed is not the work of what is refused next
			s.upTo(pending, r1)
			s.newerHead("R9")
			s.do("app-1", model.Cancel(again, "not needed", s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.refusedYet(model.Cancel(r1, "not needed", s.clock()), engine.Stale, func(r *engine.Review) { r.UpdatedAt = s.clock() })
		},
		also: []string{"refused-rightly"},
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/append",
		good: func(s *script) { // an event that comes when the attempt is over
			s.upTo(journaled, r1)
			s.write("worker-1", s.appendOp(r1, engine.Event{Seq: 4, Kind: engine.EventProgress}))
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1), refuse(engine.Stale))
		},
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/load",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
		},
		bad: func(s *script) {
			s.upTo(accepted, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1}, refuse(engine.NotFound))
		},
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/claim",
		good: func(s *script) { // another one was faster
			s.upTo(prepared, r1)
			op := s.claimOp(r1)
			s.claims("app-2", r1)
			s.do("app-1", op)
		},
		bad: func(s *script) { s.upTo(prepared, r1); s.refusedYet(s.claimOp(r1), engine.Stale) },
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/apply",
		good: func(s *script) { // the claim is not the latest any more
			s.upTo(accepted, r1)
			s.after(time.Hour)
			s.claims("app-2", r1)
			s.do("app-1", s.reportOp(r1, 1))
		},
		bad: func(s *script) {
			s.upTo(accepted, r1)
			s.refusedYet(s.reportOp(r1, 1), engine.Stale)
		},
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/defer",
		good: func(s *script) { // the attempt is over
			s.upTo(settled, r1)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.refusedYet(model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()), engine.Stale)
		},
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/retrigger",
		good: func(s *script) { // too early, and superseded
			s.upTo(pending, r1)
			s.do("app-1", model.Retrigger(r1, s.clock()))
			s.newerHead("R9")
			s.do("app-1", model.Retrigger(r1, s.clock()))
		},
		bad: func(s *script) { s.upTo(settled, r1); s.refusedYet(model.Retrigger(r1, s.clock()), engine.Rejected) },
	},
	{
		property: "refused-rightly", cause: "refused-without-a-reason/get",
		good: func(s *script) { s.do("app-1", model.Get("R1")) },
		bad:  func(s *script) { s.upTo(pending, r1); s.refusedYet(model.Get("R1"), engine.NotFound) },
	},
}

// refuse makes an operation of the journal a refused one, without an effect.
func refuse(kind engine.ErrorKind) func(*engine.Orchestration, *model.JournalResult) {
	return func(_ *engine.Orchestration, result *model.JournalResult) {
		*result = model.JournalResult{Failure: model.FailureOf(kind)}
	}
}

// refusedYet has the store refuse an operation of app-1 that no model refuses, although it makes a change, if one is
// given.
func (s *script) refusedYet(op model.ReviewsOp, kind engine.ErrorKind, changes ...func(*engine.Review)) {
	for _, change := range changes {
		row, _ := s.store.Review(op.Key.Review)
		before := *row
		change(row)
		after := *row
		s.record(Record{Kind: StoreChanged, Actor: "app-1", Key: after.Key(), Op: &op, Before: &before, After: &after})
	}
	s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: op.Key, Op: &op, Result: &model.ReviewsResult{Failure: model.FailureOf(kind)}})
}
