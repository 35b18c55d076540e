package world

import (
	"fmt"
	"path"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
)

// causePanic is a panic whose place is not known. One that is known is the cause of its own: the function that panicked.
const causePanic checker.Cause = "a panic"

// panicViolation is what a run comes to in which code panicked. Two runs of a seed have to come to the same, so it
// has nothing of the stack that depends on the machine: addresses, goroutines, and the frames of the kernel, which
// carries events out on whichever goroutine is at hand.
func panicViolation(panicked *kernel.PanicError, at time.Duration) *checker.Violation {
	v := &checker.Violation{Property: "no-panic", At: at, Cause: causePanic, Message: panicked.Error()}
	for i, frame := range panicked.Stack {
		function := path.Base(frame.Function)
		if i == 0 {
			v.Cause = causePanic + " in " + checker.Cause(function)
		}
		v.Message += fmt.Sprintf("\n\t%s (%s:%d)", function, path.Base(frame.File), frame.Line)
	}
	return v
}
