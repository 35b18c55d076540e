package world

import (
	"fmt"
	"path"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// noPanic is the property that a run violates in which code panics. Nobody has to watch it.
const noPanic = "no-panic"

// causePanic is a panic whose place is not known. One that is known is the cause of its own: the function that
// panicked.
const causePanic checker.Cause = "panic"

// panicViolation is what a run comes to in which code panicked. Two runs of a seed have to come to the same, so it has
// nothing of the stack that depends on the machine: addresses, goroutines, and the frames of the kernel, which carries
// events out on any goroutine.
func panicViolation(panicked *kernel.PanicError, at time.Duration) *checker.Violation {
	v := &checker.Violation{Property: noPanic, At: at, Cause: causePanic, Message: panicked.Error()}
	for i, frame := range panicked.Stack {
		function := path.Base(frame.Function)
		if i == 0 {
			v.Cause = causePanic.Of(function)
		}
		v.Message += fmt.Sprintf("\n\t%s (%s:%d)", function, path.Base(frame.File), frame.Line)
	}
	return v
}

// violationOf returns a violation in the words of any world.
func violationOf(v *checker.Violation) *run.Violation {
	return &run.Violation{
		Property: v.Property, At: v.At, Subject: string(v.Key.Review), Subjects: v.Subjects, Cause: string(v.Cause),
		Sentence: run.Sentence(Vocabulary().Properties, v.Property), Message: v.Message, Detail: v.Detail,
	}
}
