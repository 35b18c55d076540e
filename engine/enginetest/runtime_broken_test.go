package enginetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/live"
	"github.com/onceover/onceover/sim/kernel"
)

// A brokenRuntime is a right one with some methods replaced.
type brokenRuntime struct {
	engine.Runtime
	now       func(rt engine.Runtime) time.Time
	sleep     func(rt engine.Runtime, ctx context.Context, d time.Duration) error
	spawn     func(rt engine.Runtime, name string, fn func(ctx context.Context))
	timeout   func(rt engine.Runtime, ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	newSignal func(rt engine.Runtime) engine.Signal
	newMutex  func(rt engine.Runtime) engine.Mutex
}

func (b *brokenRuntime) Now() time.Time {
	if b.now != nil {
		return b.now(b.Runtime)
	}
	return b.Runtime.Now()
}

func (b *brokenRuntime) Sleep(ctx context.Context, d time.Duration) error {
	if b.sleep != nil {
		return b.sleep(b.Runtime, ctx, d)
	}
	return b.Runtime.Sleep(ctx, d)
}

func (b *brokenRuntime) Go(name string, fn func(ctx context.Context)) {
	if b.spawn != nil {
		b.spawn(b.Runtime, name, fn)
		return
	}
	b.Runtime.Go(name, fn)
}

func (b *brokenRuntime) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if b.timeout != nil {
		return b.timeout(b.Runtime, ctx, d)
	}
	return b.Runtime.WithTimeout(ctx, d)
}

func (b *brokenRuntime) NewSignal() engine.Signal {
	if b.newSignal != nil {
		return b.newSignal(b.Runtime)
	}
	return b.Runtime.NewSignal()
}

func (b *brokenRuntime) NewMutex() engine.Mutex {
	if b.newMutex != nil {
		return b.newMutex(b.Runtime)
	}
	return b.Runtime.NewMutex()
}

// A brokenSignal is a right one with some methods replaced.
type brokenSignal struct {
	engine.Signal
	notify func(s engine.Signal)
	wait   func(s engine.Signal, ctx context.Context) error
}

func (b brokenSignal) Notify() {
	if b.notify != nil {
		b.notify(b.Signal)
		return
	}
	b.Signal.Notify()
}

func (b brokenSignal) Wait(ctx context.Context) error {
	if b.wait != nil {
		return b.wait(b.Signal, ctx)
	}
	return b.Signal.Wait(ctx)
}

// A brokenMutex does not guard.
type brokenMutex struct{}

func (brokenMutex) Lock()   {}
func (brokenMutex) Unlock() {}

