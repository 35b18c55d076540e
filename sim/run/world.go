package run

import (
	"fmt"
	"runtime/debug"

	"github.com/onceover/onceover/sim/kernel"
)

// A World executes runs, one at a time. The same Spec gives the same Result, with the same trace hash, in every process
// and on every machine: nothing else may decide a result.
type World interface {
	// Run executes one run.
	Run(spec Spec) Result
	// Close frees the resources of the world. The world is not used afterwards.
	Close()
}

// A Historian is a [World] that records the history of its latest run: which operations there were, and what was
// answered.
type Historian interface {
	// History returns the operations on one subject. The error is the reason why it cannot.
	History(subject string) (History, error)
}

// A History is what was asked of one subject, and how far an order explains the answers.
type History struct {
	// Linearizable: some order of the operations explains every answer.
	Linearizable bool
	Operations   []Operation // in the order of their calls
	// Breaks is the index of the operation that no order reaches, and Reason why; -1 if there is none.
	Breaks int
	Reason string
}

// An Operation is one entry of a [History].
type Operation struct {
	Actor string // that asked
	Text  string // what was asked, and what the actor came to know
	// Called and Returned count the moments of the history from 1. Returned is 0 for an operation without an answer.
	Called, Returned int64
	// Place is the place in the longest order that explains the answers, from 1; 0 for none.
	Place int
}

// A Wrapper is a [World] around another one. It need not implement [Describer] or [Historian] again, because
// [VocabularyOf] and [HistorianOf] look in the wrapped world too.
type Wrapper interface {
	// Unwrap returns the wrapped world, or nil.
	Unwrap() World
}

// HistorianOf returns the world as a Historian, or else the first of the worlds that it wraps which is one.
func HistorianOf(w World) (historian Historian, ok bool) { return as[Historian](w) }

// as returns the world as a T, or else the first of the worlds that it wraps which is a T.
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
	// Profile is the name of a fault profile of the world. Empty is the world's default.
	Profile string
	// Overrides replace decisions of the seed.
	Overrides []kernel.Override
	// Tape, when not nil, returns the value of each decision that is not overridden, or false to leave it to the seed.
	// It decides a part of the run, so repeating the run needs a tape with the same values.
	Tape func(key kernel.Key) (value uint64, ok bool)
	// Properties are the identifiers of the properties to watch; empty for all. Watching fewer properties does not
	// change the run, but it may last longer, because a run ends at its first violation.
	Properties []string
	// Branch, if it is not zero, gives the run a different future from a step on.
	Branch Branch

	// Trace, OnMessage and OnState, when not nil, receive what happens in the run. A run without them is faster and has
	// the same hash. OnDecision, when not nil, receives each decision with its final value.
	Trace      func(Line)
	OnMessage  func(Message)
	OnState    func(State)
	OnDecision func(key kernel.Key, value uint64)
}

// Silent returns the specification without its observers. It decides the same run.
func (s Spec) Silent() Spec {
	s.Trace, s.OnMessage, s.OnState, s.OnDecision = nil, nil, nil, nil
	return s
}

// A Branch gives a run a different future. Up to the step After, the rest of the Spec decides the run. From then on
// another seed decides, and no override applies. Events that were scheduled before, such as a message in flight, still
// happen.
type Branch struct {
	After uint64 // last step before the branch; 0 for no branch
	Seed  uint64
	// Calm ends all faults at the branch: no further fault begins, and all processes start again.
	Calm bool
}

// Once executes one run and recovers from a panic of the world itself. The error is then a [*BrokenError], and the
// world must not be used again or closed.
func Once(w World, spec Spec) (result Result, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &BrokenError{Seed: spec.Seed, Profile: spec.Profile, Value: value, Stack: debug.Stack()}
		}
	}()
	return w.Run(spec), nil
}

// A BrokenError reports that the world itself panicked. That is a bug of the world or of the simulator. It is not one
// of the code under simulation, because a panic of that code is a violation. The verdict on the seed is unknown.
type BrokenError struct {
	Seed    uint64
	Profile string
	Value   any    // the argument of panic
	Stack   []byte // as from [debug.Stack]
}

// Error returns the seed, the profile and the argument of panic.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("the simulator broke at seed %d of profile %s: %v", e.Seed, e.Profile, e.Value)
}
