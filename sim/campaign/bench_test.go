package campaign

import (
	"runtime"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/world"
)

// BenchmarkWorld runs one world after the other on one core, all online checks on. One operation of the benchmark is
// one seed.
func BenchmarkWorld(b *testing.B) {
	for _, profile := range faults.Profiles() {
		b.Run(profile.Name, func(b *testing.B) {
			// One core for everything, the garbage collector included: these are figures per core.
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			w := world.NewWorld()
			defer w.Close()
			var steps, operations, seed uint64
			var virtual time.Duration
			b.ReportAllocs()
			for b.Loop() {
				seed++
				outcome := w.Run(run.Spec{Seed: seed, Profile: profile.Name})
				steps += outcome.Steps
				operations += outcome.Operations
				virtual += outcome.Virtual
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

// BenchmarkCampaign1 and BenchmarkCampaign2 show how campaigns scale with workers, and what memory they take. One
// operation of the benchmark is one seed.
func BenchmarkCampaign1(b *testing.B) { benchmarkCampaign(b, 1) }

// BenchmarkCampaign2 is BenchmarkCampaign1 with two workers.
func BenchmarkCampaign2(b *testing.B) { benchmarkCampaign(b, 2) }

func benchmarkCampaign(b *testing.B, workers int) {
	if runtime.NumCPU() < workers {
		b.Skipf("%d cores, which is not enough for %d workers", runtime.NumCPU(), workers)
	}
	// As many cores as workers, so that one worker's garbage is not collected by a second core.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	s := carryOut(b, Campaign{Profile: "default", From: 1, Seeds: uint64(b.N), Parallel: workers, NewWorld: reviews})
	b.ReportMetric(s.SeedsPerMinute(), "seeds/min")
	b.ReportMetric(s.StepsPerSecond(), "steps/s")
	b.ReportMetric(s.OperationsPerSecond(), "operations/s")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MiB")
}
