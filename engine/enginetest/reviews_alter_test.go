package enginetest

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

// alter changes a row behind the store's back.
func alter(s *Reviews, id engine.ReviewID, change func(r *reviewRow)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if r := s.find(id); r != nil {
		change(r)
	}
}

// peek returns a row, or a zero one.
func peek(s *Reviews, id engine.ReviewID) (row reviewRow) {
	alter(s, id, func(r *reviewRow) { row = *r })
	return row
}

// ignoresFence has a method take any token.
func ignoresFence(method string) *brokenReviews {
	return &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == method {
			token = peek(s, key.Review).Claim
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}
}

// afterFenced changes the row after a method has succeeded.
func afterFenced(method string, change func(r *reviewRow)) *brokenReviews {
	return &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		err := fencedReviews(s, ctx, m, key, token, text, due, now)
		if m == method && err == nil {
			alter(s, key.Review, change)
		}
		return err
	}}
}

// beforeShown changes the row before a method is called.
func beforeShown(method string, change func(r *reviewRow, key *engine.AttemptKey)) *brokenReviews {
	return &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		if m == method {
			alter(s, key.Review, func(r *reviewRow) { change(r, &key) })
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}
}

// beforeApply changes report or row before a report is merged.
func beforeApply(change func(r *reviewRow, report *engine.Report)) *brokenReviews {
	return &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		alter(s, report.Key.Review, func(r *reviewRow) { change(r, &report) })
		return s.Apply(ctx, report)
	}}
}

// beforeClaim changes a claim.
func beforeClaim(change func(r reviewRow, c *engine.Claim)) *brokenReviews {
	return &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		change(peek(s, c.Key.Review), &c)
		return s.Claim(ctx, c)
	}}
}

// afterSubmit changes the answer of a submission, and what is stored.
func afterSubmit(change func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review) *brokenReviews {
	return &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		known := peek(s, sub.Review).Attempt != 0
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil && !known {
			superseded = change(s, &r, superseded)
		}
		return r, superseded, err
	}}
}

// onComeBack replaces the submission of a known head with a higher order.
func onComeBack(submit func(s *Reviews, ctx context.Context, known reviewRow, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error)) *brokenReviews {
	return &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if known := peek(s, sub.Review); known.Attempt != 0 && known.SameHead(&sub) && known.HeadOrder < sub.HeadOrder {
			return submit(s, ctx, known, sub, now)
		}
		return s.Submit(ctx, sub, now)
	}}
}

// afterComeBack changes the row of a head that has come back.
func afterComeBack(change func(known reviewRow, r *reviewRow)) *brokenReviews {
	return onComeBack(func(s *Reviews, ctx context.Context, known reviewRow, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		r, superseded, err := s.Submit(ctx, sub, now)
		alter(s, sub.Review, func(row *reviewRow) { change(known, row); r = row.Review })
		return r, superseded, err
	})
}

// afterReserve changes the candidates that are listed.
func afterReserve(change func(s *Reviews, found []engine.Review, limit int, now time.Time) []engine.Review) *brokenReviews {
	return &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		found, err := s.Reserve(ctx, owner, limit, now)
		return change(s, found, limit, now), err
	}}
}

// beforeSweep changes what is looked for.
func beforeSweep(change func(search *engine.Search)) *brokenReviews {
	return &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		change(&search)
		return s.Sweep(ctx, search)
	}}
}

// afterSweep changes the work that is found.
func afterSweep(change func(s *Reviews, w *engine.Work)) *brokenReviews {
	return &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		work, err := s.Sweep(ctx, search)
		change(s, &work)
		return work, err
	}}
}
