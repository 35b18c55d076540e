package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// callCases are the histories of the properties in property_calls.go.
var callCases = []propertyCase{
	{
		property: "no-more-at-once", cause: "more-than-was-asked-for",
		good: func(s *script) {
			s.upTo(settled, r1, r2)
			s.span("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock(), Max: 2})
		},
		bad: func(s *script) {
			s.upTo(settled, r1, r2)
			op, result := model.JournalOp{Kind: model.JournalPurge, Before: s.clock(), Max: 1}, model.JournalResult{Purged: 2}
			for _, k := range []engine.AttemptKey{r1, r2} {
				row, _ := s.journal.Orchestration(k)
				s.spanned("worker-1", op, model.JournalChange{Before: *row, Events: row.Events}, &result)
			}
			s.record(Record{Kind: JournalExecuted, Actor: "worker-1", JournalOp: &op, JournalResult: &result})
		},
	},
	{
		property: "no-more-at-once", cause: "more-than-was-asked-for",
		good: func(s *script) {
			s.upTo(pending, r1, r2)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 20}))
		},
		bad: func(s *script) {
			s.upTo(pending, r1, r2)
			op := model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 20})
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Op: &op, Result: &model.ReviewsResult{
				Work: engine.Work{Owners: []engine.OwnerID{"acme", "blue"}},
			}})
		},
	},
	{
		property: "call-bounded", cause: "a-call-without-a-deadline",
		good: func(s *script) {
			s.asks("app-1", CallWorkerStatus, r1)
			s.stores("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
		},
		bad: func(s *script) {
			s.record(Record{Kind: CallBegan, Actor: "app-1", Key: r1, Call: CallWorkerStatus, Clock: s.clock()})
		},
	},
	{
		property: "call-bounded", cause: "a-call-may-last-too-long",
		good: func(s *script) {
			s.began(Record{Actor: "app-1", Key: r1, Call: CallPrepare, Within: time.Minute})
			s.began(Record{Actor: "worker-1", Key: r1, Call: CallAgentInterrupt, Within: 15 * time.Second})
			s.began(Record{Actor: "worker-1", Key: r1, Call: CallAppCallback, Within: time.Second})
		},
		bad: func(s *script) {
			s.began(Record{Actor: "worker-1", Key: r1, Call: CallAppCallback, Within: 11 * time.Second})
		},
	},
	{
		property: "honest-now", cause: "another-time-than-the-clocks",
		good: func(s *script) { // a clock may be wrong
			op := model.Cancel(r1, "", epoch)
			s.began(Record{Actor: "app-1", Key: r1, Op: &op, Call: StoreCall(model.ReviewsCancel), Clock: epoch})
			s.stores("app-1", model.Get("R1"))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock().Add(-7 * 24 * time.Hour), Max: 1000})
		},
		bad: func(s *script) { s.stores("app-1", model.Cancel(r1, "", time.Time{})) },
	},
	{
		property: "honest-now", cause: "another-time-than-the-clocks",
		good: func(s *script) {
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1"})
		},
		bad: func(s *script) {
			s.journals("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock(), Max: 1000})
		},
	},
	{
		property: "asked-for-stays", cause: "gave-up-a-write-with-its-caller",
		good: func(s *script) {
			s.upTo(running, r1)
			s.givesUp("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1})
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1}, FailedAs(engine.Ambiguous))
		},
		bad: func(s *script) { s.givesUp("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1}) },
	},
	{
		property: "due-times", cause: "a-due-time-out-of-range",
		good: func(s *script) {
			s.upTo(prepared, r1)
			s.stores("app-1", s.claimOp(r1))
			s.stores("app-1", model.Defer(r1, 1, s.clock().Add(10*time.Minute), s.clock()))
			s.stores("app-1", model.Release(r1, 1, s.clock().Add(5*time.Second), s.clock()))
			s.record(Record{Kind: FaultFired, Actor: "app-1", Fault: faults.ProcessOldConfig})
			s.record(Record{Kind: ProcessStarted, Actor: "app-1", Life: 1})
		},
		bad: func(s *script) {
			s.upTo(prepared, r1)
			op := s.claimOp(r1)
			op.DueAt = op.Now
			s.stores("app-1", op)
		},
	},
	{
		property: "due-times", cause: "a-retry-time-out-of-range",
		good: func(s *script) { s.upTo(running, r1); s.stores("app-1", s.reportOp(r1, 0)) },
		bad: func(s *script) {
			s.upTo(running, r1)
			op := s.reportOp(r1, 0)
			op.RetryAt = op.Now.Add(20 * time.Minute)
			s.stores("app-1", op)
		},
	},
	{
		property: "due-times", cause: "a-due-time-was-not-kept",
		good: func(s *script) { s.upTo(claimed, r1) },
		bad: func(s *script) {
			s.upTo(prepared, r1)
			s.do("app-1", s.claimOp(r1), func(_, after *engine.Review) { after.DueAt = after.DueAt.Add(time.Second) })
		},
	},
	{
		property: "no-more-at-once", cause: "another-batch-than-configured",
		good: func(s *script) {
			s.stores("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1", Max: 100})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1"})
		},
		bad: func(s *script) { s.stores("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 101, Limit: 20})) },
	},
	{
		property: "attempt-named", cause: "no-attempt-was-named",
		good: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.requestCancel("worker-1", r1) },
		bad:  func(s *script) { s.upTo(running, r1); s.requestCancel("worker-1", key("R1", 0)) },
	},
	{
		property: "retry-paced", cause: "tried-again-at-once",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.reports("worker-1", r1, FailedAs(engine.Ambiguous)) // one second later it is tried again
			s.reports("worker-1", r1, NoFailure)
			s.asked("worker-1", CallAgentInterrupt, r2, NoFailure) // not over
			s.atOnce(func() { s.asked("worker-1", CallAgentInterrupt, r2, NoFailure) })
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.atOnce(func() {
				s.reports("worker-1", r1, FailedAs(engine.Ambiguous))
				s.reports("worker-1", r1, FailedAs(engine.Ambiguous))
			})
		},
	},
	{
		property: "retry-paced", cause: "tried-again-at-once",
		good: func(s *script) { // somebody else, or the next life
			s.upTo(accepted, r1)
			s.atOnce(func() {
				s.journaled("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1}, FailedAs(engine.Ambiguous))
				s.journaled("worker-2", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 2}, FailedAs(engine.Ambiguous))
			})
		},
		bad: func(s *script) {
			s.upTo(accepted, r1)
			s.atOnce(func() {
				s.journaled("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1}, FailedAs(engine.Ambiguous))
				s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
			})
		},
	},
}

// atOnce has things happen without any time between them.
func (s *script) atOnce(do func()) {
	now, from := s.now, len(s.records)
	do()
	for i, record := range s.records[from:] {
		s.records[from+i] = func(observe func(*Record)) {
			record(func(r *Record) { r.At = now; observe(r) })
		}
	}
}
