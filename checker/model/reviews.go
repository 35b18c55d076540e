package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/engine"
)

// Reviews is the state of the review store: every review with its ended attempts. Its operations are exactly those of
// [engine.ReviewStore]; their effect is a function of the state and the [ReviewsOp] alone.
//
// It is made by [NewReviews], and not safe for concurrent use.
type Reviews struct {
	rows   []*row       // in order of insertion; Reset keeps what lies behind the length
	index  []*row       // the same rows in order of their identifiers
	owners []*partition // in order of the owners

	// Memory of single operations, kept so that they need not allocate.
	candidates []*engine.Review
}

// A row is one review with what is remembered of its ended attempts.
type row struct {
	review   engine.Review
	attempts []engine.Attempt
	owner    *partition
	number   int // position in Reviews.rows
}

// A partition holds the rows of one owner in order of insertion. Slots are counted and heads compared within it, so no
// operation but the sweep reads two of them.
type partition struct {
	owner engine.OwnerID
	rows  []*row
}

// NewReviews returns a store without reviews.
func NewReviews() *Reviews { return &Reviews{} }

// Reset removes every review and keeps the memory for the next ones. Earlier results stay valid.
func (s *Reviews) Reset() {
	s.rows = s.rows[:0]
	s.index = s.index[:0]
	s.owners = s.owners[:0]
}

// Len returns how many reviews there are.
func (s *Reviews) Len() int { return len(s.rows) }

// Review returns the review with that identifier. The caller must not change it, and must not keep it beyond the next
// operation.
func (s *Reviews) Review(id engine.ReviewID) (*engine.Review, bool) {
	if r := s.find(id); r != nil {
		return &r.review, true
	}
	return nil, false
}

// Each calls visit with every review, in the order in which they were submitted. The pointers are as those of
// [Reviews.Review].
func (s *Reviews) Each(visit func(*engine.Review)) {
	for _, r := range s.rows {
		visit(&r.review)
	}
}

// Held returns how many slots of an owner are occupied.
func (s *Reviews) Held(owner engine.OwnerID) int {
	if p := s.partition(owner); p != nil {
		return p.held()
	}
	return 0
}

// Apply executes one operation in place and overwrites result. Its slices are new ones, and nil when empty, so the
// caller may keep them.
//
// It panics on a kind that is not one of the constants.
func (s *Reviews) Apply(op *ReviewsOp, result *ReviewsResult) {
	*result = ReviewsResult{}
	switch op.Kind {
	case ReviewsSubmit:
		s.submit(op, result)
	case ReviewsGet:
		s.get(op, result)
	case ReviewsAttempts:
		s.attempts(op, result)
	case ReviewsReserve:
		s.reserve(op, result)
	case ReviewsClaim:
		s.claim(op, result)
	case ReviewsRelease:
		s.release(op, result)
	case ReviewsDefer:
		s.postpone(op, result)
	case ReviewsFail:
		s.fail(op, result)
	case ReviewsApply:
		s.merge(op, result)
	case ReviewsSetAgentVersion:
		s.setAgentVersion(op, result)
	case ReviewsCancel:
		s.cancel(op, result)
	case ReviewsStopped:
		s.stopped(op, result)
	case ReviewsRetrigger:
		s.retrigger(op, result)
	case ReviewsSweep:
		s.sweep(op, result)
	default:
		panic(fmt.Sprintf("model: operation kind %d is none of submit (%d) to sweep (%d)", op.Kind, ReviewsSubmit, ReviewsSweep))
	}
}

// Step is [Reviews.Apply] as a pure function: s stays as it is, and the state after the operation is another one (or
// the same, after an operation that only reads).
func (s *Reviews) Step(op *ReviewsOp) (next *Reviews, result ReviewsResult) {
	if op.Kind.Reads() {
		// The view has working memory of its own, so that two steps from one state share none.
		view := *s
		view.candidates = nil
		view.Apply(op, &result)
		return s, result
	}
	next = s.Clone()
	next.Apply(op, &result)
	return next, result
}

