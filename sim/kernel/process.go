package kernel

import (
	"context"
	"math"
	"time"
)

// StartTime is what the clock of a process without skew shows when a run starts.
var StartTime = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// A Process is a simulated operating system process: an actor with tasks, memory (what its tasks refer to), a clock
// and a life. Its methods are the runtime that code under simulation is given.
//
// A dead task (one that unwinds because its process has crashed) reaches nothing: blocking calls panic again,
// the others do nothing.
type Process struct {
	kernel      *Kernel
	actor       *Actor
	name        string
	incarnation int
	root        *simulatedContext
	watched     bool // switches to its tasks need a look: it is paused or counts down to a crash
	down        bool
	paused      bool
	skew        time.Duration
	slowdown    float64 // 0 for none

	crashCountdown int
	crashThen      func()

	firstTask, lastTask *task
	held                []Event // wake-ups that came while it was paused
}

// NewProcess returns a new process, alive, in incarnation 1 and without tasks. Its name is that of its actor and must
// be unique in the run.
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
	*p = Process{kernel: k, actor: k.Actor(name), name: name, incarnation: 1, held: p.held[:0]}
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
	p.crashThen = nil
}

// Name returns the name of the process.
func (p *Process) Name() string { return p.name }

// Actor returns the actor that decides for the process.
func (p *Process) Actor() *Actor { return p.actor }

// Alive reports whether the process is up, paused or not.
func (p *Process) Alive() bool { return !p.down }

// Paused reports whether the process is paused.
func (p *Process) Paused() bool { return p.paused }

// Incarnation returns how often the process was started: 1, and one more after each [Process.Restart].
func (p *Process) Incarnation() int { return p.incarnation }

// Crash ends the process at once. Each of its tasks unwinds, oldest first: the call in which it is blocked panics,
// deferred code runs but reaches nothing outside. Its timers and deadlines are gone; events that it scheduled live
// on. When the caller is a task of the process itself, it unwinds last and Crash does not return. Crashing a process
// that is down does nothing.
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

// killAll unwinds all tasks but the caller.
func (p *Process) killAll(caller *task) {
	for t := p.firstTask; t != nil; {
		next := t.next // read before t goes to the pool; a dead task starts and ends no other
		if t != caller {
			t.kill()
		}
		t = next
	}
}

// Restart brings a process that is down up again, in its next incarnation and without tasks or memory: the owner
// spawns what runs at start. Skew and slowdown stay, they are the machine's. It panics when the process is alive.
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

// Pause stops the process in its tracks, as SIGSTOP or a long garbage collection would: wake-ups of its tasks and
// deadlines of its contexts are held back until [Process.Resume]. A task of its own that calls Pause goes on until it
// blocks. On a process that is down or paused it does nothing.
func (p *Process) Pause() {
	if p.down || p.paused || p.kernel.unwinding {
		return
	}
	p.paused = true
	p.watch()
	p.kernel.happen(p, pointPause)
}

// Resume lets a paused process go on. What was held back happens now, in drawn order.
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

// happen accounts for a change in the life of a process, which is no event of its own.
func (k *Kernel) happen(p *Process, point Point) {
	k.hash = fold(k.hash, point.hash(), p.actor.hash+uint64(p.incarnation))
	if k.config.Trace != nil {
		k.trace(p, nil, point, "")
	}
}

// CrashAfterSwitches lets the process crash at the n-th switch to one of its tasks from now on, instead of the
// switch, and then calls a function (which may be nil), as an event: it may schedule a restart. A crash before that
// ends the countdown, and so does an n of 0 or less; a further call replaces it.
func (p *Process) CrashAfterSwitches(n int, then func()) {
	if p.down || p.kernel.unwinding {
		return
	}
	p.crashCountdown = max(0, n)
	p.crashThen = then
	p.watch()
}

// admit decides whether a switch to a task takes place: not in a paused process, which keeps it for later, and not
// when it is the one at which the process crashes.
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

// watch notes whether switches to tasks of the process need a look.
func (p *Process) watch() { p.watched = p.paused || p.crashCountdown > 0 }

// SetSkew sets by how much the clock of the process is ahead of (or, negative, behind) true time, in whole
// microseconds. It changes what Now shows, not how long anything takes: deadlines that are set stay where they are.
func (p *Process) SetSkew(skew time.Duration) {
	if p.kernel.unwinding {
		return
	}
	p.skew = skew.Truncate(time.Microsecond)
}

// Skew returns by how much the clock of the process is ahead.
func (p *Process) Skew() time.Duration { return p.skew }

// SetSlowdown makes a process slow, as on an overloaded machine: from now on its tasks' sleeps take factor times as
// long, and so do their waits for a [Completion]. Signals, cancellation and deadlines are prompt, so what a slow
// process does runs into its timeouts. A factor of 1 or less means none.
func (p *Process) SetSlowdown(factor float64) {
	if p.kernel.unwinding {
		return
	}
	if !(factor > 1) {
		factor = 0
	}
	p.slowdown = factor
}

// slowed returns how many microseconds something takes that would take the given number on a healthy machine.
func (p *Process) slowed(microseconds int64) int64 {
	if p.slowdown == 0 {
		return microseconds
	}
	return int64(min(math.Ceil(float64(microseconds)*p.slowdown), math.MaxInt64/4))
}

// Now returns what the clock of the process shows: [StartTime], plus virtual time, plus skew.
func (p *Process) Now() time.Time {
	return StartTime.Add(duration(p.kernel.now) + p.skew)
}

// Sleep blocks the running task for a span of virtual time. It returns early with the error of the context if that is
// cancelled first. A span of 0 or less lets whatever else is due now go first, or not, as drawn.
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

// Stranded counts the tasks of the process that nothing but the Notify of a [Signal] can wake: no deadline, no
// cancellation and no answer.
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
