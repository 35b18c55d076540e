package model

import (
	"cmp"
	"slices"

	"github.com/onceover/onceover/engine"
)

// sweep lists what can be helped, over all owners. Reviews that have been due for equally long are ordered by
// identifier, so that every store lists the same.
func (s *Reviews) sweep(op *ReviewsOp, result *ReviewsResult) {
	search := &op.Search
	limit := max(search.Max, 0)
	first, found := s.searchOwner(search.After)
	if found {
		first++
	}
	for i := range s.owners {
		p := s.owners[(first+i)%len(s.owners)]
		if len(result.Work.Owners) < limit && p.canBeHelped(search) {
			result.Work.Owners = append(result.Work.Owners, p.owner)
		}
	}
	for _, r := range s.rows {
		v := &r.review
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
	result.Work.Silent = longestDue(result.Work.Silent, limit)
	result.Work.Stopping = longestDue(result.Work.Stopping, limit)
}

// canBeHelped reports whether an owner has a stale claim, or a due pending review and a free slot.
func (p *partition) canBeHelped(search *engine.Search) bool {
	waits := false
	for _, r := range p.rows {
		if v := &r.review; v.Candidate(search.Now) {
			if v.Status == engine.Queued {
				return true
			}
			waits = true
		}
	}
	return waits && p.held() < search.LimitOf(p.owner)
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
