package enginetest

import (
	"context"
	"sync"

	"github.com/onceover/onceover/engine"
)

// A memory is what [Reviews] and [Journal] have in common: a lock that makes every operation one atomic step, and a
// switch that puts them out of reach.
type memory struct {
	mutex  sync.Mutex
	down   bool
	missed int // calls while it was down
}

// SetDown puts the store out of reach, as a database that is restarted or cut off, or brings it back. While it is down
// every call fails. One in three is Rejected; the others are Ambiguous, and every second one of these has its effect.
func (m *memory) SetDown(down bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.down = down
}

// do carries out one operation: step as a whole, or nothing of it. An ended context is Rejected.
func do[T any](ctx context.Context, m *memory, op string, step func() (T, error)) (T, error) {
	var none T
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := ctx.Err(); err != nil {
		return none, engine.Errorf(engine.Rejected, op, "%w", err)
	}
	if !m.down {
		return step()
	}
	m.missed++
	switch m.missed % 3 {
	case 0:
		_, _ = step()
		return none, engine.Errorf(engine.Ambiguous, op, "the answer was lost")
	case 1:
		return none, engine.Errorf(engine.Ambiguous, op, "the request was lost")
	default:
		return none, engine.Errorf(engine.Rejected, op, "out of reach")
	}
}

// doWrite is do for an operation that answers nothing.
func doWrite(ctx context.Context, m *memory, op string, step func() error) error {
	_, err := do(ctx, m, op, func() (struct{}, error) { return struct{}{}, step() })
	return err
}
