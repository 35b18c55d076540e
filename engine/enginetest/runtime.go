package enginetest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// A RuntimeRunner makes a fresh runtime, runs main as its first task, and returns when main and every task that it
// started have ended. Clocks have no skew. Pauses should take no real time, since some cases sleep for hours.
type RuntimeRunner func(t *testing.T, main func(ctx context.Context, rt engine.Runtime))

// TestRuntime tests an [engine.Runtime] against its contract, so that code which was tested in virtual time finds the
// same behaviour in real time. Each case is a subtest on a runtime of its own.
func TestRuntime(t *testing.T, run RuntimeRunner) {
	for _, c := range runtimeCases {
		t.Run(c.name, func(t *testing.T) {
			c.test(t, func(main func(ctx context.Context, rt engine.Runtime)) { run(t, main) })
		})
	}
}

// runMain runs main on a fresh runtime, as a [RuntimeRunner] does.
type runMain func(main func(ctx context.Context, rt engine.Runtime))

var runtimeCases = []struct {
	name string
	test func(t testing.TB, run runMain)
}{
	{"now is UTC in whole microseconds", nowIsStorable},
	{"sleep lasts as long as asked", sleepLasts},
	{"sleepers wake in the order of their times", sleepersWakeInOrder},
	{"an ended context ends a sleep", contextEndsSleep},
	{"a timeout reaches derived contexts", timeoutReachesDescendants},
	{"a task outlives the context of its starter", taskOutlivesStarter},
	{"a signal remembers one notification", signalRemembersOne},
	{"a notification wakes one waiter", notificationWakesOne},
	{"two notifications wake two waiters", notificationsAreNotMerged},
	{"an ended context ends a wait and takes nothing", contextEndsWait},
	{"no wake-up is lost between two tasks", pingPong},
	{"a mutex guards", mutexGuards},
}

// A taskLog collects what tasks did, in order. Its tasks may run in parallel.
type taskLog struct {
	mutex engine.Mutex
	lines []string
}

func (l *taskLog) add(line string) {
	l.mutex.Lock()
	l.lines = append(l.lines, line)
	l.mutex.Unlock()
}

// ending names how a wait ended.
func ending(err error) string {
	switch {
	case err == nil:
		return "nil"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timed out"
	default:
		return err.Error()
	}
}

func (l *taskLog) want(t testing.TB, lines ...string) {
	t.Helper()
	if len(l.lines) != len(lines) {
		t.Errorf("got %q, want %q", l.lines, lines)
		return
	}
	for i := range lines {
		if l.lines[i] != lines[i] {
			t.Errorf("line %d of %q is not %q", i, l.lines, lines[i])
		}
	}
}

func nowIsStorable(t testing.TB, run runMain) {
	run(func(_ context.Context, rt engine.Runtime) {
		now := rt.Now()
		if now != now.UTC().Truncate(time.Microsecond) {
			t.Errorf("Now is %v; allowed: UTC, whole microseconds, no monotonic reading", now)
		}
	})
}

func sleepLasts(t testing.TB, run runMain) {
	run(func(ctx context.Context, rt engine.Runtime) {
		for _, pause := range []time.Duration{-time.Second, 0, time.Microsecond, 3 * time.Second, 26 * time.Hour} {
			before := rt.Now()
			if err := rt.Sleep(ctx, pause); err != nil {
				t.Errorf("Sleep(%v): %v", pause, err)
			}
			if slept := rt.Now().Sub(before); slept < pause {
				t.Errorf("Sleep(%v) returned after %v", pause, slept)
			}
		}
	})
}

func sleepersWakeInOrder(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		for _, pause := range []time.Duration{3 * time.Second, time.Second, 2 * time.Second} {
			rt.Go("sleeper", func(ctx context.Context) { l.add(pause.String() + " " + ending(rt.Sleep(ctx, pause))) })
		}
	})
	l.want(t, "1s nil", "2s nil", "3s nil")
}

func contextEndsSleep(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		limited, cancel := rt.WithTimeout(ctx, time.Second)
		defer cancel()
		before := rt.Now()
		l.add(ending(rt.Sleep(limited, time.Hour)))
		if slept := rt.Now().Sub(before); slept < time.Second || slept > time.Minute {
			t.Errorf("a sleep limited to 1s took %v", slept)
		}
		l.add(ending(rt.Sleep(limited, 0)))

		cancelled, cancel := rt.WithCancel(ctx)
		rt.Go("canceller", func(ctx context.Context) {
			_ = rt.Sleep(ctx, time.Second)
			cancel()
		})
		l.add(ending(rt.Sleep(cancelled, time.Hour)))
		l.add(ending(rt.Sleep(cancelled, -time.Second)))
	})
	l.want(t, "timed out", "timed out", "cancelled", "cancelled")
}

