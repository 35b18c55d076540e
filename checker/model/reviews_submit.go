package model

import "github.com/onceover/onceover/engine"

// submit inserts a review, unless it is known, and lets the newest head of its pull request supersede all others.
func (s *Reviews) submit(op *ReviewsOp, result *ReviewsResult) {
	submission := &op.Submission
	if known := s.find(submission.Review); known != nil {
		if known.review.Submission != *submission {
			result.refuse(engine.Permanent)
			return
		}
		result.Review = known.review
		return
	}
	owner := s.partition(submission.Owner)
	var newest *row // head that is newer than the submitted one
	if owner != nil {
		for _, r := range owner.rows {
			head := &r.review.Submission
			if !head.SamePullRequest(submission) {
				continue
			}
			if head.HeadSHA == submission.HeadSHA || head.HeadOrder == submission.HeadOrder {
				result.refuse(engine.Permanent)
				return
			}
			if head.HeadOrder > submission.HeadOrder && (newest == nil || head.HeadOrder > newest.review.HeadOrder) {
				newest = r
			}
		}
	}
	created := s.insert(&engine.Review{
		Submission: *submission, Status: engine.Pending, Attempt: 1,
		DueAt: op.Now, EnqueuedAt: op.Now, UpdatedAt: op.Now,
	})
	if newest != nil {
		// Older heads than this one are superseded by the newest head already, whether they came before or after it.
		created.review.SupersededBy = newest.review.Review
		created.end(engine.Cancelled, supersededReason(newest.review.Review), op)
	} else {
		created.supersedeOlder(op, result)
	}
	result.Review = created.review
}

// supersedeOlder makes r, the newest head, the successor of all other heads. At most one of them is not terminal: the
// newest one before r.
func (r *row) supersedeOlder(op *ReviewsOp, result *ReviewsResult) {
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
