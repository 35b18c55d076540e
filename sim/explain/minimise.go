package explain

import (
	"slices"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A smallest is the smallest failing run that was found, as a specification with other overrides.
type smallest struct {
	Minimised
	spec      run.Spec
	necessary []kernel.Key
}

// minimise searches for the smallest run that fails as the given one does. It runs that twice to be sure that it
// repeats. When the context ends or the budget is used up, it returns the smallest run so far.
func (e *explanation) minimise(spec run.Spec) (*smallest, error) {
	s := &search{explanation: e, spec: spec}
	first := s.run(nil)
	if expected := e.options.Expected; expected != nil && !sameRun(expected, &first) {
		return nil, &NotRepeatableError{*expected, first}
	}
	if !first.Violated() {
		return nil, &NoFailureError{first}
	}
	s.begin(first)
	before := s.record()
	s.groupOthers()
	if again := s.recorded.result; !sameRun(&first, &again) {
		return nil, &NotRepeatableError{first, again}
	}
	s.limit = e.options.Steps - e.options.Steps/reserve
	s.minimise()
	complete := !s.over()
	s.limit = e.options.Steps
	s.tidy()
	necessary := s.verifyNecessary()
	// If the budget ran out here, some faults are not known to be necessary.
	complete = complete && !s.over()
	after := s.record()
	spec.Overrides = s.overrides()
	return &smallest{
		Minimised: Minimised{Sizes: sizes(before, after), Subject: first.Violation.Subject, Runs: s.runs, Steps: s.steps, Complete: complete},
		spec:      spec,
		necessary: necessary,
	}, nil
}

// sizes returns how much there was before and is left, in the order in which a reader wants to know.
func sizes(before, after size) []Size {
	list := []Size{{"faults", before.faults, after.faults}}
	for i := range after.workload.Len() {
		name, left := after.workload.At(i)
		list = append(list, Size{name, before.workload.Of(name), left})
	}
	return append(list, Size{"steps", before.steps, after.steps})
}

// A size is how much there is in a run, up to its violation.
type size struct {
	faults   uint64 // misfortunes that happened: faults, restarts, processes that do not come back
	steps    uint64 // of the kernel
	workload run.Counts
}

// A recording is what the smallest run so far has decided.
type recording struct {
	version  int // of the search
	result   run.Result
	size     size
	keys     []kernel.Key // in order of time
	values   map[kernel.Key]uint64
	injected []kernel.Key // decisions for misfortunes that happened
}

// record runs the smallest run so far again and notes what it decides, unless that is known.
func (s *search) record() size {
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
	known := make(map[kernel.Key]bool)
	spec.Trace = func(line run.Line) {
		if none := (kernel.Key{}); line.Decision != none && !known[line.Decision] {
			known[line.Decision] = true
			r.injected = append(r.injected, line.Decision)
		}
	}
	r.result = s.carryOut(spec)
	r.size = size{uint64(len(r.injected)), r.result.Steps, r.result.Size}
	s.recorded = r
	return r.size
}

// decides reports whether the run has made a decision of a class; of a kind of faults, whether the run has the kind.
func (r *recording) decides(simplification *run.Simplification) bool {
	return slices.ContainsFunc(r.keys, simplification.Concerns)
}
