package model

import (
	"slices"

	"github.com/onceover/onceover/engine"
)

// reserve lists the stale claims, oldest first, then as many of the oldest due pending reviews as there are free slots.
func (s *Reviews) reserve(op *ReviewsOp, result *ReviewsResult) {
	p := s.partition(op.Owner)
	if p == nil {
		return
	}
	held, stale := 0, 0
	chosen := s.candidates[:0]
	for _, r := range p.rows {
		v := &r.review
		if v.HoldsSlot() {
			held++
		}
		if v.Candidate(op.Now) {
			chosen = append(chosen, v)
			if v.Status == engine.Queued {
				stale++
			}
		}
	}
	s.candidates = chosen
	slices.SortFunc(chosen, dispatchOrder)
	chosen = chosen[:min(len(chosen), stale+max(op.Limit-held, 0))]
	if len(chosen) == 0 {
		return
	}
	result.Reviews = make([]engine.Review, len(chosen))
	for i, v := range chosen {
		result.Reviews[i] = *v
	}
}

// dispatchOrder puts stale claims before pending reviews, and older ones first.
func dispatchOrder(a, b *engine.Review) int {
	switch {
	case a.Status != b.Status && a.Status == engine.Queued:
		return -1
	case a.Status != b.Status:
		return 1
	case a.Older(b):
		return -1
	}
	return 1 // identifiers differ, so no two are equally old
}

// claim grants the next token of a candidate. A claim that names another owner finds nothing, because it searches the
// reviews of that owner.
func (s *Reviews) claim(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil || r.review.Owner != op.Owner {
		result.refuse(engine.NotFound)
		return
	}
	v := &r.review
	if v.Attempt != op.Key.Attempt || v.Claim != op.Token || !v.Candidate(op.Now) {
		result.refuse(engine.Stale)
		return
	}
	// A stale claim holds its slot already. A pending review needs a slot besides those for the older ones that wait.
	// Otherwise a late claim of an old reservation could overtake them.
	if v.Status == engine.Pending && r.owner.ahead(v, op) >= op.Limit {
		result.refuse(engine.Rejected)
		return
	}
	v.Claim++
	v.Status = engine.Queued
	v.DueAt = op.DueAt
	v.UpdatedAt = op.Now
	result.Token = v.Claim
}

// ahead counts what comes before a pending review: occupied slots, and older pending reviews that may be dispatched
// now.
func (p *partition) ahead(v *engine.Review, op *ReviewsOp) int {
	n := 0
	for _, r := range p.rows {
		other := &r.review
		if other.HoldsSlot() || (other.Status == engine.Pending && other.Candidate(op.Now) && other.Older(v)) {
			n++
		}
	}
	return n
}

// release makes a claim stale from the given time on.
func (s *Reviews) release(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil || r.review.Attempt != op.Key.Attempt || r.review.Claim != op.Token || r.review.Status != engine.Queued {
		result.refuse(engine.Stale)
		return
	}
	r.review.DueAt = op.DueAt
	r.review.UpdatedAt = op.Now
}

// postpone is [engine.ReviewStore.Defer]; defer is a word of Go.
func (s *Reviews) postpone(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil || r.review.Claim != op.Token || !r.open(op.Key.Attempt) {
		result.refuse(engine.Stale)
		return
	}
	v := &r.review
	v.DueAt = op.DueAt
	v.UpdatedAt = op.Now
	// To ask again whether an earlier attempt is over is no failed preparation of the attempt that waits for it.
	if v.Attempt == op.Key.Attempt && (v.Status == engine.Pending || v.Status == engine.Queued) {
		v.Deferrals++
	}
}

// fail ends an attempt that nobody runs.
func (s *Reviews) fail(op *ReviewsOp, result *ReviewsResult) {
	r := s.find(op.Key.Review)
	if r == nil || r.review.Attempt != op.Key.Attempt || r.review.Claim != op.Token ||
		(r.review.Status != engine.Pending && r.review.Status != engine.Queued) {
		result.refuse(engine.Stale)
		return
	}
	r.end(engine.Failed, op.Text, op)
}
