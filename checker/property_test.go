package checker

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var (
	r1, r2, r3 = key("R1", 1), key("R2", 1), key("R3", 1)
	again      = key("R1", 2)
)

// propertyCases shows each property silent on a history that is good and comes
// close, and firing on one that is bad.
var propertyCases = []struct {
	property string
	cause    string
	good     func(*script)
	bad      func(*script)
	also     []string // other properties that the bad history contradicts
}{
	{
		property: "runs-once", cause: "executed twice",
		good: func(s *script) { s.upTo(settled, r1, r2); s.end() },
		bad:  func(s *script) { s.upTo(running, r1); s.session(r1, "s2") },
	},
	{
		property: "one-live-attempt", cause: "two attempts at once",
		good: func(s *script) { s.failRetryably(r1); s.upTo(started, again) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.session(again, "s2")
		},
		also: []string{"slot-held", "intent-before-effect"},
	},
	{
		property: "cancel-wins", cause: "started after its interrupt",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1"); s.interrupt(r1) },
		bad:  func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.interrupt(r1); s.session(r1, "s1") },
	},
	{
		property: "cancel-wins", cause: "started over a tombstone",
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
		property: "cancel-wins", cause: "created knowing of the cancel",
		good: func(s *script) {
			s.upTo(started, r1)
			s.requestCancel("worker-2", r1)
			s.tell(Record{Kind: CreateSent, Actor: "worker-1", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(started, r1)
			s.requestCancel("worker-2", r1)
			s.takeover("worker-2", "worker-1")
			s.tell(Record{Kind: CreateSent, Actor: "worker-2", Key: r1})
		},
	},
	{
		property: "status-truthful", cause: "completed without a completed session",
		good: func(s *script) { s.upTo(reported, r1) },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Completed })
		},
	},
	{
		property: "status-truthful", cause: "failed while it runs",
		good: func(s *script) { s.last = failure; s.upTo(reported, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Failed })
		},
	},
	{
		property: "status-truthful", cause: "running unknown to the worker",
		good: func(s *script) { s.upTo(running, r1) },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Running })
		},
	},
	{
		property: "status-truthful", cause: "started after it was called over",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.do("app-1", model.Fail(r1, s.tokens["R1"], "dispatch timed out", s.clock()))
			s.session(r1, "s1")
		},
		also: []string{"slot-held"},
	},
	{
		property: "owner-limit", cause: "more sessions than slots",
		good: func(s *script) { s.upTo(running, r1, r2); s.upTo(settled, r1); s.upTo(running, r3) },
		bad: func(s *script) {
			s.owner = "other" // whose slots were counted for it
			s.upTo(intended, r3)
			s.owner = "acme"
			s.upTo(started, r1, r2, r3)
		},
	},
	{
		property: "slot-held", cause: "started without a slot",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.cancel(r1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.session(r1, "s1")
		},
	},
	{
		property: "slot-held", cause: "slot freed under a session",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.sessionEnds(r1, engine.Cancelled, 1)
			s.do("app-1", model.Stopped(r1, s.clock()))
		},
		bad: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.do("app-1", model.Stopped(r1, s.clock())) },
	},
	{
		property: "no-lost-events", cause: "an append skipped events",
		good: func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1])) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2]), accept(func(row *engine.Orchestration) { row.Events = 3 }))
		},
	},
	{
		property: "no-lost-events", cause: "accepted events were not journaled",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 1, 10 }))
		},
	},
	{
		property: "no-lost-events", cause: "a journaled event was never emitted",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, engine.Event{Seq: 2, Kind: engine.EventProgress, Tokens: 20, Text: "made up"}))
		},
	},
	{
		property: "no-lost-events", cause: "over without all events",
		good: func(s *script) { s.last = failure; s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Completed})
		},
	},
	{
		property: "no-lost-events", cause: "shown events disappeared",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.shown("c1", 0, 3)
			s.shown("c2", 0, 1)
			s.shown("c1", 3, 0)
			s.upTo(settled, r1)
			s.purge("worker-1", s.clock())
			s.shown("c1", 0, 0)
		},
		bad: func(s *script) { s.upTo(journaled, r1); s.shown("c1", 0, 3); s.shown("c1", 0, 2) },
	},
	{
		property: "no-duplicate-events", cause: "an event was journaled twice",
		good: func(s *script) { s.upTo(journaled, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)...)) },
		bad: func(s *script) {
			s.upTo(running, r1)
			twice := s.eventsOf(r1)[0]
			twice.Seq = 2
			s.write("worker-1", s.appendOp(r1, twice))
		},
	},
	{
		property: "no-duplicate-events", cause: "an event was journaled twice",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...), accept(func(row *engine.Orchestration) { row.Events = 3 }))
		},
	},
	{
		property: "events-in-order", cause: "events out of order",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			events := s.eventsOf(r1)
			s.write("worker-1", s.appendOp(r1, events[2], events[1]), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 3, 37 }))
		},
	},
	{
		property: "usage-exact", cause: "journaled usage is wrong",
		good: func(s *script) { s.upTo(settled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Tokens = 20 }))
		},
	},
	{
		property: "usage-exact", cause: "reported usage is wrong",
		good: func(s *script) { s.upTo(reported, r1) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.callback(r1, func(r *Record) { r.Tokens = 30 }) },
	},
	{
		property: "terminal-final", cause: "a terminal status changed",
		good: func(s *script) { s.upTo(reported, r1); s.cancel(r1) },
		bad: func(s *script) {
			s.upTo(reported, r1)
			s.change("app-1", model.Cancel(r1, "", s.clock()), func(r *engine.Review) { r.Status = engine.Cancelled })
		},
	},
	{
		property: "terminal-final", cause: "an ended attempt came back",
		good: func(s *script) { s.upTo(settled, r1); s.do("app-1", model.Retrigger(r1, s.clock())) },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.do("app-1", model.Retrigger(r1, s.clock()))
			s.change("app-1", model.Cancel(again, "", s.clock()), func(r *engine.Review) { r.Attempt, r.Status = 1, engine.Completed })
		},
	},
	{
		property: "valid-transitions", cause: "queued became pending",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Release(r1, s.tokens["R1"], s.clock(), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.change("app-1", model.Release(r1, s.tokens["R1"], s.clock(), s.clock()), func(r *engine.Review) { r.Status = engine.Pending })
		},
	},
	{
		property: "valid-transitions", cause: "born in the middle",
		good: func(s *script) { s.upTo(pending, r1) },
		bad: func(s *script) {
			s.do("app-1", model.Submit(s.submission("R1", 1), s.clock()), func(_, after *engine.Review) { after.Status = engine.Queued })
		},
	},
	{
		property: "valid-transitions", cause: "a next attempt out of order",
		good: func(s *script) { s.failRetryably(r1) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.change("app-1", model.Retrigger(r1, s.clock()), func(r *engine.Review) { r.Attempt = 2 })
		},
	},
	{
		property: "retry-bounded", cause: "retried too often",
		good: func(s *script) { s.failRetryably(r1, again, key("R1", 3)) },
		bad: func(s *script) {
			s.failRetryably(r1, again)
			s.last = retryable
			s.upTo(journaled, key("R1", 3))
			s.change("app-1", s.reportOp(key("R1", 3), 0), func(r *engine.Review) {
				r.Attempt, r.Status, r.DueAt = 4, engine.Pending, s.clock().Add(time.Minute)
			})
		},
	},
	{
		property: "retry-bounded", cause: "retried without a retryable failure",
		good: func(s *script) { s.last = failure; s.upTo(reported, r1) },
		bad: func(s *script) {
			s.last = failure
			s.upTo(journaled, r1)
			op := s.reportOp(r1, 0)
			op.Report.Retryable = true
			s.do("app-1", op)
		},
	},
	{
		property: "retry-bounded", cause: "retried without a pause",
		good: func(s *script) { s.failRetryably(r1) },
		bad: func(s *script) {
			s.last = retryable
			s.upTo(journaled, r1)
			op := s.reportOp(r1, 0)
			op.RetryAt = s.clock()
			s.do("app-1", op)
		},
	},
	{
		property: "newest-head", cause: "an older head goes on",
		good: func(s *script) { s.upTo(queued, r1); s.newerHead("R9") },
		bad: func(s *script) {
			s.upTo(pending, r1)
			op := s.newerHeadOp("R9")
			after := engine.Review{Submission: op.Submission, Status: engine.Pending, Attempt: 1, DueAt: s.clock(), EnqueuedAt: s.clock()}
			s.tell(Record{Kind: StoreChanged, Actor: "app-1", Key: after.Key(), Op: &op, After: &after})
			s.tell(Record{Kind: StoreExecuted, Actor: "app-1", Key: op.Key, Op: &op, Result: &model.Result{Review: after}})
		},
	},
	{
		property: "newest-head", cause: "a superseded review started again",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.newerHead("R9")
			s.do("app-1", model.Retrigger(r1, s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.newerHead("R9")
			s.change("app-1", model.Retrigger(r1, s.clock()), func(r *engine.Review) { r.Attempt, r.Status = 2, engine.Pending })
		},
	},
	{
		property: "one-claimant", cause: "a fresh claim was taken away",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.after(5 * time.Minute)
			s.do("app-2", s.claimOp("app-2", r1))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.change("app-2", s.claimOp("app-2", r1), func(r *engine.Review) { r.Claim = 2 })
		},
	},
	{
		property: "one-claimant", cause: "a claim by one who saw an older one",
		good: func(s *script) {
			s.upTo(pending, r1)
			op := s.claimOp("app-2", r1)
			s.upTo(claimed, r1)
			s.do("app-2", op)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			op := s.claimOp("app-2", r1)
			s.upTo(claimed, r1)
			op.Now = op.Now.Add(time.Hour)
			s.change("app-2", op, func(r *engine.Review) { r.Claim = 2 })
		},
	},
	{
		property: "one-claimant", cause: "a token given out again",
		good: func(s *script) { s.upTo(claimed, r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			op := s.claimOp("app-2", r1)
			s.tell(Record{Kind: StoreExecuted, Actor: "app-2", Key: r1, Op: &op, Result: &model.Result{Token: 1}})
		},
	},
	{
		property: "fifo-claim", cause: "claimed without a free slot",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.upTo(claimed, r1, r2, r3) },
		bad: func(s *script) {
			s.upTo(pending, r1, r2, r3)
			s.upTo(claimed, r1, r2)
			s.grant("app-2", r3)
		},
	},
	{
		property: "fifo-claim", cause: "claimed before an older one",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.upTo(claimed, r2) },
		bad:  func(s *script) { s.upTo(pending, r1, r2, r3); s.grant("app-2", r3) },
	},
	{
		property: "no-starvation", cause: "a younger review was claimed",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.after(time.Hour)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(4 * time.Minute)
			s.upTo(claimed, r2)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(6 * time.Minute)
			s.upTo(claimed, r2)
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched without a claim",
		good: func(s *script) { s.upTo(dispatched, r1, r2) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched under a foreign claim",
		good: func(s *script) { s.upTo(dispatched, r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Life: 2, Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched twice under one claim",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.do("app-1", s.claimOp("app-1", r1))
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched under a claim given up",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
			s.upTo(dispatched, r1)
		},
	},
	{
		property: "dispatch-parallel", cause: "one after the other",
		good: func(s *script) {
			s.burst()
			s.prepares(PrepareStarted, r1, r2)
			s.prepares(PrepareEnded, r1, r2)
		},
		bad: func(s *script) {
			s.burst()
			s.prepares(PrepareStarted, r1)
			s.prepares(PrepareEnded, r1)
			s.prepares(PrepareStarted, r2)
		},
	},
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
		property: "journal-before-ack", cause: "acknowledged before it was journaled",
		good: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 2})
		},
	},
	{
		property: "journal-before-ack", cause: "reported before it was journaled",
		good: func(s *script) { s.upTo(running, r1); s.callback(r1) },
		bad:  func(s *script) { s.upTo(running, r1); s.callback(r1, func(r *Record) { r.Number = 2 }) },
	},
	{
		property: "journal-before-ack", cause: "shown before it was journaled",
		good: func(s *script) { s.upTo(running, r1); s.shown("c1", 0, 1) },
		bad:  func(s *script) { s.upTo(running, r1); s.shown("c1", 1, 1) },
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
			s.after(5 * time.Minute)
			s.do("app-2", s.claimOp("app-2", r1))
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.after(5 * time.Minute)
			s.do("app-2", s.claimOp("app-2", r1))
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
			s.write("worker-2", model.JournalOp{Kind: model.JournalHold, Key: r1, Host: "worker-2"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder, row.Epoch = "worker-2", 1 })
		},
	},
	{
		property: "one-holder", cause: "a lease was taken away",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2") },
		bad: func(s *script) {
			s.upTo(queued, r1)
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
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)...), accept(func(row *engine.Orchestration) { row.Owed = false }))
		},
	},
	{
		property: "outbox-until-answered", cause: "the outbox was emptied by another write",
		good: func(s *script) { s.upTo(reported, r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(reported, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1}, accept(func(row *engine.Orchestration) { row.Owed = false }))
		},
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
	{
		property: "no-stuck", cause: "review stuck queued",
		good: func(s *script) { s.upTo(settled, r1, r2, r3); s.end() },
		bad:  func(s *script) { s.upTo(dispatched, r1); s.end() },
	},
	{
		property: "no-stuck", cause: "review stuck pending",
		good: func(s *script) { s.upTo(pending, r1); s.cancel(r1); s.end() },
		bad:  func(s *script) { s.upTo(pending, r1); s.end() },
	},
	{
		property: "no-stuck", cause: "review never known to have stopped",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.cancel(r1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.end()
		},
		bad: func(s *script) { s.upTo(claimed, r1); s.cancel(r1); s.end() },
	},
	{
		property: "no-stuck", cause: "callback still owed",
		good: func(s *script) { s.upTo(settled, r1); s.end() },
		bad:  func(s *script) { s.upTo(reported, r1); s.end() },
	},
}

