package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// callCases are about single calls that a process makes.
var callCases = []propertyCase{
	{
		property: "call-bounded", cause: "a call without a deadline",
		good: func(s *script) {
			s.asks("app-1", "worker.status", r1)
			s.stores("app-1", model.Sweep(s.clock(), 100))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
		},
		bad: func(s *script) {
			s.tell(Record{Kind: CallBegan, Actor: "app-1", Key: r1, Text: "worker.status", Clock: s.clock()})
		},
	},
	{
		property: "call-bounded", cause: "a call may last too long",
		good: func(s *script) {
			s.began(Record{Actor: "app-1", Key: r1, Text: "prepare", Within: time.Minute})
			s.began(Record{Actor: "worker-1", Key: r1, Text: "agent.interrupt", Within: 15 * time.Second})
			s.began(Record{Actor: "worker-1", Key: r1, Text: "app.callback", Within: time.Second})
		},
		bad: func(s *script) {
			s.began(Record{Actor: "worker-1", Key: r1, Text: "app.callback", Within: 11 * time.Second})
		},
	},
	{
		property: "honest-now", cause: "another time than the clock's",
		good: func(s *script) { // a clock may be wrong
			op := model.Cancel(r1, "", epoch)
			s.began(Record{Actor: "app-1", Key: r1, Op: &op, Text: "store.cancel", Clock: epoch})
			s.stores("app-1", model.Get("R1"))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock().Add(-7 * 24 * time.Hour), Max: 1000})
		},
		bad: func(s *script) { s.stores("app-1", model.Cancel(r1, "", time.Time{})) },
	},
	{
		property: "honest-now", cause: "another time than the clock's",
		good: func(s *script) { s.journals("worker-1", model.JournalOp{Kind: model.JournalHold, Host: "worker-1"}) },
		bad: func(s *script) {
			s.journals("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock(), Max: 1000})
		},
	},
	{
		property: "no-more-at-once", cause: "another batch than configured",
		good: func(s *script) {
			s.stores("app-1", model.Sweep(s.clock(), 100))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalHold, Host: "worker-1", Max: 100})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalHold, Host: "worker-1"})
		},
		bad: func(s *script) { s.stores("app-1", model.Sweep(s.clock(), 101)) },
	},
	{
		property: "due-times", cause: "a due time out of range",
		good: func(s *script) {
			s.upTo(prepared, r1)
			s.stores("app-1", s.claimOp(r1))
			s.stores("app-1", model.Defer(r1, 1, s.clock().Add(10*time.Minute), s.clock()))
			s.stores("app-1", model.Release(r1, 1, s.clock().Add(5*time.Second), s.clock()))
			s.tell(Record{Kind: FaultFired, Actor: "app-1", Text: "process.old-config"})
			s.tell(Record{Kind: ProcessStarted, Actor: "app-1", Number: 1})
		},
		bad: func(s *script) {
			s.upTo(prepared, r1)
			op := s.claimOp(r1)
			op.DueAt = op.Now
			s.stores("app-1", op)
		},
	},
	{
		property: "due-times", cause: "a retry time out of range",
		good: func(s *script) { s.upTo(running, r1); s.stores("app-1", s.reportOp(r1, 0)) },
		bad: func(s *script) {
			s.upTo(running, r1)
			op := s.reportOp(r1, 0)
			op.RetryAt = op.Now.Add(time.Hour)
			s.stores("app-1", op)
		},
	},
	{
		property: "due-times", cause: "a due time was not kept",
		good: func(s *script) { s.upTo(claimed, r1) },
		bad: func(s *script) {
			s.upTo(prepared, r1)
			s.do("app-1", s.claimOp(r1), func(_, after *engine.Review) { after.DueAt = after.DueAt.Add(time.Second) })
		},
	},
	{
		property: "refused-stops", cause: "went on under an overtaken epoch",
		good: func(s *script) { // it is told, and given the attempt again
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, "ambiguous")
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, "stale")
			s.takeover("worker-2", "worker-1")
			s.takeover("worker-1", "worker-2")
			s.journals("worker-1", model.JournalOp{Kind: model.JournalIntend, Key: r1, Epoch: 3})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, "stale")
			s.journals("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1})
		},
	},
	{
		property: "refused-stops", cause: "went on under an overtaken epoch",
		good: func(s *script) { // others are not concerned
			s.upTo(running, r1, r2)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, "stale")
			s.asks("worker-1", "agent.stream", r2)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, "stale")
			s.asks("worker-1", "agent.stream", r1)
		},
	},
	{
		property: "agent-left-alone", cause: "asked again after an answer",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.asked("worker-1", "agent.create", r1, "ambiguous")
			s.asked("worker-1", "agent.create", r1, "")
			s.takeover("worker-2", "worker-1")
			s.asked("worker-2", "agent.create", r1, "")
		},
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.asked("worker-1", "agent.create", r1, "permanent")
			s.asks("worker-1", "agent.create", r1)
		},
	},
	{
		property: "agent-left-alone", cause: "asked too often",
		good: func(s *script) { s.upTo(intended, r1); s.createFails(6) },
		bad:  func(s *script) { s.upTo(intended, r1); s.createFails(7) },
	},
	{
		property: "settled-once", cause: "an answered outcome was reported again",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.reports("worker-1", r1, "ambiguous")
			s.reports("worker-1", r1, "stale")
			s.takeover("worker-2", "worker-1")
			s.reports("worker-2", r1, "")
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.reports("worker-1", r1, "")
			s.reports("worker-1", r1, "")
		},
	},
	{
		property: "yield-when-leaving", cause: "a lease was given up without need",
		good: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalYield, Key: r1, Epoch: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalYield, Key: r1, Epoch: 1})
		},
	},
	{
		property: "answer-valid", cause: "a message names no attempt",
		good: func(s *script) { s.asks("app-1", "worker.cancel", r1) },
		bad:  func(s *script) { s.asks("app-1", "worker.cancel", key("R1", 0)) },
	},
	{
		property: "answer-valid", cause: "an answer that says nothing",
		good: func(s *script) {
			s.answers("app-1", "worker.start", r1, engine.WorkerReport{Key: r1, Status: engine.Queued})
		},
		bad: func(s *script) { s.answers("app-1", "worker.start", r1, engine.WorkerReport{}) },
	},
	{
		property: "answer-used", cause: "an outcome was not recorded",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.answers("app-1", "worker.status", r1, engine.WorkerReport{Key: r1, Status: engine.Completed})
			s.stores("app-2", model.Get("R1"))
			s.stores("app-1", s.reportOp(r1, 0))
			s.stores("app-1", model.Get("R1"))
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.answers("app-1", "worker.status", r1, engine.WorkerReport{Key: r1, Status: engine.Completed})
			s.stores("app-1", model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()))
		},
	},
	{
		property: "answer-forward", cause: "an answer went back",
		good: func(s *script) {
			s.upTo(accepted, r1)
			s.asks("app-1", "worker.status", r1)
			s.upTo(running, r1)
			s.answers("app-1", "worker.status", r1, engine.WorkerReport{Key: r1, Status: engine.Queued})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.asks("app-1", "worker.status", r1)
			s.answers("app-1", "worker.status", r1, engine.WorkerReport{Key: r1, Status: engine.Queued})
		},
	},
	{
		property: "shutdown-begins-nothing", cause: "began something while it shut down",
		good: func(s *script) { // it ends what it has begun, and begins again in its next life
			s.upTo(prepared, r1)
			s.tell(Record{Kind: ShutdownBegan, Actor: "app-1"})
			s.stores("app-1", s.claimOp(r1))
			s.asks("app-1", "worker.start", r1)
			s.tell(Record{Kind: ProcessStarted, Actor: "app-1", Number: 2})
			s.stores("app-1", model.Sweep(s.clock(), 100))
		},
		bad: func(s *script) {
			s.tell(Record{Kind: ShutdownBegan, Actor: "app-1"})
			s.stores("app-1", model.Sweep(s.clock(), 100))
		},
	},
	{
		property: "shutdown-begins-nothing", cause: "began something while it shut down",
		good: func(s *script) {
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalHold, Host: "worker-1"})
		},
		bad: func(s *script) {
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalHold, Host: "worker-1", Max: 100})
		},
	},
	{
		property: "shutdown-ends", cause: "a shutdown was cut short",
		good: func(s *script) {
			s.tell(Record{Kind: FaultFired, Actor: "worker-1", Text: "journal.slow"})
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(30 * time.Second)
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1", Text: "deadline exceeded"})
		},
		bad: func(s *script) {
			s.tell(Record{Kind: FaultFired, Actor: "worker-1", Text: "callback.error"})
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(30 * time.Second)
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1", Text: "deadline exceeded"})
		},
	},
	{
		property: "shutdown-ends", cause: "a shutdown was cut short",
		good: func(s *script) { // by a platform that does not wait for it
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(9 * time.Second)
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1", Text: "deadline exceeded"})
		},
		bad: func(s *script) {
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(90 * time.Second)
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1", Text: "deadline exceeded"})
		},
	},
	{
		property: "shutdown-ends", cause: "went on after its end",
		good: func(s *script) {
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1"})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
			s.asks("worker-2", "agent.interrupt", r1)
		},
		bad: func(s *script) {
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1"})
			s.asks("worker-1", "agent.interrupt", r1)
		},
	},
	{
		property: "shutdown-ends", cause: "a task was left behind",
		good: func(s *script) { s.tell(Record{Kind: ProcessLeft, Actor: "worker-1"}) },
		bad:  func(s *script) { s.tell(Record{Kind: ProcessLeft, Actor: "worker-1", Number: 1}) },
	},
}

