package kernel

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"
)

// defaultStepLimit is the limit of steps when [Config] has none. It is a hundred times what a run of some hundred
// simulated seconds needs, and an endless loop reaches it within seconds.
const defaultStepLimit = 10_000_000

// A Config decides one run. Equal configurations give equal runs.
type Config struct {
	// Seed decides everything that is not overridden. All values are equally good.
	Seed uint64
	// Overrides replace single decisions or classes of decisions. When a key occurs twice, the last one applies.
	Overrides []Override
	// Tape, when not nil, returns the value of each decision that is not overridden, or false to leave it to the seed.
	// It lets the bytes of a fuzzer or the draws of a property test decide a run.
	Tape func(Key) (value uint64, ok bool)
	// Trace, when not nil, receives every step in readable form. It does not change the run or its hash.
	Trace func(TraceEvent)
	// StepLimit is the largest number of steps of a run. When more would follow, Run returns [ErrStepLimit]. 0 means 10
	// million.
	StepLimit uint64
}

// ErrStepLimit is returned by [Kernel.Run] when a run has taken as many steps as [Config].StepLimit allows.
var ErrStepLimit = errors.New("kernel: step limit reached: the run may be an endless loop; " +
	"look at the end of its trace, or raise Config.StepLimit")

// A PanicError reports that code under simulation panicked. It ends the run.
type PanicError struct {
	Process string        // empty for a panic outside tasks
	Task    string        // empty for a panic outside tasks
	Point   string        // of the event that was being executed
	Time    time.Duration // virtual time
	Value   any           // the argument of panic
	// Stack has the functions that led to the panic, innermost first, without those of the kernel and of the runtime.
	// It is empty when the kernel itself reports a misuse.
	Stack []runtime.Frame
}

// Error returns the task or event, the time and the value, without the stack.
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

// A Kernel runs one simulated world at a time. A kernel must not be used by several goroutines at the same time;
// several kernels may run in parallel. The zero value is not usable: see [New].
type Kernel struct {
	// OnDecision, when not nil, receives every decision with its final value. A minimiser needs it. Set it after Reset,
	// which clears it.
	OnDecision func(Key, uint64)

	config       Config
	run          uint64 // counts resets, never part of a decision
	prioritySeed uint64
	overrides    overrides
	steered      bool // there are overrides or a tape

	now      int64 // microseconds since the start of the run
	steps    uint64
	calls    uint32 // in this step, see called
	sequence uint64 // of the last event scheduled
	hash     uint64
	queue    queue
	current  *task  // nil while an event fires
	tag      uint64 // of the event that fires
	point    Point  // of the event that fires

	ready     []readyTask // to run at the end of this step
	readyDone int         // how many of them have run

	until     int64 // microseconds: where Run returns
	untilStep uint64
	paused    bool // Run returned because of untilStep
	running   bool // inside Run
	stopped   bool
	failure   error
	firing    bool  // an event fires
	unwinding bool  // a killed task runs its deferred calls
	doomed    *task // killed by the event that fires on its goroutine
	exiting   bool  // Run ends by runtime.Goexit

	host    task  // represents the goroutine that called Run
	active  *task // its goroutine is running
	closing bool  // the goroutines of coroutines return when they are resumed
	broken  bool  // some of them cannot

	actors         map[string]*Actor
	processes      []*Process // pooled; those of this run come first
	processesInUse int
	idle           *task // coroutines without a function, linked by next
	spawned        uint64
	contexts       contextArena
}

// New returns a kernel in the state after Reset(Config{}).
func New() *Kernel {
	k := &Kernel{actors: map[string]*Actor{}, overrides: overrides{single: map[Key]uint64{}}}
	k.host.kernel = k
	k.active = &k.host
	k.Reset(Config{})
	return k
}

// Reset ends the current run and prepares the next. Remaining tasks unwind as in a crash; panics in their deferred
// calls are dropped, because their run is over. The kernel reuses its memory, so processes, actors, contexts and
// completions of the old run must not be used any more. Reset panics inside Run.
func (k *Kernel) Reset(config Config) {
	k.clear()
	if config.StepLimit == 0 {
		config.StepLimit = defaultStepLimit
	}
	k.config = config
	k.prioritySeed = prioritySeed(config.Seed)
	k.overrides.reset(config.Overrides)
	k.steered = len(config.Overrides) > 0 || config.Tape != nil
}

// clear ends the run and keeps its memory for the next.
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

// Close ends the run and every pooled coroutine. After a Reset the kernel can be used again. Close panics inside Run.
func (k *Kernel) Close() {
	k.clear()
	k.stopCoroutines()
}

// Run executes events up to and including a moment of virtual time, measured from the start of the run. It returns nil
// when it reaches that moment, when no event is left, and after [Kernel.Stop]. Only in the first case virtual time
// moves on to until. After nil, Run can be called again to continue.
//
// The error is a [*PanicError] if code under simulation panicked, and [ErrStepLimit] after too many steps. Every
// further Run returns the same error. Run panics when a task or an event of the run calls it.
func (k *Kernel) Run(until time.Duration) error {
	_, err := k.RunTo(until, math.MaxUint64)
	return err
}

// RunTo is [Kernel.Run] up to and including a step, counted from the start of the run as in [Kernel.Steps]. It returns
// paused when it stops because of that step. The run then has more events, and continuing it changes nothing.
func (k *Kernel) RunTo(until time.Duration, step uint64) (paused bool, err error) {
	if k.running {
		panic("kernel: Run inside Run: a task or an event cannot continue its own run")
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

// leave is deferred in RunTo, which may return or exit.
func (k *Kernel) leave() {
	k.running = false
	k.current = nil
	k.unwinding = false
}

// fail ends the run and keeps its first failure.
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

// Stop makes Run return after the current step. A further Run continues from there.
func (k *Kernel) Stop() { k.stopped = true }

// Now returns the virtual time since the start of the run, in whole microseconds.
func (k *Kernel) Now() time.Duration { return duration(k.now) }

// Steps returns the number of events executed since the start of the run.
func (k *Kernel) Steps() uint64 { return k.steps }

// Hash returns the rolling hash of the run so far. It covers each step, with its time, point, process and task, and the
// data of [Kernel.Note]. Equal runs have equal hashes.
func (k *Kernel) Hash() uint64 { return k.hash }

// Idle reports whether no event is scheduled. Tasks may still be blocked; without an event none of them continues.
func (k *Kernel) Idle() bool { return k.queue.pending() == 0 }

// noteBranch marks in the hash the step at which a run branches.
var noteBranch = hashString("kernel.branch")

// Branch gives the run a different future. From now on, decisions and the order of events at the same moment are drawn
// from another seed, and overrides and the tape no longer apply. Occurrences count on, so a decision after the branch
// has the same key as without it.
//
// A run that is branched at a step ([Kernel.RunTo]) is as deterministic as any other: its configuration, the step and
// the new seed decide it. Branching at one step with many seeds shows how much of the outcome is fixed by then.
func (k *Kernel) Branch(seed uint64) {
	k.config.Seed, k.config.Tape = seed, nil
	k.prioritySeed = prioritySeed(seed)
	applied := k.overrides.applied
	k.overrides.clear()
	k.overrides.applied = applied
	k.steered = false
	for _, a := range k.actors { //deterministic:allow actors do not depend on each other
		if a.run == k.run {
			a.base = mix64(seed ^ a.hash)
		}
	}
	k.hash = fold(k.hash, noteBranch, seed)
}

// prioritySeed returns the seed of the order of events at the same moment.
func prioritySeed(seed uint64) uint64 { return mix64(seed ^ hashString("kernel.priority")) }
