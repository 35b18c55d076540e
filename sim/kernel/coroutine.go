package kernel

import (
	"iter"
	"runtime"
)

// A coroutine is made by [iter.Pull] and serves as a place where one goroutine is parked.
//
// Pull returns a function next, and passes a function yield to the iterator. next resumes the iterator and parks its
// caller; yield resumes the caller of next and parks the iterator. Both exchange the calling goroutine with the parked
// one, and it does not matter which goroutines these are. So with n coroutines and n+1 goroutines (one per coroutine,
// and the host that called Run) each coroutine always holds one parked goroutine. Any goroutine can switch directly to
// any other: it calls next or yield, in turn, of the coroutine where the other is parked, and is then parked there
// itself. A switch between two tasks costs half a round trip of Pull. Through a scheduler on the host's goroutine it
// would cost a whole one.
type coroutine struct {
	next      func() (struct{}, bool)
	yield     func(struct{}) bool
	stop      func()
	yieldNext bool // the next call is one of yield
}

// transfer parks the calling goroutine, which is that of from, and resumes that of to. It returns when some goroutine
// transfers back.
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

// newCoroutine returns a task with its own coroutine and no function.
func (k *Kernel) newCoroutine() *task {
	t := &task{kernel: k}
	t.parked = &t.coroutine
	t.coroutine.next, t.coroutine.stop = iter.Pull(t.loop)
	return t
}

// loop runs on the goroutine of a coroutine. It runs the function of the task, then executes events until another task
// continues, here or on another goroutine.
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

// stopCoroutines ends the goroutines of idle coroutines. A goroutine that is resumed returns, which resumes the
// goroutine parked in its own coroutine, and so on until the host is resumed.
func (k *Kernel) stopCoroutines() {
	k.closing = true
	for t := k.idle; t != nil; t = t.next {
		// After a Goexit or an abandoned task some goroutines cannot return: leave them all.
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

// advance executes events until a task continues, and returns that task. It returns the host when Run must return. It
// runs on the goroutine of the task that has just blocked or ended.
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

// A readyTask is a task to run at the end of this step, unless it has ended by then.
type readyTask struct {
	task       *task
	generation uint32
}

// nextReady returns the next task that the event of this step has woken or spawned, or nil after the last.
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

// unwindDoomed returns the task that was killed by an event on its own goroutine. It unwinds now, after the event.
func (k *Kernel) unwindDoomed() *task {
	t := k.doomed
	k.doomed = nil
	k.unwinding = true
	k.current = t
	return t
}

// fire executes an event. A panic of the event fails the run and does not reach the task on the same goroutine.
func (k *Kernel) fire(e Event) {
	k.firing = true
	defer k.fired()
	e.Fire()
	k.firing = false
}

// fired is deferred in fire and handles a panic or Goexit of the event.
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

// exit ends Run by [runtime.Goexit] on the host's goroutine after a task or an event has called Goexit, as FailNow of a
// test does. The goroutine that called Goexit stays parked, for ever or until its task is killed.
func (k *Kernel) exit(t *task) {
	k.broken = true
	if t == &k.host {
		return
	}
	k.exiting = true
	k.current = nil
	k.transfer(t, &k.host)
}

// drive executes Run on the host's goroutine.
func (k *Kernel) drive() {
	if next := k.advance(); next != &k.host {
		k.transfer(&k.host, next)
	}
	if k.exiting {
		k.exiting = false
		runtime.Goexit()
	}
}
