package world_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A regression is a mistake of our own that a simulated run has found. Its seed is kept in testdata/regressions.json
// and runs in every test, for as long as the run still comes into the situation in which the mistake showed; when a
// change of the simulator has led it elsewhere, `go test ./sim/world -run TestRegressions -update` looks for the next seed
// that does.
type regression struct {
	name    string
	profile string
	// was is what went wrong, and fixed what was done about it.
	was, fixed string
	sight      sight
}

var regressions = []regression{
	{
		name: "leases-across-clocks", profile: "storm",
		was: "Hosts compared the end of a lease, written by another host, with their own clock. Two whose clocks were further " +
			"apart than a lease took a session that hung from each other for ever, and nobody brought it to its end: no-stuck.",
		fixed: "A lease is a beat; it has run out when it stands still on the clock of the host that waits for it.",
		sight: sight{
			{is: `^{worker} has a clock that is (?:[2-9]|[1-9]\d) min`},
			{is: `^agent starts session {session}: executes {key},`},
			{is: `^agent fault: agent.hang`},
			{is: `^worker-\d takes over {key} from {worker}.`},
			{is: `orchestrator: permanent: the session did not end within`, after: 10 * time.Minute},
		},
	},
	{
		name: "late-write-after-a-yield", profile: "storm",
		was: "A host let an orchestration go while a write of its own was still under way. The property " +
			"shutdown-loses-nothing took the write that landed late for a lease that was kept.",
		fixed: "Whether a lease is held is what the journal says about its holder.",
		sight: sight{
			{is: `^{worker} is asked to shut down`},
			{is: `^{worker} journal: yield of {key}`, within: time.Minute},
			{is: `^{worker} journal: (?:intend|append|\d+ events) of {key}`, within: 20 * time.Second},
		},
	},
	{
		name: "all-slots-hang-into-the-quiet-phase", profile: "agent",
		was: "Sessions that hung filled every slot of an owner until long after the storm. The property no-starvation counted " +
			"that time as if the oldest review could have been claimed all along.",
		fixed: "A review starves from when its owner has a free slot.",
		sight: sight{
			{is: `^world all is mended`},
			{is: `^agent ends session {session} of {key}: cancelled after`, after: 6 * time.Minute},
			{is: `^app-\d reserves for \w+: R\d+/\d+ \(pending\), R\d+/\d+ \(pending\)`, within: time.Minute},
		},
	},
	{
		name: "giving-up-is-refused", profile: "default",
		was: "A claimed review that could not be prepared was given up at the worker, and when the worker refused that (it was " +
			"down), nobody released the claim: the owner's slot was taken until it was stale. release-when-refused.",
		fixed: "Giving up is a dispatch, with the same outcome table.",
		sight: sight{
			{is: `^{app} could not prepare {key}: permanent`},
			{is: `^{app} dispatches {key} under claim {number}`, within: 5 * time.Second},
			{is: `^{app} has no good answer to its dispatch of {key} under claim {number}: rejected`, within: 10 * time.Second},
			{is: `^{app} store: release of {key}`, within: 10 * time.Second},
		},
	},
	{
		name: "unwanted-cancel", profile: "storm",
		was: "Before an app called a claimed review failed that it could not prepare, it had the worker cancel it, in case an old " +
			"dispatch was still on its way. When one arrived in between, a review that was running was cancelled, and nobody had " +
			"asked for that: cancel-was-wanted.",
		fixed: "The app asks the worker to record the failure, which has no effect on an attempt that the worker knows.",
		sight: sight{
			{is: `^{app} could not prepare {key}: permanent`},
			{is: `^{app} dispatches {key} under claim {number}`, within: 5 * time.Second},
			{is: `^{worker} journal: a second start of {key}: .* stays as it is`, within: 20 * time.Second},
		},
	},
	{
		name: "create-that-is-answered-late", profile: "storm",
		was: "The journal's answer to a start came so late that a renewal found the attempt before and launched it; it had run " +
			"to its end when the answer came, and the start launched it again: agent-left-alone, and a lease given up twice " +
			"in a shutdown.",
		fixed: "A renewal leaves to a start what that is still creating.",
		sight: sight{
			{is: `^{worker} journal: create of {key}`},
			{is: `^{worker} journal: intend of {key}`, after: 5 * time.Second, within: 9 * time.Second},
		},
	},
	{
		name: "failing-wakes-nobody", profile: "preparation",
		was: "An app called a review failed that could not be prepared, and woke no dispatcher. A review of the same owner, whose claim " +
			"had been refused because the failed one was before it, waited for the next sweep: nothing-late.",
		fixed: "A dispatcher that fails a review triggers the cycle of its owner.",
		sight: sight{
			{is: `^{app} is refused by the store: claim of {key}: rejected`},
			{is: `^{app2} store: fail of R\d+/\d+: pending becomes failed`, within: 20 * time.Second, without: `prepares {key}`},
			{is: `prepares {key}`, within: time.Second},
		},
	},
	{
		name: "the-last-look-kills", profile: "process",
		was: "A review whose events kill their reader failed after so many takeovers, and the host that was to fail it looked " +
			"once more at its events first. That killed it, too, and so did the next look, for ever: no-stuck.",
		fixed: "Only one host takes the last look. If it is lost, the next one fails the attempt without.",
		sight: sight{
			{is: `^{worker} fault: process.poison \(agent.stream\)`},
			{is: `(?:[6-9]|\d\d) hosts have lost the attempt`},
		},
	},
}

// TestRegressions runs the seeds that have found mistakes of our own.
func TestRegressions(t *testing.T) {
	path := filepath.Join("testdata", "regressions.json")
	seeds := map[string]uint64{}
	if text, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(text, &seeds); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	w := world.New()
	defer w.Close()
	for _, r := range regressions {
		t.Run(r.name, func(t *testing.T) {
			if *update {
				seeds[r.name] = firstSeedThatShows(t, w, &r)
			}
			lines, outcome := traced(w, run.Spec{Seed: seeds[r.name], Profile: r.profile})
			if outcome.Verdict != run.Pass {
				t.Fatalf("seed %d of %s is %s again: %v\nIt was: %s\nIt was fixed so: %s",
					seeds[r.name], r.profile, outcome.Verdict, outcome.Violation, r.was, r.fixed)
			}
			if watch(lines, newPatterns()).sees(r.sight) == nil {
				t.Errorf("seed %d of %s does not come into the situation any more; run go test ./sim/world -run TestRegressions -update",
					seeds[r.name], r.profile)
			}
		})
	}
	if *update {
		text, err := json.MarshalIndent(seeds, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func firstSeedThatShows(t *testing.T, w *world.Deployment, r *regression) uint64 {
	t.Helper()
	for seed := uint64(1); seed < 20_000; seed++ {
		lines, _ := traced(w, run.Spec{Seed: seed, Profile: r.profile})
		if watch(lines, newPatterns()).sees(r.sight) != nil {
			return seed
		}
	}
	t.Fatal("no seed under 20,000 comes into the situation")
	return 0
}
