package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/sim/run"
)

// made is a world with invented runs, to test the campaign alone.
type made func(run.Spec) run.Result

func (m made) Run(spec run.Spec) run.Result { return m(spec) }
func (m made) Close()                       {}

// of returns a function that returns worlds with the same runs.
func of(runs made) func() run.World { return func() run.World { return runs } }

// mixed returns an invented result: every tenth seed fails, in one of three ways, and every seventeenth is unknown.
func mixed(spec run.Spec) run.Result {
	o := run.Result{
		Seed: spec.Seed, Hash: mix(spec.Seed), Steps: spec.Seed % 100, Operations: spec.Seed % 10,
		Virtual: time.Duration(spec.Seed%1000) * time.Second,
	}
	o.Faults, o.Goals = one(someFaults, 3, spec.Seed), one(someGoals, 2, spec.Seed)
	switch {
	case spec.Seed%10 == 3:
		o.Verdict = run.Violated
		o.Violation = &run.Violation{Property: "runs-once", Cause: fmt.Sprint(spec.Seed % 3), Message: fmt.Sprint(spec.Seed)}
	case spec.Seed%17 == 0:
		o.Verdict, o.Unknown = run.Unknown, "gave up"
	}
	return o
}

// The counters of invented runs.
var (
	someFaults = run.NewNames("crash", "pause", "delay")
	someGoals  = run.NewNames("crash-while-paused", "late-answer")
)

// one returns n counters of which one is 1.
func one(names *run.Names, n, seed uint64) run.Counts {
	values := make([]uint64, n)
	values[seed%n]++
	return run.NewCounts(names, values...)
}

// decided returns the part of a summary that the seeds decide.
func decided(s *Summary) Summary {
	d := *s
	d.Wall, d.Workers, d.Interrupted = 0, 0, false
	return d
}

func runCampaign(t testing.TB, c Campaign) *Summary {
	t.Helper()
	summary, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestSummaryDoesNotDependOnWorkers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := Campaign{
			From:     rapid.Uint64().Draw(rt, "from"),
			Seeds:    rapid.Uint64Range(1, 3000).Draw(rt, "seeds"),
			Parallel: 1,
			NewWorld: of(mixed),
		}
		one := runCampaign(t, c)
		c.Parallel = rapid.IntRange(2, 16).Draw(rt, "workers")
		many := runCampaign(t, c)
		if !reflect.DeepEqual(decided(one), decided(many)) {
			rt.Errorf("one worker:\n%+v\n%d workers:\n%+v", one, c.Parallel, many)
		}
	})
}

func TestSummaryCountsEverySeedOnce(t *testing.T) {
	c := Campaign{From: 1<<64 - 500, Seeds: 2000, Parallel: 3, NewWorld: of(mixed)}
	got := runCampaign(t, c)
	want := Summary{From: c.From}
	ways := map[string]uint64{}
	for i := range c.Seeds {
		o := mixed(run.Spec{Seed: c.From + i})
		want.Seeds++
		want.Steps += o.Steps
		want.Operations += o.Operations
		want.VirtualMicroseconds += uint64(o.Virtual.Microseconds())
		want.Faults.Merge(o.Faults)
		want.Goals.Merge(o.Goals)
		want.TraceHash += combine(o.Seed, o.Hash)
		switch o.Verdict {
		case run.Violated:
			want.Violations++
			if len(want.Failures) < failuresMax {
				want.Failures = append(want.Failures, o)
			}
			if ways[o.Violation.Signature()]++; ways[o.Violation.Signature()] == 1 {
				want.Signatures = append(want.Signatures, Signature{First: o})
			}
		case run.Unknown:
			want.Unknown++
			if len(want.Unknowns) < failuresMax {
				want.Unknowns = append(want.Unknowns, o)
			}
		case run.Pass, run.NotDeterministic:
		}
	}
	for i, s := range want.Signatures {
		want.Signatures[i].Runs = ways[s.First.Violation.Signature()]
	}
	slices.SortStableFunc(want.Signatures, func(a, b Signature) int { return cmp.Compare(b.Runs, a.Runs) })
	if !reflect.DeepEqual(decided(got), want) {
		t.Errorf("summary\n%+v\nwant\n%+v", decided(got), want)
	}
	if got.Verdict() != run.Violated {
		t.Errorf("verdict %s, want violated", got.Verdict())
	}
}

func TestVerdictIsTheWorst(t *testing.T) {
	for _, test := range []struct {
		summary Summary
		want    run.Verdict
	}{
		{Summary{Seeds: 9}, run.Pass},
		{Summary{}, run.Unknown},
		{Summary{Seeds: 9, Interrupted: true}, run.Unknown},
		{Summary{Seeds: 9, Interrupted: true, Violations: 1}, run.Violated},
		{Summary{Seeds: 9, Unknown: 1}, run.Unknown},
		{Summary{Seeds: 9, Unknown: 1, Violations: 1}, run.Violated},
	} {
		if got := test.summary.Verdict(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.summary, got, test.want)
		}
	}
}

