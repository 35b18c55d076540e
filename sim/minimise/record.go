package minimise

import (
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A Size is how much there is in a run, up to its violation.
type Size struct {
	Faults int    // misfortunes that happened: faults, restarts, processes that do not come back
	Steps  uint64 // of the kernel
	// Workload is how much there was to do, as the world counts it ([run.Result].Size).
	Workload run.Counts
}

// A recording is what the smallest run so far has decided.
type recording struct {
	version int // of the search
	outcome run.Result
	size    Size
	keys    []kernel.Key // in order of time
	values  map[kernel.Key]uint64
	struck  []kernel.Key // decisions for misfortunes that happened
}

// record runs the smallest run so far again and notes what it decides, unless that is known.
func (s *search) record() Size {
	if s.recorded.values != nil && s.recorded.version == s.version {
		return s.recorded.size
	}
	r := recording{version: s.version, values: make(map[kernel.Key]uint64)}
	spec := s.spec
	spec.Overrides = s.overrides()
	spec.OnDecision = func(key kernel.Key, value uint64) {
		r.keys = append(r.keys, key)
		r.values[key] = value
	}
	struck := make(map[kernel.Key]bool)
	spec.Trace = func(line run.Line) {
		if none := (kernel.Key{}); line.Decision != none && !struck[line.Decision] {
			struck[line.Decision] = true
			r.struck = append(r.struck, line.Decision)
		}
	}
	r.outcome = s.carryOut(spec)
	r.size = Size{Faults: len(struck), Steps: r.outcome.Steps, Workload: r.outcome.Size}
	s.recorded = r
	return r.size
}

// decides reports whether the run has decided anything of a class: for the faults of a kind, whether the seed has
// switched them on.
func (r *recording) decides(simplification *run.Simplification) bool {
	return slices.ContainsFunc(r.keys, simplification.Concerns)
}
