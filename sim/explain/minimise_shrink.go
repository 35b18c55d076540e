package explain

import (
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// costly is the number of steps from which on a run is made cheaper before anything else. A run in which something is
// stuck lasts until that is certain, and all processes keep looking for work until then. With ten subjects it takes a
// hundred times as long as a run in which everything finishes.
const costly = 4_000

// shrinkWorkload makes all later runs cheaper. It tries to do without any fault, and then with the smallest deployment
// and the least work, or as little of both as the failure allows.
func (s *search) shrinkWorkload() {
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

// reduceFaults searches for the fewest of all faults together, of every kind. Most failures need one or two of dozens,
// and finding those together takes fewer runs than kind after kind.
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

// ddmin returns a smallest part of items for which holds is true, in the sense that leaving out any single item makes
// it false. It assumes that holds is true of all items and depends on its argument alone. It tries the empty set first,
// then large parts and what is left without them: the algorithm of Zeller and Hildebrandt, with at most k² + 3k calls
// for k items, and about 2·log k when one of them is enough. If holds is always false from some moment on, ddmin
// returns the smallest part so far.
func ddmin[T any](items []T, holds func([]T) bool) []T {
	if len(items) == 0 {
		return items
	}
	if holds(nil) {
		return nil
	}
	for parts := 2; len(items) > 1; {
		reduced, subset := reduce(items, parts, holds)
		switch {
		case subset:
			items, parts = reduced, 2
		case reduced != nil:
			items, parts = reduced, max(parts-1, 2)
		case parts >= len(items):
			return items
		default:
			parts = min(2*parts, len(items))
		}
	}
	return items
}

// reduce cuts items into parts. It returns the first part that holds alone, or else the first rest that holds without
// one of them; nil when there is neither.
func reduce[T any](items []T, parts int, holds func([]T) bool) (reduced []T, subset bool) {
	cut := func(i int) int { return i * len(items) / parts }
	for i := range parts {
		if part := items[cut(i):cut(i+1)]; holds(part) {
			return part, true
		}
	}
	for i := range parts {
		if parts == 2 {
			break // what is left without one half is the other
		}
		rest := append(append([]T(nil), items[:cut(i)]...), items[cut(i+1):]...)
		if holds(rest) {
			return rest, false
		}
	}
	return nil, false
}
