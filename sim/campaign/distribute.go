package campaign

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/onceover/onceover/sim/run"
)

// NoLimit is a number of tasks for [Distribute] that is never reached.
const NoLimit = ^uint64(0)

// Distribute calls do once for each task from 0 to tasks-1, on workers goroutines, and returns when all calls have
// returned. Tasks begin in ascending order and without gaps: when the context ends, no further task begins, and those
// that have begun are finished. worker is from 0 to workers-1; calls of the same worker never run at the same time, so
// a worker may keep state of its own.
//
// The first error ends the context of all calls, and Distribute returns it. That the context of the caller ended is no
// error: a caller that cares asks its context.
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
			// The context comes before the number: a task that has a number is carried out.
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

// worlds are the worlds of the workers, each made when its worker first needs it.
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

// forget leaves out the world of a worker, which broke.
func (w *worlds) forget(worker int) { w.list[worker] = nil }

// close closes the worlds when no worker uses them any more.
func (w *worlds) close() {
	for _, world := range w.list {
		if world != nil {
			world.Close()
		}
	}
}
