package explain

import (
	"cmp"
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A fault is identified by its place in a sequence, such as the seventh dispatch of app-2. So a failure seems to need
// all that comes before: the six dispatches and the reviews that they are about. It does not if the same fault at an
// earlier place has the same effect.

// placesMost is how many places are tried for a fault.
const placesMost = 8

// shiftFault moves the faults of a group to earlier places. Then it tries to take away what is kept of the group while
// one fault at a time moves elsewhere.
func (s *search) shiftFault(g int) {
	if s.aspect == run.FaultAspect {
		for i := range s.groups[g].kept {
			s.move(place{g, i}, func(from, to kernel.Key) bool { return earlier(to, from) }, nil)
		}
	}
	if s.aspect == run.TimingAspect || len(s.groups[g].kept) > keptMost {
		return
	}
	for i := 0; i < len(s.groups[g].kept); {
		if s.removeAndMove(place{g, i}) {
			s.changed = true
		} else {
			i++
		}
	}
}

// A place is one of the decisions that a group keeps.
type place struct{ group, kept int }

// removeAndMove takes one decision away and moves one of the faults that are left.
func (s *search) removeAndMove(victim place) bool {
	for g := range s.groups {
		if s.groups[g].Aspect != run.FaultAspect {
			continue
		}
		for i := range s.groups[g].kept {
			if (place{g, i}) != victim && s.move(place{g, i}, nil, &victim) {
				return true
			}
		}
	}
	return false
}

// move tries the first few places that a fault may be moved to, and takes the victim away if there is one.
func (s *search) move(fault place, may func(from, to kernel.Key) bool, victim *place) bool {
	s.record()
	from := s.groups[fault.group].kept[fault.kept].Key
	tried := 0
	for _, to := range s.places(from) {
		if tried == placesMost || s.over() {
			break
		}
		if s.keeps(to) || may != nil && !may(from, to) {
			continue
		}
		tried++
		if s.attempt(func() {
			s.groups[fault.group].kept = slices.Clone(s.groups[fault.group].kept)
			s.groups[fault.group].kept[fault.kept].Key = to
			if victim != nil {
				kept := slices.Clone(s.groups[victim.group].kept)
				s.groups[victim.group].kept = slices.Delete(kept, victim.kept, victim.kept+1)
			}
		}) {
			s.changed = true
			return true
		}
	}
	return false
}

// places lists where else a fault may be injected in the smallest run so far: at the place before, to which it moves
// when something before it is taken away, and then in order of time.
func (s *search) places(from kernel.Key) []kernel.Key {
	var list []kernel.Key
	before := from
	before.Occurrence--
	if _, there := s.recorded.values[before]; there {
		list = append(list, before)
	}
	for _, key := range s.recorded.keys {
		if key.Operation == from.Operation && key != from && key != before {
			list = append(list, key)
		}
	}
	return list
}

// keeps reports whether a decision is kept already.
func (s *search) keeps(key kernel.Key) bool {
	for i := range s.groups {
		for _, kept := range s.groups[i].kept {
			if kept.Key == key {
				return true
			}
		}
	}
	return false
}

// earlier orders places so that moving ends: by occurrence, then by name.
func earlier(a, b kernel.Key) bool {
	return cmp.Or(cmp.Compare(a.Occurrence, b.Occurrence), cmp.Compare(a.Actor, b.Actor)) < 0
}

// leaveFew tries to leave one subject, or else two, of many at once. So that the places of faults do not matter, faults
// are injected everywhere, and then as rarely as possible again. If that needs more faults than before, the change is
// taken back.
func (s *search) leaveFew(comes int) {
	subjects := s.present(&s.groups[comes])
	if len(subjects) < 2 {
		return
	}
	first := subjects[0]
	for _, subject := range subjects {
		if about := s.best.Violation.Subject; about != "" && s.groups[comes].Subject(subject.Key) == about {
			first = subject
		}
	}
	before, best, faults := slices.Clone(s.groups), s.best, len(s.necessary())
	if !s.leave(comes, first) && !slices.ContainsFunc(subjects, func(second kernel.Override) bool {
		return len(subjects) > 2 && second != first && s.leave(comes, first, second)
	}) {
		return
	}
	for g := range s.groups {
		if s.groups[g].everywhere {
			s.thinFaults(g)
		}
	}
	if len(s.necessary()) > faults {
		s.groups, s.best = before, best
		s.version++
		return
	}
	s.changed = true
}

// leave tries to leave some subjects while faults are injected everywhere.
func (s *search) leave(comes int, subjects ...kernel.Override) bool {
	return s.attempt(func() {
		s.groups[comes].calmed, s.groups[comes].kept = true, subjects
		for g := range s.groups {
			if s.groups[g].Aspect == run.FaultAspect && len(s.groups[g].kept) > 0 {
				s.groups[g].everywhere = true
			}
		}
	})
}

// thinFaults searches for the fewest places for faults that are injected everywhere.
func (s *search) thinFaults(g int) {
	s.record()
	var places []kernel.Override
	for _, key := range s.recorded.injected {
		if s.groups[g].Simplifies(key) {
			places = append(places, kernel.Override{Key: key, Value: s.groups[g].Present})
		}
	}
	ddmin(places, func(part []kernel.Override) bool {
		return s.attempt(func() { s.groups[g].kept, s.groups[g].everywhere = part, false })
	})
	if s.groups[g].everywhere {
		s.attempt(func() { s.groups[g].kept, s.groups[g].everywhere = places, false })
	}
}
