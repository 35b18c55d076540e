package run

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/onceover/onceover/sim/kernel"
)

// A World carries out runs, one at a time. Results must be decided by the specification alone: the same Spec gives
// the same Result, trace hash included, in any process on any machine.
type World interface {
	// Run carries out one run.
	Run(spec Spec) Result
	// Close frees what the world holds. It is not used afterwards.
	Close()
}

// A Historian is a [World] that can draw the history of its latest run as a page of HTML.
type Historian interface {
	// VisualizeHistory draws the operations on one subject. The error says why there is no picture of it.
	VisualizeHistory(out io.Writer, subject string) error
}

// A Wrapper is a [World] around another one. It does not have to repeat what that one can do beside running: where a
// [Describer] or a [Historian] is wanted, the wrapped world is asked.
type Wrapper interface {
	Unwrap() World
}

// HistorianOf returns the world, or the one that it wraps, that can draw histories.
func HistorianOf(w World) (historian Historian, ok bool) { return as[Historian](w) }

// as returns the first of a world and those that it wraps that is a T.
func as[T any](w World) (found T, ok bool) {
	for w != nil {
		if found, ok = w.(T); ok {
			return found, true
		}
		wrapper, wraps := w.(Wrapper)
		if !wraps {
			break
		}
		w = wrapper.Unwrap()
	}
	return found, false
}

// A Spec decides one run completely.
type Spec struct {
	Seed uint64
	// Profile says what may go wrong, by a name that the world knows. Empty is the world's default.
	Profile string
	// Overrides are decisions that differ from what the seed says.
	Overrides []kernel.Override
	// Tape, when not nil, is asked for each decision that is not overridden; it leaves the decision to the seed by
	// returning false. Its answers are part of what decides the run, so a repetition takes a tape that answers the same.
	Tape func(key kernel.Key) (value uint64, ok bool)
	// Properties are the identifiers of those to watch; empty for all. A run that watches fewer is the same run, but
	// may last longer, because a run ends at its first violation.
	Properties []string
	// Branch, when it names a step, gives the run another future from there on.
	Branch Branch

	// Trace, OnMessage and OnState, when not nil, receive what happens in the run. A run without them is faster and
	// has the same hash. OnDecision receives each decision with its final value.
	Trace      func(Line)
	OnMessage  func(Message)
	OnState    func(State)
	OnDecision func(key kernel.Key, value uint64)
}

// Silent returns the specification without its observers: the same run, watched by nobody.
func (s Spec) Silent() Spec {
	s.Trace, s.OnMessage, s.OnState, s.OnDecision = nil, nil, nil, nil
	return s
}

// A Branch is another future of a run. Up to a step the run is as the rest of its Spec says, overrides included; then
// another seed decides, and no override applies any more. What was decided before and is still to come, such as a
// message on its way, stays.
type Branch struct {
	After uint64 // the last step that stays; 0 for no branch
	Seed  uint64
	// Calm ends the faults there: no fault begins any more, and all processes come up.
	Calm bool
}

// Once carries out one run and recovers from a panic of the world itself. The error is a [*BrokenError]; the world must
// not be used any more then, not even closed.
func Once(w World, spec Spec) (result Result, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &BrokenError{Seed: spec.Seed, Profile: spec.Profile, Value: value, Stack: debug.Stack()}
		}
	}()
	return w.Run(spec), nil
}

// A BrokenError reports that the world itself panicked. It is a bug of the world or of the simulator, not of the code
// under simulation, whose panics are violations. Nothing can be concluded about the seed.
type BrokenError struct {
	Seed    uint64
	Profile string
	Value   any    // what was passed to panic
	Stack   []byte // as from [debug.Stack]
}

// Error names the seed, the profile and what was passed to panic.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("the simulator broke at seed %d of profile %s: %v", e.Seed, e.Profile, e.Value)
}
