package sim

import (
	"context"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// TB is what is needed of a test: [*testing.T], [*testing.B], [*testing.F] and rapid.T have it.
type TB interface {
	Helper()
	Name() string
	Logf(format string, arguments ...any)
	Errorf(format string, arguments ...any)
	Fatalf(format string, arguments ...any)
}

// shownMax is how many different failures of one test are shown. More would push the first out of sight.
const shownMax = 3

// Check runs seeds on all cores, within this one test, and fails it when a run violates a property, or when a check gave
// up on one. First it runs what was found before and is kept under [Config].Directory.
//
// It plays well with the flags of go test. A test that is repeated (-count) runs the same seeds again: -sim.seeds and
// [Config].From give others. Seeds are no subtests, so -run chooses among tests. What does not fit before the
// deadline (-timeout) is not run, and fails the test, which has not done what it was asked to do; -sim.time and
// [Config].Time ask for as many as fit. With -v it tells what was run.
func Check(t TB, config Config) {
	t.Helper()
	r, err := config.resolve(testing.Short())
	if err != nil {
		t.Fatalf("sim.Check: %v", err)
	}
	c := &check{TB: t, resolved: r, shown: make(map[string]bool)}
	if !r.only {
		c.runKept()
	}
	c.runSeeds()
}

// check is one call of [Check].
type check struct {
	TB
	resolved
	shown map[string]bool // signatures
}

// runSeeds carries out the campaign.
func (c *check) runSeeds() {
	c.Helper()
	limit, cut := c.deadline()
	summary, err := campaign.Campaign{
		Profile: c.profile, Properties: c.properties, From: c.from, Seeds: c.seeds, Time: limit,
		FailFast: true, NewWorld: c.newWorld,
	}.Run(context.Background())
	if err != nil {
		c.Fatalf("sim.Check: %v", err)
	}
	for _, failure := range summary.Signatures {
		c.fail(c.spec(failure.First.Seed), failure.First)
	}
	for _, unknown := range summary.Unknowns {
		c.Errorf("sim.Check: seed %d of profile %s is unknown, which is no pass: %s", unknown.Seed, c.profile, unknown.Unknown)
	}
	if cut && summary.Violations == 0 && (c.seeds == 0 || summary.Seeds < c.seeds) {
		c.Errorf("sim.Check: only %d seeds fit before the test's deadline: raise -timeout, or ask for fewer with -sim.seeds or -sim.time", summary.Seeds)
	}
	if summary.Verdict() == run.Pass {
		c.Logf("%d seeds from %d, profile %s: %d steps in %.0f virtual hours, %d faults, no violation; %.0f seeds per minute",
			summary.Seeds, c.from, c.profile, summary.Steps, summary.VirtualSeconds()/3600, summary.Faults.Total(), summary.SeedsPerMinute())
	}
}

// deadline returns for how long seeds may be begun. cut tells that this is for the test's deadline and not because
// anybody asked for it.
func (c *check) deadline() (limit time.Duration, cut bool) {
	limit = c.time
	if limited, ok := c.TB.(interface{ Deadline() (time.Time, bool) }); ok {
		if deadline, set := limited.Deadline(); set {
			// The rest is for the search for the smallest failure.
			//deterministic:allow a deadline is a moment of the wall clock, and decides only how many seeds are begun
			left := max(time.Until(deadline)*9/10, time.Nanosecond)
			if limit == 0 || left < limit {
				return left, true
			}
		}
	}
	return limit, false
}

// CheckSpec runs one specification in a world of its own and fails the test when the run violates a property, or when a
// check gave up on it. It explains the run without minimising it first: package rapid and others that draw
// specifications do that. Of config only NewWorld counts.
func CheckSpec(t TB, config Config, spec run.Spec) {
	t.Helper()
	r, err := config.resolve(true)
	if err != nil {
		t.Fatalf("sim.CheckSpec: %v", err)
	}
	w := r.newWorld()
	result, err := run.Once(w, spec)
	if err != nil {
		t.Fatalf("sim.CheckSpec: %v", err)
	}
	defer w.Close()
	switch result.Verdict {
	case run.Pass:
	case run.Violated:
		t.Fatalf("%s", explainIn(w, spec, result, explain.Options{Expected: &result}))
	default:
		t.Fatalf("sim.CheckSpec: seed %d is %s, which is no pass: %s", spec.Seed, result.Verdict, result.Unknown)
	}
}
