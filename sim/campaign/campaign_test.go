package campaign

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/sim/run"
)

// made is a world whose runs are made up: what is tested here is what a campaign makes of them.
type made func(run.Spec) run.Result

func (m made) Run(spec run.Spec) run.Result { return m(spec) }
func (m made) Close()                       {}

// of returns a source of worlds that all run the same.
func of(runs made) func() run.World { return func() run.World { return runs } }

// mixed is a run of which every tenth fails in one of three ways, and every seventeenth is unknown.
func mixed(spec run.Spec) run.Result {
	o := run.Result{
		Seed: spec.Seed, Hash: mix(spec.Seed), Steps: spec.Seed % 100, Operations: spec.Seed % 10,
		Virtual: time.Duration(spec.Seed%1000) * time.Second,
	}
	o.Faults, o.Goals = one(someFaults, spec.Seed), one(someGoals, spec.Seed)
	switch {
	case spec.Seed%10 == 3:
		o.Verdict = run.Violated
		o.Violation = &run.Violation{Property: "runs-once", Cause: fmt.Sprint(spec.Seed % 3), Message: fmt.Sprint(spec.Seed)}
	case spec.Seed%17 == 0:
		o.Verdict, o.Unknown = run.Unknown, "gave up"
	}
	return o
}

// The counters of worlds that are made up.
var (
	someFaults = run.NewNames("crash", "pause", "delay")
	someGoals  = run.NewNames("crash-while-paused", "late-answer")
)

// one returns counters of which one is 1.
func one(names *run.Names, seed uint64) run.Counts {
	values := make([]uint64, names.Len())
	values[seed%uint64(len(values))]++
	return run.NewCounts(names, values...)
}

// decided returns the part of a summary that the seeds decide.
func decided(s *Summary) Summary {
	d := *s
	d.Wall, d.Workers, d.Interrupted = 0, 0, false
	return d
}

func carryOut(t testing.TB, c Campaign) *Summary {
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
		one := carryOut(t, c)
		c.Parallel = rapid.IntRange(2, 16).Draw(rt, "workers")
		many := carryOut(t, c)
		if !reflect.DeepEqual(decided(one), decided(many)) {
			rt.Errorf("one worker:\n%+v\n%d workers:\n%+v", one, c.Parallel, many)
		}
	})
}

func TestSummaryCountsEverySeedOnce(t *testing.T) {
	c := Campaign{From: 1<<64 - 500, Seeds: 2000, Parallel: 3, NewWorld: of(mixed)}
	got := carryOut(t, c)
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
		want.TraceHash += Combine(o.Seed, o.Hash)
		switch o.Verdict {
		case run.Violated:
			want.Violations++
			if len(want.Failures) < FailuresMax {
				want.Failures = append(want.Failures, o)
			}
			if ways[o.Violation.Signature()]++; ways[o.Violation.Signature()] == 1 {
				want.Signatures = append(want.Signatures, Signature{First: o})
			}
		case run.Unknown:
			want.Unknown++
			if len(want.Unknowns) < FailuresMax {
				want.Unknowns = append(want.Unknowns, o)
			}
		case run.Pass, run.NotDeterministic:
		}
	}
	for i, s := range want.Signatures {
		want.Signatures[i].Runs = ways[s.First.Violation.Signature()]
	}
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
		{Summary{Seeds: 9, Unknown: 1}, run.Unknown},
		{Summary{Seeds: 9, Unknown: 1, Violations: 1}, run.Violated},
	} {
		if got := test.summary.Verdict(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.summary, got, test.want)
		}
	}
}

// TestCutShortEqualsShort ends campaigns in every way and compares them with one of exactly that many seeds.
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
				return // too little time to begin: nothing to compare, and a campaign of 0 seeds has no end
			}
			want := carryOut(t, Campaign{Seeds: got.Seeds, Parallel: 1, NewWorld: of(mixed)})
			if !reflect.DeepEqual(decided(got), decided(want)) {
				t.Errorf("cut short after %d seeds:\n%+v\nas many asked for:\n%+v", got.Seeds, got, want)
			}
		})
	}
}

func TestFailFastFindsTheLowestFailure(t *testing.T) {
	for workers := range 8 {
		// Without a limit of seeds: that it ends shows that the failure ends it.
		s := carryOut(t, Campaign{From: 4, FailFast: true, Parallel: workers + 1, NewWorld: of(mixed)})
		if len(s.Failures) == 0 || s.Failures[0].Seed != 13 {
			t.Fatalf("%d workers: failures %+v, want seed 13 first", workers+1, s.Failures)
		}
	}
}

func TestFailuresAreToldAsTheyAreFound(t *testing.T) {
	told := map[uint64]bool{} // without a lock: calls must not overlap
	var last Progress
	s := carryOut(t, Campaign{Seeds: 50_000, Parallel: 4, NewWorld: of(mixed),
		OnFailure: func(o run.Result) {
			if told[o.Seed] {
				t.Errorf("seed %d told twice", o.Seed)
			}
			told[o.Seed] = true
		},
		OnProgress: func(p Progress) {
			if p.Seeds < last.Seeds || p.Violations < last.Violations || p.Elapsed < last.Elapsed {
				t.Errorf("progress went back from %+v to %+v", last, p)
			}
			last = p
		}})
	for _, o := range s.Failures {
		if !told[o.Seed] {
			t.Errorf("seed %d is in the summary but was not told", o.Seed)
		}
	}
	if len(told) > 4*FailuresMax {
		t.Errorf("%d failures told, want at most %d of each worker", len(told), FailuresMax)
	}
	if last.Seeds != s.Seeds || last.Violations != s.Violations || last.Unknown != s.Unknown {
		t.Errorf("last progress %+v, want what the summary has: %d, %d, %d", last, s.Seeds, s.Violations, s.Unknown)
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
		t.Errorf("summary %+v, want the %d seeds that were done", s, closed.Load())
	}
}

func TestCampaignRefusesNonsense(t *testing.T) {
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
		straight := Combine(seeds[0], hashes[0]) + Combine(seeds[1], hashes[1])
		crossed := Combine(seeds[0], hashes[1]) + Combine(seeds[1], hashes[0])
		if straight == crossed {
			t.Error("runs that swap their hashes go unnoticed")
		}
		if Combine(seeds[0], hashes[0]) == Combine(seeds[0], hashes[1]) {
			t.Error("a run whose hash changes goes unnoticed")
		}
	})
}
