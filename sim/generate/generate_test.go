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

// TestDeployments is how a property test of whole runs looks.
func TestDeployments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := generate.Runs().Draw(t, "run")
		sim.CheckSpec(t, sim.Config{NewWorld: drawn.NewWorld}, drawn.Spec())
	})
}

// TestZombies draws one part and fixes the rest: hosts that are paused again and again, in any deployment.
func TestZombies(t *testing.T) {
	zombies := faults.Profile{Name: "zombies", Sentence: "every process is paused"}
	zombies.Intensities[faults.ProcessPause] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: 1, High: 1}}
	rapid.Check(t, func(t *rapid.T) {
		overrides, err := generate.Deployments().Draw(t, "deployment").Overrides()
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

// suspicious finds fault with every run in which the network can fail.
type suspicious struct {
	run.World
	profile faults.Profile
}

func (w suspicious) Run(spec run.Spec) run.Result {
	outcome := w.World.Run(spec)
	for kind, intensity := range w.profile.Intensities {
		if intensity.Probability > 0 && faults.Kind(kind).Category() == "network" {
			outcome.Verdict = run.Violated
			outcome.Violation = &run.Violation{Property: "no-network", At: time.Second, Cause: "there is one", Message: "the network may fail"}
		}
	}
	return outcome
}

// failing is a test that fails on purpose.
type failing struct {
	*testing.T
	said strings.Builder
}

func (f *failing) Logf(format string, arguments ...any) {
	fmt.Fprintf(&f.said, format+"\n", arguments...)
}

func (f *failing) Errorf(format string, arguments ...any) { f.Logf(format, arguments...) }

// TestShrinking has rapid search for the smallest run that fails, and write its fail file.
func TestShrinking(t *testing.T) {
	t.Chdir(t.TempDir())
	f := &failing{T: t}
	rapid.Check(f, func(t *rapid.T) {
		drawn := generate.Runs().Draw(t, "run")
		sim.CheckSpec(t, sim.Config{NewWorld: func() sim.World { return suspicious{drawn.NewWorld(), drawn.Profile} }}, drawn.Spec())
	})
	said := f.said.String()
	for _, part := range []string{
		"no-network: there is one", "-rapid.failfile=",
		"world.Deployment{Apps:2, Hosts:2, Limits:[]int{1}, Reviews:3, Burst:false, Storm:120000000000",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("not told: %q in\n%s", part, said)
		}
	}
}
