package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// small is a run of one dispatch, whose answer is lost while the worker is down.
func small() (*timeline, *PointOfNoReturn) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	t := &timeline{
		Actors: []string{"app-1", "worker-1"},
		Lines: []run.Line{
			{At: ms(0), Actor: "world", Text: "the storm phase begins", Class: run.Phase},
			{At: ms(1), Step: 4, Actor: "app-1", Text: `dispatches R1/1 under claim 1 "now"`, Subject: "R1", Part: "R1/1"},
			{At: ms(4), Step: 6, Actor: "worker-1", Text: "fault: process.crash (process)", Fault: "process.crash"},
		},
		Messages: []run.Message{
			{Number: 1, Step: 4, Sent: ms(1), Arrives: ms(3), From: "app-1", To: "worker-1", Name: "worker.start", Subject: "R1", Part: "R1/1"},
			{Number: 2, Of: 1, Step: 5, Sent: ms(4), Arrives: ms(6), From: "worker-1", To: "app-1", Name: "worker.start", Subject: "R1", Part: "R1/1", Answer: true},
			{Number: 3, Step: 5, Sent: ms(5), Arrives: ms(5), From: "app-1", To: "worker-1", Name: "worker.start", Subject: "R1", Part: "R1/1", Lost: true},
		},
		Words: &run.Vocabulary{Subject: "review"},
		Lives: []life{{Actor: "worker-1", Outages: []span{{From: ms(4), To: ms(9), Open: true, Label: "down"}}}},
		Subjects: []subject{{Name: "R1", Group: "acme", Tracks: []track{
			{Name: "status", Spans: []span{
				{From: ms(0), To: ms(2), Label: "pending", Text: "attempt 1 is pending"},
				{From: ms(2), To: ms(9), Label: "queued", Text: "attempt 1 is queued"},
			}},
			{Name: "lease", Spans: []span{
				{Lane: "worker-1", From: ms(3), To: ms(9), Label: "lease worker-1, epoch 1", Text: "attempt 1 is leased to worker-1.1 in epoch 1"},
			}},
			{Name: "session", Spans: []span{{ID: "s1", From: ms(5), To: ms(9), Label: "session s1", Text: "attempt 1 is executed as session s1"}}},
		}}},
		Result: run.Result{Verdict: run.Violated, Violation: &run.Violation{Property: "no-stuck", At: ms(9), Subject: "R1", Message: "R1 is stuck"}},
		End:    ms(9),
	}
	curves := &PointOfNoReturn{Calm: Curve{Continuation: Calm, Branches: 4, Points: []Point{{At: ms(2), Same: 1}, {At: ms(4), Same: 4}}, Jump: 1}, Stormy: Curve{Jump: -1}}
	return t, curves
}

func TestTraceGolden(t *testing.T) {
	var out bytes.Buffer
	run, curves := small()
	if err := writeTrace(&out, run, curves); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "perfetto.json")
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
		t.Errorf("the trace differs from %s; go test ./sim/explain -update writes it anew:\n%s", path, out.String())
	}
}

// TestTraceOfIdleness: a run that looks for work for days is no longer than one that does so for an hour, and says how often
// it did.
func TestTraceOfIdleness(t *testing.T) {
	size := func(sweeps int) int {
		seen, curves := small()
		for i := range sweeps {
			at := time.Duration(i) * time.Minute
			step := uint64(10 + 2*i)
			seen.Lines = append(seen.Lines, run.Line{At: at, Step: step, Actor: "app-1", Text: "sweeps", Event: "sweep", Weight: run.Looking})
			seen.Messages = append(seen.Messages, run.Message{Number: uint64(10 + i), Step: step, Sent: at, Arrives: at, From: "app-1", To: "worker-1", Name: "look"})
		}
		var out bytes.Buffer
		if err := writeTrace(&out, seen, curves); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%d × sweeps", sweeps); !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("the trace does not have %q", want)
		}
		return out.Len()
	}
	if hour, days := size(60), size(6000); days > hour+100 {
		t.Errorf("%d bytes for an hour, %d for four days", hour, days)
	}
}

// TestTraceOfRuns: the traces of whole runs are JSON, each arrow that ends has begun, slices of a thread nest, and
// every thread and process has a name.
func TestTraceOfRuns(t *testing.T) {
	w := world.New()
	defer w.Close()
	for seed := uint64(1); seed <= 10; seed++ {
		var out bytes.Buffer
		if err := Trace(&out, w, run.Spec{Seed: seed, Profile: "default"}); err != nil {
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
