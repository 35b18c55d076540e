package minimise

import (
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// costly is from how many steps on a run is made cheaper before anything else. Where something is stuck, runs last
// until that is certain: a bound of virtual time that grows with the reviews, over which everybody goes on looking for
// work. With ten reviews that takes a hundred times as long as a run in which all gets over.
const costly = 4_000

// economise makes all runs that follow cheaper: it tries to do without any fault, and then with the smallest
// deployment and the least work that there is, or as much of that as it takes.
func (s *search) economise() {
	if s.best.Steps < costly {
		return
	}
	s.aspect = run.FaultAspect
	s.calmAll()
	s.aspect = run.WorkloadAspect
	s.record()
	var open []int
	for i := range s.groups {
		g := &s.groups[i]
		if g.Aspect == s.aspect && g.Scale && !g.calmed && s.recorded.decides(&g.Simplification) {
			open = append(open, i)
		}
	}
	ddmin(open, func(left []int) bool {
		return s.attempt(func() {
			for _, g := range open {
				s.groups[g].calmed, s.groups[g].kept = !slices.Contains(left, g), nil
			}
		})
	})
}

// reduceFaults searches for the fewest of all the faults that strike, whatever their kinds: most failures need one or
// two of dozens, which takes fewer runs to see than to try kind after kind.
func (s *search) reduceFaults() {
	s.aspect = run.FaultAspect
	s.calmAll()
	type fault struct {
		group int
		kept  kernel.Override
	}
	var all []fault
	for i := range s.groups {
		if g := &s.groups[i]; g.Aspect == s.aspect && g.calmed {
			for _, kept := range s.present(g) {
				all = append(all, fault{i, kept})
			}
		}
	}
	if len(all) < 2 {
		return
	}
	ddmin(all, func(part []fault) bool {
		return s.attempt(func() {
			for i := range s.groups {
				if g := &s.groups[i]; g.Aspect == s.aspect && g.calmed {
					g.kept = nil
				}
			}
			for _, f := range part {
				s.groups[f.group].kept = append(s.groups[f.group].kept, f.kept)
			}
		})
	})
}