// Clone returns a copy. No operation on one of the two changes the other.
func (s *Reviews) Clone() *Reviews {
	n := len(s.rows)
	ended := 0
	for _, r := range s.rows {
		ended += len(r.attempts)
	}
	rows := make([]row, n)
	pointers := make([]*row, 3*n)
	partitions := make([]partition, len(s.owners))
	attempts := make([]engine.Attempt, 0, ended)
	clone := &Reviews{rows: pointers[0:n:n], index: pointers[n : 2*n : 2*n], owners: make([]*partition, len(s.owners))}
	for i, r := range s.rows {
		start := len(attempts)
		attempts = append(attempts, r.attempts...)
		rows[i] = row{review: r.review, attempts: attempts[start:len(attempts):len(attempts)], number: i}
		clone.rows[i] = &rows[i]
	}
	for i, r := range s.index {
		clone.index[i] = &rows[r.number]
	}
	free := pointers[2*n:]
	for i, p := range s.owners {
		size := len(p.rows)
		partitions[i] = partition{owner: p.owner, rows: free[:size:size]}
		free = free[size:]
		clone.owners[i] = &partitions[i]
		for j, r := range p.rows {
			copied := &rows[r.number]
			copied.owner = &partitions[i]
			partitions[i].rows[j] = copied
		}
	}
	return clone
}

// Equal reports whether two stores hold the same reviews and ended attempts. The order of submission does not count.
func (s *Reviews) Equal(other *Reviews) bool {
	if s == other {
		return true
	}
	return slices.EqualFunc(s.index, other.index, func(a, b *row) bool {
		return sameReview(&a.review, &b.review) && slices.EqualFunc(a.attempts, b.attempts, sameAttempt)
	})
}

// hash is the same for equal stores. It covers the fields in which states of one history usually differ, not all.
func (s *Reviews) hash() uint64 {
	h := newHash()
	for _, r := range s.index {
		v := &r.review
		h.add(uint64(v.Status))
		h.add(uint64(v.Attempt))
		h.add(uint64(v.Claim))
		h.add(uint64(v.Stopping))
		h.add(uint64(v.Deferrals))
		h.add(uint64(v.DueAt.UnixNano()))
	}
	return uint64(h)
}

// find returns the row of a review, or nil.
func (s *Reviews) find(id engine.ReviewID) *row {
	if at, found := s.search(id); found {
		return s.index[at]
	}
	return nil
}

func (s *Reviews) search(id engine.ReviewID) (at int, found bool) {
	return slices.BinarySearchFunc(s.index, id, func(r *row, id engine.ReviewID) int {
		return cmp.Compare(r.review.Review, id)
	})
}

// partition returns the partition of an owner, or nil.
func (s *Reviews) partition(owner engine.OwnerID) *partition {
	if at, found := s.searchOwner(owner); found {
		return s.owners[at]
	}
	return nil
}

func (s *Reviews) searchOwner(owner engine.OwnerID) (at int, found bool) {
	return slices.BinarySearchFunc(s.owners, owner, func(p *partition, owner engine.OwnerID) int {
		return cmp.Compare(p.owner, owner)
	})
}

// insert adds the row of a new review.
func (s *Reviews) insert(review *engine.Review) *row {
	r := spare(s.rows)
	*r = row{review: *review, attempts: r.attempts[:0], number: len(s.rows)}
	s.rows = append(s.rows, r)

	at, _ := s.search(review.Review)
	s.index = slices.Insert(s.index, at, r)

	at, found := s.searchOwner(review.Owner)
	if !found {
		p := spare(s.owners)
		p.owner, p.rows = review.Owner, p.rows[:0]
		s.owners = slices.Insert(s.owners, at, p)
	}
	r.owner = s.owners[at]
	r.owner.rows = append(r.owner.rows, r)
	return r
}

// spare returns the element that Reset left right behind the end of list, or a new one. The next insertion overwrites
// its place, so it is returned once.
func spare[T any](list []*T) *T {
	if len(list) < cap(list) {
		if kept := list[:len(list)+1][len(list)]; kept != nil {
			return kept
		}
	}
	return new(T)
}

// held counts the occupied slots.
func (p *partition) held() int {
	held := 0
	for _, r := range p.rows {
		if r.review.HoldsSlot() {
			held++
		}
	}
	return held
}

// String returns the store as text, a review per line in the order of identifiers.
func (s *Reviews) String() string {
	var b strings.Builder
	for i, r := range s.index {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(describeReview(&r.review))
		if len(r.attempts) != 0 {
			b.WriteString("; " + describeAttempts(r.attempts))
		}
	}
	return b.String()
}
