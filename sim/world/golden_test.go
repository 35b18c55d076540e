package world_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

var update = flag.Bool("update", false, "write the readable traces under testdata anew")

// TestGoldenTraces keeps two runs as a reader sees them: how a review goes through the system, and what a crash does
// to it. Any change of what happens in a run, or of how it is described, changes them.
func TestGoldenTraces(t *testing.T) {
	crash := showing{kind: faults.ProcessCrash}
	w := world.New()
	defer w.Close()
	for _, test := range []struct {
		file     string
		profile  string
		suitable func(lines []run.Line) bool
	}{
		{"calm.txt", "calm", func(lines []run.Line) bool { return len(lines) < 100 }},
		{"crash.txt", w.Use(crash.alone()), func(lines []run.Line) bool {
			crashes := 0
			for _, line := range lines {
				if line.Fault != "" {
					crashes++
				}
			}
			return crashes == 1 && len(lines) < 200 && watch(lines, newPatterns()).sees(crashTakenOver) != nil
		}},
	} {
		t.Run(test.file, func(t *testing.T) {
			// The first seed that is short and shows it: a change of the simulator finds another by itself.
			for seed := uint64(1); seed < 2000; seed++ {
				lines, outcome := traced(w, run.Spec{Seed: seed, Profile: test.profile})
				if outcome.Verdict != run.Pass {
					t.Fatalf("seed %d is %s: %v", seed, outcome.Verdict, outcome.Violation)
				}
				if test.suitable(lines) {
					golden(t, filepath.Join("testdata", test.file), quote(lines, nil))
					return
				}
			}
			t.Fatal("no seed is suitable")
		})
	}
}

// crashTakenOver is a crash of a host that costs a review nothing but time: some host goes on with its session.
var crashTakenOver = sight{
	{is: `^agent starts session {session}: executes {key},`},
	{is: `^{worker} crashes`},
	{is: `^worker-\d takes over {key} from {worker}.`, after: 20 * time.Second},
	{is: `store: apply of {key}: .*becomes completed`, without: `executes {key},`},
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	i := 0
	for i < len(g)-1 && i < len(w)-1 && g[i] == w[i] {
		i++
	}
	t.Errorf("line %d of %s differs:\ngot  %s\nwant %s\n"+
		"If what happens in a run was meant to change: go test ./sim/world -run TestGoldenTraces -update, and read the new file.",
		i+1, path, g[i], w[i])
}
