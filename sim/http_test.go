package sim

import (
	"math"
	"testing"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// forced is a run whose calls go over HTTP, whatever the seed says.
func forced(t testing.TB, profile string, seed uint64) Spec {
	t.Helper()
	drawn, err := faults.Named(profile)
	if err != nil {
		t.Fatal(err)
	}
	return Spec{Seed: seed, Profile: drawn, Overrides: []kernel.Override{
		{Key: kernel.Key{Actor: "world", Operation: "plan.http"}, Value: math.MaxUint64},
	}}
}

func TestOverHTTPSeedsPassAndAreDeterministic(t *testing.T) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 20
	}
	for _, profile := range []string{"default", "storm"} {
		t.Run(profile, func(t *testing.T) {
			w, again := NewWorld(), NewWorld()
			defer w.Close()
			defer again.Close()
			for seed := uint64(1); seed <= seeds; seed++ {
				outcome := w.Run(forced(t, profile, seed))
				if outcome.Verdict != checker.Pass {
					t.Fatalf("seed %d: %s: %v %s", seed, outcome.Verdict, outcome.Violation, outcome.Unknown)
				}
				if second := again.Run(forced(t, profile, seed)); second.Hash != outcome.Hash {
					t.Fatalf("seed %d: hash %x, then %x", seed, outcome.Hash, second.Hash)
				}
				if outcome.Goals[checker.OverHTTP] != 1 || outcome.Overrides != 1 {
					t.Fatalf("seed %d did not go over HTTP", seed)
				}
			}
		})
	}
}
