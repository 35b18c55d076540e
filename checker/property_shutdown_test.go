package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// shutdownCases are the histories of the properties in property_shutdown.go.
var shutdownCases = []propertyCase{
	{
		property: "shutdown-loses-nothing", cause: "stopped-holding-a-lease",
		good: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.write("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1"})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1"})
		},
	},
	{
		property: "shutdown-begins-nothing", cause: "began-something-while-it-shut-down",
		good: func(s *script) { // it ends what it has begun, and begins again in its next life
			s.upTo(prepared, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "app-1"})
			s.stores("app-1", s.claimOp(r1))
			s.asks("app-1", CallWorkerStart, r1)
			s.record(Record{Kind: ProcessStarted, Actor: "app-1", Life: 2})
			s.stores("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
		bad: func(s *script) {
			s.record(Record{Kind: ShutdownBegan, Actor: "app-1"})
			s.stores("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
	},
	{
		property: "shutdown-begins-nothing", cause: "began-something-while-it-shut-down",
		good: func(s *script) {
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1"})
		},
		bad: func(s *script) {
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1", Max: 100})
		},
	},
	{
		property: "shutdown-begins-nothing", cause: "took-up-again-what-it-gave-up",
		good: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalFinish, Key: r1, Epoch: 1})
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1}, FailedAs(engine.Ambiguous))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
			s.journals("worker-2", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 2})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1}, FailedAs(engine.Ambiguous))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
		},
	},
	{
		property: "shutdown-retries-nothing", cause: "tried-again-while-it-shut-down",
		good: func(s *script) { // what has its answer is followed by the next step, which is a first try
			s.upTo(running, r1)
			s.asked("worker-1", CallAgentInterrupt, r1, FailedAs(engine.Ambiguous))
			s.asks("worker-1", CallAgentInterrupt, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.record(Record{Kind: CallEnded, Actor: "worker-1", Key: r1, Call: CallAgentInterrupt})
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalFinish, Key: r1, Epoch: 1}, FailedAs(engine.Ambiguous))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalFinish, Key: r1, Epoch: 1})
			s.reports("worker-1", r1, NoFailure)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.asked("worker-1", CallAgentInterrupt, r1, FailedAs(engine.Ambiguous))
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.asks("worker-1", CallAgentInterrupt, r1)
		},
	},
	{
		property: "shutdown-ends", cause: "a-shutdown-was-cut-short",
		good: func(s *script) {
			s.record(Record{Kind: FaultFired, Actor: "worker-1", Fault: faults.JournalSlow})
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(30 * time.Second)
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1", Error: FailedAs(engine.Ambiguous), Reason: "deadline exceeded"})
		},
		bad: func(s *script) {
			s.record(Record{Kind: FaultFired, Actor: "worker-1", Fault: faults.CallbackErrorWithoutEffect})
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(30 * time.Second)
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1", Error: FailedAs(engine.Ambiguous), Reason: "deadline exceeded"})
		},
	},
	{
		property: "shutdown-ends", cause: "a-shutdown-was-cut-short",
		good: func(s *script) { // by a platform that does not wait for it
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(9 * time.Second)
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1", Error: FailedAs(engine.Ambiguous), Reason: "deadline exceeded"})
		},
		bad: func(s *script) {
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(90 * time.Second)
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1", Error: FailedAs(engine.Ambiguous), Reason: "deadline exceeded"})
		},
	},
	{
		property: "shutdown-ends", cause: "went-on-after-its-end",
		good: func(s *script) {
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalAbandon, Key: r1})
			s.asks("worker-1", CallWorkerAbandon, r1)
			s.asks("worker-2", CallAgentInterrupt, r1)
		},
		bad: func(s *script) {
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.record(Record{Kind: ShutdownEnded, Actor: "worker-1"})
			s.asks("worker-1", CallAgentInterrupt, r1)
		},
	},
	{
		property: "shutdown-ends", cause: "a-task-was-left-behind",
		good: func(s *script) { s.record(Record{Kind: ProcessLeft, Actor: "worker-1"}) },
		bad:  func(s *script) { s.record(Record{Kind: ProcessLeft, Actor: "worker-1", Stranded: 1}) },
	},
	{
		property: "yield-when-leaving", cause: "a-lease-was-given-up-without-need",
		good: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
		},
	},
}
