package enginetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// Reviews is an [engine.ReviewStore] in memory. It forgets everything with the process. Any number of goroutines may
// use it.
type Reviews struct {
	memory
	rows []*reviewRow // in the order of their identifiers
}

// A reviewRow is one review with its ended attempts, oldest first.
type reviewRow struct {
	engine.Review
	ended []engine.Attempt
}

var _ engine.ReviewStore = (*Reviews)(nil)

// NewReviews returns a store without reviews.
func NewReviews() *Reviews { return &Reviews{} }

// Reset removes all reviews.
func (s *Reviews) Reset() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.rows = nil
}

// Each calls visit with every review and its ended attempts, in the order of the identifiers. visit must not call the
// store.
func (s *Reviews) Each(visit func(r engine.Review, ended []engine.Attempt)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, r := range s.rows {
		visit(r.Review, slices.Clone(r.ended))
	}
}

// Submit implements [engine.ReviewStore].
func (s *Reviews) Submit(ctx context.Context, submission engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	const op = "store.submit"
	var superseded []engine.Review
	r, err := do(ctx, &s.memory, op, func() (engine.Review, error) {
		r := s.find(submission.Review)
		known := r != nil
		switch {
		case r == nil:
			r = &reviewRow{Review: engine.Review{
				Submission: submission, Status: engine.Pending, Attempt: 1, DueAt: now, EnqueuedAt: now, UpdatedAt: now,
			}}
			at, _ := s.search(submission.Review)
			s.rows = slices.Insert(s.rows, at, r)
		case !r.SameHead(&submission):
			return engine.Review{}, engine.Errorf(engine.Permanent, op, "review %s is of another head", submission.Review)
		case submission.HeadOrder <= r.HeadOrder:
			return r.Review, nil
		default:
			r.HeadOrder, r.UpdatedAt = submission.HeadOrder, now
		}
		heads, newest := s.heads(r)
		switch {
		case newest != r && known: // it is superseded already
			return r.Review, nil
		case newest != r:
			r.supersede(newest.ID(), now)
			return r.Review, nil
		case r.Status == engine.Cancelled: // the head has come back
			r.Retries = 0
			r.next(now, now)
		}
		if known && r.SupersededBy == "" {
			return r.Review, nil // the others are superseded already
		}
		r.SupersededBy = ""
		for _, head := range heads {
			over := head.Status.Terminal()
			head.supersede(r.ID(), now)
			if !over && head.Stopping != 0 {
				superseded = append(superseded, head.Review)
			}
		}
		return r.Review, nil
	})
	if err != nil {
		superseded = nil
	}
	return r, superseded, err
}

// heads returns the other heads of a review's pull request, and the newest one of all.
func (s *Reviews) heads(of *reviewRow) (others []*reviewRow, newest *reviewRow) {
	newest = of
	for _, r := range s.rows {
		if r == of || !r.SamePullRequest(&of.Submission) {
			continue
		}
		others = append(others, r)
		if r.Newer(&newest.Submission) {
			newest = r
		}
	}
	return others, newest
}

// Get implements [engine.ReviewStore].
func (s *Reviews) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	return s.change(ctx, "store.get", id, func(*reviewRow) error { return nil })
}

// Attempts implements [engine.ReviewStore].
func (s *Reviews) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	const op = "store.attempts"
	return do(ctx, &s.memory, op, func() ([]engine.Attempt, error) {
		r := s.find(id)
		if r == nil {
			return nil, engine.Errorf(engine.NotFound, op, "review %s", id)
		}
		return slices.Clone(r.ended), nil
	})
}

// Reserve implements [engine.ReviewStore].
func (s *Reviews) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
	return do(ctx, &s.memory, "store.reserve", func() ([]engine.Review, error) {
		var stale, pending []engine.Review
		free := limit
		for _, r := range s.rows {
			if r.Owner != owner {
				continue
			}
			if r.HoldsSlot() {
				free--
			}
			switch {
			case !r.Candidate(now):
			case r.Status == engine.Queued:
				stale = append(stale, r.Review)
			default:
				pending = append(pending, r.Review)
			}
		}
		slices.SortFunc(stale, byAge)
		slices.SortFunc(pending, byAge)
		return append(stale, atMost(free, pending)...), nil
	})
}

// Claim implements [engine.ReviewStore].
func (s *Reviews) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	const op = "store.claim"
	return do(ctx, &s.memory, op, func() (engine.Token, error) {
		r := s.find(c.Key.Review)
		switch {
		case r == nil || r.Owner != c.Owner:
			return 0, engine.Errorf(engine.NotFound, op, "review %s of %s", c.Key.Review, c.Owner)
		case r.Attempt != c.Key.Attempt || r.Claim != c.Seen || !r.Candidate(c.Now):
			return 0, engine.Errorf(engine.Stale, op, "review %s is no candidate under claim %d", c.Key, c.Seen)
		case r.Status == engine.Pending && s.ahead(r, c.Now) >= c.Limit:
			return 0, engine.Errorf(engine.Rejected, op, "no slot of %s is free for %s", c.Owner, c.Key)
		}
		r.Status, r.Claim, r.DueAt, r.UpdatedAt = engine.Queued, r.Claim+1, c.DueAt, c.Now
		return r.Claim, nil
	})
}

