package deployment_test

import (
	"context"
	"sync"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A memory is a server in memory: the models behind a lock, and out of reach at
// times.
type memory struct {
	mutex   sync.Mutex
	store   *model.Store
	journal *model.Journal
	down    bool
	calls   int // while it is down
}

func newMemory() *memory { return &memory{store: model.NewStore(), journal: model.NewJournal()} }

// setDown takes the server down or brings it back.
func (m *memory) setDown(down bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.down = down
}

// lose says whether a call that comes while the server is down has its effect, and
// what its caller is told: one in three has it, another one might have.
func (m *memory) lose() (effect bool, kind engine.ErrorKind) {
	m.calls++
	switch m.calls % 3 {
	case 0:
		return true, engine.Ambiguous
	case 1:
		return false, engine.Ambiguous
	default:
		return false, engine.Rejected
	}
}

func (m *memory) reviews() engine.ReviewStore {
	return &model.Reviews{Shared: true, Do: func(_ context.Context, op *model.Op, result *model.Result) {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		if !m.down {
			m.store.Apply(op, result)
			return
		}
		effect, kind := m.lose()
		if effect {
			m.store.Apply(op, result)
		}
		*result = model.Result{Failed: true, Err: kind}
	}}
}

func (m *memory) journals() engine.Journal {
	return &model.Journals{Shared: true, Do: func(_ context.Context, op *model.JournalOp, result *model.JournalResult) {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		if !m.down {
			m.journal.Apply(op, result)
			return
		}
		effect, kind := m.lose()
		if effect {
			m.journal.Apply(op, result)
		}
		*result = model.JournalResult{Failed: true, Err: kind}
	}}
}
