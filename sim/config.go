package sim

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/world"
)

// A World carries out runs, one at a time. Outcomes must be decided by the specification alone.
type World = run.World

// A Config says what is run. The zero value of a field is its default.
type Config struct {
	// Profile is what may go wrong, by a name that the world knows. Default "default".
	Profile string
	// From is the first seed; the others follow one by one. Default 1.
	From uint64
	// Seeds is how many to run. Default 1,000, with -short 100; no limit when Time is given and Seeds is not.
	Seeds uint64
	// Time is how long seeds are begun, on the wall clock; whichever ends first. Default: no limit.
	Time time.Duration
	// Properties are those that are watched: "all", or identifiers with commas between them; a world may have names
	// for some together, as this module's has "outcome" and "protocol". Default "all".
	Properties string
	// NewWorld returns a world; each core has one. Default: a deployment of this module's engine.
	NewWorld func() World
	// Directory is where failures are kept, in a subdirectory for each test. Default "testdata/sim", which go test
	// takes relative to the package of the test.
	Directory string
}

const (
	profileDefault    = "default"
	seedsDefault      = 1_000
	seedsShortDefault = 100
)

// The flags of go test.
var (
	flagSeeds   = flag.Uint64("sim.seeds", 0, "how many seeds each simulation test runs, whatever the test says")
	flagSeed    = flag.String("sim.seed", "", "the one seed to run, decimal or 0x…, in place of all others")
	flagTime    = flag.Duration("sim.time", 0, "how long each simulation test begins new seeds; without -sim.seeds, as many as fit")
	flagProfile = flag.String("sim.profile", "", "what may go wrong in simulation tests, by name of a fault profile, whatever the test says")
)

// resolved is a config with its defaults filled in and flags obeyed.
type resolved struct {
	profile    string
	words      *run.Vocabulary // of the world
	from       uint64
	seeds      uint64 // 0: no limit
	time       time.Duration
	properties []string
	newWorld   func() World
	directory  string
	only       bool // from is the one seed to run
}

// resolve returns what a config and the flags ask for. Its errors name what was given and what is allowed.
func (c Config) resolve(short bool) (resolved, error) {
	r := resolved{from: c.From, seeds: c.Seeds, time: c.Time, newWorld: c.NewWorld, directory: c.Directory}
	var err error
	if *flagTime < 0 || c.Time < 0 {
		return r, errors.New("-sim.time and Config.Time: allowed are positive durations such as 30s or 10m")
	}
	if r.newWorld == nil {
		r.newWorld = func() World { return world.NewWorld() }
	}
	w := r.newWorld()
	r.words = run.VocabularyOf(w)
	w.Close()
	r.profile = firstOf(*flagProfile, c.Profile, profileDefault)
	if err = r.words.CheckProfile(r.profile); err != nil {
		return r, fmt.Errorf("-sim.profile or Config.Profile: %w", err)
	}
	if r.properties, err = r.words.SelectProperties(firstOf(c.Properties, "all")); err != nil {
		return r, fmt.Errorf("Config.Properties: %w", err)
	}
	switch {
	case *flagTime > 0:
		r.time, r.seeds = *flagTime, *flagSeeds
	case *flagSeeds > 0:
		r.seeds = *flagSeeds
	case r.seeds == 0 && r.time == 0 && short:
		r.seeds = seedsShortDefault
	case r.seeds == 0 && r.time == 0:
		r.seeds = seedsDefault
	}
	if r.from == 0 {
		r.from = 1
	}
	if *flagSeed != "" {
		if r.from, err = run.ParseSeed(*flagSeed); err != nil {
			return r, fmt.Errorf("-sim.seed: %w", err)
		}
		r.seeds, r.time, r.only = 1, 0, true
	}
	if r.directory == "" {
		r.directory = filepath.Join("testdata", "sim")
	}
	return r, nil
}

// spec returns the specification of a seed.
func (r *resolved) spec(seed uint64) run.Spec {
	return run.Spec{Seed: seed, Profile: r.profile, Properties: r.properties}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
