// Package generate has generators for pgregory.net/rapid. They draw deployments, fault mixes and seeds for property
// tests, and rapid shrinks the runs that fail:
//
//	rapid.Check(t, func(t *rapid.T) {
//		drawn := generate.Runs().Draw(t, "run")
//		sim.CheckSpec(t, sim.Config{NewWorld: drawn.NewWorld}, drawn.Spec())
//	})
//
// All generators shrink towards small and calm runs: few processes, one owner, no fault, seed 0. A test may also draw
// some parts ([Sizes], [Profiles]) and set the others.
package generate

import (
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/sim/run"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/world"
)

// Sizes returns a generator of deployments of all sizes that a world may have.
func Sizes() *rapid.Generator[world.Size] {
	return rapid.Custom(func(t *rapid.T) world.Size {
		return world.Size{
			Apps:    rapid.IntRange(2, 3).Draw(t, "apps"),
			Hosts:   rapid.IntRange(2, 3).Draw(t, "hosts"),
			Limits:  rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "limits"),
			Reviews: rapid.IntRange(3, 10).Draw(t, "reviews"),
			Burst:   rapid.Bool().Draw(t, "burst"),
			Storm:   time.Duration(rapid.IntRange(2*60, 12*60).Draw(t, "storm seconds")) * time.Second,
		}
	})
}

// kindsMost is the largest number of kinds of fault in a drawn profile. A failure rarely needs more than three.
const kindsMost = 6

// Profiles returns a generator of fault profiles. A profile has some kinds of faults in all its runs, each at the low
// or the high end of its range. Its name lists the kinds; [faults.Named] does not find it.
func Profiles() *rapid.Generator[faults.Profile] {
	return rapid.Custom(func(t *rapid.T) faults.Profile {
		entries := faults.Catalogue()
		profile := faults.Profile{Sentence: "drawn by a property test"}
		var names []string
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(entries)-1), 0, kindsMost, rapid.ID).Draw(t, "kinds") {
			kind, rates := entries[i].Kind, entries[i].Rates
			if heavy := rapid.Bool().Draw(t, "heavy"); heavy {
				rates.Low = rates.High
			} else {
				rates.High = rates.Low
			}
			profile.Intensities[kind] = faults.Intensity{Probability: 1, Rates: rates}
			names = append(names, fmt.Sprintf("%s %g", kind, rates.Low))
		}
		profile.Name = "calm"
		if len(names) > 0 {
			profile.Name = strings.Join(names, ", ")
		}
		return profile
	})
}

// A Run is one drawn run. Its fields are printed in a readable form.
type Run struct {
	Size    world.Size
	Profile faults.Profile
	Seed    uint64 // of all other decisions
}

// Runs returns a generator of whole runs.
func Runs() *rapid.Generator[Run] {
	return rapid.Custom(func(t *rapid.T) Run {
		return Run{
			Size:    Sizes().Draw(t, "deployment"),
			Profile: Profiles().Draw(t, "profile"),
			Seed:    rapid.Uint64().Draw(t, "seed"),
		}
	})
}

// Spec returns the specification of the run, for a world made by [Run.NewWorld]. It panics if Deployments cannot draw
// the deployment.
func (r Run) Spec() run.Spec {
	overrides, err := r.Size.Overrides()
	if err != nil {
		panic(err)
	}
	return run.Spec{Seed: r.Seed, Profile: r.Profile.Name, Overrides: overrides}
}

// NewWorld returns a world that has the profile of the run.
func (r Run) NewWorld() run.World {
	w := world.New()
	w.Use(r.Profile)
	return w
}