func timeoutReachesDescendants(t testing.TB, run runMain) {
	type key struct{}
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		limited, cancel := rt.WithTimeout(ctx, time.Second)
		defer cancel()
		child, cancelChild := rt.WithCancel(context.WithValue(limited, key{}, "value"))
		defer cancelChild()
		longer, cancelLonger := rt.WithTimeout(child, time.Hour)
		defer cancelLonger()
		if longer.Value(key{}) != "value" {
			t.Error("a derived context has lost a value")
		}
		l.add(ending(longer.Err()))
		l.add(ending(rt.Sleep(longer, time.Minute)))
		l.add(ending(child.Err()))
		l.add(ending(ctx.Err()))

		parent, cancelParent := rt.WithCancel(ctx)
		sibling, cancelSibling := rt.WithCancel(parent)
		cancelSibling()
		l.add(ending(sibling.Err()) + ", parent " + ending(parent.Err()))
		cancelParent()
		late, cancelLate := rt.WithTimeout(parent, time.Hour)
		defer cancelLate()
		l.add(ending(late.Err()))
		past, cancelPast := rt.WithTimeout(ctx, -time.Second)
		defer cancelPast()
		l.add(ending(past.Err()))
	})
	l.want(t, "nil", "timed out", "timed out", "nil", "cancelled, parent nil", "cancelled", "timed out")
}

func taskOutlivesStarter(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		_, cancel := rt.WithTimeout(ctx, time.Second)
		rt.Go("task", func(ctx context.Context) {
			l.add("slept: " + ending(rt.Sleep(ctx, time.Minute)))
		})
		cancel()
		l.add("starter ends")
	})
	l.want(t, "starter ends", "slept: nil")
}

func signalRemembersOne(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		signal := rt.NewSignal()
		signal.Notify()
		signal.Notify()
		l.add(ending(signal.Wait(ctx)))
		limited, cancel := rt.WithTimeout(ctx, time.Second)
		defer cancel()
		l.add(ending(signal.Wait(limited)))
	})
	l.want(t, "nil", "timed out")
}

// waiters starts n tasks that wait for a signal, and lets them begin.
func waiters(ctx context.Context, rt engine.Runtime, l *taskLog, signal engine.Signal, n int) {
	for range n {
		rt.Go("waiter", func(ctx context.Context) {
			limited, cancel := rt.WithTimeout(ctx, time.Minute)
			defer cancel()
			l.add(ending(signal.Wait(limited)))
		})
	}
	_ = rt.Sleep(ctx, time.Second)
}

func notificationWakesOne(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		signal := rt.NewSignal()
		waiters(ctx, rt, &l, signal, 3)
		signal.Notify()
	})
	l.want(t, "nil", "timed out", "timed out")
}

func notificationsAreNotMerged(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		signal := rt.NewSignal()
		waiters(ctx, rt, &l, signal, 3)
		signal.Notify()
		signal.Notify()
	})
	l.want(t, "nil", "nil", "timed out")
}

func contextEndsWait(t testing.TB, run runMain) {
	var l taskLog
	run(func(ctx context.Context, rt engine.Runtime) {
		l.mutex = rt.NewMutex()
		signal := rt.NewSignal()
		cancelled, cancel := rt.WithCancel(ctx)
		rt.Go("canceller", func(ctx context.Context) {
			_ = rt.Sleep(ctx, time.Second)
			cancel()
		})
		l.add(ending(signal.Wait(cancelled)))
		signal.Notify()
		l.add(ending(signal.Wait(cancelled)))
		l.add(ending(signal.Wait(ctx)))
	})
	l.want(t, "cancelled", "cancelled", "nil")
}

func pingPong(t testing.TB, run runMain) {
	const rounds = 1_000
	played := 0
	run(func(ctx context.Context, rt engine.Runtime) {
		ping, pong := rt.NewSignal(), rt.NewSignal()
		rt.Go("pong", func(ctx context.Context) {
			for range rounds {
				if ping.Wait(ctx) != nil {
					return
				}
				pong.Notify()
			}
		})
		for range rounds {
			ping.Notify()
			if pong.Wait(ctx) != nil {
				return
			}
			played++
		}
	})
	if played != rounds {
		t.Errorf("%d of %d rounds were played", played, rounds)
	}
}

func mutexGuards(t testing.TB, run runMain) {
	const tasks, times = 20, 100
	var inside, most, count atomic.Int32
	run(func(ctx context.Context, rt engine.Runtime) {
		mutex := rt.NewMutex()
		for range tasks {
			rt.Go("counter", func(ctx context.Context) {
				for range times {
					mutex.Lock()
					if now := inside.Add(1); now > most.Load() {
						most.Store(now)
					}
					runtime.Gosched() // lets others in, if the mutex does
					if inside.Load() == 1 {
						count.Add(1)
					}
					inside.Add(-1)
					mutex.Unlock()
				}
			})
		}
	})
	if most.Load() != 1 || count.Load() != tasks*times {
		t.Errorf("up to %d tasks held the mutex at once, and %d of %d held it alone; want one at a time", most.Load(), count.Load(), tasks*times)
	}
}
