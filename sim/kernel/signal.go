package kernel

import (
	"context"
	"fmt"
)

// A Signal wakes tasks. Notify wakes the task that has waited longest. When none waits, one notification is remembered,
// and the next Wait returns at once. Wait returns the error of the context if the context ends first. When the context
// has already ended, Wait returns its error even if a notification is remembered.
type Signal = interface {
	Notify()
	Wait(ctx context.Context) error
}

type signal struct {
	kernel      *Kernel
	notified    bool
	first, last *task
}

// NewSignal returns a signal without waiters and without a remembered notification.
func (p *Process) NewSignal() Signal { return &signal{kernel: p.kernel} }

// Notify wakes one waiter or remembers the notification.
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

// Wait blocks the running task until a notification or the end of the context.
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

// A Mutex guards a critical section. In the kernel one task runs at a time and critical sections must not block, so no
// task ever waits for a mutex. A call that would wait elsewhere is a bug, and panics.
type Mutex = interface {
	Lock()
	Unlock()
}

type mutex struct {
	kernel *Kernel
	locked bool
	holder *task
}

// NewMutex returns an unlocked mutex. Lock panics while it is held, Unlock panics unless the caller holds it, and every
// blocking call of the holder panics.
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

// Unlock releases the mutex.
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

// describe returns the name of a task, or of the event if t is nil, for messages.
func describe(t *task) string {
	if t == nil {
		return "an event"
	}
	return "task " + t.String()
}
