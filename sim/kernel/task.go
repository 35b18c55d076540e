package kernel

import (
	"context"
	"fmt"
)

// A killed value is what a blocking call of a dead task panics with. The coroutine recovers it; user code that
// recovers it all the same meets it again at its next kernel call.
type killed struct{}

// String is what code that recovers everything and logs it will show.
func (killed) String() string { return "kernel: task killed by a crash of its process" }

// callLimit is how many calls of the kernel there may be in one step. Honest steps make some dozen; a loop that never
// blocks would make them for ever, and no step limit would end it.
const callLimit = 1 << 17

// called counts a call that a loop must make sooner or later. Whoever makes too many panics, which ends the run.
func (k *Kernel) called() {
	k.calls++
	if k.calls > callLimit && !k.unwinding && k.failure == nil {
		panic(fmt.Sprintf("kernel: %d calls in one step: a loop goes round without ever blocking", callLimit))
	}
}

// swallowLimit is how often a dead task may recover from its own death before the run fails. Deferred calls that
// guard against panics recover a few times; only a loop does it often.
const swallowLimit = 1000

// A task is a coroutine that runs one function after another; between two functions it waits in the kernel's pool.
// A blocked task is linked to whatever may wake it, and unlinked from all of it by the first that does.
//
// The fields that every switch touches come first: with many tasks each cache line counts.
type task struct {
	parked   *coroutine // where its goroutine is, unless that is running
	kernel   *Kernel
	process  *Process
	identity uint64 // hash of process, name and ordinal
	tag      uint64

	timer      wakeUp // the wake-up that is scheduled
	generation uint32 // counts functions, so that a stale reference is recognised
	started    bool
	killed     bool
	running    bool  // function has neither returned nor panicked; still true in finish after a runtime.Goexit
	linked     bool  // there is a context, a signal or a completion
	locks      int32 // mutexes held
	swallowed  int32 // times that the dead task recovered
	cause      error // what the blocking call returns

	blockedSince int64

	context                      *simulatedContext // whose cancellation wakes it
	contextNext, contextPrevious *task
	signal                       *signal
	signalNext, signalPrevious   *task
	completion                   *Completion

	coroutine      coroutine
	killer         *task // whose goroutine continues when this one has unwound
	next, previous *task // in the process; next also in the pool
	name           string
	function       func(ctx context.Context)
}

// A wakeUp is a [Timer] of a kernel that is known. The zero value is none: pending slots have odd generations.
type wakeUp struct {
	slot       uint32
	generation uint32
}

// Labels of what the kernel itself does.
var (
	pointSpawn      = NewPoint("kernel.spawn")
	pointSleep      = NewPoint("kernel.sleep")
	pointSignal     = NewPoint("kernel.signal")
	pointCompletion = NewPoint("kernel.completion")
	pointCancel     = NewPoint("kernel.cancel")
	pointDeadline   = NewPoint("kernel.deadline")
	pointReleased   = NewPoint("kernel.released")
	pointCrash      = NewPoint("kernel.crash")
	pointRestart    = NewPoint("kernel.restart")
	pointPause      = NewPoint("kernel.pause")
	pointResume     = NewPoint("kernel.resume")
)

// Spawn starts a task of a process. The function gets the root context of the process's present incarnation. From an
// event the task starts in the same step, after the event; from a task it starts now, in drawn order. It inherits
// the tag of the caller. On a process that is down it does nothing.
func (k *Kernel) Spawn(p *Process, name string, function func(ctx context.Context)) {
	k.SpawnTagged(p, name, k.Tag(), function)
}

// SpawnTagged is [Kernel.Spawn] with a tag of its own.
func (k *Kernel) SpawnTagged(p *Process, name string, tag uint64, function func(ctx context.Context)) {
	if k.unwinding || p.down {
		return
	}
	k.called()
	t := k.idle
	if t != nil {
		k.idle = t.next
	} else {
		t = k.newCoroutine()
	}
	k.spawned++
	t.function = function
	t.process = p
	t.name = name
	t.identity = fold(p.actor.hash, hashString(name), k.spawned)
	t.tag = tag
	t.previous = p.lastTask
	t.next = nil
	if p.lastTask != nil {
		p.lastTask.next = t
	} else {
		p.firstTask = t
	}
	p.lastTask = t
	t.proceed(pointSpawn)
}

// Tag returns the tag of the running task or, while an event fires, that of whoever scheduled it. 0 means none.
func (k *Kernel) Tag() uint64 {
	if k.current != nil {
		return k.current.tag
	}
	return k.tag
}

// SetTag changes the tag of the running task, or of the event that fires, for all that it spawns and schedules from
// now on. A tag says on whose behalf something happens, for example the number of the request that caused it.
func (k *Kernel) SetTag(tag uint64) {
	if k.current != nil {
		k.current.tag = tag
		return
	}
	k.tag = tag
}

// Unwinding reports whether the caller is the deferred code of a task killed by a crash. Simulated services that
// change their state without waiting first should do nothing then: a dead task reaches nothing.
func (k *Kernel) Unwinding() bool { return k.unwinding }

// execute runs the function to its end, whatever that is.
func (t *task) execute() {
	t.running = true
	defer t.finish()
	t.function(t.process.root)
	t.running = false
}

