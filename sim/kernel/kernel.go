package kernel

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"
)

// DefaultStepLimit is the limit of steps when [Config] names none: two orders of magnitude more than a run of some
// hundred simulated seconds needs, and reached within seconds by one that goes round in circles.
const DefaultStepLimit = 10_000_000

// A Config says how one run is decided. Equal configurations give equal runs.
type Config struct {
	// Seed decides everything that is not overridden. Every value is as good as any other.
	Seed uint64
	// Overrides replace decisions by key, singly or by class. The last one wins when a key occurs twice.
	Overrides []Override
	// Tape, when not nil, is asked for each decision that is not overridden; false leaves it to the seed. With it the
	// bytes of a fuzzer or the draws of a property test decide a run.
	Tape func(Key) (value uint64, ok bool)
	// Trace, when not nil, receives every step in readable form. It has no influence on the run or its hash.
	Trace func(TraceEvent)
	// StepLimit ends a run that does not end by itself with [ErrStepLimit]. 0 means [DefaultStepLimit].
	StepLimit uint64
}

// ErrStepLimit is returned by [Kernel.Run] when a run has taken as many steps as [Config].StepLimit allows.
var ErrStepLimit = errors.New("kernel: step limit reached: the run may be going round in circles; " +
	"look at the end of its trace, or raise Config.StepLimit")

// A PanicError says that code under simulation panicked. The run is over.
type PanicError struct {
	Process string        // empty for a panic outside tasks
	Task    string        // empty for a panic outside tasks
	Point   string        // of the event that was being carried out
	Time    time.Duration // virtual time
	Value   any           // what was passed to panic
	// Stack has the functions that led to the panic, innermost first, without those of the kernel and of the runtime. It
	// is empty for what the kernel itself found wrong.
	Stack []runtime.Frame
}

