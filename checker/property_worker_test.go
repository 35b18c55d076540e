package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// workerCases are about what a worker may do, and in which order.
var workerCases = []propertyCase{
	{
		property: "intent-before-effect", cause: "called before it was intended",
		good: func(s *script) { s.upTo(started, r1) },
		bad:  func(s *script) { s.upTo(queued, r1); s.tell(Record{Kind: CreateSent, Actor: "worker-1", Key: r1}) },
	},
	{
		property: "intent-before-effect", cause: "began before it was intended",
		good: func(s *script) { s.upTo(started, r1) },
		bad:  func(s *script) { s.upTo(queued, r1); s.session(r1, "s1") },
	},
	{
		property: "fence-respected", cause: "journal write of an old epoch accepted",
		good: func(s *script) {
			s.upTo(running, r1)
			op := s.appendOp(r1, s.eventsOf(r1)[1])
			s.takeover("worker-2", "worker-1")
			s.write("worker-1", op)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			op := s.appendOp(r1, s.eventsOf(r1)[1])
			s.takeover("worker-2", "worker-1")
			s.write("worker-1", op, accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 2, 30 }))
		},
	},
	{
		property: "fence-respected", cause: "write of an old claim accepted",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.strikes("app-1")
			s.after(5 * time.Minute)
			s.claims("app-2", r1)
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.strikes("app-1")
			s.after(5 * time.Minute)
			s.claims("app-2", r1)
			s.change("app-1", model.Release(r1, 1, s.clock(), s.clock()), func(*engine.Review) {})
		},
	},
	{
		property: "fence-respected", cause: "write for an old attempt accepted",
		good: func(s *script) { s.failRetryably(r1); s.do("app-1", s.reportOp(r1, 0)) },
		bad: func(s *script) {
			s.failRetryably(r1)
			s.upTo(claimed, again)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Failed })
		},
	},
	{
		property: "one-holder", cause: "two holders of one epoch",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2", "worker-1") },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.after(time.Minute)
			s.write("worker-2", model.JournalOp{Kind: model.JournalHold, Key: r1, Host: "worker-2"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder, row.Epoch = "worker-2", 1 })
		},
	},
	{
		property: "one-holder", cause: "a lease was taken away",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2") },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.after(time.Minute)
			s.write("worker-2", model.JournalOp{Kind: model.JournalHold, Key: r1, Host: "worker-2"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder, row.Epoch = "worker-2", 2 })
		},
	},
	{
		property: "over-means-over", cause: "over while it runs",
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
		property: "over-means-over", cause: "begun after it was over",
		good: func(s *script) { s.upTo(intended, r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.cancel(r1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Cancelled})
			s.session(r1, "s1")
		},
	},
	{
		property: "one-stream", cause: "a stream was left open",
		good: func(s *script) {
			s.upTo(started, r1)
			s.tell(Record{Kind: StreamOpened, Actor: "worker-1", Key: r1})
			s.tell(Record{Kind: StreamClosed, Actor: "worker-1", Key: r1})
			s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(started, r1)
			s.tell(Record{Kind: StreamOpened, Actor: "worker-1", Key: r1})
			s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: r1})
		},
	},
	{
		property: "batched", cause: "more than a batch",
		good: func(s *script) {
			s.config.Worker.Batch = 3
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...))
		},
		bad: func(s *script) {
			s.config.Worker.Batch = 1
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...))
		},
	},
	{
		property: "batched", cause: "less than a batch",
		good: func(s *script) {
			s.config.Worker.Batch, s.hasty = 2, true
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...)) // a full one
			s.sessionEnds(r1, engine.Completed, int64(s.events))
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2])) // the last
		},
		bad: func(s *script) {
			s.hasty = true
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[0]))
		},
	},
	{
		property: "batched", cause: "kept in memory for too long",
		good: func(s *script) {
			s.upTo(started, r1)
			s.tell(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Number: 1})
			s.after(5 * time.Second)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[0]))
			s.tell(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Number: 2})
		},
		bad: func(s *script) {
			s.upTo(started, r1)
			s.tell(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Number: 1})
			s.after(6 * time.Second)
			s.tell(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Number: 2})
		},
	},
	{
		property: "nothing-when-over", cause: "work on what is decided",
		good: func(s *script) {
			s.upTo(intended, r1)
			s.after(20 * time.Minute)
			s.decide(r1, false)
			s.tell(Record{Kind: InterruptSent, Actor: "worker-1", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.tell(Record{Kind: InterruptSent, Actor: "worker-1", Key: r1})
		},
	},
	{
		property: "retries-used", cause: "tried without end",
		good: func(s *script) { s.undecodable(r1, 2) },
		bad:  func(s *script) { s.undecodable(r1, 3) },
	},
	{
		property: "report-after-decision", cause: "reported an outcome that is not journaled",
		good: func(s *script) { s.upTo(reported, r1) },
		bad:  func(s *script) { s.upTo(finished, r1); s.callback(r1, func(r *Record) { r.Status = engine.Completed }) },
	},
	{
		property: "report-after-decision", cause: "reported before it was intended",
		good: func(s *script) { s.upTo(running, r1) },
		bad:  func(s *script) { s.upTo(queued, r1); s.callback(r1, func(r *Record) { r.Status = engine.Running }) },
	},
	{
		property: "outbox-until-answered", cause: "settled without an answer",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.callback(r1)
			s.tell(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Completed, Text: "not found"})
			s.step(settled, r1)
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.callback(r1)
			s.tell(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Completed, Text: "ambiguous"})
			s.step(settled, r1)
		},
	},
	{
		property: "outbox-until-answered", cause: "an outcome is not owed",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...), accept(func(row *engine.Orchestration) { row.Owed = false }))
		},
	},
	{
		property: "outbox-until-answered", cause: "the outbox was emptied by another write",
		good: func(s *script) { s.upTo(reported, r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(reported, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1}, accept(func(row *engine.Orchestration) { row.Owed = false }))
		},
		also: []string{"row-ends"},
	},
	{
		property: "start-idempotent", cause: "a duplicate start had an effect",
		good: func(s *script) { s.upTo(running, r1); s.arrives("worker-2", r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-2", model.JournalOp{Kind: model.JournalCreate, Key: r1, Host: "worker-2"},
				accept(func(row *engine.Orchestration) { row.Phase = engine.PhaseAccepted }))
		},
	},
	{
		property: "start-idempotent", cause: "an attempt was taken back",
		good: func(s *script) { s.upTo(settled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalIntend, Key: r1, Epoch: 1},
				accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 0, 0 }))
		},
	},
	{
		property: "durable-start", cause: "acknowledged before it was durable",
		good: func(s *script) { s.upTo(queued, r1) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Apply(engine.Report{WorkerReport: engine.WorkerReport{Key: r1, Status: engine.Queued}, Token: 1}))
		},
	},
	{
		property: "shutdown-loses-nothing", cause: "stopped holding a lease",
		good: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.write("worker-1", model.JournalOp{Kind: model.JournalYield, Key: r1, Epoch: 1})
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1"})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.tell(Record{Kind: ShutdownEnded, Actor: "worker-1"})
		},
	},
}

// undecodable has a host fail to decode the first event so many times, and ask for it once more.
func (s *script) undecodable(k engine.AttemptKey, times int) {
	s.upTo(started, k)
	for range times {
		s.tell(Record{Kind: ReceiveEnded, Actor: "worker-1", Key: k, Text: "permanent"})
	}
	s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: k})
}
