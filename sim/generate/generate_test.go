package generate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/generate"
)

// TestDeployments is a typical property test of whole runs.
func TestDeployments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := generate.Runs().Draw(t, "run")
		sim.CheckSpec(t, sim.Config{NewWorld: drawn.NewWorld}, drawn.Spec())
	})
}

// TestZombies draws the deployment and sets the rest: processes that are paused again and again.
func TestZombies(t *testing.T) {
	zombies := faults.Profile{Name: "zombies", Sentence: "every process is paused"}
	zombies.Intensities[faults.ProcessPause] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: 1, High: 1}}
	rapid.Check(t, func(t *rapid.T) {
		overrides, err := generate.Sizes().Draw(t, "deployment").Overrides()
		if err != nil {
			t.Fatal(err)
		}
		drawn := generate.Run{Profile: zombies}
		spec := run.Spec{Seed: rapid.Uint64().Draw(t, "seed"), Profile: zombies.Name, Overrides: overrides}
		sim.CheckSpec(t, sim.Config{NewWorld: drawn.NewWorld}, spec)
	})
}

// Example runs what a generator draws, without a property.
func Example() {
	drawn := generate.Runs().Example(1)
	w := drawn.NewWorld()
	defer w.Close()
	fmt.Println(w.Run(drawn.Spec()).Verdict)
	// Output: pass
}

// suspicious reports a violation in every run with faults of the network.
type suspicious struct {
	run.World
	profile faults.Profile
}

func (w suspicious) Run(spec run.Spec) run.Result {
	result := w.World.Run(spec)
	for kind, intensity := range w.profile.Intensities {
		if intensity.Probability > 0 && faults.Kind(kind).Category() == "network" {
			result.Verdict = run.Violated
			result.Violation = &run.Violation{Property: "no-network", At: time.Second, Cause: "there is one", Message: "the network may fail"}
		}
	}
	return result
}

// A probe is a test that records its output and may fail.
type probe struct {
	*testing.T
	output strings.Builder
}

func (p *probe) Logf(format string, arguments ...any) {
	fmt.Fprintf(&p.output, format+"\n", arguments...)
}

func (p *probe) Errorf(format string, arguments ...any) { p.Logf(format, arguments...) }

// TestShrinking checks that rapid finds the smallest failing run and writes its fail file.
func TestShrinking(t *testing.T) {
	t.Chdir(t.TempDir())
	p := &probe{T: t}
	rapid.Check(p, func(t *rapid.T) {
		drawn := generate.Runs().Draw(t, "run")
		sim.CheckSpec(t, sim.Config{NewWorld: func() sim.World { return suspicious{drawn.NewWorld(), drawn.Profile} }}, drawn.Spec())
	})
	output := p.output.String()
	for _, part := range []string{
		"no-network: there is one", "-rapid.failfile=",
		"world.Size{Apps:2, Hosts:2, Limits:[]int{1}, Reviews:3, Burst:false, Storm:120000000000",
	} {
		if !strings.Contains(output, part) {
			t.Errorf("missing: %q in\n%s", part, output)
		}
	}
}
