package explain

import (
	"math"
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A search is the one for the smallest run.
type search struct {
	*explanation
	spec run.Spec // as given

	signature string
	groups    []group
	best      run.Result // of the groups as they are
	changed   bool       // in this round: something has become smaller
	aspect    run.Aspect
	scaled    map[kernel.Key]bool // decisions that have been made as small as possible
	recorded  recording
	version   int               // counts what was accepted
	tidied    []kernel.Override // what is left of the overrides, once the search is over

	runs  int
	steps uint64
	limit uint64 // of steps; see over
}

// A group is what the search makes of one class of decisions.
type group struct {
	run.Simplification
	// calmed: all of them have the calm value but for those that are kept. Until then the seed decides.
	calmed bool
	kept   []kernel.Override
	// everywhere: what is kept happens not once, but to every operation of its kind.
	everywhere bool
	// enabled: the run keeps a kind of faults even if no fault of it is kept. Runs last longer where clocks may be
	// wrong.
	enabled bool
}

func (s *search) begin(first run.Result) {
	s.signature = first.Violation.Signature()
	s.best = first
	s.scaled = make(map[kernel.Key]bool)
	for _, simplification := range s.words.Simplifications {
		s.groups = append(s.groups, group{Simplification: simplification})
	}
}

// groupOthers makes groups of the operations that the vocabulary of the world does not name. What is known about them
// is that 0 is the calm value, and which of them made misfortunes happen.
func (s *search) groupOthers() {
	misfortunes := make(map[string]bool)
	for _, key := range s.recorded.injected {
		misfortunes[key.Operation] = true
	}
	for _, key := range s.recorded.keys {
		if slices.ContainsFunc(s.groups, func(g group) bool { return g.Class().Covers(key) }) {
			continue
		}
		other := run.Simplification{Aspect: run.TimingAspect, Operation: key.Operation, Scale: true}
		if misfortunes[key.Operation] {
			other = run.Simplification{Aspect: run.FaultAspect, Operation: key.Operation, Present: math.MaxUint64}
		}
		s.groups = append(s.groups, group{Simplification: other})
	}
}

// reserve is the part of the budget that is kept for verifying the result: one in so many.
const reserve = 5

// over reports whether no further run is to be tried.
func (s *search) over() bool { return s.ctx.Err() != nil || s.steps >= s.limit }

// run carries out one run.
func (s *search) run(overrides []kernel.Override) run.Result {
	spec := s.spec
	if overrides != nil {
		spec.Overrides = overrides
	}
	return s.carryOut(spec)
}

func (s *search) carryOut(spec run.Spec) run.Result {
	result := s.w.Run(spec)
	s.runs++
	s.steps += max(result.Steps, 1)
	if s.options.OnProgress != nil {
		s.options.OnProgress(Progress{
			Aspect: s.aspect, Faults: int(s.best.Faults.Total()), Runs: s.runs, Part: min(float64(s.steps)/float64(s.options.Steps), 1),
		})
	}
	return result
}

// same reports whether a run fails as the given one does.
func (s *search) same(result run.Result) bool {
	return result.Violation != nil && result.Violation.Signature() == s.signature
}

// overrides returns the overrides that the groups stand for.
func (s *search) overrides() []kernel.Override {
	if s.tidied != nil {
		return s.tidied
	}
	list := make([]kernel.Override, 0, len(s.groups))
	for _, given := range s.spec.Overrides {
		if !s.replaced(given.Key) {
			list = append(list, given)
		}
	}
	for i := range s.groups {
		g := &s.groups[i]
		if !g.calmed {
			continue
		}
		list = append(list, kernel.Override{Key: g.Class(), Value: g.Value})
		if none := (kernel.Key{}); g.Enabled != none && (g.enabled || len(g.kept) > 0) {
			list = append(list, kernel.Override{Key: g.Enabled, Value: math.MaxUint64})
		}
		for _, kept := range g.kept {
			if g.everywhere {
				kept.Key = kernel.Key{Actor: kernel.AnyActor, Operation: kept.Operation, Occurrence: kernel.Every}
			}
			list = append(list, kept)
		}
	}
	return list
}

// replaced reports whether a calmed group makes a given override superfluous.
func (s *search) replaced(key kernel.Key) bool {
	for i := range s.groups {
		if g := &s.groups[i]; g.calmed && g.covers(key) {
			return true
		}
	}
	return false
}

// covers reports whether an override is about the decisions of the group and no others.
func (g *group) covers(key kernel.Key) bool {
	return key.Operation == g.Operation || !key.Class() && g.Class().Covers(key)
}

// attempt changes groups, and takes the change back unless the run still fails in the same way.
func (s *search) attempt(change func()) bool {
	if s.over() {
		return false
	}
	before := append([]group(nil), s.groups...)
	change()
	result := s.run(s.overrides())
	if !s.same(result) {
		s.groups = before
		return false
	}
	s.best = result
	s.version++
	return true
}

// keep tries to calm a group except for some decisions.
func (s *search) keep(g int, kept []kernel.Override) bool {
	return s.attempt(func() { s.groups[g].calmed, s.groups[g].kept = true, kept })
}

// minimise makes one aspect after the other smaller until nothing changes.
func (s *search) minimise() {
	s.freezeFaults()
	s.shrinkWorkload()
	s.reduceFaults()
	for s.changed = true; s.changed && !s.over(); {
		s.changed = false
		for _, s.aspect = range []run.Aspect{run.FaultAspect, run.WorkloadAspect, run.TimingAspect} {
			s.calmAll()
			for g := range s.groups {
				if s.groups[g].Aspect == s.aspect && !s.over() {
					if s.groups[g].Subject != nil {
						s.leaveFew(g)
					}
					s.reduce(g)
					s.shiftFault(g)
					s.scale(g)
				}
			}
		}
	}
}

// freezeFaults allows no faults but those that were injected. That changes nothing yet, but a run that later takes
// another way meets no new ones.
func (s *search) freezeFaults() {
	s.record()
	frozen := make(map[int][]kernel.Override)
	for i := range s.groups {
		if g := &s.groups[i]; g.Aspect == run.FaultAspect && s.recorded.decides(&g.Simplification) {
			frozen[i] = s.present(g)
		}
	}
	s.attempt(func() {
		for i := range s.groups {
			if kept, ok := frozen[i]; ok {
				s.groups[i].calmed, s.groups[i].kept = true, kept
			}
		}
	})
}

// calmAll tries to do without the whole aspect at once.
func (s *search) calmAll() {
	if s.aspect == run.WorkloadAspect {
		return // nothing to do is no failure
	}
	s.record()
	var open []int
	for i := range s.groups {
		g := &s.groups[i]
		if g.Aspect == s.aspect && (!g.calmed || len(g.kept) > 0) && s.recorded.decides(&g.Simplification) {
			open = append(open, i)
		}
	}
	if len(open) > 0 && s.attempt(func() {
		for _, g := range open {
			s.groups[g].calmed, s.groups[g].kept = true, nil
		}
	}) {
		s.changed = true
	}
}

// keptMost is how many decisions of a group are kept when all of them are needed: more would not help a reader, and the
// seed decides the same.
const keptMost = 10

// reduce searches for the fewest decisions of a group that have to be kept.
func (s *search) reduce(g int) {
	group := s.groups[g]
	all := s.present(&group)
	if group.calmed && len(all) == 0 || !group.calmed && !s.recorded.decides(&group.Simplification) {
		if len(group.kept) > 0 { // and the run does not come to them any more
			s.attempt(func() { s.groups[g].kept, s.groups[g].enabled = nil, true })
		}
		return
	}
	kept := ddmin(all, func(part []kernel.Override) bool { return s.keep(g, part) })
	switch {
	case len(kept) == 1 && s.aspect == run.FaultAspect && s.attempt(func() {
		s.groups[g].calmed, s.groups[g].kept, s.groups[g].enabled = true, nil, true
	}):
		s.changed = true // the kind mattered, and not its faults
	case len(kept) < len(all):
		s.changed = true
	case !group.calmed && (s.aspect == run.FaultAspect || len(all) <= keptMost):
		s.keep(g, all)
	}
}

// present returns the decisions of a group that the smallest run so far has made, and that are not calm.
func (s *search) present(g *group) []kernel.Override {
	s.record()
	var list []kernel.Override
	switch {
	case g.calmed:
		for _, kept := range g.kept {
			if _, made := s.recorded.values[kept.Key]; made {
				list = append(list, kept)
			}
		}
	case g.Aspect == run.FaultAspect:
		for _, key := range s.recorded.injected {
			if g.Simplifies(key) {
				list = append(list, kernel.Override{Key: key, Value: g.Present})
			}
		}
	default:
		for _, key := range s.recorded.keys {
			if value := s.recorded.values[key]; value != g.Value && g.Simplifies(key) {
				list = append(list, kernel.Override{Key: key, Value: value})
			}
		}
	}
	return list
}

// scaleSteps is how often the distance between a decision and the calm value is halved: enough for the last of a
// hundred alternatives to become the first that will do.
const scaleSteps = 7

// scale makes decisions smaller that have to be kept: fewer events, shorter pauses.
func (s *search) scale(g int) {
	if !s.groups[g].Scale || !s.groups[g].calmed {
		return
	}
	for i := range s.groups[g].kept {
		at := s.groups[g].kept[i]
		if s.scaled[at.Key] {
			continue
		}
		s.scaled[at.Key] = true
		least, most := s.groups[g].Value, at.Value // passes, fails
		for range scaleSteps {
			middle := least + (most-least)/2
			kept := append([]kernel.Override(nil), s.groups[g].kept...)
			kept[i].Value = middle
			if s.keep(g, kept) {
				most, s.changed = middle, true
			} else {
				least = middle
			}
		}
	}
}
