package perfetto_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/inevitable"
	"github.com/onceover/onceover/sim/perfetto"
	"github.com/onceover/onceover/sim/timeline"
	"github.com/onceover/onceover/sim/world"
)

var update = flag.Bool("update", false, "write the golden file")

// small is a run of one dispatch, whose answer is lost while the worker is down.
func small() (*timeline.Timeline, *inevitable.Result) {
	key := engine.AttemptKey{Review: "R1", Attempt: 1}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	t := &timeline.Timeline{
		Actors: []string{"app-1", "worker-1"},
		Lines: []world.Line{
			{At: ms(0), Actor: "world", Text: "the storm phase begins", Kind: checker.PhaseBegan},
			{At: ms(1), Step: 4, Actor: "app-1", Text: `dispatches R1/1 under claim 1 "now"`, Kind: checker.DispatchSent, Key: key},
			{At: ms(4), Step: 6, Actor: "worker-1", Text: "fault: process.crash (process)", Kind: checker.FaultFired, Fault: true},
		},
		Messages: []world.Message{
			{Number: 1, Step: 4, Sent: ms(1), Arrives: ms(3), From: "app-1", To: "worker-1", Name: "worker.start", Key: key},
			{Number: 2, Of: 1, Step: 5, Sent: ms(4), Arrives: ms(6), From: "worker-1", To: "app-1", Name: "worker.start", Key: key, Answer: true},
			{Number: 3, Step: 5, Sent: ms(5), Arrives: ms(5), From: "app-1", To: "worker-1", Name: "worker.start", Key: key, Lost: true},
		},
		Outages: []timeline.Span{{Lane: "worker-1", From: ms(4), To: ms(9), Open: true, Text: "down"}},
		Reviews: []timeline.Review{{
			ID: "R1", Owner: "acme",
			Statuses: []timeline.Span{{From: ms(0), To: ms(2), Attempt: 1, Text: "pending"}, {From: ms(2), To: ms(9), Attempt: 1, Number: 1, Text: "queued"}},
			Leases:   []timeline.Span{{Lane: "worker-1", From: ms(3), To: ms(9), Attempt: 1, Number: 1, Text: "worker-1.1"}},
			Sessions: []timeline.Span{{From: ms(5), To: ms(9), Attempt: 1, Text: "s1"}},
		}},
		End: ms(9),
	}
	curves := &inevitable.Result{Calm: inevitable.Curve{Future: inevitable.Calm, Branches: 4, Points: []inevitable.Point{{At: ms(2), Same: 1}, {At: ms(4), Same: 4}}}}
	return t, curves
}

func TestWriteGolden(t *testing.T) {
	var out bytes.Buffer
	run, curves := small()
	if err := perfetto.Write(&out, run, curves); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "small.json")
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the trace differs from %s; go test ./sim/perfetto -update writes it anew:\n%s", path, out.String())
	}
}

// TestWriteRuns: the traces of whole runs are JSON, each arrow that ends has begun, slices of a thread nest, and every
// thread and process has a name.
func TestWriteRuns(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	profile, err := faults.Named("default")
	if err != nil {
		t.Fatal(err)
	}
	for seed := uint64(1); seed <= 10; seed++ {
		var out bytes.Buffer
		if err := perfetto.Write(&out, timeline.Watch(w, world.Spec{Seed: seed, Profile: profile}), nil); err != nil {
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
