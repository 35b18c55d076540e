package kernel

import (
	"context"
	"slices"
	"testing"
	"time"
)

// A diary records what happens in a run, in the memory of the test. So it also records the calls of dead tasks.
type diary struct {
	k     *Kernel
	lines []string
}

func (d *diary) note(line string) {
	d.lines = append(d.lines, d.k.Now().String()+" "+line)
}

// errorText returns the text of an error in a diary.
func errorText(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

func TestLifeOfAProcess(t *testing.T) {
	const ms = time.Millisecond
	// Each test has a process with a task that sleeps for 10 ms three times and notes each, and its unwinding.
	sleeper := func(p *Process, d *diary) {
		p.Go("sleeper", func(ctx context.Context) {
			defer d.note("unwound")
			for range 3 {
				err := p.Sleep(ctx, 10*ms)
				d.note("slept " + errorText(err))
			}
		})
	}
	tests := []struct {
		name string
		play func(k *Kernel, p *Process, d *diary)
		want []string
	}{
		{"undisturbed", func(k *Kernel, p *Process, d *diary) {},
			[]string{"10ms slept ok", "20ms slept ok", "30ms slept ok", "30ms unwound"}},
		{"crashed by an event", func(k *Kernel, p *Process, d *diary) {
			k.After(15*ms, pointTestEvent, func() { p.Crash(); d.note("crashed") })
		}, []string{"10ms slept ok", "15ms crashed", "15ms unwound"}},
		{"crashed by another process", func(k *Kernel, p *Process, d *diary) {
			other := k.NewProcess("other")
			other.Go("killer", func(ctx context.Context) {
				_ = other.Sleep(ctx, 15*ms)
				p.Crash()
				d.note("crashed")
				_ = other.Sleep(ctx, ms)
				d.note("the killer lives")
			})
		}, []string{"10ms slept ok", "15ms unwound", "15ms crashed", "16ms the killer lives"}},
		{"crashed by a task of its own", func(k *Kernel, p *Process, d *diary) {
			p.Go("killer", func(ctx context.Context) {
				defer d.note("the killer unwinds last")
				_ = p.Sleep(ctx, 15*ms)
				p.Crash()
				d.note("never")
			})
		}, []string{"10ms slept ok", "15ms unwound", "15ms the killer unwinds last"}},
		{"crashed before it started", func(k *Kernel, p *Process, d *diary) { p.Crash() }, nil},
		{"crashed and restarted in one event", func(k *Kernel, p *Process, d *diary) {
			k.After(15*ms, pointTestEvent, func() {
				p.Crash()
				p.Restart()
				if p.Incarnation() != 2 || !p.Alive() {
					d.note("wrong incarnation")
				}
				p.Go("second", func(ctx context.Context) { d.note("second incarnation " + errorText(p.Sleep(ctx, ms))) })
			})
		}, []string{"10ms slept ok", "15ms unwound", "16ms second incarnation ok"}},
		{"crashed at the second switch from now", func(k *Kernel, p *Process, d *diary) {
			k.After(5*ms, pointTestEvent, func() { p.CrashAfterSwitches(2, func() { d.note("then") }) })
		}, []string{"10ms slept ok", "20ms then", "20ms unwound"}},
		{"a countdown ended by a crash", func(k *Kernel, p *Process, d *diary) {
			p.CrashAfterSwitches(2, func() { d.note("never") })
			p.Crash()
			p.Restart()
			sleeper(p, d)
		}, []string{"10ms slept ok", "20ms slept ok", "30ms slept ok", "30ms unwound"}},
		{"paused and resumed", func(k *Kernel, p *Process, d *diary) {
			k.After(5*ms, pointTestEvent, p.Pause)
			k.After(50*ms, pointTestEvent, p.Resume)
		}, []string{"50ms slept ok", "60ms slept ok", "70ms slept ok", "70ms unwound"}},
		{"paused and crashed", func(k *Kernel, p *Process, d *diary) {
			k.After(5*ms, pointTestEvent, p.Pause)
			k.After(50*ms, pointTestEvent, p.Crash)
			k.After(60*ms, pointTestEvent, p.Resume)
		}, []string{"50ms unwound"}},
		{"paused before it started", func(k *Kernel, p *Process, d *diary) {
			p.Pause()
			k.After(7*ms, pointTestEvent, p.Resume)
		}, []string{"17ms slept ok", "27ms slept ok", "37ms slept ok", "37ms unwound"}},
		{"slow", func(k *Kernel, p *Process, d *diary) {
			k.After(15*ms, pointTestEvent, func() { p.SetSlowdown(2.5) })
		}, []string{"10ms slept ok", "20ms slept ok", "45ms slept ok", "45ms unwound"}},
		{"a wait on a slow machine", func(k *Kernel, p *Process, d *diary) {
			p.Crash()
			p.Restart()
			p.SetSlowdown(2)
			p.Go("asks", func(ctx context.Context) {
				var answer Completion
				answer.Reset(k)
				k.After(10*ms, pointTestEvent, answer.Complete)
				d.note("answered " + errorText(answer.Wait(ctx)))
				answer.Reset(k)
				k.After(10*ms, pointTestEvent, answer.Complete)
				limited, cancel := p.WithTimeout(ctx, 15*ms)
				defer cancel()
				d.note("answered " + errorText(answer.Wait(limited)))
			})
		}, []string{"20ms answered ok", "35ms answered context deadline exceeded"}},
		{"a long wait on a slow machine", func(k *Kernel, p *Process, d *diary) {
			p.Crash()
			p.Restart()
			p.SetSlowdown(20)
			p.Go("asks", func(ctx context.Context) {
				var answer Completion
				for _, after := range []time.Duration{time.Second, 10 * time.Minute} {
					answer.Reset(k)
					k.After(after, pointTestEvent, answer.Complete)
					d.note("answered " + errorText(answer.Wait(ctx)))
				}
				limited, cancel := p.WithTimeout(ctx, 10*time.Minute)
				defer cancel()
				answer.Reset(k)
				k.After(10*time.Minute-time.Second, pointTestEvent, answer.Complete)
				d.note("answered " + errorText(answer.Wait(limited)))
			})
		}, []string{"20s answered ok", "10m39s answered ok", "20m39s answered context deadline exceeded"}},
		{"deadlines wait while it is paused", func(k *Kernel, p *Process, d *diary) {
			p.Crash()
			p.Restart()
			p.Go("limited", func(ctx context.Context) {
				limited, cancel := p.WithTimeout(ctx, 10*ms)
				defer cancel()
				k.After(20*ms, pointTestEvent, func() { d.note("meanwhile " + errorText(limited.Err())) })
				d.note("waited " + errorText(p.NewSignal().Wait(limited)))
			})
			k.After(5*ms, pointTestEvent, p.Pause)
			k.After(50*ms, pointTestEvent, p.Resume)
		}, []string{"20ms meanwhile ok", "50ms waited context deadline exceeded"}},
		{"requests of a dead task still arrive", func(k *Kernel, p *Process, d *diary) {
			p.Crash()
			p.Restart()
			p.Go("sends", func(ctx context.Context) {
				k.After(20*ms, pointTestEvent, func() { d.note("arrived") })
				p.Crash()
			})
		}, []string{"20ms arrived"}},
	}
	k := New()
	defer k.Close()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var first uint64
			for range 2 {
				k.Reset(Config{Seed: 1})
				d := &diary{k: k}
				p := k.NewProcess("p")
				sleeper(p, d)
				test.play(k, p, d)
				if err := k.Run(time.Hour); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(d.lines, test.want) {
					t.Errorf("diary\n%q, want\n%q", d.lines, test.want)
				}
				if !k.Idle() {
					t.Error("events are left")
				}
				if first != 0 && k.Hash() != first {
					t.Errorf("hash %x, before %x", k.Hash(), first)
				}
				first = k.Hash()
			}
		})
	}
}

