package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	pointTestPick  = NewPoint("test.pick")
	pointTestSpan  = NewPoint("test.span")
	pointTestNote  = NewPoint("test.note")
	pointTestEvent = NewPoint("test.event")
)

// busy builds a world that uses everything: processes that sleep, signal, time out, request, crash, pause and run
// slowly.
func busy(k *Kernel) {
	var processes []*Process
	for i := range 5 {
		processes = append(processes, k.NewProcess(fmt.Sprintf("process-%d", i)))
	}
	start := func(p *Process) {
		signal := p.NewSignal()
		p.Go("notifier", func(ctx context.Context) {
			for p.Sleep(ctx, k.Between(p.Actor(), pointTestSpan, time.Millisecond, 90*time.Millisecond)) == nil {
				signal.Notify()
			}
		})
		p.Go("waiter", func(ctx context.Context) {
			defer k.Note(pointTestNote, 1, 1) // reached only by dead tasks: has no effect
			for {
				limited, cancel := p.WithTimeout(ctx, 40*time.Millisecond)
				err := signal.Wait(limited)
				cancel()
				k.Note(pointTestNote, uint64(k.Now()), uint64(len(fmt.Sprint(err))))
			}
		})
		p.Go("requester", func(ctx context.Context) {
			for {
				var answer Completion
				answer.Reset(k)
				latency := k.Latency(p.Actor(), pointTestSpan, Latency{time.Millisecond, 5 * time.Millisecond, time.Second})
				k.After(latency, pointTestEvent, answer.Complete)
				if err := answer.Wait(ctx); err != nil {
					return
				}
				p.Go("child", func(ctx context.Context) { _ = p.Sleep(ctx, 0) })
			}
		})
	}
	for _, p := range processes {
		start(p)
	}
	chaos := k.Actor("chaos")
	var disturb func()
	disturb = func() {
		p := processes[k.Pick(chaos, pointTestPick, len(processes))]
		switch k.Pick(chaos, pointTestEvent, 5) {
		case 0:
			p.Crash()
		case 1:
			p.Pause()
			k.After(50*time.Millisecond, pointTestEvent, p.Resume)
		case 2:
			p.SetSlowdown(3)
			p.SetSkew(-time.Second)
		case 3:
			p.CrashAfterSwitches(3, func() {})
		case 4:
			p.SetSlowdown(1)
		}
		for _, p := range processes {
			if !p.Alive() && k.Chance(chaos, pointTestNote, 0.5) {
				p.Restart()
				start(p)
			}
		}
		k.After(20*time.Millisecond, pointTestEvent, disturb)
	}
	k.After(0, pointTestEvent, disturb)
}

// runBusy runs the busy world for five virtual seconds.
func runBusy(tb testing.TB, k *Kernel, config Config) uint64 {
	tb.Helper()
	k.Reset(config)
	busy(k)
	if err := k.Run(5 * time.Second); err != nil {
		tb.Error(err)
	}
	return k.Hash()
}

func TestSameSeedSameHash(t *testing.T) {
	fresh := func(seed uint64) uint64 {
		k := New()
		defer k.Close()
		return runBusy(t, k, Config{Seed: seed})
	}
	first, second := fresh(1), fresh(2)
	if first == second {
		t.Error("two seeds gave the same hash")
	}
	if again := fresh(1); again != first {
		t.Errorf("seed 1 again: hash %x, before %x", again, first)
	}
	reused := New()
	defer reused.Close()
	for _, seed := range []uint64{1, 2, 1} {
		want := first
		if seed == 2 {
			want = second
		}
		if got := runBusy(t, reused, Config{Seed: seed}); got != want {
			t.Errorf("seed %d on a used kernel: hash %x, on a fresh one %x", seed, got, want)
		}
	}
	if got := runBusy(t, reused, Config{Seed: 1, Trace: func(TraceEvent) {}}); got != first {
		t.Errorf("traced: hash %x, otherwise %x", got, first)
	}
	var decisions int
	reused.Reset(Config{Seed: 1})
	reused.OnDecision = func(Key, uint64) { decisions++ }
	busy(reused)
	if err := reused.Run(5 * time.Second); err != nil || reused.Hash() != first || decisions == 0 {
		t.Errorf("observed: hash %x, otherwise %x; %d decisions, error %v", reused.Hash(), first, decisions, err)
	}
}

