package enginetest

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

// A brokenReviews is the store in memory with some methods replaced. A replacement may look into the store.
type brokenReviews struct {
	*Reviews
	submit  func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error)
	get     func(s *Reviews, ctx context.Context, id engine.ReviewID) (engine.Review, error)
	ended   func(s *Reviews, ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error)
	reserve func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error)
	claim   func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error)
	fenced  func(s *Reviews, ctx context.Context, method string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error
	apply   func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error)
	shown   func(s *Reviews, ctx context.Context, method string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error)
	sweep   func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error)
}

func (b *brokenReviews) Submit(ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	if b.submit != nil {
		return b.submit(b.Reviews, ctx, sub, now)
	}
	return b.Reviews.Submit(ctx, sub, now)
}

func (b *brokenReviews) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	if b.get != nil {
		return b.get(b.Reviews, ctx, id)
	}
	return b.Reviews.Get(ctx, id)
}

func (b *brokenReviews) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	if b.ended != nil {
		return b.ended(b.Reviews, ctx, id)
	}
	return b.Reviews.Attempts(ctx, id)
}

func (b *brokenReviews) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
	if b.reserve != nil {
		return b.reserve(b.Reviews, ctx, owner, limit, now)
	}
	return b.Reviews.Reserve(ctx, owner, limit, now)
}

func (b *brokenReviews) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	if b.claim != nil {
		return b.claim(b.Reviews, ctx, c)
	}
	return b.Reviews.Claim(ctx, c)
}

// fencedReviews calls the method of a right store.
func fencedReviews(s *Reviews, ctx context.Context, method string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
	switch method {
	case "Release":
		return s.Release(ctx, key, token, due, now)
	case "Defer":
		return s.Defer(ctx, key, token, due, now)
	case "Fail":
		return s.Fail(ctx, key, token, text, now)
	default:
		return s.SetAgentVersion(ctx, key, text, now)
	}
}

func (b *brokenReviews) call(ctx context.Context, method string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
	if b.fenced != nil {
		return b.fenced(b.Reviews, ctx, method, key, token, text, due, now)
	}
	return fencedReviews(b.Reviews, ctx, method, key, token, text, due, now)
}

func (b *brokenReviews) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return b.call(ctx, "Release", key, token, "", due, now)
}

func (b *brokenReviews) Defer(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return b.call(ctx, "Defer", key, token, "", due, now)
}

func (b *brokenReviews) Fail(ctx context.Context, key engine.AttemptKey, token engine.Token, reason string, now time.Time) error {
	return b.call(ctx, "Fail", key, token, reason, now, now)
}

func (b *brokenReviews) SetAgentVersion(ctx context.Context, key engine.AttemptKey, version string, now time.Time) error {
	return b.call(ctx, "SetAgentVersion", key, 0, version, now, now)
}

func (b *brokenReviews) Apply(ctx context.Context, report engine.Report) (engine.Review, error) {
	if b.apply != nil {
		return b.apply(b.Reviews, ctx, report)
	}
	return b.Reviews.Apply(ctx, report)
}

// shownReviews calls the method of a right store.
func shownReviews(s *Reviews, ctx context.Context, method string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
	switch method {
	case "Cancel":
		return s.Cancel(ctx, key, text, now)
	case "Stopped":
		return s.Stopped(ctx, key, now)
	default:
		return s.Retrigger(ctx, key, now)
	}
}

func (b *brokenReviews) show(ctx context.Context, method string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
	if b.shown != nil {
		return b.shown(b.Reviews, ctx, method, key, text, now)
	}
	return shownReviews(b.Reviews, ctx, method, key, text, now)
}

func (b *brokenReviews) Cancel(ctx context.Context, key engine.AttemptKey, reason string, now time.Time) (engine.Review, error) {
	return b.show(ctx, "Cancel", key, reason, now)
}

func (b *brokenReviews) Stopped(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return b.show(ctx, "Stopped", key, "", now)
}

func (b *brokenReviews) Retrigger(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return b.show(ctx, "Retrigger", key, "", now)
}

func (b *brokenReviews) Sweep(ctx context.Context, search engine.Search) (engine.Work, error) {
	if b.sweep != nil {
		return b.sweep(b.Reviews, ctx, search)
	}
	return b.Reviews.Sweep(ctx, search)
}
