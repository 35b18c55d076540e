package campaign

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/world"
)

var update = flag.Bool("update", false, "rewrite testdata/golden.json")

const (
	goldenFile = "testdata/golden.json"
	// goldenSeeds is enough to cover every kind of fault and most coverage goals in the hash of a profile.
	goldenSeeds = 200
)

// reviews returns a world of the golden hashes.
func reviews() run.World { return world.New() }

// TestGolden compares the trace hashes of campaigns with recorded ones: a seed gives the same run on every machine, in
// every process and with any number of workers.
func TestGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("2,200 seeds take a minute under the race detector, and TestOneWorkerAndMany covers the same code")
	}
	got := map[string]string{}
	for _, profile := range faults.Profiles() {
		s := runCampaign(t, Campaign{Profile: profile.Name, From: 1, Seeds: goldenSeeds, NewWorld: reviews})
		got[profile.Name] = run.FormatHash(s.TraceHash)
		if s.Verdict() != run.Pass {
			t.Errorf("profile %s: %s; see: onceover run --profile %[1]s --seeds %d", profile.Name, s.Verdict(), goldenSeeds)
		}
	}
	if *update {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatalf("%s: %v", goldenFile, err)
	}
	var differ []string
	for _, profile := range faults.Profiles() {
		if got[profile.Name] != want[profile.Name] {
			differ = append(differ, profile.Name)
			t.Errorf("profile %s: trace hash %s, recorded is %q", profile.Name, got[profile.Name], want[profile.Name])
		}
		delete(want, profile.Name)
	}
	if len(differ) > 0 {
		t.Errorf("If you changed what happens in a run (engine, world, faults), this is expected. Review the change once more, then run\n"+
			"	go test ./sim/campaign -run TestGolden -update\n"+
			"and commit %s with it. Seeds in replay files give other runs from now on.\n"+
			"If you did not, runs are no longer deterministic:\n"+
			"	go run ./cmd/onceover replay 1 --profile %s --check-determinism 100", goldenFile, differ[0])
	}
	for name := range want {
		t.Errorf("%s has a profile %s, which does not exist; rewrite it with -update", goldenFile, name)
	}
}

// TestSameSeedSameRun repeats seeds of every profile under different circumstances.
func TestSameSeedSameRun(t *testing.T) {
	seeds := uint64(5)
	if testing.Short() {
		seeds = 1
	}
	for _, profile := range faults.Profiles() {
		for seed := range seeds {
			_, m, err := CheckDeterminism(run.Spec{Seed: seed, Profile: profile.Name}, 6, reviews)
			if err != nil {
				t.Fatal(err)
			}
			if m != nil {
				t.Errorf("seed %d of profile %s ran differently %s; see: go run ./cmd/onceover replay %[1]d --profile %[2]s --check-determinism 6",
					seed, profile.Name, m.Circumstances)
			}
		}
	}
}

// TestOneWorkerAndMany compares campaigns of the real world with different numbers of workers.
func TestOneWorkerAndMany(t *testing.T) {
	for _, name := range []string{"default", "storm"} {
		c := Campaign{Profile: name, From: 1 << 40, Seeds: 100, NewWorld: reviews}
		hashes := map[int]string{}
		for _, workers := range []int{1, 2, 8} {
			c.Parallel = workers
			hashes[workers] = run.FormatHash(runCampaign(t, c).TraceHash)
		}
		if hashes[1] != hashes[2] || hashes[1] != hashes[8] {
			t.Errorf("profile %s: trace hashes by number of workers: %v, want them equal", name, hashes)
		}
	}
}

// TestReusedWorldEqualsFreshWorld runs seeds one after the other in one world, and each in a new one.
func TestReusedWorldEqualsFreshWorld(t *testing.T) {
	used := world.New()
	defer used.Close()
	for seed := range uint64(50) {
		fresh := world.New()
		spec := run.Spec{Seed: seed, Profile: "storm"}
		if a, b := fresh.Run(spec), used.Run(spec); !a.Equal(&b) {
			t.Errorf("seed %d: fresh world\n%+v\nused world\n%+v", seed, a, b)
		}
		fresh.Close()
	}
}