// Error names the task, the time and the value; the stack is left to the field.
func (e *PanicError) Error() string {
	who := "event " + e.Point
	if e.Process != "" {
		who = "task " + e.Process + "/" + e.Task
	}
	return fmt.Sprintf("kernel: %s panicked at %v: %v", who, e.Time, e.Value)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A Kernel runs one simulated world at a time, on the goroutine that calls [Kernel.Run]. It may not be used by two
// goroutines at once; many kernels may run side by side. The zero value is not usable: see [New].
type Kernel struct {
	// OnDecision, when not nil, is told of every decision with its final value, as minimisers need. Set it after
	// Reset, which clears it.
	OnDecision func(Key, uint64)

	config       Config
	run          uint64 // counts resets, never part of a decision
	prioritySeed uint64
	overrides    overrides
	steered      bool // there are overrides or a tape

	now      int64 // microseconds since the start of the run
	steps    uint64
	calls    uint32 // in this step: see called
	sequence uint64 // of the last event scheduled
	hash     uint64
	queue    queue
	current  *task  // nil while an event fires
	tag      uint64 // of the event that fires
	point    Point  // of the event that fires

	ready     []readyTask // to be run at the end of this step
	readyDone int         // how many of them have been

	until     int64 // microseconds: where Run returns
	untilStep uint64
	paused    bool // Run has returned because of untilStep
	running   bool // inside Run
	stopped   bool
	failure   error
	firing    bool  // an event fires
	unwinding bool  // a killed task runs its deferred calls
	doomed    *task // killed by the event that fires on its goroutine
	exiting   bool  // Run is to end by runtime.Goexit

	host    task  // stands for the goroutine that called Run
	active  *task // whose goroutine is running
	closing bool  // goroutines of coroutines return when resumed
	broken  bool  // some cannot

	actors         map[string]*Actor
	processes      []*Process // pooled; those of this run come first
	processesInUse int
	idle           *task // coroutines without a task, linked by next
	spawned        uint64
	contexts       contextArena
}

// New returns a kernel, ready as after Reset(Config{}).
func New() *Kernel {
	k := &Kernel{actors: map[string]*Actor{}, overrides: overrides{single: map[Key]uint64{}}}
	k.host.kernel = k
	k.active = &k.host
	k.Reset(Config{})
	return k
}

// Reset ends the current run and prepares the next. Tasks that are left unwind as in a crash (a panic in their
// deferred calls is dropped: the run that it belongs to is over). Memory is kept for the next run, so processes,
// actors, contexts and completions of the old run must not be used any more.
func (k *Kernel) Reset(config Config) {
	k.clear()
	if config.StepLimit == 0 {
		config.StepLimit = DefaultStepLimit
	}
	k.config = config
	k.prioritySeed = prioritySeed(config.Seed)
	k.overrides.reset(config.Overrides)
	k.steered = len(config.Overrides) > 0 || config.Tape != nil
}

// clear leaves nothing of a run but memory to be used again.
func (k *Kernel) clear() {
	if k.running {
		panic("kernel: Reset or Close inside Run: call Stop, and Reset when Run has returned")
	}
	k.config.Trace = nil
	k.OnDecision = nil
	k.current = nil
	for _, p := range k.processes[:k.processesInUse] {
		p.clear()
	}
	k.processesInUse = 0
	k.run++
	k.overrides.clear()
	if len(k.actors) > actorsKept {
		clear(k.actors)
	}
	k.now, k.steps, k.sequence, k.spawned, k.tag = 0, 0, 0, 0, 0
	k.calls = 0
	k.point = 0
	k.hash = hashStart
	k.queue.clear()
	clear(k.ready)
	k.ready = k.ready[:0]
	k.readyDone = 0
	k.stopped, k.unwinding, k.firing, k.exiting = false, false, false, false
	k.doomed = nil
	k.failure = nil
	k.contexts.clear()
}

// Close ends the run and every pooled coroutine. The kernel can be used again after a Reset.
func (k *Kernel) Close() {
	k.clear()
	k.stopCoroutines()
}

// Run carries out events up to and including a moment of virtual time, measured from the start of the run. It
// returns nil when that moment is reached (virtual time is then until), when nothing is left to happen or Stop was
// called (virtual time then stays where it was); a [*PanicError] if code under simulation panicked, which every
// further Run repeats; and [ErrStepLimit]. After nil it can be called again to go on.
func (k *Kernel) Run(until time.Duration) error {
	_, err := k.RunTo(until, math.MaxUint64)
	return err
}

// RunTo is Run up to and including a step, counted from the start of the run as [Kernel.Steps] does. paused tells that
// it has returned because of that step; the run would have gone on, and goes on the same way when it is continued.
func (k *Kernel) RunTo(until time.Duration, step uint64) (paused bool, err error) {
	if k.running {
		panic("kernel: Run inside Run: a run cannot be continued from one of its own tasks or events")
	}
	if k.failure != nil {
		return false, k.failure
	}
	k.stopped = false
	k.running = true
	defer k.leave()
	k.until = int64(until / time.Microsecond)
	k.untilStep, k.paused = step, false
	k.drive()
	return k.paused, k.failure
}

// leave ends Run, whether it returns or exits.
func (k *Kernel) leave() {
	k.running = false
	k.current = nil
	k.unwinding = false
}

// fail records the first failure of the run, which ends it.
func (k *Kernel) fail(t *task, value any) {
	if k.failure != nil {
		return
	}
	e := &PanicError{Point: k.point.String(), Time: k.Now(), Value: value, Stack: panicking()}
	if t != nil {
		e.Process, e.Task = t.process.name, t.name
	}
	k.failure = e
}

// Stop lets Run return after the current step. A further Run goes on from there.
func (k *Kernel) Stop() { k.stopped = true }

// Now returns the virtual time since the start of the run, in whole microseconds.
func (k *Kernel) Now() time.Duration { return duration(k.now) }

// Steps returns how many events have been carried out.
func (k *Kernel) Steps() uint64 { return k.steps }

// Hash returns the rolling hash over every step so far: its time, its point, the process and task concerned, and
// whatever was noted. Equal runs have equal hashes.
func (k *Kernel) Hash() uint64 { return k.hash }

// Idle reports whether nothing is left to happen. Tasks may still be blocked; without an event none of them will ever
// continue.
func (k *Kernel) Idle() bool { return k.queue.pending() == 0 }

// noteBranch stands in the hash where a run leaves the one that its configuration decides.
var noteBranch = hashString("kernel.branch")

// Branch gives the run another future: from now on decisions, and the order of what happens at the same moment, are
// drawn from another seed. Overrides and the tape have decided the past and decide nothing any more. Occurrences go on
// counting, so a decision after the branch has the key that it would have had without.
//
// A run that is branched at a step of its own ([Kernel.RunTo]) is as deterministic as any other: configuration, step
// and seed decide it. Branched at one step with many seeds, it tells how much of what comes is settled by then.
func (k *Kernel) Branch(seed uint64) {
	k.config.Seed, k.config.Tape = seed, nil
	k.prioritySeed = prioritySeed(seed)
	applied := k.overrides.applied
	k.overrides.clear()
	k.overrides.applied = applied
	k.steered = false
	for _, a := range k.actors { //deterministic:allow each is changed by itself
		if a.run == k.run {
			a.base = mix64(seed ^ a.hash)
		}
	}
	k.hash = fold(k.hash, noteBranch, seed)
}

// prioritySeed is what decides the order of what happens at the same moment.
func prioritySeed(seed uint64) uint64 { return mix64(seed ^ hashString("kernel.priority")) }
