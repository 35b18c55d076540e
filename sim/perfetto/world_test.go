package perfetto_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/onceover/onceover/sim/perfetto"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/timeline"
	"github.com/onceover/onceover/sim/world"
)

// TestWriteRuns: the traces of whole runs are JSON, each arrow that ends has begun, slices of a thread nest, and every
// thread and process has a name.
func TestWriteRuns(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	for seed := uint64(1); seed <= 10; seed++ {
		var out bytes.Buffer
		if err := perfetto.Write(&out, timeline.Watch(w, run.Spec{Seed: seed, Profile: "default"}), nil); err != nil {
			t.Fatal(err)
		}
		var trace struct {
			TraceEvents []struct {
				Ph, Name, Cat, ID string
				At                int64 `json:"ts"`
				Dur               *int64
				Pid, Tid          int
			}
		}
		if err := json.Unmarshal(out.Bytes(), &trace); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		begun, named, phases := map[string]int{}, map[[2]int]bool{}, map[string]int{}
		for _, e := range trace.TraceEvents {
			phases[e.Ph]++
			switch e.Ph {
			case "M":
				named[[2]int{e.Pid, e.Tid}] = true
				continue
			case "s", "b":
				begun[e.Cat+e.ID]++
			case "f", "e":
				if begun[e.Cat+e.ID] != 1 {
					t.Errorf("seed %d: %s %q ends %d beginnings", seed, e.Cat, e.ID, begun[e.Cat+e.ID])
				}
			case "X":
				if e.Dur == nil || *e.Dur < 1 {
					t.Errorf("seed %d: slice %q has no duration", seed, e.Name)
				}
			}
			if !named[[2]int{e.Pid, e.Tid}] || e.At < 0 || e.Name == "" {
				t.Errorf("seed %d: event %+v", seed, e)
			}
		}
		for _, phase := range []string{"X", "i", "b", "e", "s", "f", "M"} {
			if phases[phase] == 0 {
				t.Errorf("seed %d: no event of phase %s", seed, phase)
			}
		}
	}
}
