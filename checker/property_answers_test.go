package checker

import (
	"strings"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// answerCases are the histories of the properties in property_answers.go.
var answerCases = []propertyCase{
	{
		property: "shown-as-journaled", cause: "shown-more-than-was-asked-for",
		good: func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1)[:2], 0, 2) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1), 0, 2) },
	},
	{
		property: "shown-as-journaled", cause: "shown-more-than-can-be-read",
		good: func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1), 0, 100) },
		bad: func(s *script) {
			s.upTo(journaled, r1)
			events := s.eventsOf(r1)
			for i := range events {
				events[i].Text = strings.Repeat("x", engine.EventTextBytesMax)
			}
			s.page(events, 0, 100)
		},
	},
	{
		property: "shown-as-journaled", cause: "shown-events-with-a-gap",
		good: func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1)[1:], 1, 100) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1)[1:], 0, 100) },
	},
	{
		property: "shown-as-journaled", cause: "shown-what-is-not-journaled",
		good: func(s *script) { s.upTo(running, r1); s.page(s.eventsOf(r1)[:1], 0, 100) },
		bad: func(s *script) {
			s.upTo(running, r1)
			events := s.eventsOf(r1)[:1]
			events[0].Text = "another"
			s.page(events, 0, 100)
		},
	},
	{
		property: "attempts-remembered", cause: "an-attempt-was-answered-wrongly",
		good: func(s *script) { s.failRetryably(r1); s.attemptsShown(s.remembered("R1")...) },
		bad: func(s *script) {
			s.failRetryably(r1)
			shown := s.remembered("R1")
			shown[0].Status = engine.Completed
			s.attemptsShown(shown...)
		},
	},
	{
		property: "attempts-remembered", cause: "an-ended-attempt-was-left-out",
		good: func(s *script) { s.upTo(running, r1); s.attemptsShown() },
		bad:  func(s *script) { s.upTo(settled, r1); s.attemptsShown() },
	},
	{
		property: "refused-truly", cause: "something-known-was-answered-as-unknown",
		good: func(s *script) { s.upTo(pending, r1); s.refused(r2, CallAppGet, engine.NotFound) },
		bad:  func(s *script) { s.upTo(pending, r1); s.refused(r1, CallAppGet, engine.NotFound) },
	},
	{
		property: "refused-truly", cause: "a-good-question-was-refused",
		good: func(s *script) { s.upTo(accepted, r1); s.refused(r2, CallAppEvents, engine.NotFound) },
		bad:  func(s *script) { s.upTo(accepted, r1); s.refused(r1, CallAppEvents, engine.Permanent) },
	},
	{
		property: "refused-truly", cause: "the-latest-was-answered-as-stale",
		good: func(s *script) { // the next attempt has not begun
			s.upTo(pending, r1)
			s.refused(again, CallAppCancel, engine.Stale)
			s.refused(again, CallAppRetrigger, engine.Stale)
		},
		bad: func(s *script) { s.upTo(pending, r1); s.refused(r1, CallAppCancel, engine.Stale) },
	},
	{
		property: "refused-truly", cause: "the-latest-was-answered-as-stale",
		good: func(s *script) { // it may have been decided before the attempt began
			s.failRetryably(r1)
			s.record(Record{Kind: ClientRefused, Actor: "R1", Key: again, Call: CallAppRetrigger, Error: FailedAs(engine.Stale)})
		},
		bad: func(s *script) { s.failRetryably(r1); s.refused(r1, CallAppRetrigger, engine.Stale) },
	},
	{
		property: "refused-truly", cause: "answered-about-what-does-not-exist",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppGet, Status: engine.Pending})
		},
		bad: func(s *script) {
			s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppGet, Status: engine.Pending})
		},
	},
	{
		property: "abandoned-is-over", cause: "abandoned-and-not-over-in-the-journal",
		good: func(s *script) {
			s.upTo(running, r1)
			s.sessionEnds(r1, engine.Cancelled, 0)
			s.forces("worker-2", r1)
			s.abandoned(CallWorkerAbandon, r1)
		},
		bad: func(s *script) { s.upTo(running, r1); s.abandoned(CallWorkerAbandon, r1) },
	},
	{
		property: "abandoned-is-over", cause: "abandoned-and-goes-on",
		good: func(s *script) { s.upTo(settled, r1); s.abandoned(CallAppAbandon, r1) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.abandoned(CallAppAbandon, r1) },
	},
	{
		property: "inspected-truly", cause: "dispatches-were-shown-wrongly",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.reclaim(r1)
			s.inspected(CallAppInspect, r1, engine.Inspection{Waiting: engine.WaitWorker, Dispatches: 2})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.reclaim(r1)
			s.inspected(CallAppInspect, r1, engine.Inspection{Waiting: engine.WaitWorker, Dispatches: 1})
		},
	},
	{
		property: "inspected-truly", cause: "takeovers-were-shown-wrongly",
		good: func(s *script) {
			s.upTo(running, r1)
			s.takeover("worker-2", "worker-1")
			s.inspected(CallWorkerInspect, r1, engine.Inspection{Waiting: engine.WaitSession, Takeovers: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.takeover("worker-2", "worker-1")
			s.inspected(CallWorkerInspect, r1, engine.Inspection{Waiting: engine.WaitSession})
		},
	},
	{
		property: "inspected-truly", cause: "tries-were-made-up",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.callback(r1)
			s.inspected(CallWorkerInspect, r1, engine.Inspection{Waiting: engine.WaitCallback, Callbacks: 1, Undelivered: true})
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.callback(r1)
			s.inspected(CallWorkerInspect, r1, engine.Inspection{Waiting: engine.WaitCallback, Callbacks: 2, Undelivered: true})
		},
	},
	{
		property: "inspected-truly", cause: "the-outbox-was-shown-wrongly",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.inspected(CallWorkerInspect, r1, engine.Inspection{Waiting: engine.WaitCallback, Undelivered: true})
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.inspected(CallWorkerInspect, r1, engine.Inspection{Waiting: engine.WaitCallback})
		},
	},
	{
		property: "inspected-truly", cause: "something-unfinished-was-shown-as-over",
		good: func(s *script) {
			s.upTo(settled, r1)
			s.inspected(CallAppInspect, r1, engine.Inspection{Waiting: engine.WaitNothing, Dispatches: 1})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.inspected(CallAppInspect, r1, engine.Inspection{Waiting: engine.WaitNothing, Dispatches: 1})
		},
	},
	{
		property: "answer-valid", cause: "a-message-names-no-attempt",
		good: func(s *script) { s.asks("app-1", CallWorkerCancel, r1) },
		bad:  func(s *script) { s.asks("app-1", CallWorkerCancel, key("R1", 0)) },
	},
	{
		property: "answer-valid", cause: "an-answer-that-says-nothing",
		good: func(s *script) {
			s.answers("app-1", CallWorkerStart, r1, engine.WorkerReport{Key: r1, Status: engine.Queued})
		},
		bad: func(s *script) { s.answers("app-1", CallWorkerStart, r1, engine.WorkerReport{}) },
	},
	{
		property: "answer-used", cause: "an-outcome-was-not-recorded",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.answers("app-1", CallWorkerStatus, r1, engine.WorkerReport{Key: r1, Status: engine.Completed})
			s.stores("app-2", model.Get("R1"))
			s.stores("app-1", s.reportOp(r1, 0))
			s.stores("app-1", model.Get("R1"))
		},
		bad: func(s *script) {
			s.upTo(journaled, r1)
			s.answers("app-1", CallWorkerStatus, r1, engine.WorkerReport{Key: r1, Status: engine.Completed})
			s.stores("app-1", model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()))
		},
	},
	{
		property: "answer-used", cause: "an-unknown-attempt-was-not-buried",
		good: func(s *script) {
			s.upTo(claimed, r1, r2)
			s.asked("app-1", CallWorkerStatus, r1, FailedAs(engine.NotFound))
			s.asks("app-2", CallWorkerStatus, r2)
			s.asked("app-1", CallWorkerCancel, r1, FailedAs(engine.Ambiguous))
			s.asked("app-1", CallWorkerStatus, r2, FailedAs(engine.Ambiguous))
			s.stores("app-1", model.Get("R2"))
			s.asked("app-1", CallWorkerStatus, r1, FailedAs(engine.NotFound)) // its cancel could not be recorded
			s.stores("app-1", model.Stopped(r1, s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.asked("app-1", CallWorkerStatus, r1, FailedAs(engine.NotFound))
			s.stores("app-1", model.Get("R1"))
		},
	},
	{
		property: "answer-used", cause: "an-unknown-attempt-was-not-buried",
		good: func(s *script) { // the workers throttle the app
			s.upTo(claimed, r1)
			s.throttles("app-1", CallWorkerStart, r2, time.Minute)
			s.record(Record{Kind: CallEnded, Actor: "app-1", Key: r1, Call: CallWorkerStatus, Error: FailedAs(engine.NotFound)})
			s.stores("app-1", model.Get("R1"))
		},
		bad: func(s *script) { // it cancels another
			s.upTo(claimed, r1, r2)
			s.asked("app-1", CallWorkerStatus, r1, FailedAs(engine.NotFound))
			s.asks("app-1", CallWorkerCancel, r2)
		},
	},
	{
		property: "answer-forward", cause: "something-known-was-answered-as-unknown",
		good: func(s *script) { // it was journaled after the question
			s.upTo(claimed, r1)
			s.asks("app-2", CallWorkerStatus, r1)
			s.upTo(accepted, r1)
			s.record(Record{Kind: CallEnded, Actor: "app-2", Key: r1, Call: CallWorkerStatus, Error: FailedAs(engine.NotFound)})
		},
		bad: func(s *script) {
			s.upTo(accepted, r1)
			s.asked("app-2", CallWorkerStatus, r1, FailedAs(engine.NotFound))
		},
	},
	{
		property: "answer-forward", cause: "an-answer-went-back",
		good: func(s *script) {
			s.upTo(accepted, r1)
			s.asks("app-1", CallWorkerStatus, r1)
			s.upTo(running, r1)
			s.answers("app-1", CallWorkerStatus, r1, engine.WorkerReport{Key: r1, Status: engine.Queued})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.asks("app-1", CallWorkerStatus, r1)
			s.answers("app-1", CallWorkerStatus, r1, engine.WorkerReport{Key: r1, Status: engine.Queued})
		},
	},
}

// attemptsShown has the client of R1 get a list of ended attempts.
func (s *script) attemptsShown(attempts ...engine.Attempt) {
	s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppAttempts, Since: s.now, Attempts: attempts})
}

// remembered is what the store has of the ended attempts of a review.
func (s *script) remembered(review engine.ReviewID) []engine.Attempt {
	op := model.Attempts(review)
	var result model.ReviewsResult
	s.store.Apply(&op, &result)
	return result.Attempts
}

// refused has a client of R1 refused.
func (s *script) refused(k engine.AttemptKey, what Call, why engine.ErrorKind) {
	s.after(time.Second)
	s.record(Record{Kind: ClientRefused, Actor: "R1", Key: k, Call: what, Since: s.now, Error: FailedAs(why)})
}

// answers has a worker answer a call.
func (s *script) answers(actor string, call Call, k engine.AttemptKey, report engine.WorkerReport) {
	s.record(Record{Kind: CallEnded, Actor: actor, Key: k, Call: call, Status: report.Status, Report: &report})
}

// page shows the client of R1 events.
func (s *script) page(events []engine.Event, after int64, most int) {
	s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppEvents, From: after, Events: int64(len(events)), Max: most, Script: events})
}
