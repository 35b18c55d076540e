package model

import (
	"cmp"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// ownerDue is an owner with the candidate that has been due for longest.
type ownerDue struct {
	owner  engine.OwnerID
	dueAt  time.Time
	review engine.ReviewID
}

// sweep lists what is due, over all owners. Reviews that have been due for equally long are ordered by identifier, so
// that every store lists the same.
func (s *Reviews) sweep(op *ReviewsOp, result *ReviewsResult) {
	owners := s.due[:0]
	for _, p := range s.owners {
		var first *engine.Review
		for _, r := range p.rows {
			v := &r.review
			if v.Candidate(op.Now) && (first == nil || dueOrder(v, first) < 0) {
				first = v
			}
			if !engine.Due(v.DueAt, op.Now) {
				continue
			}
			if v.Status == engine.Running {
				result.Work.Silent = append(result.Work.Silent, *v)
			}
			if v.Stopping != 0 {
				result.Work.Stopping = append(result.Work.Stopping, *v)
			}
		}
		if first != nil {
			owners = append(owners, ownerDue{p.owner, first.DueAt, first.Review})
		}
	}
	s.due = owners
	slices.SortFunc(owners, func(a, b ownerDue) int {
		if c := a.dueAt.Compare(b.dueAt); c != 0 {
			return c
		}
		return cmp.Compare(a.review, b.review)
	})
	limit := max(op.Limit, 0)
	owners = owners[:min(len(owners), limit)]
	if len(owners) != 0 {
		result.Work.Owners = make([]engine.OwnerID, len(owners))
		for i := range owners {
			result.Work.Owners[i] = owners[i].owner
		}
	}
	result.Work.Silent = longestDue(result.Work.Silent, limit)
	result.Work.Stopping = longestDue(result.Work.Stopping, limit)
}

// longestDue sorts reviews by how long they have been due and cuts the list.
func longestDue(reviews []engine.Review, limit int) []engine.Review {
	slices.SortFunc(reviews, func(a, b engine.Review) int { return dueOrder(&a, &b) })
	if len(reviews) > limit {
		reviews = reviews[:limit]
	}
	if len(reviews) == 0 {
		return nil
	}
	return reviews
}

// dueOrder puts what has been due for longer first.
func dueOrder(a, b *engine.Review) int {
	if c := a.DueAt.Compare(b.DueAt); c != 0 {
		return c
	}
	return cmp.Compare(a.Review, b.Review)
}
