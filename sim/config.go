package sim

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	_ "github.com/onceover/onceover" // kept failures record the hash of its sources
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A World executes runs, one at a time. The specification alone must decide the result.
type World = run.World

// A Config configures a simulation test. The zero value of a field is its default.
type Config struct {
	// Profile is the name of a fault profile of the world. Default: "default".
	Profile string
	// From is the first seed; the others follow one by one. Default: 1.
	From uint64
	// Seeds is the number of seeds. Default: 1,000, or 100 with -short; no limit if only Time is set.
	Seeds uint64
	// Time is how long new seeds begin, on the wall clock. Default: no limit.
	Time time.Duration
	// Properties selects the properties to watch: "all", or identifiers separated by commas. A world may have names for
	// groups of them; this module's own has "outcome" and "protocol". Default: "all".
	Properties string
	// NewWorld returns a new world. Each core uses one. Default: a deployment of this module's engine.
	NewWorld func() World
	// Directory is the directory of the failures, with a subdirectory for each test. Default: "testdata/sim", relative
	// to the package of the test.
	Directory string
}

const (
	profileDefault    = "default"
	seedsDefault      = 1_000
	seedsShortDefault = 100
)

// The flags of go test.
var (
	flagSeeds   = flag.Uint64("sim.seeds", 0, "number of seeds of each simulation test; overrides the test")
	flagSeed    = flag.String("sim.seed", "", "the only seed to run, decimal or 0x…; overrides the test")
	flagTime    = flag.Duration("sim.time", 0, "how long each simulation test begins new seeds; overrides the test; without -sim.seeds, as many as fit")
	flagHTML    = flag.String("sim.html", "", "directory for a page of each failure of a simulation test; created if needed")
	flagProfile = flag.String("sim.profile", "", "name of the fault profile of simulation tests; overrides the test")
)

// resolved is a configuration with defaults and flags applied.
type resolved struct {
	profile    string
	words      *run.Vocabulary // of the world
	from       uint64
	seeds      uint64 // 0 for no limit
	time       time.Duration
	properties []string
	newWorld   func() World
	directory  string
	only       bool // from is the only seed to run
}

// resolve applies defaults and flags to a configuration. The error names the field or flag, its value and what is
// allowed.
func (c Config) resolve(short bool) (resolved, error) {
	r := resolved{from: c.From, seeds: c.Seeds, time: c.Time, newWorld: c.NewWorld, directory: c.Directory}
	var err error
	if *flagTime < 0 || c.Time < 0 {
		return r, errors.New("-sim.time and Config.Time: allowed are positive durations such as 30s or 10m")
	}
	if r.newWorld == nil {
		r.newWorld = func() World { return world.New() }
	}
	w := r.newWorld()
	r.words = run.VocabularyOf(w)
	w.Close()
	r.profile = cmp.Or(*flagProfile, c.Profile, profileDefault)
	if err = r.words.CheckProfile(r.profile); err != nil {
		return r, fmt.Errorf("-sim.profile or Config.Profile: %w", err)
	}
	if r.properties, err = r.words.SelectProperties(cmp.Or(c.Properties, "all")); err != nil {
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
