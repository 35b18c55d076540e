package explain

import (
	"fmt"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
)

func ExampleFacts_Text() {
	f := Facts{
		Seed: 17, Profile: "default", Signature: "runs-once: second session",
		Violation: &run.Violation{Property: "runs-once", Sentence: "Every review runs exactly once.", Message: "review R1 was executed twice"},
		Story: []Entry{
			{At: 1500 * time.Millisecond, Actor: "app-1", Text: "dispatches R1/1 under claim 1", Count: 1},
			{At: 61 * time.Second, Actor: "worker-2", Text: "fault: process.pause", Fault: true, Necessary: true, Count: 1},
			{At: 2 * time.Hour, Actor: "app-1", Text: "sweeps", Count: 12},
		},
		Minimised: &Minimised{Sizes: []Size{{"faults", 8, 1}, {"steps", 12_357, 66}}, Runs: 169, WallSeconds: 0.153, Complete: true},
	}
	fmt.Print(f.Text(nil, Note{"replay", "onceover replay default-17-min.json"}))
	// Output:
	// violated: runs-once
	//   "Every review runs exactly once."
	//
	//     00:01.500  app-1     dispatches R1/1 under claim 1
	// !!  01:01.000  worker-2  fault: process.pause
	//    120:00.000  app-1     sweeps (12 times)
	//
	//   review R1 was executed twice
	//
	//   signature   runs-once: second session
	//   found by    seed 17, profile default
	//   minimised   faults 8 → 1, steps 12,357 → 66
	//   search      169 runs in 153ms
	//   replay      onceover replay default-17-min.json
}

func TestMoment(t *testing.T) {
	for at, want := range map[time.Duration]string{
		0: "00:00.000",
		72*time.Minute + 3*time.Second + 120*time.Millisecond + 999*time.Microsecond: "72:03.120",
	} {
		if got := Moment(at); got != want {
			t.Errorf("Moment(%s) = %q, want %q", at, got, want)
		}
	}
}
