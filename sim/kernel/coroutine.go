package kernel

import (
	"iter"
	"runtime"
)

// A coroutine is one made by [iter.Pull], used as a place where a goroutine is parked.
//
// Pull gives two functions: next resumes the iterator and parks its caller, yield the other way round. Both exchange
// the goroutine that calls with the one that is parked there, whichever these are. So with n coroutines and n+1
// goroutines (one per coroutine, and the host that called Run) each coroutine holds one parked goroutine at all times,
// and any goroutine can hand over to any other directly, by calling whichever function has its turn at the place where
// the other is parked, and is then parked there itself. A switch between two tasks is half a round trip of Pull; by way
// of a scheduler on the host's goroutine it would be a whole one.
type coroutine struct {
	next      func() (struct{}, bool)
	yield     func(struct{}) bool
	stop      func()
	yieldNext bool // it is yield's turn
}

// transfer parks one goroutine, which is the one that calls, and lets another continue. It returns when some
// goroutine transfers back.
func (k *Kernel) transfer(from, to *task) {
	k.active = to
	c := to.parked
	from.parked = c
	if c.yieldNext {
		c.yieldNext = false
		c.yield(struct{}{})
	} else {
		c.yieldNext = true
		c.next()
	}
}

// newCoroutine returns a task with a coroutine of its own and nothing to do.
func (k *Kernel) newCoroutine() *task {
	t := &task{kernel: k}
	t.parked = &t.coroutine
	t.coroutine.next, t.coroutine.stop = iter.Pull(t.loop)
	return t
}

// loop is what the goroutine of a coroutine does: run functions, and whenever one has ended carry out events until
// there is another, here or elsewhere.
func (t *task) loop(yield func(struct{}) bool) {
	k := t.kernel
	t.coroutine.yield = yield
	for !k.closing {
		if t.function != nil {
			t.execute()
		}
		next := t.killer
		if next != nil {
			t.killer = nil
		} else {
			next = k.advance()
		}
		if next != t {
			k.transfer(t, next)
		}
	}
}

// stopCoroutines ends the goroutines of idle coroutines. Resuming one at the place where it is parked lets it return,
// which resumes the one parked in its own coroutine, and so on until the host is resumed.
func (k *Kernel) stopCoroutines() {
	k.closing = true
	for t := k.idle; t != nil; t = t.next {
		// After a Goexit or a task that would not die there are goroutines that cannot return: leave them all.
		if !k.broken {
			t.coroutine.stop()
		}
	}
	k.idle = nil
	k.closing = false
	k.broken = false
	k.host = task{kernel: k}
	k.active = &k.host
}

// advance carries out events until a task is to continue, and returns that task, or the host when Run is to return.
// It runs on the goroutine of whichever task has just blocked or ended, as long as no switch is needed.
func (k *Kernel) advance() *task {
	k.current = nil
	for {
		if len(k.ready) > 0 {
			if t := k.nextReady(); t != nil {
				return t
			}
		}
		if k.stopped || k.failure != nil {
			return &k.host
		}
		e := k.queue.first()
		if e == nil {
			return &k.host
		}
		at := e.at()
		if at > k.until {
			k.now = max(k.now, k.until)
			return &k.host
		}
		if k.steps >= k.untilStep {
			k.paused = true
			return &k.host
		}
		if k.steps >= k.config.StepLimit {
			k.failure = ErrStepLimit
			return &k.host
		}
		k.steps++
		k.calls = 0
		k.now = at
		index := e.slot
		k.queue.heap.take()
		s := &k.queue.slots[index]
		event := s.event
		k.point = s.point
		when := uint64(at) + s.point.hash()
		t, ok := event.(*task)
		if k.config.Trace != nil {
			k.trace(s.process, t, s.point, "")
		}
		if ok {
			k.hash = fold(k.hash, when, t.identity)
			k.queue.release(index)
			if t.enter() {
				return t
			}
		} else {
			k.hash = fold(k.hash, when, s.identity)
			k.tag = s.tag
			k.queue.release(index)
			k.fire(event)
		}
		if k.doomed != nil {
			return k.unwindDoomed()
		}
	}
}

// A readyTask is a task to be run at the end of this step, unless it has ended before.
type readyTask struct {
	task       *task
	generation uint32
}

// nextReady returns the next of the tasks that the event of this step has woken or spawned, and nil after the last.
func (k *Kernel) nextReady() *task {
	for k.failure == nil && k.readyDone < len(k.ready) {
		r := k.ready[k.readyDone]
		k.readyDone++
		t := r.task
		if t.generation != r.generation {
			continue
		}
		k.hash = fold(k.hash, t.identity, uint64(k.readyDone))
		if k.config.Trace != nil {
			k.trace(t.process, t, k.point, "continues")
		}
		if t.enter() {
			return t
		}
		if k.doomed != nil {
			return k.unwindDoomed()
		}
	}
	k.ready = k.ready[:0]
	k.readyDone = 0
	return nil
}

// unwindDoomed returns the task that an event has killed while the event was running on the task's own goroutine:
// its turn to unwind has come.
func (k *Kernel) unwindDoomed() *task {
	t := k.doomed
	k.doomed = nil
	k.unwinding = true
	k.current = t
	return t
}

// fire carries out an event. It keeps panics from the task on whose goroutine it happens to run.
func (k *Kernel) fire(e Event) {
	k.firing = true
	defer k.fired()
	e.Fire()
	k.firing = false
}

// fired is deferred around an event and takes note of how it ended.
func (k *Kernel) fired() {
	if !k.firing {
		return
	}
	k.firing = false
	if value := recover(); value != nil {
		k.fail(nil, value)
		return
	}
	k.exit(k.active)
}

// exit ends Run by [runtime.Goexit] on the host's goroutine, where FailNow of a test belongs, when a task or an event
// has called it. The goroutine that called it is parked, for ever or until its task is killed.
func (k *Kernel) exit(t *task) {
	k.broken = true
	if t == &k.host {
		return
	}
	k.exiting = true
	k.current = nil
	k.transfer(t, &k.host)
}

// drive is Run on the host's goroutine.
func (k *Kernel) drive() {
	if next := k.advance(); next != &k.host {
		k.transfer(&k.host, next)
	}
	if k.exiting {
		k.exiting = false
		runtime.Goexit()
	}
}
