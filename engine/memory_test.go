package engine_test

import (
	"context"
	"sync"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A memoryStore is the model of the review store behind a lock: a database for one
// process, whose goroutines share it, that forgets everything with it.
type memoryStore struct {
	sync.Mutex
	store *model.Reviews
}

func newMemoryStore() *memoryStore { return &memoryStore{store: model.NewReviews(model.NewStore())} }

func (m *memoryStore) Submit(ctx context.Context, s engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Submit(ctx, s, now)
}

func (m *memoryStore) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Get(ctx, id)
}

func (m *memoryStore) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Attempts(ctx, id)
}

func (m *memoryStore) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Reserve(ctx, owner, limit, now)
}

func (m *memoryStore) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Claim(ctx, c)
}

func (m *memoryStore) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	m.Lock()
	defer m.Unlock()
	return m.store.Release(ctx, key, token, due, now)
}

func (m *memoryStore) Defer(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	m.Lock()
	defer m.Unlock()
	return m.store.Defer(ctx, key, token, due, now)
}

func (m *memoryStore) Fail(ctx context.Context, key engine.AttemptKey, token engine.Token, reason string, now time.Time) error {
	m.Lock()
	defer m.Unlock()
	return m.store.Fail(ctx, key, token, reason, now)
}

func (m *memoryStore) Apply(ctx context.Context, report engine.Report) (engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Apply(ctx, report)
}

func (m *memoryStore) SetAgentVersion(ctx context.Context, key engine.AttemptKey, version string, now time.Time) error {
	m.Lock()
	defer m.Unlock()
	return m.store.SetAgentVersion(ctx, key, version, now)
}

func (m *memoryStore) Cancel(ctx context.Context, key engine.AttemptKey, reason string, now time.Time) (engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Cancel(ctx, key, reason, now)
}

func (m *memoryStore) Stopped(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Stopped(ctx, key, now)
}

func (m *memoryStore) Retrigger(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Retrigger(ctx, key, now)
}

func (m *memoryStore) Sweep(ctx context.Context, now time.Time, max int) (engine.Work, error) {
	m.Lock()
	defer m.Unlock()
	return m.store.Sweep(ctx, now, max)
}

// A memoryJournal is the same for the journal.
type memoryJournal struct {
	sync.Mutex
	journal *model.Journals
}

func newMemoryJournal() *memoryJournal {
	return &memoryJournal{journal: model.NewJournals(model.NewJournal())}
}

func (m *memoryJournal) Create(ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Create(ctx, request, host, now)
}

func (m *memoryJournal) Load(ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Load(ctx, key)
}

func (m *memoryJournal) Hold(ctx context.Context, host engine.HostID, suspects []engine.Beat, max int) (engine.Holding, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Hold(ctx, host, suspects, max)
}

func (m *memoryJournal) Yield(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	m.Lock()
	defer m.Unlock()
	return m.journal.Yield(ctx, key, epoch, now)
}

func (m *memoryJournal) Intend(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) (engine.Orchestration, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Intend(ctx, key, epoch, now)
}

func (m *memoryJournal) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Append(ctx, key, epoch, events, now)
}

func (m *memoryJournal) Decide(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Decide(ctx, key, epoch, outcome, now)
}

func (m *memoryJournal) Finish(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Finish(ctx, key, epoch, outcome, now)
}

func (m *memoryJournal) Settle(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	m.Lock()
	defer m.Unlock()
	return m.journal.Settle(ctx, key, epoch, now)
}

func (m *memoryJournal) RequestCancel(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.RequestCancel(ctx, key, now)
}

func (m *memoryJournal) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Events(ctx, key, after, max)
}

func (m *memoryJournal) Purge(ctx context.Context, before time.Time, max int) (int, error) {
	m.Lock()
	defer m.Unlock()
	return m.journal.Purge(ctx, before, max)
}