func TestRunInPartsIsTheSameRun(t *testing.T) {
	k := New()
	defer k.Close()
	whole := runBusy(t, k, Config{Seed: 7})
	k.Reset(Config{Seed: 7})
	busy(k)
	for until := time.Duration(0); until <= 5*time.Second; until += 100 * time.Millisecond {
		if err := k.Run(until); err != nil {
			t.Fatal(err)
		}
		if k.Now() != until {
			t.Fatalf("after Run(%v) it is %v", until, k.Now())
		}
	}
	if k.Hash() != whole {
		t.Errorf("in parts: hash %x, whole %x", k.Hash(), whole)
	}
}

func TestKernelsSideBySide(t *testing.T) {
	k := New()
	defer k.Close()
	want := make([]uint64, 8)
	for seed := range want {
		want[seed] = runBusy(t, k, Config{Seed: uint64(seed)})
	}
	for _, processors := range []int{1, runtime.NumCPU()} {
		t.Run(fmt.Sprintf("processors=%d", processors), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			got := make([]uint64, len(want))
			t.Run("seeds", func(t *testing.T) {
				for seed := range want {
					t.Run(fmt.Sprint(seed), func(t *testing.T) {
						t.Parallel()
						k := New()
						defer k.Close()
						got[seed] = runBusy(t, k, Config{Seed: uint64(seed)})
					})
				}
			})
			for seed := range want {
				if got[seed] != want[seed] {
					t.Errorf("seed %d: hash %x, alone %x", seed, got[seed], want[seed])
				}
			}
		})
	}
}

// TestGoldenHash fixes the run of a seed. A change invalidates replay files, so it belongs in the changelog.
func TestGoldenHash(t *testing.T) {
	k := New()
	defer k.Close()
	const want = 0x84af66db9b69eb40
	if got := runBusy(t, k, Config{Seed: 42}); got != want {
		t.Errorf("hash %#x, want %#x", got, uint64(want))
	}
}

