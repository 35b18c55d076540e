package explain

import (
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// necessary returns the decisions for misfortunes that are kept.
func (s *search) necessary() (keys []kernel.Key) {
	for i := range s.groups {
		if g := &s.groups[i]; g.Aspect == run.FaultAspect {
			for _, kept := range g.kept {
				keys = append(keys, kept.Key)
			}
		}
	}
	return keys
}

// tidy drops the overrides without which every step of the run stays the same. Of those about faults it drops only the
// ones that meet no decision: when a necessary fault is taken away, no other may take its place.
func (s *search) tidy() {
	list := s.met(s.overrides())
	for i := len(list) - 1; i >= 0 && !s.over(); i-- {
		without := append(append([]kernel.Override{}, list[:i]...), list[i+1:]...)
		result := s.run(without)
		missed := result.Overrides < s.best.Overrides
		if result.Hash == s.best.Hash && s.same(result) && !(missed && s.aboutFaults(list[i].Key)) {
			list, s.best = without, result
		}
	}
	s.tidied = list
	s.version++
}

// verifyNecessary takes away, one at a time, what is marked necessary from the overrides of the result: without one of
// its faults, a run may depend on an override that was dropped. It drops what turns out not to be necessary, and
// returns only what it had the budget to verify.
func (s *search) verifyNecessary() (necessary []kernel.Key) {
	for again := true; again; {
		again, necessary = false, nil
		for _, key := range s.necessary() {
			if s.over() {
				return necessary
			}
			without := []kernel.Override{{Key: key}}
			for _, override := range s.tidied {
				if override.Key != key {
					without = append(without, override)
				}
			}
			result := s.run(without)
			if !s.same(result) {
				necessary = append(necessary, key)
				continue
			}
			s.forget(key)
			s.tidied, s.best = without, result
			s.version++
			again = true
		}
	}
	return necessary
}

// forget removes a decision from what the groups keep.
func (s *search) forget(key kernel.Key) {
	for i := range s.groups {
		s.groups[i].kept = slices.DeleteFunc(slices.Clone(s.groups[i].kept), func(o kernel.Override) bool { return o.Key == key })
	}
}

func (s *search) aboutFaults(key kernel.Key) bool {
	for i := range s.groups {
		if g := &s.groups[i]; g.Aspect == run.FaultAspect && g.covers(key) {
			return true
		}
	}
	return false
}

// met returns the overrides that replace a decision of the smallest run so far.
func (s *search) met(list []kernel.Override) []kernel.Override {
	s.record()
	replaces := make([]bool, len(list))
	for _, key := range s.recorded.keys {
		by := -1
		for i := range list {
			// An override of exactly this decision goes before those of classes; of these the last one applies.
			if list[i].Covers(key) && (by < 0 || list[by].Class()) {
				by = i
			}
		}
		if by >= 0 {
			replaces[by] = true
		}
	}
	kept := []kernel.Override{}
	for i, override := range list {
		if replaces[i] {
			kept = append(kept, override)
		}
	}
	return kept
}