// TestDeadTasksHaveNoEffect calls everything in the deferred code of a killed task.
func TestDeadTasksHaveNoEffect(t *testing.T) {
	k := New()
	defer k.Close()
	for _, victim := range []string{"by an event", "by itself"} {
		t.Run(victim, func(t *testing.T) {
			k.Reset(Config{})
			p, other := k.NewProcess("p"), k.NewProcess("other")
			signal, mutex := other.NewSignal(), other.NewMutex()
			var answer Completion
			answer.Reset(k)
			limited, cancel := other.WithTimeout(context.Background(), time.Hour)
			timer := k.After(time.Second, pointTestEvent, func() {})
			reached := 0
			reach := func() { reached++ }
			panics := 0
			p.Go("victim", func(ctx context.Context) {
				for range 3 {
					defer func() {
						if _, ok := recover().(killed); ok {
							panics++
						}
						_ = p.Sleep(ctx, time.Millisecond)
						reach()
					}()
				}
				defer func() {
					k.After(0, pointTestEvent, reach)
					k.Spawn(other, "spawned", func(context.Context) { reach() })
					signal.Notify()
					answer.Complete()
					cancel()
					mutex.Lock()
					other.Crash()
					other.Pause()
					other.SetSkew(time.Hour)
					other.SetSlowdown(2)
					other.CrashAfterSwitches(1, reach)
					k.Note(pointTestNote, 1, 2)
					if timer.Stop() || k.Draw(p.Actor(), pointTestPick) != 0 || k.tracing() || !k.Unwinding() {
						reach()
					}
				}()
				if victim == "by itself" {
					p.Crash()
				}
				_ = p.Sleep(ctx, time.Hour)
			})
			if victim == "by an event" {
				k.After(time.Millisecond, pointTestEvent, p.Crash)
			}
			if err := k.Run(10 * time.Second); err != nil {
				t.Fatal(err)
			}
			if reached != 0 || panics != 3 {
				t.Errorf("reached %d things, want none; panicked %d times, want 3", reached, panics)
			}
			if !other.Alive() || other.Paused() || other.Skew() != 0 || limited.Err() != nil || answer.done {
				t.Error("another process was reached")
			}
			if k.Actor("p").occurrences[pointTestPick] != 0 {
				t.Error("a draw of a dead task was counted")
			}
			mutex.Lock() // panics if the dead task has locked it
			if k.Unwinding() {
				t.Error("still unwinding")
			}
		})
	}
}