// TestCutShortEqualsShort ends campaigns early in every way and compares them with campaigns of exactly as many seeds.
func TestCutShortEqualsShort(t *testing.T) {
	for _, test := range []struct {
		name        string
		campaign    func(cancel context.CancelFunc) Campaign
		interrupted bool
	}{
		{"context", func(cancel context.CancelFunc) Campaign {
			return Campaign{NewWorld: of(func(spec run.Spec) run.Result {
				if spec.Seed == 777 {
					cancel()
				}
				return mixed(spec)
			})}
		}, true},
		{"time", func(context.CancelFunc) Campaign {
			return Campaign{NewWorld: of(mixed), Time: time.Millisecond}
		}, false},
		{"first failure", func(context.CancelFunc) Campaign {
			return Campaign{NewWorld: of(mixed), FailFast: true}
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := test.campaign(cancel)
			c.Parallel = 4
			got, err := c.Run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got.Interrupted != test.interrupted {
				t.Errorf("interrupted is %t, want %t", got.Interrupted, test.interrupted)
			}
			if got.Seeds == 0 {
				return // too little time to begin; a campaign of 0 seeds has no limit
			}
			want := runCampaign(t, Campaign{Seeds: got.Seeds, Parallel: 1, NewWorld: of(mixed)})
			if !reflect.DeepEqual(decided(got), decided(want)) {
				t.Errorf("cut short after %d seeds:\n%+v\na campaign of as many:\n%+v", got.Seeds, got, want)
			}
		})
	}
}

func TestFailFastFindsTheLowestFailure(t *testing.T) {
	for workers := range 8 {
		// No limit of seeds, so only the failure can end it.
		s := runCampaign(t, Campaign{From: 4, FailFast: true, Parallel: workers + 1, NewWorld: of(mixed)})
		if len(s.Failures) == 0 || s.Failures[0].Seed != 13 {
			t.Fatalf("%d workers: failures %+v, want seed 13 first", workers+1, s.Failures)
		}
	}
}

func TestFailuresAreReportedAsTheyAreFound(t *testing.T) {
	reported := map[uint64]bool{} // without a lock: calls must not overlap
	var last Progress
	s := runCampaign(t, Campaign{Seeds: 50_000, Parallel: 4, NewWorld: of(mixed),
		OnFailure: func(o run.Result) {
			if reported[o.Seed] {
				t.Errorf("seed %d reported twice", o.Seed)
			}
			reported[o.Seed] = true
		},
		OnProgress: func(p Progress) {
			if p.Seeds < last.Seeds || p.Violations < last.Violations || p.Elapsed < last.Elapsed {
				t.Errorf("progress went back from %+v to %+v", last, p)
			}
			last = p
		}})
	for _, o := range s.Failures {
		if !reported[o.Seed] {
			t.Errorf("seed %d is in the summary but was not reported", o.Seed)
		}
	}
	if len(reported) > 4*failuresMax {
		t.Errorf("%d failures reported, want at most %d of each worker", len(reported), failuresMax)
	}
	if last.Seeds != s.Seeds || last.Violations != s.Violations || last.Unknown != s.Unknown {
		t.Errorf("last progress %+v, want that of the summary: %d, %d, %d", last, s.Seeds, s.Violations, s.Unknown)
	}
}

func TestBrokenSimulatorIsAnError(t *testing.T) {
	var closed atomic.Int64
	c := Campaign{Profile: "storm", Seeds: 100, Parallel: 2, NewWorld: of(func(spec run.Spec) run.Result {
		if spec.Seed == 40 {
			panic("index out of range")
		}
		closed.Add(1)
		return mixed(spec)
	})}
	s, err := c.Run(t.Context())
	var broken *run.BrokenError
	if !errors.As(err, &broken) || broken.Seed != 40 || !strings.Contains(string(broken.Stack), "TestBrokenSimulator") {
		t.Fatalf("error %v, want a run.BrokenError of seed 40 with its stack", err)
	}
	if want := "the simulator broke at seed 40 of profile storm: index out of range"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if s == nil || s.Seeds != uint64(closed.Load()) {
		t.Errorf("summary %+v, want the %d finished seeds", s, closed.Load())
	}
}

func TestInvalidCampaigns(t *testing.T) {
	for _, test := range []struct {
		campaign Campaign
		want     string
	}{
		{Campaign{Parallel: -1}, "Parallel is -1"},
		{Campaign{Time: -time.Second}, "Time is -1s"},
	} {
		if _, err := test.campaign.Run(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one about %q", err, test.want)
		}
	}
}

func TestCombine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds := rapid.SliceOfNDistinct(rapid.Uint64(), 2, 2, rapid.ID).Draw(t, "seeds")
		hashes := rapid.SliceOfNDistinct(rapid.Uint64(), 2, 2, rapid.ID).Draw(t, "hashes")
		straight := combine(seeds[0], hashes[0]) + combine(seeds[1], hashes[1])
		crossed := combine(seeds[0], hashes[1]) + combine(seeds[1], hashes[0])
		if straight == crossed {
			t.Error("runs that swap their hashes go unnoticed")
		}
		if combine(seeds[0], hashes[0]) == combine(seeds[0], hashes[1]) {
			t.Error("a run whose hash changes goes unnoticed")
		}
	})
}
