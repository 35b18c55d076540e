package world_test

import (
	"strings"
	"testing"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// TestSimplificationsCoverEveryDecision watches what is decided in runs of all profiles: a decision that belongs to no
// simplification could not be made simple, and one that belongs to two would be made simple twice.
func TestSimplificationsCoverEveryDecision(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	all := world.Vocabulary().Simplifications
	met := make([]bool, len(all))
	known := map[string]bool{}
	overHTTP := kernel.Override{Key: kernel.Key{Actor: "world", Operation: "plan.http"}, Value: 1<<64 - 1}
	for _, profile := range faults.Profiles() {
		for seed := range uint64(150) {
			spec := run.Spec{Seed: seed, Profile: profile.Name}
			if seed%3 == 0 {
				spec.Overrides = []kernel.Override{overHTTP}
			}
			spec.OnDecision = func(key kernel.Key, _ uint64) {
				if known[key.Operation] {
					return
				}
				known[key.Operation] = true
				var of []string
				for i := range all {
					if all[i].Simplifies(key) {
						met[i] = true
						of = append(of, all[i].Operation)
					}
				}
				if mix := strings.HasPrefix(key.Operation, "mix."); len(of) != 1 && !mix || len(of) != 0 && mix {
					t.Errorf("%s belongs to the simplifications %q", key, of)
				}
			}
			w.Run(spec)
		}
	}
	for i, m := range met {
		if !m {
			t.Errorf("no run has decided about %s", all[i].Operation)
		}
	}
}

// TestSimplestRun is what is left when all that can be made simple is.
func TestSimplestRun(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	var overrides []kernel.Override
	for _, s := range world.Vocabulary().Simplifications {
		if s.Operation != "client.comes" {
			overrides = append(overrides, kernel.Override{Key: s.Class(), Value: s.Value})
		}
	}
	for seed := range uint64(20) {
		spec := run.Spec{Seed: seed, Profile: "storm", Overrides: overrides}
		spec.Trace = func(line run.Line) {
			if line.Misfortune() {
				t.Errorf("seed %d: %s %s", seed, line.Actor, line.Text)
			}
		}
		outcome := w.Run(spec)
		if total := outcome.Faults.Total(); outcome.Violation != nil || total != 0 {
			t.Errorf("seed %d: %d faults, %v", seed, total, outcome.Violation)
		}
	}
}
