package engine

import (
	"context"
	"time"
)

// A Runtime is everything timed or concurrent that the engine asks of its
// surroundings: the one seam between production and simulation. engine/live
// implements it with goroutines and the wall clock, sim/kernel with coroutines
// and virtual time.
type Runtime interface {
	// Now is this process's clock. It may be wrong by any amount: it decides when
	// something is tried, never whether it is allowed.
	Now() time.Time
	// Sleep returns nil after d, or the context's error if that ends first.
	Sleep(ctx context.Context, d time.Duration) error
	// Go starts a task. Its context ends with the process, not with the caller.
	Go(name string, fn func(ctx context.Context))
	// WithTimeout and WithCancel derive contexts as the standard library does.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	WithCancel(ctx context.Context) (context.Context, context.CancelFunc)
	// NewSignal makes a wake-up, NewMutex a guard for memory that tasks share.
	NewSignal() Signal
	NewMutex() Mutex
}

// A Signal is a wake-up with a memory of one: Notify wakes one waiter, or, when
// nobody waits, lets the next Wait return at once. It is a hint that something
// changed; what changed is read from the memory that it announces. (An alias, so
// that a simulator implements Runtime without importing the engine.)
type Signal = interface {
	Notify()
	Wait(ctx context.Context) error
}

// A Mutex guards memory shared by tasks of one process. The engine never blocks
// while holding one; the simulator turns an attempt into a panic.
type Mutex = interface {
	Lock()
	Unlock()
}

// waitGroup is "wait for all", built from a Signal as every queue here is.
type waitGroup struct {
	mutex   Mutex
	done    Signal
	pending int
}

func newWaitGroup(rt Runtime) *waitGroup {
	return &waitGroup{mutex: rt.NewMutex(), done: rt.NewSignal()}
}

// start runs fn as a task that wait waits for.
func (g *waitGroup) start(rt Runtime, name string, fn func(ctx context.Context)) {
	g.enter()
	rt.Go(name, func(ctx context.Context) {
		fn(ctx)
		g.leave()
	})
}

// enter has wait wait for what ends with leave.
func (g *waitGroup) enter() {
	g.mutex.Lock()
	g.pending++
	g.mutex.Unlock()
}

func (g *waitGroup) leave() {
	g.mutex.Lock()
	g.pending--
	over := g.pending == 0
	g.mutex.Unlock()
	if over {
		g.done.Notify()
	}
}

// wait returns when every started task has ended, or the context has.
func (g *waitGroup) wait(ctx context.Context) error {
	for {
		g.mutex.Lock()
		over := g.pending == 0
		g.mutex.Unlock()
		if over {
			g.done.Notify() // for whoever waits besides
			return nil
		}
		if err := g.done.Wait(ctx); err != nil {
			return err
		}
	}
}
