// Package live is the engine in the real world: [Runtime] is engine.Runtime with goroutines and the wall clock,
// [HTTPClient] the transport under the clients of engine/httpapi. It is the only part of the engine that may start
// goroutines.
//
// A process makes one Runtime, hands it to the components that it runs, and ends by stopping them, then the runtime:
//
//	runtime := live.New(context.Background())
//	…
//	runtime.Stop()         // every task's context ends
//	err := runtime.Wait(ctx) // nil once every task has returned
//
// A task that panics takes the process down. That is intended: memory that a panicking task leaves half changed is
// worse than a crash, which every component is built to survive. A panic of the code behind a port is the failure of
// that call instead; the engine logs it.
package live

import (
	"context"
	"fmt"
	"maps"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onceover/onceover/engine"
)

// A Runtime runs tasks as goroutines until it is stopped. Make one with [New].
type Runtime struct {
	root context.Context
	stop context.CancelFunc

	mutex   sync.Mutex
	running map[string]int  // tasks by name
	count   int             // of all tasks
	idle    []chan struct{} // of those in Wait; closed when count becomes 0
}

var _ engine.Runtime = (*Runtime)(nil)

// New returns a runtime whose tasks' contexts derive from ctx.
func New(ctx context.Context) *Runtime {
	root, stop := context.WithCancel(ctx)
	return &Runtime{root: root, stop: stop, running: make(map[string]int)}
}

// Now is the wall clock in UTC, in whole microseconds and without a monotonic reading: the resolution of a Postgres
// timestamp, so that a time is equal to itself after it has been stored.
func (r *Runtime) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Sleep returns nil after d, or the context's error if that ends first. An ended context wins over a pause of nothing.
func (r *Runtime) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Go starts a task, also after [Runtime.Stop], with a context that has ended then. The name labels the goroutine in
// profiles and in [Runtime.Wait]'s error.
func (r *Runtime) Go(name string, fn func(ctx context.Context)) {
	r.mutex.Lock()
	r.running[name]++
	r.count++
	r.mutex.Unlock()
	go pprof.Do(r.root, pprof.Labels("task", name), func(ctx context.Context) {
		// A panic must not be taken for an end on its way up.
		returned := false
		defer func() {
			if returned {
				r.ended(name)
			}
		}()
		fn(ctx)
		returned = true
	})
}

// ended notes that a task has returned.
func (r *Runtime) ended(name string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.running[name]--; r.running[name] == 0 {
		delete(r.running, name)
	}
	if r.count--; r.count == 0 {
		for _, idle := range r.idle {
			close(idle)
		}
		r.idle = nil
	}
}

// Stop ends the contexts of all tasks. It doesn't wait for them.
func (r *Runtime) Stop() { r.stop() }

// Wait returns nil once no task is running. When ctx ends first, the error wraps the context's and names the tasks that
// are left.
func (r *Runtime) Wait(ctx context.Context) error {
	r.mutex.Lock()
	if r.count == 0 {
		r.mutex.Unlock()
		return nil
	}
	idle := make(chan struct{})
	r.idle = append(r.idle, idle)
	r.mutex.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("live: still running: %s: %w", r.list(), ctx.Err())
	}
}

// list names what is running.
func (r *Runtime) list() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	names := slices.Sorted(maps.Keys(r.running))
	for i, name := range names {
		if n := r.running[name]; n > 1 {
			names[i] = fmt.Sprintf("%s (%d)", name, n)
		}
	}
	return strings.Join(names, ", ")
}

// WithTimeout is [context.WithTimeout].
func (r *Runtime) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// WithCancel is [context.WithCancel].
func (r *Runtime) WithCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}

// Recoverable reports true: this runtime ends contexts, and panics for nothing.
func (r *Runtime) Recoverable(any) bool { return true }

// NewSignal makes a signal.
func (r *Runtime) NewSignal() engine.Signal { return make(signal, 1) }

// NewMutex makes a [sync.Mutex].
func (r *Runtime) NewMutex() engine.Mutex { return new(sync.Mutex) }

// A signal is a channel with room for one: a send goes to one waiting receiver if there is one, else into the buffer,
// else nowhere. Nothing gets lost when a waiter's context ends at the same moment: select either takes the token or
// leaves it.
type signal chan struct{}

// Notify wakes one waiter, or is remembered once.
func (s signal) Notify() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Wait returns nil when notified, or the context's error. An ended context leaves a remembered notification to the next
// waiter.
func (s signal) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
