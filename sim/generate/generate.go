// Package generate makes runs out of what pgregory.net/rapid draws, so that a property test drives deployments, fault
// mixes and seeds, and rapid's own search makes what it finds smaller:
//
//	rapid.Check(t, func(t *rapid.T) {
//		drawn := generate.Runs().Draw(t, "run")
//		sim.CheckSpec(t, sim.Config{NewWorld: drawn.NewWorld}, drawn.Spec())
//	})
//
// All generators shrink towards what is calm and small: few processes, one owner, no fault, seed 0. Where a test is
// about something in particular, it draws the parts ([Deployments], [Profiles]) and says the rest itself.
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

// Deployments returns a generator of deployments of every size that a world can have.
func Deployments() *rapid.Generator[world.Deployment] {
	return rapid.Custom(func(t *rapid.T) world.Deployment {
		return world.Deployment{
			Apps:    rapid.IntRange(2, 3).Draw(t, "apps"),
			Hosts:   rapid.IntRange(2, 3).Draw(t, "hosts"),
			Limits:  rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "limits"),
			Reviews: rapid.IntRange(3, 10).Draw(t, "reviews"),
			Burst:   rapid.Bool().Draw(t, "burst"),
			Storm:   time.Duration(rapid.IntRange(2*60, 12*60).Draw(t, "storm seconds")) * time.Second,
		}
	})
}

// kindsMost is how many kinds of fault a drawn profile has at most. A failure rarely needs more than three.
const kindsMost = 6

// Profiles returns a generator of fault mixes: some kinds, which every run of the profile has, each at the gentle or the
// heavy end of its range. Their name says which, but [faults.Named] does not know it.
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

// A Run is what is drawn of one run. It prints as what a person would want to know of it.
type Run struct {
	Deployment world.Deployment
	Profile    faults.Profile
	Seed       uint64 // of all the rest
}

// Runs returns a generator of whole runs.
func Runs() *rapid.Generator[Run] {
	return rapid.Custom(func(t *rapid.T) Run {
		return Run{
			Deployment: Deployments().Draw(t, "deployment"),
			Profile:    Profiles().Draw(t, "profile"),
			Seed:       rapid.Uint64().Draw(t, "seed"),
		}
	})
}

// Spec returns what decides the run, in a world that knows its profile. It panics when the deployment is none of those
// that can be drawn.
func (r Run) Spec() run.Spec {
	overrides, err := r.Deployment.Overrides()
	if err != nil {
		panic(err)
	}
	return run.Spec{Seed: r.Seed, Profile: r.Profile.Name, Overrides: overrides}
}

// NewWorld returns a world that knows the profile.
func (r Run) NewWorld() run.World {
	w := world.NewWorld()
	w.Use(r.Profile)
	return w
}
