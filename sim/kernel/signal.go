package kernel

import (
	"context"
	"fmt"
)

// A Signal wakes tasks. Notify wakes the task that has waited longest or, when none waits, is remembered once: the
// next Wait then returns at once. Wait returns the error of the context if that is cancelled first; a context that is
// cancelled already goes before a notification that is remembered.
type Signal = interface {
	Notify()
	Wait(ctx context.Context) error
}

type signal struct {
	kernel      *Kernel
	notified    bool
	first, last *task
}

// NewSignal returns a signal without waiters or memory.
func (p *Process) NewSignal() Signal { return &signal{kernel: p.kernel} }

// Notify wakes one waiter or is remembered.
func (s *signal) Notify() {
	if s.kernel.unwinding {
		return
	}
	s.kernel.called()
	if s.first == nil {
		s.notified = true
		return
	}
	s.first.wake(nil, pointSignal)
}

// Wait blocks the running task until it is notified.
func (s *signal) Wait(ctx context.Context) error {
	k := s.kernel
	t := k.blocking("Signal.Wait")
	c := k.contextOf(ctx)
	if c != nil && c.err != nil {
		return c.err
	}
	if s.notified {
		s.notified = false
		return nil
	}
	t.linked = true
	t.signal = s
	t.signalNext, t.signalPrevious = nil, s.last
	if s.last != nil {
		s.last.signalNext = t
	} else {
		s.first = t
	}
	s.last = t
	if c != nil {
		c.addWaiter(t)
	}
	return t.block()
}

// remove unlinks a waiter.
func (s *signal) remove(t *task) {
	if t.signalPrevious != nil {
		t.signalPrevious.signalNext = t.signalNext
	} else {
		s.first = t.signalNext
	}
	if t.signalNext != nil {
		t.signalNext.signalPrevious = t.signalPrevious
	} else {
		s.last = t.signalPrevious
	}
	t.signal, t.signalNext, t.signalPrevious = nil, nil, nil
}

// A Mutex guards a critical section. In the kernel one task runs at a time and critical sections must not block, so
// nobody ever waits for one; what would have to wait elsewhere is a mistake and panics.
type Mutex = interface {
	Lock()
	Unlock()
}

type mutex struct {
	kernel *Kernel
	locked bool
	holder *task
}

// NewMutex returns an unlocked mutex. Lock panics when it is held, and so does every blocking call of its holder.
func (p *Process) NewMutex() Mutex { return &mutex{kernel: p.kernel} }

// Lock takes the mutex.
func (m *mutex) Lock() {
	k := m.kernel
	if k.unwinding {
		return
	}
	k.called()
	if m.locked {
		panic(fmt.Sprintf("kernel: Lock by %s of a mutex held by %s: a critical section called itself",
			describe(k.current), describe(m.holder)))
	}
	m.locked = true
	m.holder = k.current
	if k.current != nil {
		k.current.locks++
	}
}

// Unlock gives the mutex back.
func (m *mutex) Unlock() {
	k := m.kernel
	if k.unwinding {
		return
	}
	if !m.locked || m.holder != k.current {
		panic(fmt.Sprintf("kernel: Unlock by %s of a mutex that it does not hold", describe(k.current)))
	}
	m.locked = false
	m.holder = nil
	if k.current != nil {
		k.current.locks--
	}
}

// describe names whoever runs in a message.
func describe(t *task) string {
	if t == nil {
		return "an event"
	}
	return "task " + t.String()
}
