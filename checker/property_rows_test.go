package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// rowCases are about how rows begin and end, and about what is reserved.
var rowCases = []propertyCase{
	{
		property: "attempt-named", cause: "no attempt was named",
		good: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.requestCancel("worker-1", r1) },
		bad:  func(s *script) { s.upTo(running, r1); s.requestCancel("worker-1", key("R1", 0)) },
	},
	{
		property: "row-begins", cause: "journaled for another owner",
		good: func(s *script) { s.upTo(accepted, r1) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1, Owner: "other", Host: "worker-1"})
		},
	},
	{
		property: "row-begins", cause: "a new row was not its creator's",
		good: func(s *script) { s.upTo(accepted, r1) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1, Owner: "acme", Host: "worker-1"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder = "" })
		},
	},
	{
		property: "row-begins", cause: "a tombstone was given work",
		good: func(s *script) { s.upTo(claimed, r1); s.cancel(r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.cancel(r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Phase = engine.PhaseAccepted })
		},
	},
	{
		property: "row-ends", cause: "a row changed that was over",
		good: func(s *script) { s.upTo(settled, r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Cancel = true })
		},
	},
	{
		property: "reserve-complete", cause: "reserved with a wrong limit",
		good: func(s *script) { s.upTo(pending, r1); s.do("app-1", model.Reserve("acme", 2, s.clock())) },
		bad:  func(s *script) { s.upTo(pending, r1); s.do("app-1", model.Reserve("acme", 3, s.clock())) },
	},
	{
		property: "reserve-complete", cause: "reserved the wrong reviews",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.after(time.Hour / 2)
			s.upTo(pending, r2, r3)
			s.do("app-1", model.Reserve("acme", 2, s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1, r2)
			op := model.Reserve("acme", 2, s.clock())
			s.tell(Record{Kind: StoreExecuted, Actor: "app-1", Owner: "acme", Op: &op, Result: &model.Result{}})
		},
	},
	{
		property: "refused-for-a-reason", cause: "refused though there was a slot",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.claims("app-1", r3) },
		bad: func(s *script) {
			s.upTo(prepared, r1)
			op := s.claimOp(r1)
			s.tell(Record{Kind: StoreExecuted, Actor: "app-1", Key: r1, Op: &op, Result: &model.Result{Failed: true, Err: engine.Rejected}})
		},
	},
	{
		property: "deferrals-used", cause: "failed too early",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", model.Fail(r1, 0, "preparation: gone", s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 3, "rejected")
			op := model.Fail(r1, 0, "preparation: 502", s.clock())
			s.tell(Record{Kind: StoreExecuted, Actor: "app-1", Key: r1, Op: &op, Result: &model.Result{}})
		},
	},
	{
		property: "deferrals-used", cause: "put off too often",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 6, "rejected")
			s.do("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 7, "rejected")
			s.do("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
		},
	},
	{
		property: "deferrals-used", cause: "nothing was done about a failure",
		good: func(s *script) { // the statement may get lost
			s.upTo(pending, r1)
			s.unprepared(r1, 0, "rejected")
			s.stores("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
			s.unprepared(r1, 0, "rejected")
			s.tell(Record{Kind: PrepareStarted, Actor: "app-2", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 0, "rejected")
			s.unprepared(r1, 0, "rejected")
		},
	},
	{
		property: "fence-carried", cause: "written under a claim that was not seen",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.do("app-2", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
		},
	},
	{
		property: "retry-bounded", cause: "not tried again",
		good: func(s *script) { s.failRetryably(r1, again, key("R1", 3)) },
		bad: func(s *script) {
			s.last = retryable
			s.upTo(journaled, r1)
			s.callback(r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status, r.Reason = engine.Failed, "the end" })
		},
	},
	{
		property: "status-truthful", cause: "another outcome than the session told",
		good: func(s *script) { s.last = failure; s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...),
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Outcome.Status = engine.Failed })
		},
	},
}

// unprepared has app-1 fail to prepare an attempt that has been put off before.
func (s *script) unprepared(k engine.AttemptKey, deferrals int64, cause string) {
	s.tell(Record{Kind: PrepareStarted, Actor: "app-1", Key: k, Number: deferrals})
	s.tell(Record{Kind: PrepareEnded, Actor: "app-1", Key: k, Text: cause})
}
