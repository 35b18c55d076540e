package explain

import (
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// costly is from how many steps on a run is made cheaper before anything else. Where something is stuck, runs last
// until that is certain: a bound of virtual time that grows with the reviews, over which everybody goes on looking for
// work. With ten reviews that takes a hundred times as long as a run in which all gets over.
const costly = 4_000

// shrinkWorkload makes all runs that follow cheaper: it tries to do without any fault, and then with the smallest
// deployment and the least work that there is, or as much of that as it takes.
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

// ddmin returns a smallest part of items for which holds is true, in the sense that leaving out any single item makes
// it false. It assumes that holds is true of all items and decided by what it is given, and asks about the empty set
// first, then about large parts and what is left without them: the algorithm of Zeller and Hildebrandt, with at most
// k² + 3k questions for k items, and about 2·log k when one of them is enough. An answer that is false on all accounts
// from some moment on ends it with the smallest part so far.
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

// reduce cuts items into parts and returns the first part that holds by itself, or else what holds without one of
// them; nil when there is neither.
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