// finish is deferred around the function: it takes note of how it ended and returns the coroutine to the pool.
func (t *task) finish() {
	k := t.kernel
	value := recover()
	exits := t.running && value == nil // runtime.Goexit, as by FailNow of a test: it ends the coroutine too
	if _, ok := value.(killed); value != nil && !(ok && t.killed) {
		k.fail(t, value)
	} else if t.locks > 0 && !t.killed && !exits {
		k.fail(t, fmt.Sprintf("kernel: task %s has ended holding a mutex", t))
	}
	if t.killed {
		k.unwinding = false
	}
	killer := t.killer
	t.retire()
	if !exits {
		t.next = k.idle
		k.idle = t
		return
	}
	if killer != nil {
		k.transfer(t, killer)
	}
	k.exit(t)
}

// retire unlinks the task from its process and forgets the function.
func (t *task) retire() {
	p := t.process
	if t.previous != nil {
		t.previous.next = t.next
	} else {
		p.firstTask = t.next
	}
	if t.next != nil {
		t.next.previous = t.previous
	} else {
		p.lastTask = t.previous
	}
	t.generation++
	t.next, t.previous = nil, nil
	t.function = nil
	t.process = nil
	t.started, t.killed, t.running = false, false, false
	t.locks, t.swallowed = 0, 0
	t.cause = nil
	t.timer = wakeUp{}
}

// String names the task in messages.
func (t *task) String() string { return t.process.name + "/" + t.name }

// Fire makes a task an event: its wake-up. It is never called, since advance recognises a task and enters it.
func (t *task) Fire() { panic("kernel: a task fired as an event") }

// enter prepares a switch to the task and reports whether it takes place.
func (t *task) enter() bool {
	if t.linked {
		t.unlink()
	}
	t.timer = wakeUp{}
	if t.process.watched && !t.process.admit(t) {
		return false
	}
	t.started = true
	t.kernel.current = t
	return true
}

// proceed makes the task run as soon as possible: in this step if an event is firing, else at this moment in drawn
// order.
func (t *task) proceed(point Point) {
	k := t.kernel
	if k.running && k.current == nil {
		k.ready = append(k.ready, readyTask{task: t, generation: t.generation})
		return
	}
	t.sleep(0, point)
}

// wake ends the blocking call of the task with an error or nil. Of several causes the first one counts.
func (t *task) wake(cause error, point Point) {
	t.detach()
	t.cause = cause
	t.proceed(point)
}

// sleep schedules the wake-up of the task.
func (t *task) sleep(microseconds int64, point Point) {
	k := t.kernel
	s, timer := k.enqueue(k.now + microseconds)
	s.event = t
	s.point = point
	s.bound = false
	t.timer = wakeUp{slot: timer.slot, generation: timer.generation}
}

// detach unlinks the task from everything that may wake it.
func (t *task) detach() {
	if t.linked {
		t.unlink()
	}
	if t.timer.generation != 0 {
		queue := &t.kernel.queue
		if queue.slots[t.timer.slot].generation == t.timer.generation {
			queue.cancel(t.timer.slot)
		}
		t.timer = wakeUp{}
	}
}

// unlink is the part of detach that the wake-up of a mere sleep does not need.
func (t *task) unlink() {
	t.linked = false
	if t.context != nil {
		t.context.removeWaiter(t)
	}
	if t.signal != nil {
		t.signal.remove(t)
	}
	if t.completion != nil {
		t.completion.waiter = nil
		t.completion = nil
	}
}

// blocking returns the running task for a call that may block, and panics if there is none, if it is dead, or if it
// holds a mutex.
func (k *Kernel) blocking(call string) *task {
	k.called()
	t := k.current
	if t == nil {
		panic("kernel: " + call + " outside a task: an event must not block, it can spawn a task that does")
	}
	if t.killed {
		t.swallowed++
		if t.swallowed > swallowLimit {
			k.abandon(t)
		}
		panic(killed{})
	}
	if t.locks > 0 {
		panic(fmt.Sprintf("kernel: task %s calls %s holding a mutex: critical sections must not block", t, call))
	}
	return t
}

// abandon gives up on a dead task that goes on whatever it meets: the run fails, and its goroutine stays parked.
func (k *Kernel) abandon(t *task) {
	k.fail(t, fmt.Sprintf("kernel: task %s recovers from its own death again and again: "+
		"a loop that recovers from panics must end at some point", t))
	k.unwinding = false
	k.broken = true
	next := t.killer
	if next == nil {
		next = &k.host
	}
	t.retire()
	for {
		k.transfer(t, next)
	}
}

// block suspends the running task until it is woken, and returns what it was woken with. The caller has linked it to
// whatever may wake it.
func (t *task) block() error {
	k := t.kernel
	t.cause = nil
	t.blockedSince = k.now
	if next := k.advance(); next != t {
		k.transfer(t, next)
	}
	if t.killed {
		panic(killed{})
	}
	return t.cause
}

// kill unwinds a task that is not running. When an event kills the task on whose goroutine it runs, that one unwinds
// after the event.
func (t *task) kill() {
	k := t.kernel
	t.detach()
	if !t.started {
		t.retire()
		t.next = k.idle
		k.idle = t
		return
	}
	t.killed = true
	if t == k.active {
		k.doomed = t
		return
	}
	caller := k.current
	t.killer = k.active
	k.unwinding = true
	k.current = t
	k.transfer(k.active, t)
	k.current = caller
}
