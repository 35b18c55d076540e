package minimise

import (
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/world"
)

// A Size is how much there is in a run, up to its violation.
type Size struct {
	Faults    int    // misfortunes that happened: faults, deployments, processes that do not come back
	Reviews   int    // that were submitted
	Owners    int    // of these reviews
	Processes int    // of the deployment
	Events    int    // that sessions had to emit
	Steps     uint64 // of the kernel
}

// A recording is what the smallest run so far has decided.
type recording struct {
	version int // of the search
	outcome world.Outcome
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
	reviews, owners, processes := make(map[engine.ReviewID]bool), make(map[engine.OwnerID]bool), make(map[string]bool)
	spec.Trace = func(line world.Line) {
		if none := (kernel.Key{}); line.Decision != none && !struck[line.Decision] {
			struck[line.Decision] = true
			r.struck = append(r.struck, line.Decision)
		}
		switch line.Kind {
		case checker.StoreChanged:
			reviews[line.Key.Review], owners[line.Owner] = true, true
		case checker.ProcessStarted:
			processes[line.Actor] = true
		case checker.SessionStarted:
			r.size.Events += int(line.Number)
		default:
		}
	}
	r.outcome = s.carryOut(spec)
	r.size.Faults, r.size.Reviews, r.size.Owners = len(struck), len(reviews), len(owners)
	r.size.Processes, r.size.Steps = len(processes), r.outcome.Steps
	s.recorded = r
	return r.size
}

// decides reports whether the run has decided anything of a class: for the faults of a kind, whether the seed has
// switched them on.
func (r *recording) decides(simplification *world.Simplification) bool {
	class := simplification.Class()
	for _, key := range r.keys {
		if class.Covers(key) && !strings.HasPrefix(key.Operation, "mix.enabled/") {
			return true
		}
	}
	return false
}
