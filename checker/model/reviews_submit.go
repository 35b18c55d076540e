package model

import "github.com/onceover/onceover/engine"

// submit inserts a review, or moves a known one up in the order of heads, and lets the newest head of its pull request
// supersede all others.
func (s *Reviews) submit(op *ReviewsOp, result *ReviewsResult) {
	submission := &op.Submission
	r := s.find(submission.Review)
	switch {
	case r == nil:
		r = s.insert(&engine.Review{
			Submission: *submission, Status: engine.Pending, Attempt: 1,
			DueAt: op.Now, EnqueuedAt: op.Now, UpdatedAt: op.Now,
		})
		if newest := r.newestHead(); newest != r {
			// Older heads than this one are superseded by the newest head already, whether they came before or after it.
			r.review.SupersededBy = newest.review.Review
			r.end(engine.Cancelled, supersededReason(newest.review.Review), op)
		} else {
			r.supersedeOthers(op, result)
		}
	case !r.review.SameHead(submission):
		result.refuse(engine.Permanent)
		return
	case submission.HeadOrder > r.review.HeadOrder:
		r.comeBack(op, result)
	}
	result.Review = r.review
}

// newestHead returns the newest head of the pull request of r.
func (r *row) newestHead() *row {
	newest := r
	for _, other := range r.owner.rows {
		head := &other.review.Submission
		if head.SamePullRequest(&r.review.Submission) && head.Newer(&newest.review.Submission) {
			newest = other
		}
	}
	return newest
}

// comeBack moves r, a known head, up in the order. If it is the newest then, it is reviewed again, unless that is done.
func (r *row) comeBack(op *ReviewsOp, result *ReviewsResult) {
	v := &r.review
	v.HeadOrder = op.Submission.HeadOrder
	v.UpdatedAt = op.Now
	if r.newestHead() != r {
		return
	}
	if v.Status == engine.Cancelled {
		v.Retries = 0
		r.next(op)
	}
	if v.SupersededBy != "" {
		v.SupersededBy = ""
		r.supersedeOthers(op, result)
	}
}

// supersedeOthers makes r, the newest head, the successor of all other heads. At most one of them is not terminal: the
// newest one before r.
func (r *row) supersedeOthers(op *ReviewsOp, result *ReviewsResult) {
	reason := ""
	for _, older := range r.owner.rows {
		if older == r || !older.review.SamePullRequest(&r.review.Submission) {
			continue
		}
		older.review.SupersededBy = r.review.Review
		older.review.UpdatedAt = op.Now
		if older.review.Status.Terminal() {
			continue
		}
		if reason == "" {
			reason = supersededReason(r.review.Review)
		}
		older.cancel(reason, op)
		if older.review.Stopping != 0 {
			result.Reviews = append(result.Reviews, older.review)
		}
	}
}

// supersededReason returns the reason that the user of a superseded review reads.
func supersededReason(by engine.ReviewID) string { return "superseded by " + string(by) }

// end makes the current attempt terminal and remembers it.
func (r *row) end(status engine.Status, reason string, op *ReviewsOp) {
	r.review.Status = status
	r.review.Reason = reason
	r.review.UpdatedAt = op.Now
	r.remember(status, reason, op)
}

// remember adds the current attempt to the ended ones.
func (r *row) remember(status engine.Status, reason string, op *ReviewsOp) {
	r.attempts = append(r.attempts, engine.Attempt{
		Number: r.review.Attempt, Status: status, Reason: reason, EndedAt: op.Now,
	})
}

// cancel ends an attempt that is not terminal. One that was claimed may have a session, so it keeps its slot until that
// is known to be over.
func (r *row) cancel(reason string, op *ReviewsOp) {
	if r.review.Status != engine.Pending {
		r.review.Stopping = r.review.Attempt
		r.review.DueAt = op.Now
	}
	r.end(engine.Cancelled, reason, op)
}
