package engine

import (
	"context"
	"time"
)

// A Runtime provides everything timed or concurrent that the engine uses: the clock, pauses, tasks, wake-ups and locks.
// It is the one seam between production and simulation. engine/live implements it with goroutines and the wall clock,
// sim/kernel with coroutines and virtual time.
type Runtime interface {
	// Now returns the time on the clock of this process. The clock may be wrong by any amount: it decides when
	// something is tried, never whether it is allowed.
	Now() time.Time
	// Sleep returns nil after d, or the context's error if the context ends first.
	Sleep(ctx context.Context, d time.Duration) error
	// Go starts a task. Its context ends with the process, not with the caller.
	Go(name string, fn func(ctx context.Context))
	// WithTimeout and WithCancel derive contexts like the functions of package context.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	WithCancel(ctx context.Context) (context.Context, context.CancelFunc)
	// Recoverable reports whether the engine may recover from a panic of the code behind a port. It is false for what is
	// the runtime's own: how it ends tasks, and what shows that it is used wrongly.
	Recoverable(value any) bool
	// NewSignal returns a wake-up, NewMutex a lock for memory that tasks share.
	NewSignal() Signal
	NewMutex() Mutex
}

// A Signal is a wake-up that remembers one notification. Notify wakes one waiter, or lets the next Wait return at once
// if nobody waits. It is a hint that shared memory has changed; the waiter reads that memory to find out what has. Wait
// returns the context's error if the context ends first.
//
// Signal is an alias, so that a simulator can implement Runtime without importing the engine.
type Signal = interface {
	Notify()
	Wait(ctx context.Context) error
}

// A Mutex guards memory that the tasks of one process share. The engine never blocks while it holds one, and the
// simulator panics if it does.
type Mutex = interface {
	Lock()
	Unlock()
}

// lasting returns the context of a step that its caller may ask for but not take back: it does not end when the caller
// leaves. A step that is durable in the store must be known here, too, since what follows from it is done here. Every
// such step has a timeout of its own.
func lasting(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// A waitGroup waits for tasks to end. It is built on a Signal, so it works in virtual time and can be given up.
type waitGroup struct {
	mutex   Mutex
	done    Signal
	pending int
}

func newWaitGroup(rt Runtime) *waitGroup {
	return &waitGroup{mutex: rt.NewMutex(), done: rt.NewSignal()}
}

// start runs fn as a task of the group.
func (g *waitGroup) start(rt Runtime, name string, fn func(ctx context.Context)) {
	g.enter()
	rt.Go(name, func(ctx context.Context) {
		fn(ctx)
		g.leave()
	})
}

// enter adds one to what wait waits for, until leave is called.
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

// wait returns nil once every task of the group has ended, or the context's error if the context ends first.
func (g *waitGroup) wait(ctx context.Context) error {
	for {
		g.mutex.Lock()
		over := g.pending == 0
		g.mutex.Unlock()
		if over {
			g.done.Notify() // wakes the next waiter
			return nil
		}
		if err := g.done.Wait(ctx); err != nil {
			return err
		}
	}
}