var (
	failure   = engine.Event{Kind: engine.EventFailed}
	retryable = engine.Event{Kind: engine.EventFailed, Retryable: true}
)

// accept makes a refused write an accepted one, with an effect.
func accept(effect func(*engine.Orchestration)) func(*engine.Orchestration, *model.JournalResult) {
	return func(row *engine.Orchestration, result *model.JournalResult) {
		effect(row)
		*result = model.JournalResult{Orchestration: *row}
	}
}

// failRetryably takes attempts to a failure of the infrastructure.
func (s *script) failRetryably(keys ...engine.AttemptKey) {
	kept := s.last
	s.last = retryable
	for _, k := range keys {
		s.after(time.Minute)
		s.upTo(settled, k)
	}
	s.last = kept
}

func (s *script) shown(client string, from, number int64) {
	s.tell(Record{Kind: ClientAnswered, Actor: client, Key: r1, Text: "events", From: from, Number: number})
}

func (s *script) newerHeadOp(review engine.ReviewID) model.Op {
	submission := s.submission("R1", 2)
	submission.Review, submission.HeadSHA = review, string(review)
	return model.Submit(submission, s.clock())
}

func (s *script) newerHead(review engine.ReviewID) { s.do("app-1", s.newerHeadOp(review)) }

// grant grants a claim that the store would refuse.
func (s *script) grant(actor string, k engine.AttemptKey) {
	s.change(actor, s.claimOp(actor, k), func(r *engine.Review) { r.Status, r.Claim = engine.Queued, r.Claim+1 })
}

