package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/onceover/onceover/engine"
)

// A Store is the state of the review store: every review, and the ended attempts
// of each. Its operations are exactly those of [engine.ReviewStore]; what they
// do is a function of the state and the [Op] alone.
//
// A Store is made by [NewStore]. It is not safe for concurrent use.
type Store struct {
	rows   []*row       // in order of insertion; Reset keeps what lies behind the length
	index  []*row       // the same rows in order of their identifiers
	owners []*partition // in order of the owners

	// Memory of single operations, kept so that they need not allocate.
	candidates []*engine.Review
	due        []ownerDue
}

// A row is one review with what is remembered of its ended attempts.
type row struct {
	review   engine.Review
	attempts []engine.Attempt
	owner    *partition
	number   int // position in Store.rows
}

// A partition holds the rows of one owner in order of insertion. Slots are
// counted and heads compared within it, so no operation but the sweep looks at
// two of them.
type partition struct {
	owner engine.OwnerID
	rows  []*row
}

// NewStore returns a store without reviews.
func NewStore() *Store { return &Store{} }

// Reset removes every review and keeps the memory for the next ones. Results
// handed out before stay valid.
func (s *Store) Reset() {
	s.rows = s.rows[:0]
	s.index = s.index[:0]
	s.owners = s.owners[:0]
}

// Len returns how many reviews there are.
func (s *Store) Len() int { return len(s.rows) }

// Review returns the review with that identifier as it stands. The caller must
// not change it, and must not keep it beyond the next operation.
func (s *Store) Review(id engine.ReviewID) (*engine.Review, bool) {
	if r := s.find(id); r != nil {
		return &r.review, true
	}
	return nil, false
}

// Each calls visit with every review, in the order in which they were submitted.
// For the pointers holds what [Store.Review] says.
func (s *Store) Each(visit func(*engine.Review)) {
	for _, r := range s.rows {
		visit(&r.review)
	}
}

// Held returns how many slots of an owner are taken.
func (s *Store) Held(owner engine.OwnerID) int {
	if p := s.partition(owner); p != nil {
		return p.held()
	}
	return 0
}

// Apply executes one operation in place. result is overwritten; its slices are
// new ones, and nil when empty, so the caller may keep them.
//
// It panics on a kind that is not one of the constants.
func (s *Store) Apply(op *Op, result *Result) {
	*result = Result{}
	switch op.Kind {
	case OpSubmit:
		s.submit(op, result)
	case OpGet:
		s.get(op, result)
	case OpAttempts:
		s.attempts(op, result)
	case OpReserve:
		s.reserve(op, result)
	case OpClaim:
		s.claim(op, result)
	case OpRelease:
		s.release(op, result)
	case OpDefer:
		s.postpone(op, result)
	case OpFail:
		s.fail(op, result)
	case OpApply:
		s.merge(op, result)
	case OpSetAgentVersion:
		s.setAgentVersion(op, result)
	case OpCancel:
		s.cancel(op, result)
	case OpStopped:
		s.stopped(op, result)
	case OpRetrigger:
		s.retrigger(op, result)
	case OpSweep:
		s.sweep(op, result)
	default:
		panic(fmt.Sprintf("model: operation kind %d is none of submit (%d) to sweep (%d)", op.Kind, OpSubmit, OpSweep))
	}
}

// Step is [Store.Apply] as a pure function: state stays as it is, and the state
// after the operation is another one (or the same, after an operation that only
// reads).
func Step(state *Store, op *Op) (next *Store, result Result) {
	if op.Kind.Reads() {
		// The view has working memory of its own, so that two steps from one state
		// never meet.
		view := *state
		view.candidates, view.due = nil, nil
		view.Apply(op, &result)
		return state, result
	}
	next = state.Clone()
	next.Apply(op, &result)
	return next, result
}

// Clone returns a copy that shares nothing with the original that either of them
// changes.
func (s *Store) Clone() *Store {
	n := len(s.rows)
	ended := 0
	for _, r := range s.rows {
		ended += len(r.attempts)
	}
	rows := make([]row, n)
	pointers := make([]*row, 3*n)
	partitions := make([]partition, len(s.owners))
	attempts := make([]engine.Attempt, 0, ended)
	clone := &Store{rows: pointers[0:n:n], index: pointers[n : 2*n : 2*n], owners: make([]*partition, len(s.owners))}
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

// Equal reports whether two stores hold the same reviews and ended attempts, in
// whatever order they came.
func (s *Store) Equal(other *Store) bool {
	if s == other {
		return true
	}
	return slices.EqualFunc(s.index, other.index, func(a, b *row) bool {
		return sameReview(&a.review, &b.review) && slices.EqualFunc(a.attempts, b.attempts, sameAttempt)
	})
}

// hash is equal for stores that are [Store.Equal]. It covers what tells the
// states of one history apart, not every field.
func (s *Store) hash() uint64 {
	const prime = 1099511628211 // of FNV-1a, 64 bits
	h := uint64(14695981039346656037)
	for _, r := range s.index {
		v := &r.review
		h = (h ^ uint64(v.Status)) * prime
		h = (h ^ uint64(v.Attempt)) * prime
		h = (h ^ uint64(v.Claim)) * prime
		h = (h ^ uint64(v.Stopping)) * prime
		h = (h ^ uint64(v.Deferrals)) * prime
		h = (h ^ uint64(v.DueAt.UnixNano())) * prime
	}
	return h
}

// find returns the row of a review, or nil.
func (s *Store) find(id engine.ReviewID) *row {
	if at, found := s.search(id); found {
		return s.index[at]
	}
	return nil
}

func (s *Store) search(id engine.ReviewID) (at int, found bool) {
	return slices.BinarySearchFunc(s.index, id, func(r *row, id engine.ReviewID) int {
		return cmp.Compare(r.review.Review, id)
	})
}

// partition returns the partition of an owner, or nil.
func (s *Store) partition(owner engine.OwnerID) *partition {
	if at, found := s.searchOwner(owner); found {
		return s.owners[at]
	}
	return nil
}

func (s *Store) searchOwner(owner engine.OwnerID) (at int, found bool) {
	return slices.BinarySearchFunc(s.owners, owner, func(p *partition, owner engine.OwnerID) int {
		return cmp.Compare(p.owner, owner)
	})
}

// insert adds the row of a new review.
func (s *Store) insert(review *engine.Review) *row {
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

// spare returns the element that Reset left right behind the end of list, or a
// new one. The next insertion overwrites its place, so nobody else gets it.
func spare[T any](list []*T) *T {
	if len(list) < cap(list) {
		if kept := list[:len(list)+1][len(list)]; kept != nil {
			return kept
		}
	}
	return new(T)
}

// held counts the slots that are taken.
func (p *partition) held() int {
	held := 0
	for _, r := range p.rows {
		if r.review.HoldsSlot() {
			held++
		}
	}
	return held
}
