package kernel

import (
	"context"
	"fmt"
)

// A killed value is the argument of the panic of a blocking call in a dead task. The coroutine recovers from it. When
// user code recovers from it, its next blocking call panics again.
type killed struct{}

// String returns the text that code shows which recovers from every panic and logs it.
func (killed) String() string { return "kernel: task killed by a crash of its process" }

// callLimit is the largest number of kernel calls in one step. A normal step makes some dozen. A loop that never blocks
// makes them for ever, and no step limit ends it.
const callLimit = 1 << 17

// called counts a call of the kernel. It panics, which ends the run, when a step makes too many.
func (k *Kernel) called() {
	k.calls++
	if k.calls > callLimit && !k.unwinding && k.failure == nil {
		panic(fmt.Sprintf("kernel: %d calls in one step: a loop never blocks", callLimit))
	}
}

// swallowLimit is how often a dead task may recover from the panic that unwinds it before the run fails. Deferred calls
// that recover from panics do it a few times; only a loop does it more often.
const swallowLimit = 1000

// A task is a coroutine that runs one function after another. Between two functions it is in the kernel's pool. A
// blocked task is linked to everything that may wake it. The first of these unlinks it from all others.
//
// The fields that every switch uses come first, because with many tasks each cache line counts.
type task struct {
	parked   *coroutine // where its goroutine is parked, unless that is running
	kernel   *Kernel
	process  *Process
	identity uint64 // hash of process, name and ordinal
	tag      uint64

	timer      wakeUp // the wake-up that is scheduled
	generation uint32 // counts functions, to detect stale references
	started    bool
	killed     bool
	running    bool  // function has neither returned nor panicked; still true in finish after a runtime.Goexit
	linked     bool  // to a context, a signal or a completion
	locks      int32 // number of mutexes held
	swallowed  int32 // how often the dead task has recovered
	cause      error // result of the blocking call

	blockedSince int64

	context                      *simulatedContext // its end wakes the task
	contextNext, contextPrevious *task
	signal                       *signal
	signalNext, signalPrevious   *task
	completion                   *Completion

	coroutine      coroutine
	killer         *task // its goroutine continues after this task has unwound
	next, previous *task // in the process; next also in the pool
	name           string
	function       func(ctx context.Context)
}

// A wakeUp is a [Timer] without its kernel. The zero value is none: pending slots have odd generations.
type wakeUp struct {
	slot       uint32
	generation uint32
}

// The points of the kernel itself.
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

// Spawn starts a task of a process. The function receives the root context of the current incarnation of the process.
// Spawned by an event, the task starts in the same step, after the event. Spawned by a task, it starts at the same
// moment, in drawn order. The task inherits the tag of the caller. If the process is down, Spawn does nothing.
func (k *Kernel) Spawn(p *Process, name string, function func(ctx context.Context)) {
	k.SpawnTagged(p, name, k.Tag(), function)
}

// SpawnTagged is [Kernel.Spawn] with a given tag.
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

// Tag returns the tag of the running task or, while an event fires, of the task or event that scheduled it. 0 means
// none.
func (k *Kernel) Tag() uint64 {
	if k.current != nil {
		return k.current.tag
	}
	return k.tag
}

// SetTag changes the tag of the running task, or of the event that fires. Tasks and events that it spawns and schedules
// from now on inherit it. A tag identifies what caused a task or event, for example by the number of a request.
func (k *Kernel) SetTag(tag uint64) {
	if k.current != nil {
		k.current.tag = tag
		return
	}
	k.tag = tag
}

// Unwinding reports whether the caller is a deferred call of a task that a crash has killed. A simulated service that
// changes its state without waiting first must do nothing then, because a dead task has no effect on the simulation.
func (k *Kernel) Unwinding() bool { return k.unwinding }

// execute runs the function until it returns, panics or exits.
func (t *task) execute() {
	t.running = true
	defer t.finish()
	t.function(t.process.root)
	t.running = false
}

// finish is deferred in execute. It handles a panic or Goexit of the function and returns the coroutine to the pool.
func (t *task) finish() {
	k := t.kernel
	value := recover()
	exits := t.running && value == nil // runtime.Goexit, as by FailNow of a test: it ends the coroutine too
	if _, ok := value.(killed); value != nil && !(ok && t.killed) {
		k.panicked(t, value)
	} else if t.locks > 0 && !t.killed && !exits {
		k.fail(t, fmt.Sprintf("kernel: task %s has ended while it holds a mutex", t))
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

// retire unlinks the task from its process and clears its function.
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

// String returns the names of the process and the task, for messages.
func (t *task) String() string { return t.process.name + "/" + t.name }

// Fire makes a task an [Event], which is its wake-up. It is never called: advance recognises a task and enters it.
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

// proceed makes the task run in this step if an event fires, else at the same moment in drawn order.
func (t *task) proceed(point Point) {
	k := t.kernel
	if k.running && k.current == nil {
		k.ready = append(k.ready, readyTask{task: t, generation: t.generation})
		return
	}
	t.sleep(0, point)
}

// wake ends the blocking call of the task with an error or nil. Only the first wake of a blocking call counts.
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

// unlink unlinks the task from its context, signal and completion.
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

// blocking returns the running task for a call that may block. It panics if there is none, if it is dead, or if it
// holds a mutex.
func (k *Kernel) blocking(call string) *task {
	k.called()
	t := k.current
	if t == nil {
		panic("kernel: " + call + " outside a task: an event must not block, but can spawn a task that does")
	}
	if t.killed {
		t.swallowed++
		if t.swallowed > swallowLimit {
			k.abandon(t)
		}
		panic(killed{})
	}
	if t.locks > 0 {
		panic(fmt.Sprintf("kernel: task %s calls %s while it holds a mutex: critical sections must not block", t, call))
	}
	return t
}

// abandon fails the run because a dead task recovers again and again. The goroutine of the task stays parked.
func (k *Kernel) abandon(t *task) {
	k.fail(t, fmt.Sprintf("kernel: task %s recovers again and again after the crash of its process: "+
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

// block suspends the running task until it is woken, and returns the cause of wake. The caller has linked the task to
// everything that may wake it.
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

// kill unwinds a task that is not running. A task that is killed by an event on its own goroutine unwinds after the
// event.
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
