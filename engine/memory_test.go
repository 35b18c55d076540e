package engine_test

import (
	"context"
	"sync"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// newMemoryStore is the model of the review store behind a lock: a database for one
// process, whose goroutines share it, that forgets everything with it.
func newMemoryStore() engine.ReviewStore {
	var mutex sync.Mutex
	store := model.NewStore()
	return &model.Reviews{Shared: true, Do: func(_ context.Context, op *model.Op, result *model.Result) {
		mutex.Lock()
		defer mutex.Unlock()
		store.Apply(op, result)
	}}
}

// newMemoryJournal is the same for the journal.
func newMemoryJournal() engine.Journal {
	var mutex sync.Mutex
	journal := model.NewJournal()
	return &model.Journals{Shared: true, Do: func(_ context.Context, op *model.JournalOp, result *model.JournalResult) {
		mutex.Lock()
		defer mutex.Unlock()
		journal.Apply(op, result)
	}}
}