var brokenRuntimes = []struct {
	name     string
	runtime  func() *brokenRuntime
	caughtBy string
}{
	{"has times that a database would round", func() *brokenRuntime {
		return &brokenRuntime{now: func(rt engine.Runtime) time.Time { return rt.Now().Add(time.Nanosecond) }}
	}, "now is UTC in whole microseconds"},
	{"has local times", func() *brokenRuntime {
		return &brokenRuntime{now: func(rt engine.Runtime) time.Time { return rt.Now().In(time.FixedZone("here", 3600)) }}
	}, "now is UTC in whole microseconds"},
	{"wakes up early", func() *brokenRuntime {
		return &brokenRuntime{sleep: func(rt engine.Runtime, ctx context.Context, d time.Duration) error { return rt.Sleep(ctx, d/2) }}
	}, "sleep lasts as long as asked"},
	{"wakes up last who has the least time to sleep", func() *brokenRuntime {
		return &brokenRuntime{sleep: func(rt engine.Runtime, ctx context.Context, d time.Duration) error {
			if d >= time.Second && d <= 5*time.Second {
				d = 10*time.Second - d
			}
			return rt.Sleep(ctx, d)
		}}
	}, "sleepers wake in the order of their times"},
	{"sleeps on when the context has ended", func() *brokenRuntime {
		return &brokenRuntime{sleep: func(rt engine.Runtime, ctx context.Context, d time.Duration) error {
			return rt.Sleep(context.WithoutCancel(ctx), d)
		}}
	}, "an ended context ends a sleep"},
	{"has timeouts that end nothing", func() *brokenRuntime {
		return &brokenRuntime{timeout: func(rt engine.Runtime, ctx context.Context, _ time.Duration) (context.Context, context.CancelFunc) {
			return rt.WithCancel(ctx)
		}}
	}, "a timeout reaches derived contexts"},
	{"has timeouts that end only their own context", func() *brokenRuntime {
		return &brokenRuntime{timeout: func(rt engine.Runtime, ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
			return rt.WithTimeout(context.WithoutCancel(ctx), d)
		}}
	}, "a timeout reaches derived contexts"},
	{"ends tasks with the context that was derived last", func() *brokenRuntime {
		derived := context.Background()
		return &brokenRuntime{
			timeout: func(rt engine.Runtime, ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
				limited, cancel := rt.WithTimeout(ctx, d)
				derived = limited
				return limited, cancel
			},
			spawn: func(rt engine.Runtime, name string, fn func(ctx context.Context)) {
				rt.Go(name, func(context.Context) { fn(derived) })
			},
		}
	}, "a task outlives the context of its starter"},
	{"forgets a notification that nobody waits for", func() *brokenRuntime {
		return &brokenRuntime{newSignal: func(rt engine.Runtime) engine.Signal {
			waiting := 0
			return brokenSignal{rt.NewSignal(), func(s engine.Signal) {
				if waiting > 0 {
					s.Notify()
				}
			}, func(s engine.Signal, ctx context.Context) error {
				waiting++
				defer func() { waiting-- }()
				return s.Wait(ctx)
			}}
		}}
	}, "no wake-up is lost between two tasks"},
	{"remembers every notification", func() *brokenRuntime {
		return &brokenRuntime{newSignal: func(rt engine.Runtime) engine.Signal {
			remembered := 0
			return brokenSignal{rt.NewSignal(), func(s engine.Signal) {
				remembered++
				s.Notify()
			}, func(s engine.Signal, ctx context.Context) error {
				if remembered > 1 {
					remembered--
					return nil
				}
				return s.Wait(ctx)
			}}
		}}
	}, "a signal remembers one notification"},
	{"wakes all that wait", func() *brokenRuntime {
		return &brokenRuntime{newSignal: func(rt engine.Runtime) engine.Signal {
			waiting := 0
			return brokenSignal{rt.NewSignal(), func(s engine.Signal) {
				for range max(1, waiting) {
					s.Notify()
				}
			}, func(s engine.Signal, ctx context.Context) error {
				waiting++
				defer func() { waiting-- }()
				return s.Wait(ctx)
			}}
		}}
	}, "a notification wakes one waiter"},
	{"merges notifications that come at once", func() *brokenRuntime {
		return &brokenRuntime{newSignal: func(rt engine.Runtime) engine.Signal {
			var latest time.Time
			return brokenSignal{rt.NewSignal(), func(s engine.Signal) {
				if now := rt.Now(); !now.Equal(latest) {
					latest = now
					s.Notify()
				}
			}, nil}
		}}
	}, "two notifications wake two waiters"},
	{"takes a notification although the context has ended", func() *brokenRuntime {
		return &brokenRuntime{newSignal: func(rt engine.Runtime) engine.Signal {
			return brokenSignal{rt.NewSignal(), nil, func(s engine.Signal, ctx context.Context) error {
				if ctx.Err() != nil {
					return s.Wait(context.WithoutCancel(ctx))
				}
				return s.Wait(ctx)
			}}
		}}
	}, "an ended context ends a wait and takes nothing"},
	{"has a mutex that does not guard", func() *brokenRuntime {
		return &brokenRuntime{newMutex: func(engine.Runtime) engine.Mutex { return brokenMutex{} }}
	}, "a mutex guards"},
}

// onKernel runs main on a process of the simulator's kernel until nothing is left to happen.
func onKernel(wrap func(rt engine.Runtime) engine.Runtime) runMain {
	return func(main func(ctx context.Context, rt engine.Runtime)) {
		k := kernel.New()
		defer k.Close()
		k.Reset(kernel.Config{Seed: 1})
		p := k.NewProcess("process")
		k.Spawn(p, "main", func(ctx context.Context) { main(ctx, wrap(p)) })
		_ = k.Run(1_000 * time.Hour)
	}
}

// inParallel runs main on goroutines. Only there can two tasks meet in a critical section.
func inParallel(wrap func(rt engine.Runtime) engine.Runtime) runMain {
	return func(main func(ctx context.Context, rt engine.Runtime)) {
		rt := live.New(context.Background())
		rt.Go("main", func(ctx context.Context) { main(ctx, wrap(rt)) })
		_ = rt.Wait(context.Background())
	}
}

func TestBrokenRuntimesAreCaught(t *testing.T) {
	var table []broken
	for _, b := range brokenRuntimes {
		failures := make(map[string]string)
		for _, c := range runtimeCases {
			on := onKernel
			if b.runtime().newMutex != nil {
				if on = inParallel; c.name != b.caughtBy {
					continue
				}
			}
			wrap := func(rt engine.Runtime) engine.Runtime {
				wrapped := b.runtime()
				wrapped.Runtime = rt
				return wrapped
			}
			if message := outcomeOf(func(t testing.TB) { c.test(t, on(wrap)) }); message != "" {
				failures[c.name] = message
			}
		}
		table = append(table, broken{b.name, b.caughtBy, failures})
	}
	var cases []string
	for _, c := range runtimeCases {
		cases = append(cases, c.name)
	}
	slices.Sort(cases)
	checkCaught(t, cases, table)
}
