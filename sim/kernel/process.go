package kernel

import (
	"context"
	"fmt"
	"math"
	"time"
)

// StartTime is the time of a process's clock at the start of a run, without skew.
var StartTime = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// A Process is a simulated operating system process: an actor with tasks, a clock, and memory, which is what its tasks
// refer to. It can crash, restart and pause. Its methods are the runtime of code under simulation.
//
// A dead task, which unwinds because its process has crashed, has no effect on the simulation: its blocking calls panic
// again, and its other calls do nothing.
type Process struct {
	kernel      *Kernel
	actor       *Actor
	name        string
	incarnation int
	root        *simulatedContext
	watched     bool // paused or counting down to a crash, so admit must be called
	down        bool
	paused      bool
	skew        time.Duration
	clock       reading
	slowdown    float64 // 0 for none

	crashCountdown int
	crashThen      func()
	onPanic        func()

	firstTask, lastTask *task
	held                []Event // wake-ups and deadlines that came while it was paused
}

// NewProcess returns a new process, which is alive, in incarnation 1 and without tasks. Its actor has the same name. It
// panics if the run already has a process with that name.
func (k *Kernel) NewProcess(name string) *Process {
	for _, other := range k.processes[:k.processesInUse] {
		if other.name == name {
			panic("kernel: a process named " + name + " exists already in this run")
		}
	}
	if k.processesInUse == len(k.processes) {
		k.processes = append(k.processes, &Process{})
	}
	p := k.processes[k.processesInUse]
	k.processesInUse++
	*p = Process{kernel: k, actor: k.Actor(name), name: name, incarnation: 1, clock: reading{0, StartTime}, held: p.held[:0]}
	p.root = k.newRoot(p)
	return p
}

// clear ends the process with the run.
func (p *Process) clear() {
	p.down = true
	p.killAll(nil)
	clear(p.held)
	p.held = p.held[:0]
	p.root = nil
	p.crashThen, p.onPanic = nil, nil
}

// Name returns the name of the process.
func (p *Process) Name() string { return p.name }

// Actor returns the actor of the process.
func (p *Process) Actor() *Actor { return p.actor }

// Alive reports whether the process is up, paused or not.
func (p *Process) Alive() bool { return !p.down }

// Paused reports whether the process is paused.
func (p *Process) Paused() bool { return p.paused }

// Incarnation returns how often the process was started: 1 at first, and one more after each [Process.Restart].
func (p *Process) Incarnation() int { return p.incarnation }

// Crash ends the process at once. Each of its tasks unwinds, oldest first: the call in which it is blocked panics, and
// its deferred calls run without effect on the simulation. Its timers and deadlines are cancelled; events that it
// scheduled still happen. If the caller is a task of the process itself, that task unwinds last and Crash does not
// return. If the process is down, Crash does nothing.
func (p *Process) Crash() {
	k := p.kernel
	if p.down || k.unwinding {
		return
	}
	k.happen(p, pointCrash)
	p.down = true
	p.paused = false
	p.crashCountdown = 0
	p.crashThen = nil
	p.watch()
	clear(p.held)
	p.held = p.held[:0]
	caller := k.current
	p.killAll(caller)
	k.queue.drop(p)
	if caller != nil && caller.process == p {
		caller.killed = true
		k.unwinding = true
		panic(killed{})
	}
}

// killAll unwinds all tasks except the caller.
func (p *Process) killAll(caller *task) {
	for t := p.firstTask; t != nil; {
		next := t.next // read before t returns to the pool; a dead task starts and ends no other
		if t != caller {
			t.kill()
		}
		t = next
	}
}

// Restart starts a process that is down, in its next incarnation and without tasks; the caller spawns those. Skew and
// slowdown stay, because they belong to the machine. It panics if the process is alive.
func (p *Process) Restart() {
	k := p.kernel
	if k.unwinding {
		return
	}
	if !p.down {
		panic("kernel: Restart of process " + p.name + ", which is alive: crash it first")
	}
	p.down = false
	p.incarnation++
	p.root = k.newRoot(p)
	k.happen(p, pointRestart)
}

// Pause stops the process, as SIGSTOP or a long garbage collection does: wake-ups of its tasks and deadlines of its
// contexts are held back until [Process.Resume]. A task of the process that calls Pause runs on until it blocks. If the
// process is down or paused, Pause does nothing.
func (p *Process) Pause() {
	if p.down || p.paused || p.kernel.unwinding {
		return
	}
	p.paused = true
	p.watch()
	p.kernel.happen(p, pointPause)
}

// Resume lets a paused process continue. Wake-ups and deadlines that were held back happen now, in drawn order. If the
// process is not paused, Resume does nothing.
func (p *Process) Resume() {
	k := p.kernel
	if !p.paused || k.unwinding {
		return
	}
	p.paused = false
	p.watch()
	k.happen(p, pointResume)
	for _, e := range p.held {
		if t, ok := e.(*task); ok {
			t.sleep(0, pointReleased)
			continue
		}
		if c, ok := e.(*simulatedContext); ok {
			c.schedule(k.now)
		}
	}
	clear(p.held)
	p.held = p.held[:0]
}

// happen adds a crash, restart, pause or resumption, which is no event, to the hash and the trace.
func (k *Kernel) happen(p *Process, point Point) {
	k.hash = fold(k.hash, point.hash(), p.actor.hash+uint64(p.incarnation))
	if k.config.Trace != nil {
		k.trace(p, nil, point, "")
	}
}

