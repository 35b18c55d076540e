package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// reviewCases are the histories of the properties in property_reviews.go.
var reviewCases = []propertyCase{
	{
		property: "status-truthful", cause: "completed-without-a-completed-session",
		good: func(s *script) { s.upTo(reported, r1) },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Completed })
		},
	},
	{
		property: "status-truthful", cause: "failed-while-it-runs",
		good: func(s *script) { s.last = failure; s.upTo(reported, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Failed })
		},
	},
	{
		property: "status-truthful", cause: "running-unknown-to-the-worker",
		good: func(s *script) { s.upTo(running, r1) },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Running })
		},
	},
	{
		property: "status-truthful", cause: "started-after-it-was-called-over",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status = engine.Failed })
			s.session(r1, "s1")
		},
		also: []string{"slot-held"},
	},
	{
		property: "status-truthful", cause: "another-outcome-than-the-session-reported",
		good: func(s *script) { s.last = failure; s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...),
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Outcome.Status = engine.Failed })
		},
	},
	{
		property: "terminal-final", cause: "a-terminal-status-changed",
		good: func(s *script) { s.upTo(reported, r1); s.cancel(r1) },
		bad: func(s *script) {
			s.upTo(reported, r1)
			s.change("app-1", model.Cancel(r1, "", s.clock()), func(r *engine.Review) { r.Status = engine.Cancelled })
		},
	},
	{
		property: "terminal-final", cause: "an-ended-attempt-came-back",
		good: func(s *script) { s.upTo(settled, r1); s.do("app-1", model.Retrigger(r1, s.clock())) },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.do("app-1", model.Retrigger(r1, s.clock()))
			s.change("app-1", model.Cancel(again, "", s.clock()), func(r *engine.Review) { r.Attempt, r.Status = 1, engine.Completed })
		},
	},
	{
		property: "valid-transitions", cause: "queued-became-pending",
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
		property: "valid-transitions", cause: "born-in-the-middle",
		good: func(s *script) { s.upTo(pending, r1) },
		bad: func(s *script) {
			s.do("app-1", model.Submit(s.submission("R1", 1), s.clock()), func(_, after *engine.Review) { after.Status = engine.Queued })
		},
	},
	{
		property: "valid-transitions", cause: "a-next-attempt-out-of-order",
		good: func(s *script) { s.failRetryably(r1) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.change("app-1", model.Retrigger(r1, s.clock()), func(r *engine.Review) { r.Attempt = 2 })
		},
	},
	{
		property: "retry-bounded", cause: "retried-too-often",
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
		property: "retry-bounded", cause: "retried-without-a-retryable-failure",
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
		property: "retry-bounded", cause: "retried-without-a-pause",
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
		property: "retry-bounded", cause: "not-tried-again",
		good: func(s *script) { s.failRetryably(r1, again, key("R1", 3)) },
		bad: func(s *script) {
			s.last = retryable
			s.upTo(journaled, r1)
			s.callback(r1)
			s.change("app-1", s.reportOp(r1, 0), func(r *engine.Review) { r.Status, r.Reason = engine.Failed, "the end" })
		},
	},
	{
		property: "newest-head", cause: "an-older-head-goes-on",
		good: func(s *script) { s.upTo(queued, r1); s.newerHead("R9") },
		bad: func(s *script) {
			s.upTo(pending, r1)
			op := s.newerHeadOp("R9")
			after := engine.Review{Submission: op.Submission, Status: engine.Pending, Attempt: 1, DueAt: s.clock(), EnqueuedAt: s.clock()}
			s.record(Record{Kind: StoreChanged, Actor: "app-1", Key: after.Key(), Op: &op, After: &after})
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: op.Key, Op: &op, Result: &model.ReviewsResult{Review: after}})
		},
	},
	{
		property: "newest-head", cause: "superseded-by-no-newer-head",
		good: func(s *script) { // one after the other
			s.upTo(pending, r1)
			s.newerHead("R9")
			s.do("app-1", model.Submit(s.submission("R2", 9), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			op := model.Submit(s.submission("R2", 9), s.clock()) // of another pull request
			s.do("app-1", op)
			s.change("app-1", op, func(r *engine.Review) { r.SupersededBy = "R1" })
		},
	},
	{
		property: "newest-head", cause: "a-new-head-was-refused",
		good: func(s *script) { // under the identifier of another head
			s.upTo(pending, r1)
			op := s.newerHeadOp("R1")
			op.Submission.HeadSHA = "another"
			s.do("app-1", op)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			op := model.Submit(s.submission("R2", 1), s.clock())
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: op.Key, Op: &op, Result: &model.ReviewsResult{Failure: model.FailureOf(engine.Permanent)}})
		},
	},
	{
		property: "newest-head", cause: "a-new-head-was-refused", // by the app, before any store
		good: func(s *script) {
			s.upTo(pending, r1)
			op := s.newerHeadOp("R1")
			op.Submission.HeadSHA = "another"
			s.refusesSubmission(op)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.newerHead("R9")
			s.refusesSubmission(s.backOp("R1", 3))
		},
	},
	{
		property: "newest-head", cause: "an-older-head-goes-on", // of two with one order
		good: func(s *script) { s.upTo(pending, r1); s.do("app-1", s.headAt("R9", 1)) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", s.headAt("R9", 1), func(_, after *engine.Review) {
				if after.Review == "R1" {
					after.Status, after.SupersededBy = engine.Pending, ""
				}
			})
		},
	},
	{
		property: "newest-head", cause: "a-superseded-review-started-again",
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
		property: "newest-head", cause: "a-superseded-review-started-again", // by a submission
		good: func(s *script) { s.upTo(pending, r1); s.newerHead("R9"); s.do("app-1", s.backOp("R1", 3)) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", s.headAt("R9", 5))
			s.change("app-1", s.backOp("R1", 3), func(r *engine.Review) {
				r.Attempt, r.Status, r.SupersededBy, r.HeadOrder = 2, engine.Pending, "", 3
			})
		},
	},
	{
		property: "newest-head-reviewed", cause: "the-newest-head-is-superseded",
		good: func(s *script) { s.upTo(settled, r1); s.newerHead("R9"); s.do("app-1", s.backOp("R1", 3)) },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.newerHead("R9")
			s.do("app-1", s.backOp("R1", 3), func(_, after *engine.Review) {
				if after.Review == "R1" {
					after.SupersededBy = "R9"
				}
			})
		},
	},
	{
		property: "newest-head-reviewed", cause: "the-newest-head-was-not-taken-up-again",
		good: func(s *script) { s.upTo(pending, r1); s.cancel(r1); s.do("app-1", s.backOp("R1", 1)) },
		bad: func(s *script) { // a pull request is reopened
			s.upTo(pending, r1)
			s.cancel(r1)
			op := s.backOp("R1", 2)
			s.change("app-1", op, func(r *engine.Review) { r.HeadOrder = 2 })
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: op.Key, Op: &op, Result: &model.ReviewsResult{}})
		},
	},
	{
		property: "newest-head-reviewed", cause: "the-newest-head-is-superseded", // in the end
		good: func(s *script) {
			s.upTo(pending, r1)
			s.newerHead("R9")
			s.cancel(key("R9", 1)) // its user does not want it
			s.end()
		},
		bad: func(s *script) { // a client is answered by an app that has told nobody
			s.upTo(settled, r1)
			s.newerHead("R9")
			s.cancel(key("R9", 1))
			op := s.backOp("R1", 3)
			s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppSubmit, Status: engine.Completed, Submission: &op.Submission})
			s.end()
		},
	},
	{
		property: "newest-head-reviewed", cause: "the-newest-head-was-left-cancelled",
		good: func(s *script) { s.upTo(pending, r1); s.cancel(r1); s.end() },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.do("app-1", s.headAt("R9", 2))
			s.change("app-1", s.headAt("R9", 2), func(r *engine.Review) { r.Status = engine.Cancelled })
			s.end()
		},
	},
	{
		property: "reason-kept", cause: "another-reason-is-kept",
		good: func(s *script) { s.upTo(pending, r1); s.cancel(r1) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", model.Cancel(r1, "not needed", s.clock()), func(_, after *engine.Review) { after.Reason = "" })
		},
	},
}

func (s *script) newerHeadOp(review engine.ReviewID) model.ReviewsOp {
	submission := s.submission("R1", 2)
	submission.Review, submission.HeadSHA = review, string(review)
	return model.Submit(submission, s.clock())
}

func (s *script) newerHead(review engine.ReviewID) { s.do("app-1", s.newerHeadOp(review)) }

// headAt is the submission of another head of R1's pull request, at a place in the order.
func (s *script) headAt(review engine.ReviewID, order int64) model.ReviewsOp {
	op := s.newerHeadOp(review)
	op.Submission.HeadOrder = order
	return op
}

// backOp is the submission of a head that comes back, at a place in the order.
func (s *script) backOp(review engine.ReviewID, order int64) model.ReviewsOp {
	return model.Submit(s.submission(review, order), s.clock())
}

// refusesSubmission has a client be refused for good.
func (s *script) refusesSubmission(op model.ReviewsOp) {
	s.record(Record{
		Kind: ClientRefused, Actor: string(op.Key.Review), Key: op.Key, Call: CallAppSubmit, Since: s.now,
		Error: FailedAs(engine.Permanent), Submission: &op.Submission,
	})
}
