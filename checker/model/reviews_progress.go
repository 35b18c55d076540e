package model

import (
	"slices"

	"github.com/onceover/onceover/engine"
)

// get reads a review.
func (s *Reviews) get(op *ReviewsOp, result *ReviewsResult) {
	if r := s.find(op.Key.Review); r != nil {
		result.Review = r.review
		return
	}
	result.refuse(engine.NotFound)
}

// attempts reads the ended attempts of a review.
func (s *Reviews) attempts(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil {
		result.refuse(engine.NotFound)
		return
	}
	if len(r.attempts) != 0 {
		result.Attempts = slices.Clone(r.attempts)
	}
}

// open reports whether something is still to be done about an attempt: it is the current one and not over, or its
// session is being stopped.
func (r *row) open(attempt int) bool {
	return r.stopping(attempt) || (r.review.Attempt == attempt && !r.review.Status.Terminal())
}

// stopping reports whether that attempt's session is being stopped.
func (r *row) stopping(attempt int) bool {
	return r.review.Stopping != 0 && r.review.Stopping == attempt
}

// merge is [engine.ReviewStore.Apply]: it moves a review forward by the report of a worker.
func (s *Reviews) merge(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	switch {
	case r == nil:
		result.refuse(engine.NotFound)
		return
	case op.Key.Attempt > r.review.Attempt, op.Token != 0 && op.Token != r.review.Claim:
		result.refuse(engine.Stale)
		return
	}
	v, report := &r.review, &op.Report
	if report.Status.Terminal() && r.stopping(op.Key.Attempt) {
		r.sessionOver(op)
	}
	// A report about a pending attempt can't be true: the attempt was never dispatched.
	if op.Key.Attempt == v.Attempt && (v.Status == engine.Queued || v.Status == engine.Running) {
		switch {
		case report.Status.Terminal():
			r.conclude(op)
		case report.Status == engine.Running && v.Status == engine.Queued:
			v.Status = engine.Running
			v.DueAt = op.DueAt
			v.UpdatedAt = op.Now
			if report.AgentVersion != "" {
				v.AgentVersion = report.AgentVersion
			}
		}
	}
	result.Review = *v
}

// conclude ends a claimed attempt as reported, and begins the next one when the infrastructure failed and retries are
// left.
func (r *row) conclude(op *ReviewsOp) {
	v, report := &r.review, &op.Report
	if report.Status != engine.Failed || !report.Retryable || v.Retries >= op.MaxRetries {
		r.end(report.Status, report.Reason, op)
		return
	}
	r.remember(report.Status, report.Reason, op)
	v.Retries++
	r.next(op)
	v.DueAt = op.RetryAt
}

// next begins the next attempt, at the end of its owner's queue.
func (r *row) next(op *ReviewsOp) {
	v := &r.review
	v.Attempt++
	v.Status = engine.Pending
	v.Reason = ""
	v.Deferrals = 0
	v.DueAt = op.Now
	v.EnqueuedAt = op.Now
	v.UpdatedAt = op.Now
}

// setAgentVersion records the version of the agent that runs the attempt.
func (s *Reviews) setAgentVersion(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil || r.review.Attempt != op.Key.Attempt {
		result.refuse(engine.Stale)
		return
	}
	r.review.AgentVersion = op.Text
	r.review.UpdatedAt = op.Now
}

// cancel ends an attempt for its user.
func (s *Reviews) cancel(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	switch {
	case r == nil:
		result.refuse(engine.NotFound)
		return
	case r.review.Attempt != op.Key.Attempt:
		result.refuse(engine.Stale)
		return
	case !r.review.Status.Terminal():
		r.cancel(op.Text, op)
	}
	result.Review = r.review
}

// sessionOver frees the slot of a cancelled attempt. DueAt was the time to ask about its session again; a next attempt
// that waited for the slot is due now.
func (r *row) sessionOver(op *ReviewsOp) {
	r.review.Stopping = 0
	r.review.UpdatedAt = op.Now
	if r.review.Status == engine.Pending {
		r.review.DueAt = op.Now
	}
}

// stopped frees the slot of an attempt whose session is over.
func (s *Reviews) stopped(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil {
		result.refuse(engine.NotFound)
		return
	}
	if r.stopping(op.Key.Attempt) {
		r.sessionOver(op)
	}
	result.Review = r.review
}

// retrigger begins the attempt after a terminal one. Stopping stays: the new attempt waits until the session of the old
// one is over.
func (s *Reviews) retrigger(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil {
		result.refuse(engine.NotFound)
		return
	}
	v := &r.review
	switch {
	case op.Key.Attempt < v.Attempt:
	case op.Key.Attempt > v.Attempt:
		result.refuse(engine.Stale)
		return
	case !v.Status.Terminal():
		result.refuse(engine.Rejected)
		return
	case v.SupersededBy != "":
		result.refuse(engine.Permanent)
		return
	default:
		v.Retries = 0
		r.next(op)
	}
	result.Review = *v
}
