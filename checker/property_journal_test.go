package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// journalCases are the histories of the properties in property_journal.go.
var journalCases = []propertyCase{
	{
		property: "forgotten-when-old", cause: "forgotten-before-it-was-over",
		good: func(s *script) { s.upTo(running, r1); s.after(8 * 24 * time.Hour); s.purge("worker-1", s.clock()) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.after(8 * 24 * time.Hour)
			s.purges("worker-1", r1, s.clock())
		},
	},
	{
		property: "forgotten-when-old", cause: "forgotten-without-an-answer",
		good: func(s *script) { s.upTo(settled, r1); s.after(time.Hour); s.purge("worker-1", s.clock()) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.after(time.Hour); s.purges("worker-1", r1, s.clock()) },
	},
	{
		property: "forgotten-when-old", cause: "forgotten-without-an-answer",
		good: func(s *script) { // an operator gives the callback up
			s.upTo(journaled, r1)
			s.write("worker-1", model.Abandon(r1, engine.Outcome{Status: engine.Failed}, s.clock()))
			s.after(time.Hour)
			s.purge("worker-1", s.clock())
		},
		bad: func(s *script) { // an operator ends it, and the app has not heard of that
			s.upTo(finished, r1)
			s.write("worker-1", model.Abandon(r1, engine.Outcome{Status: engine.Failed}, s.clock()))
			s.after(time.Hour)
			s.purges("worker-1", r1, s.clock())
		},
	},
	{
		property: "forgotten-when-old", cause: "forgotten-while-it-was-recent",
		good: func(s *script) { s.upTo(settled, r1); s.purge("worker-1", s.clock().Add(-time.Minute)) },
		bad:  func(s *script) { s.upTo(settled, r1); s.purges("worker-1", r1, s.clock().Add(-time.Minute)) },
	},
	{
		property: "forgotten-in-time", cause: "an-old-attempt-was-kept",
		good: func(s *script) { // there is no room for the second
			s.upTo(settled, r1, r2)
			s.span("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock(), Max: 1})
			s.purge("worker-1", s.clock())
			s.purge("worker-1", s.clock())
		},
		bad: func(s *script) {
			s.upTo(settled, r1, r2)
			s.span("worker-1", model.JournalOp{Kind: model.JournalPurge, Before: s.clock(), Max: 9},
				func(r *Record) bool { return r.Key == r1 })
		},
	},
	{
		property: "row-begins", cause: "journaled-for-another-owner",
		good: func(s *script) { s.upTo(accepted, r1) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1, Owner: "other", Host: "worker-1"})
		},
	},
	{
		property: "row-begins", cause: "a-new-row-was-not-its-creators",
		good: func(s *script) { s.upTo(accepted, r1) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1, Owner: "acme", Host: "worker-1"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder = "" })
		},
	},
	{
		property: "row-begins", cause: "a-tombstone-was-given-work",
		good: func(s *script) { s.upTo(claimed, r1); s.cancel(r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.cancel(r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Phase = engine.PhaseAccepted })
		},
	},
	{
		property: "row-ends", cause: "a-row-changed-that-was-over",
		good: func(s *script) { s.upTo(settled, r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Cancel = true })
		},
	},
	{
		property: "fence-respected", cause: "journal-write-of-an-old-epoch-accepted",
		good: func(s *script) {
			s.write("worker-1", s.overtaken())
		},
		bad: func(s *script) {
			s.write("worker-1", s.overtaken(), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 2, 30 }))
		},
	},
	{
		property: "fence-respected", cause: "write-of-an-old-claim-accepted",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.faultAt("app-1")
			s.after(5 * time.Minute)
			s.claims("app-2", r1)
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.faultAt("app-1")
			s.after(5 * time.Minute)
			s.claims("app-2", r1)
			s.change("app-1", model.Release(r1, 1, s.clock(), s.clock()), func(*engine.Review) {})
		},
	},
	{
		property: "fence-respected", cause: "write-for-an-old-attempt-accepted",
		good: func(s *script) { s.failRetryably(r1); s.do("app-1", s.reportOp(r1, 0)) },
		bad: func(s *script) {
			s.failRetryably(r1)
			s.upTo(claimed, again)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Failed })
		},
	},
	{
		property: "start-idempotent", cause: "a-duplicate-start-had-an-effect",
		good: func(s *script) { s.upTo(running, r1); s.arrives("worker-2", r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-2", model.JournalOp{Kind: model.JournalCreate, Key: r1, Host: "worker-2"},
				accept(func(row *engine.Orchestration) { row.Phase = engine.PhaseAccepted }))
		},
	},
	{
		property: "start-idempotent", cause: "an-attempt-was-taken-back",
		good: func(s *script) { s.upTo(settled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1},
				accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 0, 0 }))
		},
	},
	{
		property: "durable-start", cause: "an-answer-about-something-else",
		good: func(s *script) { s.upTo(accepted, r1); s.startAnswered(r1, r1, engine.Queued) },
		bad:  func(s *script) { s.upTo(accepted, r1); s.startAnswered(r1, engine.AttemptKey{}, 0) },
	},
	{
		property: "durable-start", cause: "acknowledged-before-it-was-durable",
		good: func(s *script) { s.upTo(queued, r1) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Apply(engine.Report{WorkerReport: engine.WorkerReport{Key: r1, Status: engine.Queued}, Token: 1}))
		},
	},
	{
		property: "report-after-decision", cause: "reported-an-outcome-that-is-not-journaled",
		good: func(s *script) { s.upTo(reported, r1) },
		bad:  func(s *script) { s.upTo(finished, r1); s.callback(r1, func(r *Record) { r.Status = engine.Completed }) },
	},
	{
		property: "report-after-decision", cause: "reported-before-it-was-intended",
		good: func(s *script) { s.upTo(running, r1) },
		bad:  func(s *script) { s.upTo(queued, r1); s.callback(r1, func(r *Record) { r.Status = engine.Running }) },
	},
	{
		property: "outbox-until-answered", cause: "settled-without-an-answer",
		good: func(s *script) {
			s.unknownToTheApp(r1)
			s.callback(r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Failed, Error: FailedAs(engine.NotFound)})
			s.step(settled, r1)
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.callback(r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Completed, Error: FailedAs(engine.Ambiguous)})
			s.step(settled, r1)
		},
	},
	{
		property: "outbox-until-answered", cause: "an-outcome-is-not-owed",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...), accept(func(row *engine.Orchestration) { row.CallbackPending = false }))
		},
	},
	{
		property: "outbox-until-answered", cause: "the-outbox-was-emptied-by-another-write",
		good: func(s *script) { s.upTo(reported, r1); s.requestCancel("worker-1", r1) },
		bad: func(s *script) {
			s.upTo(reported, r1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalRequestCancel, Key: r1}, accept(func(row *engine.Orchestration) { row.CallbackPending = false }))
		},
		also: []string{"row-ends"},
	},
	{
		property: "settled-once", cause: "an-answered-outcome-was-reported-again",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.reports("worker-1", r1, FailedAs(engine.Ambiguous))
			s.reports("worker-1", r1, FailedAs(engine.Stale))
			s.takeover("worker-2", "worker-1")
			s.loads("worker-2", r1, 2)
			s.reports("worker-2", r1, NoFailure)
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.reports("worker-1", r1, NoFailure)
			s.reports("worker-1", r1, NoFailure)
		},
	},
	{
		property: "callback-taken", cause: "a-valid-report-was-refused-for-good",
		good: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: again, Status: engine.Running, Error: FailedAs(engine.Permanent)})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Running, Error: FailedAs(engine.Permanent)})
		},
	},
	{
		property: "callback-taken", cause: "a-known-attempt-was-reported-in-vain",
		good: func(s *script) { // the app has not reached the attempt
			s.upTo(running, r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: again, Status: engine.Running, Error: FailedAs(engine.Stale)})
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Running, Error: FailedAs(engine.Ambiguous)})
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Completed, Error: FailedAs(engine.Stale)})
		},
	},
	{
		property: "callback-taken", cause: "a-known-attempt-was-reported-in-vain",
		good: func(s *script) { // the app does not know the review
			s.unknownToTheApp(r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Failed, Error: FailedAs(engine.NotFound)})
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Completed, Error: FailedAs(engine.NotFound)})
		},
	},
}

// unknownToTheApp has a host execute what the app has never heard of, and fail before it had a session.
func (s *script) unknownToTheApp(k engine.AttemptKey) {
	s.arrives("worker-1", k)
	s.finish("worker-1", k, engine.Outcome{Status: engine.Failed, Cause: engine.CauseNotJournaled})
}

// startAnswered has app-1 get an answer to the start of an attempt.
func (s *script) startAnswered(k, about engine.AttemptKey, status engine.Status) {
	s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: k, Token: s.tokens[k.Review], Report: &engine.WorkerReport{Key: about, Status: status}})
}

// purges has a host forget an attempt that its journal would have kept.
func (s *script) purges(host string, k engine.AttemptKey, before time.Time) {
	row, _ := s.journal.Orchestration(k)
	op := model.JournalOp{Kind: model.JournalPurge, Before: before, Max: 100}
	s.spanned(host, op, model.JournalChange{Before: *row, Events: row.Events}, &model.JournalResult{Purged: 1})
}