func TestClocks(t *testing.T) {
	k := New()
	p := k.NewProcess("p")
	p.SetSkew(-3*time.Second - 1)
	ctx, cancel := p.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := k.Run(time.Second); err != nil {
		t.Fatal(err)
	}
	if want := StartTime.Add(-2 * time.Second); !p.Now().Equal(want) || p.Now().Location() != time.UTC {
		t.Errorf("the clock shows %v, want %v", p.Now(), want)
	}
	p.SetSkew(time.Hour)
	if deadline, ok := ctx.Deadline(); !ok || !deadline.Equal(StartTime.Add(57*time.Second)) {
		t.Errorf("deadline %v", deadline)
	}
}

func TestMisuseOfProcesses(t *testing.T) {
	for _, test := range []struct {
		name   string
		misuse func(k *Kernel, p *Process)
		want   string
	}{
		{"same name", func(k *Kernel, p *Process) { k.NewProcess("p") },
			"kernel: a process named p exists already in this run"},
		{"restart while alive", func(k *Kernel, p *Process) { p.Restart() },
			"kernel: Restart of process p, which is alive: crash it first"},
		{"unlock", func(k *Kernel, p *Process) { p.NewMutex().Unlock() },
			"kernel: Unlock by an event of a mutex that it does not hold"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := New()
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("panic %v, want %s", got, test.want)
				}
			}()
			test.misuse(k, k.NewProcess("p"))
		})
	}
}

func TestSignals(t *testing.T) {
	k := New()
	defer k.Close()
	p := k.NewProcess("p")
	d := &diary{k: k}
	signal := p.NewSignal()
	signal.Notify()
	signal.Notify()
	wait := func(name string, ctx context.Context) {
		p.Go(name, func(context.Context) { d.note(name + " " + errorText(signal.Wait(ctx))) })
	}
	limited, cancel := p.WithTimeout(context.Background(), 15*time.Millisecond)
	defer cancel()
	for i, step := range []func(){
		func() { wait("remembered", context.Background()) },
		func() { wait("first", context.Background()) },
		func() { wait("limited", limited) },
		func() { wait("third", context.Background()) },
		signal.Notify,
		func() {},
		func() { wait("late", limited) },
		signal.Notify,
		signal.Notify,
		func() { wait("cancelled goes before remembered", limited) },
	} {
		k.After(time.Duration(i*3)*time.Millisecond, pointTestEvent, step)
	}
	if err := k.Run(time.Second); err != nil {
		t.Fatal(err)
	}
	want := []string{"0s remembered ok", "12ms first ok", "15ms limited context deadline exceeded",
		"18ms late context deadline exceeded", "21ms third ok",
		"27ms cancelled goes before remembered context deadline exceeded"}
	if !slices.Equal(d.lines, want) {
		t.Errorf("diary\n%q, want\n%q", d.lines, want)
	}
}