// began tells of a call as it begins.
func (s *script) began(r Record) {
	r.Kind = CallBegan
	if r.Clock.IsZero() {
		r.Clock = s.clock()
	}
	if r.Within == 0 {
		r.Within = 10 * time.Second
	}
	s.tell(r)
}

// stores has an app call the store.
func (s *script) stores(actor string, op model.Op) {
	s.began(Record{Actor: actor, Key: op.Key, Op: &op, Text: "store." + op.Kind.String()})
}

// journals has a host call the journal, now.
func (s *script) journals(actor string, op model.JournalOp) {
	op.Now = s.clock()
	s.began(Record{Actor: actor, Key: op.Key, JournalOp: &op, Text: "journal." + op.Kind.String()})
}

// journaled has a host call the journal, which fails.
func (s *script) journaled(actor string, op model.JournalOp, problem string) {
	s.journals(actor, op)
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: op.Key, JournalOp: &op, Text: "journal." + op.Kind.String(), Error: problem})
}

// asks has a process call another.
func (s *script) asks(actor, operation string, k engine.AttemptKey) {
	s.began(Record{Actor: actor, Key: k, Text: operation})
}

// asked is asks with what comes of it.
func (s *script) asked(actor, operation string, k engine.AttemptKey, problem string) {
	s.asks(actor, operation, k)
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: k, Text: operation, Error: problem})
}

// answers has a worker answer a call.
func (s *script) answers(actor, operation string, k engine.AttemptKey, report engine.WorkerReport) {
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: k, Text: operation, Status: report.Status, Report: &report})
}

// createFails has the agent give no good answer for a session, again and again.
func (s *script) createFails(times int) {
	for range times {
		s.asked("worker-1", "agent.create", r1, "rejected")
	}
}

// reports has a host report an outcome.
func (s *script) reports(actor string, k engine.AttemptKey, problem string) {
	report := engine.WorkerReport{Key: k, Status: engine.Completed}
	s.began(Record{Actor: actor, Key: k, Text: "app.callback", Status: report.Status, Report: &report})
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: k, Text: "app.callback", Status: report.Status, Report: &report, Error: problem})
}