// burst reserves two reviews in one cycle of app-1.
func (s *script) burst() {
	s.upTo(pending, r1, r2)
	s.do("app-1", model.Reserve("acme", 2, s.clock()))
}

func (s *script) prepares(kind Kind, keys ...engine.AttemptKey) {
	for _, k := range keys {
		s.tell(Record{Kind: kind, Actor: "app-1", Key: k})
	}
}

func TestProperties(t *testing.T) {
	for _, c := range propertyCases {
		t.Run(c.property+"/"+strings.ReplaceAll(c.cause, " ", "-"), func(t *testing.T) {
			if v, _ := played(t, c.good); v != nil {
				t.Errorf("the good history contradicts %v", v)
			}
			v, _ := played(t, c.bad)
			if v == nil || v.Property != c.property || v.Cause != c.cause {
				t.Fatalf("the bad history contradicts %v; want %s: %s", v, c.property, c.cause)
			}
			if v.Message == "" || v.Signature() != c.property+": "+c.cause {
				t.Errorf("message %q, signature %q", v.Message, v.Signature())
			}
			var fired []string
			for _, p := range properties {
				if v, _ := played(t, c.bad, p.ID); v != nil && p.ID != c.property {
					fired = append(fired, p.ID)
				}
			}
			if !slices.Equal(fired, c.also) {
				t.Errorf("watched alone, the bad history contradicts %v too; want %v", fired, c.also)
			}
		})
	}
}

