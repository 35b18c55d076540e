package model_test

import (
	"context"
	"sync"
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

// The model follows the contract of the review store, in place and as a pure function.
func TestReviewsFollowTheContract(t *testing.T) {
	enginetest.TestReviewStore(t, func(t testing.TB) engine.ReviewStore {
		var mutex sync.Mutex
		store := model.NewReviews()
		port := model.NewReviewsPort(func(ctx context.Context, op *model.ReviewsOp, result *model.ReviewsResult) {
			mutex.Lock()
			defer mutex.Unlock()
			before := store.Clone()
			next, want := store.Step(op)
			if !store.Equal(before) {
				t.Errorf("%s: Step changed its input", op)
			}
			*result, _ = op.Execute(ctx, store.Port())
			if ctx.Err() == nil && !(result.Equal(&want) && store.Equal(next)) {
				t.Errorf("%s: Apply answered %s, Step %s", op, result, &want)
			}
		})
		port.Shared = true
		return port
	})
}

// The model follows the contract of the journal, likewise.
func TestJournalFollowsTheContract(t *testing.T) {
	enginetest.TestJournal(t, func(t testing.TB) engine.Journal {
		var mutex sync.Mutex
		journal := model.NewJournal()
		port := model.NewJournalPort(func(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
			mutex.Lock()
			defer mutex.Unlock()
			before := journal.Clone()
			next, want := journal.Step(op)
			if !journal.Equal(before) {
				t.Errorf("%s: Step changed its input", op)
			}
			*result, _ = op.Execute(ctx, journal.Port())
			if ctx.Err() == nil && !(result.Equal(&want) && journal.Equal(next)) {
				t.Errorf("%s: Apply answered %s, Step %s", op, result, &want)
			}
		})
		port.Shared = true
		return port
	})
}
