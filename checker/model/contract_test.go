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
func TestStoreFollowsTheContract(t *testing.T) {
	enginetest.TestReviewStore(t, func(t testing.TB) engine.ReviewStore {
		var mutex sync.Mutex
		store := model.NewStore()
		return &model.Reviews{Shared: true, Do: func(ctx context.Context, op *model.Op, result *model.Result) {
			mutex.Lock()
			defer mutex.Unlock()
			before := store.Clone()
			next, want := model.Step(store, op)
			if !store.Equal(before) {
				t.Errorf("%s: Step changed its input", op)
			}
			*result = model.Execute(ctx, model.NewReviews(store), op)
			if ctx.Err() == nil && !(result.Equal(&want) && store.Equal(next)) {
				t.Errorf("%s: Apply answered %s, Step %s", op, result, &want)
			}
		}}
	})
}

// The model follows the contract of the journal, likewise.
func TestJournalFollowsTheContract(t *testing.T) {
	enginetest.TestJournal(t, func(t testing.TB) engine.Journal {
		var mutex sync.Mutex
		journal := model.NewJournal()
		return &model.Journals{Shared: true, Do: func(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
			mutex.Lock()
			defer mutex.Unlock()
			before := journal.Clone()
			next, want := model.StepJournal(journal, op)
			if !journal.Equal(before) {
				t.Errorf("%s: StepJournal changed its input", op)
			}
			*result = model.ExecuteJournal(ctx, model.NewJournals(journal), op)
			if ctx.Err() == nil && !(result.Equal(&want) && journal.Equal(next)) {
				t.Errorf("%s: Apply answered %s, StepJournal %s", op, result, &want)
			}
		}}
	})
}
