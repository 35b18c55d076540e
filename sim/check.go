package sim

import (
	"context"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// TB has the methods of a test that this package uses. [*testing.T], [*testing.B], [*testing.F] and rapid.T implement
// it.
type TB interface {
	Helper()
	Name() string
	Logf(format string, arguments ...any)
	Errorf(format string, arguments ...any)
	Fatalf(format string, arguments ...any)
}

// shownMax is the number of different failures that one test shows in full.
const shownMax = 3

// Check runs seeds on all cores, within one test. The test fails if a run violates a property or a check gives up.
// Check first runs the failures in [Config].Directory, which earlier runs of the test have found.
//
// Flags of go test work as usual. A repeated test (-count) runs the same seeds again; -sim.seeds and [Config].From
// select others. Seeds are not subtests, so -run selects tests only. If not all seeds fit before the deadline
// (-timeout), the test fails; with -sim.time or [Config].Time it runs as many as fit. With -v it logs the number of
// runs and their rate.
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

// runSeeds runs the campaign.
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
		c.Errorf("sim.Check: seed %d of profile %s is unknown, which is not a pass: %s", unknown.Seed, c.profile, unknown.Unknown)
	}
	if cut && summary.Violations == 0 && (c.seeds == 0 || summary.Seeds < c.seeds) {
		c.Errorf("sim.Check: only %d seeds fit before the test's deadline: raise -timeout, or ask for fewer with -sim.seeds or -sim.time", summary.Seeds)
	}
	if summary.Seeds == 0 && !cut {
		c.Errorf("sim.Check: no seed began within %s, which is not a pass: give more time with -sim.time or Config.Time", limit)
	}
	if summary.Verdict() == run.Pass {
		c.Logf("%d seeds from %d, profile %s: %d steps in %.0f virtual hours, %d faults, no violation; %.0f seeds per minute",
			summary.Seeds, c.from, c.profile, summary.Steps, summary.VirtualSeconds()/3600, summary.Faults.Total(), summary.SeedsPerMinute())
	}
}

// deadline returns how long new seeds may begin. It returns cut if the deadline of the test is the limit, and not the
// configuration.
func (c *check) deadline() (limit time.Duration, cut bool) {
	limit = c.time
	if limited, ok := c.TB.(interface{ Deadline() (time.Time, bool) }); ok {
		if deadline, set := limited.Deadline(); set {
			// The remaining tenth is for minimising a failure.
			//deterministic:allow the deadline is on the wall clock, and decides only how many seeds begin
			left := max(time.Until(deadline)*9/10, time.Nanosecond)
			if limit == 0 || left < limit {
				return left, true
			}
		}
	}
	return limit, false
}

// CheckSpec runs one specification in a new world. The test fails if the run violates a property or a check gives up.
// CheckSpec explains the run without minimising it, because packages that draw specifications, such as rapid, do that.
// It uses only the field NewWorld of config.
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
		t.Fatalf("sim.CheckSpec: seed %d is %s, which is not a pass: %s", spec.Seed, result.Verdict, result.Unknown)
	}
}
