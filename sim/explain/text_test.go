package explain

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// A failure as a person reads it: the verdict first, then the property, the story and the facts.
func ExampleFacts_Text() {
	f := Facts{
		Seed: 17, Profile: "default", Signature: "runs-once: second session",
		Violation: &run.Violation{Property: "runs-once", Sentence: "Every review runs exactly once.", Message: "Review R1 ran twice.", Subject: "R1"},
		Story: []Entry{
			{At: 1500 * time.Millisecond, Actor: "app-1", Text: "dispatches R1/1 under claim 1", Count: 1},
			{At: 61 * time.Second, Actor: "worker-2", Text: "fault: process.pause", Fault: true, Necessary: true, Count: 1},
			{At: 2 * time.Hour, Actor: "app-1", Text: "sweeps", Count: 12},
		},
		Minimised: &Minimised{Subject: "R3", Sizes: []Size{{"faults", 8, 1}, {"steps", 12_357, 66}}, Runs: 169, WallSeconds: 0.153, Complete: true},
	}
	fmt.Print(f.Text(nil, Note{"replay", "onceover replay default-17-min.json"}))
	// Output:
	// Review R1 ran twice.
	// violated: runs-once
	//   "Every review runs exactly once."
	//
	//         00:01.500  app-1     dispatches R1/1 under claim 1
	// !!      01:01.000  worker-2  fault: process.pause
	//     2 h 00:00.000  app-1     sweeps (12 times)
	//
	// !!  without it, the run does not fail in this way
	//
	//   signature   runs-once: second session
	//   found by    seed 17, profile default
	//   about       R1 here, and R3 in the run as found; names are the same in both
	//   minimised   faults 8 → 1, steps 12,357 → 66
	//   search      169 runs in 153ms
	//   replay      onceover replay default-17-min.json
}
