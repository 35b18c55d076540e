package enginetest

import (
	"context"
	"math"
	"runtime"
	"time"

	"github.com/onceover/onceover/engine"
)

// othersComeIn lets all other callers go on between two halves of what should be one step: it yields so often that each
// of them gets as far as it can, however fast the machine is.
func othersComeIn() {
	for range 2_000 {
		runtime.Gosched()
	}
}

// brokenReviewRaces do in two steps what should be one. Only races can find them.
var brokenReviewRaces = []struct {
	name     string
	store    *brokenReviews
	caughtBy string
}{
	{"counts before it locks", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		r := peek(s, c.Key.Review)
		s.mutex.Lock()
		fits := r.Status != engine.Pending || s.ahead(&r, c.Now) < c.Limit
		s.mutex.Unlock()
		othersComeIn()
		if fits {
			c.Limit = math.MaxInt32
		}
		return s.Claim(ctx, c)
	}}, "At once: claims of different reviews stay within the owner's limit"},
	{"looks before it locks", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		r := peek(s, c.Key.Review)
		othersComeIn()
		if r.Claim == c.Seen && r.Candidate(c.Now) {
			now := peek(s, c.Key.Review)
			if c.Seen = now.Claim; now.Status == engine.Queued {
				c.Now = now.DueAt
			}
		}
		return s.Claim(ctx, c)
	}}, "At once: of many claims of one review, one is granted"},
	{"looks for heads before it locks", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		newest := int64(-1)
		s.Each(func(r engine.Review, _ []engine.Attempt) {
			if r.SamePullRequest(&sub) {
				newest = max(newest, r.HeadOrder)
			}
		})
		othersComeIn()
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil && newest < sub.HeadOrder {
			alter(s, sub.Review, func(row *reviewRow) {
				if row.Attempt == 1 && row.Status == engine.Cancelled {
					row.Status, row.SupersededBy, row.ended = engine.Pending, "", nil
				}
			})
		}
		return r, superseded, err
	}}, "At once: of many heads of a pull request, the newest stays"},
	{"supersedes in two steps", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		order := sub.HeadOrder
		var older []engine.ReviewID
		s.Each(func(r engine.Review, _ []engine.Attempt) {
			if r.SamePullRequest(&sub) && r.HeadOrder < order && r.Status == engine.Pending {
				older = append(older, r.ID())
			}
		})
		for _, id := range older {
			_, _ = s.Cancel(ctx, attemptOf(string(id), 1), "superseded", now)
		}
		othersComeIn()
		return s.Submit(ctx, sub, now)
	}}, "At once: a read shows one moment"},
	{"looks for a review before it inserts", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		known := peek(s, sub.Review).Attempt != 0
		othersComeIn()
		if inserted := peek(s, sub.Review).Attempt != 0; inserted && !known {
			return engine.Review{}, nil, engine.Errorf(engine.Permanent, "store.submit", "duplicate key")
		}
		return s.Submit(ctx, sub, now)
	}}, "At once: a submission that arrives several times is one review"},
	{"begins the next attempt of what it has read", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		before := peek(s, key.Review)
		if m == "Retrigger" && before.Attempt == key.Attempt {
			othersComeIn()
			alter(s, key.Review, func(r *reviewRow) {
				if r.Attempt > key.Attempt {
					r.Attempt++
				}
			})
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}, "At once: a retrigger that arrives several times begins one attempt, and so does a retry"},
	{"ends what it has read", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		before := peek(s, report.Key.Review)
		if !before.Status.Terminal() && report.Status.Terminal() {
			othersComeIn()
			alter(s, report.Key.Review, func(r *reviewRow) {
				if r.Status.Terminal() {
					r.ended = append(r.ended, engine.Attempt{Number: r.Attempt, Status: report.Status, EndedAt: report.Now})
				}
			})
		}
		return s.Apply(ctx, report)
	}}, "At once: an attempt ends once, as cancelled or as reported"},
}
