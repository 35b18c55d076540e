package campaign

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/onceover/onceover/sim/run"
)

// noLimit is a number of tasks of [Distribute] that is never reached.
const noLimit = ^uint64(0)

// Distribute calls do once for each task from 0 to tasks-1, on the given number of goroutines, and returns after the
// last call. Tasks begin in ascending order without gaps. When the context ends, no further task begins, and those that
// have begun are finished. worker is from 0 to workers-1. Calls with the same worker do not run at the same time, so a
// worker may have its own state.
//
// The first error cancels the context of all calls, and Distribute returns it. It returns nil when the context of the
// caller ends; the caller can check its context.
func Distribute(ctx context.Context, workers int, tasks uint64, do func(ctx context.Context, worker int, task uint64) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		next    atomic.Uint64
		once    sync.Once
		first   error
		working sync.WaitGroup
	)
	for worker := range workers {
		working.Go(func() {
			// Check the context before taking a task: a task that is taken is executed.
			for ctx.Err() == nil {
				task := next.Add(1) - 1
				if task >= tasks {
					return
				}
				if err := do(ctx, worker, task); err != nil {
					once.Do(func() { first = err })
					cancel()
					return
				}
			}
		})
	}
	working.Wait()
	return first
}

// worlds are the worlds of the workers. Each is made when its worker first uses it.
type worlds struct {
	make func() run.World
	list []run.World // by worker; nil: not made
}

// of returns the world of a worker.
func (w *worlds) of(worker int) run.World {
	if w.list[worker] == nil {
		w.list[worker] = w.make()
	}
	return w.list[worker]
}

// forget removes the world of a worker, because it has panicked and must not be closed.
func (w *worlds) forget(worker int) { w.list[worker] = nil }

// close closes the worlds. No worker may use them any more.
func (w *worlds) close() {
	for _, world := range w.list {
		if world != nil {
			world.Close()
		}
	}
}