func TestHowRunEnds(t *testing.T) {
	boom := errors.New("boom")
	tests := []struct {
		name  string
		build func(k *Kernel)
		until time.Duration
		now   time.Duration
		idle  bool
		err   string
	}{
		{name: "no event", until: time.Second, idle: true},
		{name: "no event left", build: func(k *Kernel) { k.After(time.Millisecond, pointTestEvent, func() {}) },
			until: time.Second, now: time.Millisecond, idle: true},
		{name: "horizon included", build: func(k *Kernel) { k.After(time.Second, pointTestEvent, func() {}) },
			until: time.Second, now: time.Second, idle: true},
		{name: "beyond the horizon", build: func(k *Kernel) { k.After(time.Second+1, pointTestEvent, func() {}) },
			until: time.Second, now: time.Second},
		{name: "cancelled events do not keep it going", build: func(k *Kernel) {
			k.After(time.Millisecond, pointTestEvent, func() {}).Stop()
		}, until: time.Second, idle: true},
		{name: "stopped", build: func(k *Kernel) {
			k.After(time.Millisecond, pointTestEvent, k.Stop)
			k.After(2*time.Millisecond, pointTestEvent, func() {})
		}, until: time.Second, now: time.Millisecond},
		{name: "step limit", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("spin", func(ctx context.Context) {
				for p.Sleep(ctx, 0) == nil {
				}
			})
		}, until: time.Second, err: ErrStepLimit.Error()},
		{name: "panic in a task", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) {
				_ = p.Sleep(ctx, time.Millisecond)
				panic(boom)
			})
		}, until: time.Second, now: time.Millisecond, idle: true, err: "kernel: task p/t panicked at 1ms: boom"},
		{name: "panic in an event", build: func(k *Kernel) {
			k.After(time.Millisecond, pointTestEvent, func() { panic(boom) })
		}, until: time.Second, now: time.Millisecond, idle: true, err: "kernel: event test.event panicked at 1ms: boom"},
		{name: "panic in an event on a task's goroutine", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) {
				defer func() {
					if recover() != nil && k.Now() > 0 && !k.Unwinding() {
						panic("the task met the panic of the event")
					}
				}()
				k.After(time.Millisecond, pointTestEvent, func() { panic(boom) })
				_ = p.Sleep(ctx, time.Minute)
			})
		}, until: time.Second, now: time.Millisecond, err: "kernel: event test.event panicked at 1ms: boom"},
		{name: "panic after a crash at a switch", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.CrashAfterSwitches(1, func() { panic(boom) })
			p.Go("t", func(ctx context.Context) {})
		}, until: time.Second, idle: true, err: "kernel: event kernel.spawn panicked at 0s: boom"},
		{name: "foreign context", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) {
				foreign, cancel := context.WithCancel(ctx)
				defer cancel()
				_ = p.Sleep(foreign, time.Millisecond)
			})
		}, until: time.Second, idle: true, err: "cancelled outside virtual time (*context.cancelCtx)"},
		{name: "blocking in an event", build: func(k *Kernel) {
			p := k.NewProcess("p")
			k.After(0, pointTestEvent, func() { _ = p.Sleep(context.Background(), 1) })
		}, until: time.Second, idle: true, err: "Sleep outside a task"},
		{name: "blocking in a critical section", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) {
				m := p.NewMutex()
				m.Lock()
				defer m.Unlock()
				_ = p.Sleep(ctx, 1)
			})
		}, until: time.Second, idle: true, err: "task p/t calls Sleep while it holds a mutex"},
		{name: "locking twice", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) {
				m := p.NewMutex()
				m.Lock()
				m.Lock()
			})
		}, until: time.Second, idle: true, err: "Lock by task p/t of a mutex held by task p/t"},
		{name: "ending in a critical section", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) { p.NewMutex().Lock() })
		}, until: time.Second, idle: true, err: "task p/t has ended while it holds a mutex"},
		{name: "a task that recovers for ever", build: func(k *Kernel) {
			p := k.NewProcess("p")
			p.Go("t", func(ctx context.Context) {
				for {
					func() {
						defer func() { _ = recover() }()
						_ = p.Sleep(ctx, time.Hour)
					}()
				}
			})
			k.After(time.Millisecond, pointTestEvent, p.Crash)
		}, until: time.Second, now: time.Millisecond, idle: true, err: "recovers again and again after the crash of its process"},
		{name: "a loop that never blocks", build: func(k *Kernel) {
			p := k.NewProcess("p")
			m := p.NewMutex()
			p.Go("loop", func(context.Context) {
				for {
					m.Lock()
					m.Unlock() //nolint:staticcheck // the loop is what is tested
				}
			})
		}, until: time.Second, idle: true, err: "a loop never blocks"},
	}
	k := New()
	defer k.Close()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k.Reset(Config{StepLimit: 1000})
			if test.build != nil {
				test.build(k)
			}
			err := k.Run(test.until)
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if strings.HasSuffix(test.err, "boom") && !errors.Is(err, boom) {
				t.Error("the panic's error is not wrapped")
			}
			if k.Now() != test.now {
				t.Errorf("ended at %v, want %v", k.Now(), test.now)
			}
			if test.err == "" && k.Idle() != test.idle {
				t.Errorf("idle %v, want %v", k.Idle(), test.idle)
			}
			if err != nil && !errors.Is(k.Run(test.until), err) {
				t.Error("a further Run does not repeat the failure")
			}
		})
	}
}

// TestFailNowInside checks that a test may call FailNow in a task or an event: runtime.Goexit ends Run's goroutine.
func TestFailNowInside(t *testing.T) {
	for _, where := range []string{"task", "event", "event on a task's goroutine"} {
		t.Run(where, func(t *testing.T) {
			k := New()
			p := k.NewProcess("p")
			deferred := false
			p.Go("other", func(ctx context.Context) { _ = p.Sleep(ctx, time.Hour) })
			switch where {
			case "task":
				p.Go("t", func(ctx context.Context) { runtime.Goexit() })
			case "event":
				k.After(0, pointTestEvent, runtime.Goexit)
			default:
				p.Go("t", func(ctx context.Context) {
					defer func() { deferred = true }()
					_ = p.Sleep(ctx, time.Hour)
				})
				k.After(time.Millisecond, pointTestEvent, runtime.Goexit)
			}
			exited, returned := make(chan bool), false
			go func() {
				defer close(exited)
				_ = k.Run(time.Minute)
				returned = true
			}()
			<-exited
			if returned {
				t.Error("Run returned")
			}
			k.Reset(Config{Seed: 1})
			if where == "event on a task's goroutine" && !deferred {
				t.Error("the task did not unwind")
			}
			runBusy(t, k, Config{Seed: 1})
			k.Close()
		})
	}
}

