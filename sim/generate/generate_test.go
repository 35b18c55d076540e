package generate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/generate"
	"github.com/onceover/onceover/sim/world"
)

// TestDeployments is how a property test of whole runs looks.
func TestDeployments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sim.CheckSpec(t, sim.Config{}, generate.Runs().Draw(t, "run").Spec())
	})
}

// TestZombies draws one part and says the rest: hosts that are paused again and again, in any deployment.
func TestZombies(t *testing.T) {
	zombies := faults.Profile{Name: "zombies", Sentence: "every process is paused"}
	zombies.Intensities[faults.ProcessPause] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: 1, High: 1}}
	rapid.Check(t, func(t *rapid.T) {
		overrides, err := generate.Deployments().Draw(t, "deployment").Overrides()
		if err != nil {
			t.Fatal(err)
		}
		sim.CheckSpec(t, sim.Config{}, world.Spec{Seed: rapid.Uint64().Draw(t, "seed"), Profile: zombies, Overrides: overrides})
	})
}

// Example runs what a generator draws, without a property.
func Example() {
	w := world.NewWorld()
	defer w.Close()
	fmt.Println(w.Run(generate.Runs().Example(1).Spec()).Verdict)
	// Output: pass
}

// suspicious finds fault with every run in which the network can fail.
type suspicious struct{ *world.World }

func (w suspicious) Run(spec world.Spec) world.Outcome {
	outcome := w.World.Run(spec)
	for kind, intensity := range spec.Profile.Intensities {
		if intensity.Probability > 0 && faults.Kind(kind).Category() == "network" {
			outcome.Verdict = checker.Violated
			outcome.Violation = &checker.Violation{Property: "no-network", At: time.Second, Cause: "there is one", Message: "the network may fail"}
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
		sim.CheckSpec(t, sim.Config{NewWorld: func() sim.World { return suspicious{world.NewWorld()} }}, generate.Runs().Draw(t, "run").Spec())
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
