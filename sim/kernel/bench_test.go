package kernel

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"testing"
	"time"
)

var pointBenchmark = NewPoint("test.benchmark")

// pullRoundTrips measures the yardstick: one value pulled from a coroutine.
func pullRoundTrips(n int) time.Duration {
	next, stop := iter.Pull(func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	})
	defer stop()
	next()
	start := time.Now()
	for range n {
		next()
	}
	return time.Since(start)
}

// sleepers returns a kernel in which a number of tasks in ten processes sleep for irregular spans up to 134 ms, for
// ever.
func sleepers(tasks int) *Kernel {
	k := New()
	k.Reset(Config{Seed: 1, StepLimit: 1 << 62})
	var processes []*Process
	for i := range 10 {
		processes = append(processes, k.NewProcess("process-"+strconv.Itoa(i)))
	}
	for i := range tasks {
		p := processes[i%len(processes)]
		random := mix64(uint64(i))
		p.Go("sleeper", func(ctx context.Context) {
			// A cheap generator of its own: the spans are as irregular as drawn ones, and the draw is not measured.
			for p.Sleep(ctx, time.Duration(random>>37)) == nil {
				random = random*6364136223846793005 + 1442695040888963407
			}
		})
	}
	return k
}

// steps runs a kernel for a number of further steps.
func steps(tb testing.TB, k *Kernel, n int) {
	k.config.StepLimit = k.steps + uint64(n)
	k.failure = nil
	if err := k.Run(1 << 62); !errors.Is(err, ErrStepLimit) {
		tb.Fatal(err)
	}
}

func BenchmarkIterPull(b *testing.B) {
	b.ReportMetric(float64(pullRoundTrips(b.N).Nanoseconds())/float64(b.N), "ns/pull")
}

// BenchmarkStep measures a step (schedule, switch, hash) and reports how many bare iter.Pull round trips it costs. The
// two are measured in turns, so that a noisy machine disturbs both alike. At most 2 x-pull is required.
func BenchmarkStep(b *testing.B) {
	for _, tasks := range []int{1, 10, 100, 1000} {
		b.Run("tasks="+strconv.Itoa(tasks), func(b *testing.B) {
			k := sleepers(tasks)
			defer k.Close()
			steps(b, k, 10_000)
			b.ReportAllocs()
			b.ResetTimer()
			var pull, step time.Duration
			for left := b.N; left > 0; {
				n := min(left, 20_000)
				left -= n
				start := time.Now()
				steps(b, k, n)
				step += time.Since(start)
				b.StopTimer()
				pull += pullRoundTrips(n)
				b.StartTimer()
			}
			b.ReportMetric(float64(step)/float64(pull), "x-pull")
		})
	}
}

// BenchmarkEvent measures a step that switches to no task.
func BenchmarkEvent(b *testing.B) {
	k := New()
	defer k.Close()
	k.Reset(Config{StepLimit: 1 << 62})
	var again func()
	again = func() { k.After(time.Millisecond, pointBenchmark, again) }
	for range 100 {
		again()
	}
	b.ReportAllocs()
	b.ResetTimer()
	steps(b, k, b.N)
}

// BenchmarkCompletion measures a request: schedule the answer, block, be answered. One step, one switch.
func BenchmarkCompletion(b *testing.B) {
	k := New()
	defer k.Close()
	k.Reset(Config{StepLimit: 1 << 62})
	p := k.NewProcess("client")
	p.Go("requests", func(ctx context.Context) {
		var answer Completion
		complete := answer.Complete
		for {
			answer.Reset(k)
			k.After(time.Millisecond, pointBenchmark, complete)
			if answer.Wait(ctx) != nil {
				return
			}
		}
	})
	b.ReportAllocs()
	b.ResetTimer()
	steps(b, k, b.N)
}

func BenchmarkSpawn(b *testing.B) {
	k := New()
	defer k.Close()
	k.Reset(Config{StepLimit: 1 << 62})
	p := k.NewProcess("parent")
	child := func(ctx context.Context) {}
	var again func()
	again = func() {
		p.Go("child", child)
		k.After(time.Millisecond, pointBenchmark, again)
	}
	again()
	b.ReportAllocs()
	b.ResetTimer()
	steps(b, k, b.N)
}

func BenchmarkWithTimeout(b *testing.B) {
	k := New()
	defer k.Close()
	k.Reset(Config{StepLimit: 1 << 62})
	p := k.NewProcess("client")
	b.ReportAllocs()
	p.Go("timeouts", func(ctx context.Context) {
		for range b.N {
			_, cancel := p.WithTimeout(ctx, 10*time.Second)
			cancel()
		}
	})
	if err := k.Run(time.Second); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkDraw(b *testing.B) {
	k := New()
	a := k.Actor("client")
	b.Run("draw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k.Draw(a, pointBenchmark)
		}
	})
	b.Run("latency", func(b *testing.B) {
		b.ReportAllocs()
		l := Latency{Min: time.Millisecond, Median: 3 * time.Millisecond, Max: time.Second}
		for b.Loop() {
			k.Latency(a, pointBenchmark, l)
		}
	})
}

// BenchmarkWorld measures what a campaign pays per run for the kernel alone: reset, ten processes, a hundred short
// tasks.
func BenchmarkWorld(b *testing.B) {
	k := New()
	defer k.Close()
	names := make([]string, 10)
	for i := range names {
		names[i] = "process-" + strconv.Itoa(i)
	}
	b.ReportAllocs()
	for seed := uint64(0); b.Loop(); seed++ {
		k.Reset(Config{Seed: seed})
		for _, name := range names {
			p := k.NewProcess(name)
			nap := func(ctx context.Context) { _ = p.Sleep(ctx, k.Between(p.Actor(), pointBenchmark, 0, time.Second)) }
			for range 10 {
				p.Go("nap", nap)
			}
		}
		if err := k.Run(time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}