// ahead counts the slots of an owner that are taken, and those that older reviews wait for.
func (s *Reviews) ahead(r *reviewRow, now time.Time) int {
	n := 0
	for _, other := range s.rows {
		waits := other.Status == engine.Pending && other.Candidate(now) && other.Older(&r.Review)
		if other.Owner == r.Owner && (other.HoldsSlot() || waits) {
			n++
		}
	}
	return n
}

// Release implements [engine.ReviewStore].
func (s *Reviews) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return s.fenced(ctx, "store.release", key, token, func(r *reviewRow) bool {
		if r.Attempt != key.Attempt || r.Status != engine.Queued {
			return false
		}
		r.DueAt, r.UpdatedAt = due, now
		return true
	})
}

// Defer implements [engine.ReviewStore].
func (s *Reviews) Defer(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return s.fenced(ctx, "store.defer", key, token, func(r *reviewRow) bool {
		current := r.Attempt == key.Attempt && !r.Status.Terminal()
		if !current && !r.isStopping(key.Attempt) {
			return false
		}
		if current && r.Status != engine.Running {
			r.Deferrals++
		}
		r.DueAt, r.UpdatedAt = due, now
		return true
	})
}

// Fail implements [engine.ReviewStore].
func (s *Reviews) Fail(ctx context.Context, key engine.AttemptKey, token engine.Token, reason string, now time.Time) error {
	return s.fenced(ctx, "store.fail", key, token, func(r *reviewRow) bool {
		if r.Attempt != key.Attempt || r.Status != engine.Pending && r.Status != engine.Queued {
			return false
		}
		r.end(engine.Failed, reason, now)
		return true
	})
}

// Sweep implements [engine.ReviewStore].
func (s *Reviews) Sweep(ctx context.Context, search engine.Search) (engine.Work, error) {
	return do(ctx, &s.memory, "store.sweep", func() (engine.Work, error) {
		var work engine.Work
		var ahead, behind []engine.OwnerID
		for _, owner := range s.owners() {
			switch {
			case !s.canBeHelped(owner, &search):
			case owner > search.After:
				ahead = append(ahead, owner)
			default:
				behind = append(behind, owner)
			}
		}
		for _, r := range s.rows {
			if !engine.Due(r.DueAt, search.Now) {
				continue
			}
			if r.Status == engine.Running {
				work.Silent = append(work.Silent, r.Review)
			}
			if r.Stopping != 0 {
				work.Stopping = append(work.Stopping, r.Review)
			}
		}
		slices.SortFunc(work.Silent, byDue)
		slices.SortFunc(work.Stopping, byDue)
		work.Owners = atMost(search.Max, append(ahead, behind...))
		work.Silent, work.Stopping = atMost(search.Max, work.Silent), atMost(search.Max, work.Stopping)
		return work, nil
	})
}

// owners returns all owners, in the order of their names.
func (s *Reviews) owners() []engine.OwnerID {
	var owners []engine.OwnerID
	for _, r := range s.rows {
		owners = append(owners, r.Owner)
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

// canBeHelped reports whether a cycle of the owner would find something.
func (s *Reviews) canBeHelped(owner engine.OwnerID, search *engine.Search) bool {
	held, stale, waits := 0, false, false
	for _, r := range s.rows {
		if r.Owner != owner {
			continue
		}
		if r.HoldsSlot() {
			held++
		}
		if r.Candidate(search.Now) {
			stale = stale || r.Status == engine.Queued
			waits = waits || r.Status == engine.Pending
		}
	}
	return stale || waits && held < search.LimitOf(owner)
}

// byAge orders reviews for dispatch, byDue by how long they have been due. Ties go to the lower identifier.
func byAge(a, b engine.Review) int {
	return cmp.Or(a.EnqueuedAt.Compare(b.EnqueuedAt), cmp.Compare(a.Submission.Review, b.Submission.Review))
}

func byDue(a, b engine.Review) int {
	return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.Submission.Review, b.Submission.Review))
}

// atMost returns the first n elements of list, or all if there are fewer.
func atMost[T any](n int, list []T) []T { return list[:max(0, min(n, len(list)))] }

// find returns the row of a review, or nil.
func (s *Reviews) find(id engine.ReviewID) *reviewRow {
	if at, found := s.search(id); found {
		return s.rows[at]
	}
	return nil
}

func (s *Reviews) search(id engine.ReviewID) (at int, found bool) {
	return slices.BinarySearchFunc(s.rows, id, func(r *reviewRow, id engine.ReviewID) int { return cmp.Compare(r.ID(), id) })
}

// change carries out an operation on a review that it answers with. NotFound.
func (s *Reviews) change(ctx context.Context, op string, id engine.ReviewID, step func(r *reviewRow) error) (engine.Review, error) {
	return do(ctx, &s.memory, op, func() (engine.Review, error) {
		r := s.find(id)
		if r == nil {
			return engine.Review{}, engine.Errorf(engine.NotFound, op, "review %s", id)
		}
		if err := step(r); err != nil {
			return engine.Review{}, err
		}
		return r.Review, nil
	})
}

// fenced carries out an operation on a review whose latest claim is token. It is Stale where there is none, or where
// step finds nothing to do.
func (s *Reviews) fenced(ctx context.Context, op string, key engine.AttemptKey, token engine.Token, step func(r *reviewRow) bool) error {
	return doWrite(ctx, &s.memory, op, func() error {
		if r := s.find(key.Review); r == nil || r.Claim != token || !step(r) {
			return engine.Errorf(engine.Stale, op, "review %s, token %d", key, token)
		}
		return nil
	})
}