// CrashAfterSwitches crashes the process in place of the n-th switch to one of its tasks from now on. Then it calls
// then, if that is not nil, as an event, which may schedule a restart. An earlier crash ends the countdown, and so does
// an n of 0 or less. A further call replaces the countdown.
func (p *Process) CrashAfterSwitches(n int, then func()) {
	if p.down || p.kernel.unwinding {
		return
	}
	p.crashCountdown = max(0, n)
	p.crashThen = then
	p.watch()
}

// admit reports whether a switch to a task takes place. A paused process holds it back, and the last switch of a
// countdown crashes the process instead.
func (p *Process) admit(t *task) bool {
	if p.paused {
		p.held = append(p.held, t)
		return false
	}
	if p.crashCountdown > 0 {
		p.crashCountdown--
		if p.crashCountdown == 0 {
			then := p.crashThen
			p.Crash()
			if then != nil {
				p.kernel.fire(eventFunc(then))
			}
			return false
		}
	}
	return true
}

// watch updates watched.
func (p *Process) watch() { p.watched = p.paused || p.crashCountdown > 0 }

// SetSkew sets how far the clock of the process is ahead of virtual time, or behind it if negative, truncated to whole
// microseconds. It changes the result of Now and not how long anything takes: deadlines that are set do not move.
func (p *Process) SetSkew(skew time.Duration) {
	if p.kernel.unwinding {
		return
	}
	p.skew = skew.Truncate(time.Microsecond)
}

// Skew returns how far the clock of the process is ahead of virtual time.
func (p *Process) Skew() time.Duration { return p.skew }

// SetSlowdown makes the process slow, as on an overloaded machine: from now on its sleeps take factor times as long, and
// so do its waits for a [Completion], of which only the first second counts: who waits does nothing, and an answer
// arrives when it was sent, however slow its reader is. Signals, cancellation and deadlines are not delayed, so calls of
// a slow process reach their timeouts. A factor of 1 or less ends the slowdown.
func (p *Process) SetSlowdown(factor float64) {
	if p.kernel.unwinding {
		return
	}
	if !(factor > 1) {
		factor = 0
	}
	p.slowdown = factor
}

// slowed returns how many microseconds an operation takes that takes the given number without a slowdown.
func (p *Process) slowed(microseconds int64) int64 {
	if p.slowdown == 0 {
		return microseconds
	}
	return int64(min(math.Ceil(float64(microseconds)*p.slowdown), math.MaxInt64/4))
}

// ownShare is how much of a wait for an answer is the work of the process that waits, at most: sending the request and
// reading the answer. For the rest it waits for others, whom its slowness does not concern.
const ownShare = int64(time.Second / time.Microsecond)

// late returns how much later a slow process reads an answer for which it has waited for so many microseconds.
func (p *Process) late(waited int64) int64 {
	own := min(waited, ownShare)
	return p.slowed(own) - own
}

// A reading is what a clock showed when it was read last. A step reads its clock several times.
type reading struct {
	elapsed time.Duration // since StartTime, by that clock
	shown   time.Time
}

// Now returns the time of the process's clock: [StartTime] plus virtual time plus skew.
func (p *Process) Now() time.Time {
	if elapsed := duration(p.kernel.now) + p.skew; elapsed != p.clock.elapsed {
		p.clock = reading{elapsed, StartTime.Add(elapsed)}
	}
	return p.clock.shown
}

// Sleep blocks the running task for a duration of virtual time, rounded up to whole microseconds, and returns nil. It
// returns the error of the context if the context ends first. After a duration of 0 or less the task continues at the
// same moment, in drawn order among the other events of that moment.
func (p *Process) Sleep(ctx context.Context, d time.Duration) error {
	k := p.kernel
	t := k.blocking("Sleep")
	c := k.contextOf(ctx)
	if c != nil && c.err != nil {
		return c.err
	}
	t.sleep(p.slowed(microseconds(d)), pointSleep)
	if c != nil {
		c.addWaiter(t)
	}
	return t.block()
}

// Stranded returns how many tasks of the process only the Notify of a [Signal] can wake. They wait without a deadline,
// without a context that can be cancelled, and for no answer.
func (p *Process) Stranded() (n int) {
	for t := p.firstTask; t != nil; t = t.next {
		if t.signal != nil && t.context == nil {
			n++
		}
	}
	return n
}

// Go starts a task of the process: see [Kernel.Spawn].
func (p *Process) Go(name string, function func(ctx context.Context)) {
	p.kernel.Spawn(p, name, function)
}

// A Panic is the value of a panic that belongs to the simulation: a simulated service panics with it, where real code
// might. Code under simulation may recover from it ([Process.Recoverable]). Every other panic is a mistake, or ends a task
// whose process has crashed.
type Panic struct{ Value any }

// String returns the text of the value.
func (p Panic) String() string { return fmt.Sprint(p.Value) }

// Recoverable reports whether code under simulation may recover from a panic: only from a [Panic].
func (p *Process) Recoverable(value any) bool {
	_, simulated := value.(Panic)
	return simulated
}

// panicked handles a panic that nobody has recovered from: a [Panic] crashes the process of the task, as soon as the task
// has ended; any other one fails the run.
func (k *Kernel) panicked(t *task, value any) {
	if _, simulated := value.(Panic); !simulated || t.process.onPanic == nil {
		k.fail(t, value)
		return
	}
	k.After(0, labelPanic, t.process.onPanic)
}

var labelPanic = NewPoint("kernel.panic")

// OnPanic sets what happens when a task of the process panics with a [Panic] and does not recover. It is called in an
// event; it is meant to crash the process. Without it the run fails.
func (p *Process) OnPanic(crash func()) { p.onPanic = crash }
