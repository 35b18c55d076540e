package campaign

import (
	"runtime"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/world"
)

// BenchmarkWorld runs seeds one after the other on one core, with all online checks. One operation of the benchmark is
// one seed.
func BenchmarkWorld(b *testing.B) {
	for _, profile := range faults.Profiles() {
		b.Run(profile.Name, func(b *testing.B) {
			// One core for everything, with the garbage collector: these are figures per core.
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			w := world.New()
			defer w.Close()
			var steps, operations, seed uint64
			var virtual time.Duration
			b.ReportAllocs()
			for b.Loop() {
				seed++
				result := w.Run(run.Spec{Seed: seed, Profile: profile.Name})
				steps += result.Steps
				operations += result.Operations
				virtual += result.Virtual
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(steps)/seconds, "steps/s")
			b.ReportMetric(float64(operations)/seconds, "operations/s")
			b.ReportMetric(60*float64(seed)/seconds, "seeds/min")
			b.ReportMetric(float64(steps)/float64(seed), "steps/seed")
			b.ReportMetric(virtual.Seconds()/float64(seed), "virtual-s/seed")
		})
	}
}

// BenchmarkCampaign1 and BenchmarkCampaign2 show how campaigns scale with workers, and how much memory they take. One
// operation of the benchmark is one seed.
func BenchmarkCampaign1(b *testing.B) { benchmarkCampaign(b, 1) }

// BenchmarkCampaign2 is BenchmarkCampaign1 with two workers.
func BenchmarkCampaign2(b *testing.B) { benchmarkCampaign(b, 2) }

func benchmarkCampaign(b *testing.B, workers int) {
	if runtime.NumCPU() < workers {
		b.Skipf("%d cores, which is not enough for %d workers", runtime.NumCPU(), workers)
	}
	// As many cores as workers, so that no other core collects the garbage of a worker.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	s := runCampaign(b, Campaign{Profile: "default", From: 1, Seeds: uint64(b.N), Parallel: workers, NewWorld: reviews})
	b.ReportMetric(s.SeedsPerMinute(), "seeds/min")
	b.ReportMetric(s.StepsPerSecond(), "steps/s")
	b.ReportMetric(s.OperationsPerSecond(), "operations/s")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MiB")
}