// TestCloseEndsGoroutines counts the goroutines that are left after Close.
func TestCloseEndsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	for seed := range uint64(10) {
		k := New()
		runBusy(t, k, Config{Seed: seed})
		k.Close()
		runBusy(t, k, Config{Seed: seed}) // a closed kernel can be used again
		k.Close()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// TestTiesAreDrawn checks that events at one moment happen in every order, and always in the same order for one seed.
func TestTiesAreDrawn(t *testing.T) {
	orders := map[string]bool{}
	k := New()
	defer k.Close()
	for seed := range uint64(200) {
		var previous string
		for range 2 {
			k.Reset(Config{Seed: seed})
			var order strings.Builder
			for _, name := range []string{"a", "b", "c"} {
				k.After(time.Millisecond, pointTestEvent, func() { order.WriteString(name) })
			}
			if err := k.Run(time.Second); err != nil {
				t.Fatal(err)
			}
			if previous != "" && previous != order.String() {
				t.Fatalf("seed %d: %s, then %s", seed, previous, &order)
			}
			previous = order.String()
			orders[previous] = true
		}
	}
	if len(orders) != 6 {
		t.Errorf("%d of the 6 orders occurred", len(orders))
	}
}

func TestGoldenTrace(t *testing.T) {
	k := New()
	defer k.Close()
	var trace strings.Builder
	k.Reset(Config{Seed: 3, Trace: func(e TraceEvent) { fmt.Fprintln(&trace, e) }})
	client, server := k.NewProcess("client"), k.NewProcess("server")
	var answer Completion
	answer.Reset(k)
	server.Go("serve", func(ctx context.Context) {
		k.SetTag(9)
		_ = server.Sleep(ctx, 2500*time.Nanosecond)
		k.After(time.Millisecond, pointTestEvent, answer.Complete)
	})
	client.Go("ask", func(ctx context.Context) {
		limited, cancel := client.WithTimeout(ctx, 500*time.Microsecond)
		defer cancel()
		k.Tracef("first answer: %v", answer.Wait(limited))
		k.Tracef("second answer: %v", answer.Wait(ctx))
		k.Note(pointTestNote, 1, 2)
		server.Pause()
		server.Resume()
		server.Crash()
		server.Restart()
	})
	if err := k.Run(time.Second); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/trace.txt"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(trace.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if trace.String() != string(want) {
		t.Errorf("trace:\n%s\nwant:\n%s(UPDATE_GOLDEN=1 accepts it)", &trace, want)
	}
}

func TestTags(t *testing.T) {
	k := New()
	defer k.Close()
	p := k.NewProcess("p")
	seen := map[string]uint64{}
	k.SpawnTagged(p, "parent", 7, func(ctx context.Context) {
		p.Go("child", func(ctx context.Context) {
			seen["child"] = k.Tag()
			k.SetTag(8)
			k.After(time.Millisecond, pointTestEvent, func() {
				seen["event"] = k.Tag()
				p.Go("grandchild", func(ctx context.Context) { seen["grandchild"] = k.Tag() })
				k.SetTag(9)
				p.Go("last", func(ctx context.Context) { seen["last"] = k.Tag() })
			})
		})
		_ = p.Sleep(ctx, time.Second)
		seen["parent"] = k.Tag()
	})
	p.Go("other", func(ctx context.Context) { seen["other"] = k.Tag() })
	if err := k.Run(time.Minute); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"parent": 7, "child": 7, "event": 8, "grandchild": 8, "last": 9, "other": 0}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("tags %v, want %v", seen, want)
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	k := sleepers(100)
	defer k.Close()
	steps(t, k, 10_000)
	if allocations := testing.AllocsPerRun(10, func() { steps(t, k, 1000) }); allocations != 0 {
		t.Errorf("%v allocations in 1000 steps", allocations)
	}
}