func TestEveryPropertyHasItsHistories(t *testing.T) {
	for _, p := range Properties() {
		if p.Sentence == "" || p.Source == "" {
			t.Errorf("%s has no sentence or no source", p.ID)
		}
		if p.ID == Linearizable {
			continue // see TestLinearizable
		}
		found := false
		for _, c := range propertyCases {
			found = found || c.property == p.ID
		}
		if !found {
			t.Errorf("%s has no hand-written histories", p.ID)
		}
	}
}

// What identifies a failure must not change when the run is made smaller: names,
// times and numbers may.
func TestSignatureIsStable(t *testing.T) {
	small, _ := played(t, func(s *script) { s.upTo(running, r1); s.session(r1, "s2") })
	large, _ := played(t, func(s *script) { s.upTo(settled, r1); s.after(time.Hour); s.upTo(running, r2); s.session(r2, "s7") })
	if small.Signature() != large.Signature() {
		t.Errorf("signatures %q and %q differ", small.Signature(), large.Signature())
	}
	if small.Message == large.Message {
		t.Errorf("messages are equal: %q", small.Message)
	}
}

func TestStuckMessageSaysWhy(t *testing.T) {
	v, _ := played(t, func(s *script) {
		s.upTo(claimed, r1)
		s.tell(Record{Kind: ProcessCrashed, Actor: "app-1"})
		s.end()
	})
	for _, part := range []string{"R1", "queued", "claim 1 of app-1 (crashed)", "never heard of attempt 1"} {
		if !strings.Contains(v.Message, part) {
			t.Errorf("message %q lacks %q", v.Message, part)
		}
	}
}

func TestMakespanOfABurst(t *testing.T) {
	s := newScript()
	s.burst()
	s.prepares(PrepareStarted, r1, r2)
	s.after(3 * time.Second)
	s.prepares(PrepareEnded, r1, r2)
	s.stage[r1], s.stage[r2] = prepared, prepared
	s.upTo(dispatched, r1, r2)
	m := NewMonitor()
	if v := s.play(m); v != nil {
		t.Fatal(v)
	}
	if span, slowest := m.Makespan(); slowest != 5*time.Second || span <= slowest || span > 20*time.Second {
		t.Errorf("span %s, slowest preparation %s", span, slowest)
	}
}

// A monitor that is reused knows nothing of the run before.
func TestMonitorForgets(t *testing.T) {
	m := NewMonitor()
	for _, c := range propertyCases {
		bad := newScript()
		c.bad(bad)
		bad.play(m)
		good := newScript()
		c.good(good)
		if v := good.play(m); v != nil {
			t.Errorf("after the bad history of %s (%s): %v", c.property, c.cause, v)
		}
	}
}
