package campaign

import (
	"fmt"
	"runtime/debug"

	"github.com/onceover/onceover/sim/world"
)

// A World carries out runs, one at a time: a [world.World], or what somebody puts in its place or around it. Outcomes
// must be decided by the specification alone.
type World interface {
	Run(world.Spec) world.Outcome
	Close()
}

// newWorld is where worlds come from by default.
func newWorld() World { return world.NewWorld() }

// Once runs one specification. The error is a [*BrokenError]; the world must not be used any more then, not even
// closed.
func Once(w World, spec world.Spec) (outcome world.Outcome, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &BrokenError{Seed: spec.Seed, Profile: spec.Profile.Name, Value: value, Stack: debug.Stack()}
		}
	}()
	return w.Run(spec), nil
}

// A BrokenError tells that the simulator itself panicked: not the engine under simulation, whose panics are
// violations. It is a bug of onceover, and nothing can be said of the seed.
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
