package world

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
)

// panicViolation is what a run comes to in which code panicked. Two runs of a seed have to come to the same, so it
// has nothing of the stack that depends on the machine: addresses, goroutines, and the frames of the kernel, which
// carries events out on whichever goroutine is at hand.
func panicViolation(panicked *kernel.PanicError, at time.Duration) *checker.Violation {
	frames := framesOf(string(panicked.Stack))
	v := &checker.Violation{Property: "no-panic", At: at, Cause: "a panic", Message: panicked.Error()}
	if len(frames) > 0 {
		v.Cause = "a panic in " + frames[0].function
	}
	for _, f := range frames {
		v.Message += fmt.Sprintf("\n\t%s (%s)", f.function, f.place)
	}
	return v
}

// A frame is one function on a stack, with file and line.
type frame struct{ function, place string }

// framesOf lists the functions that led to a panic, innermost first, as far as they are not the kernel's. A stack
// as [runtime/debug.Stack] gives it has two lines for each: the call, and its place.
func framesOf(stack string) (frames []frame) {
	lines := strings.Split(stack, "\n")
	panicking := false
	for i := 1; i+1 < len(lines); i += 2 {
		call := lines[i]
		switch {
		case strings.HasPrefix(call, "panic("):
			panicking, frames = true, nil // of several, the first panic is the cause
		case !panicking:
		case strings.Contains(call, "/sim/kernel."):
			if len(frames) > 0 {
				return frames
			}
		case !strings.HasPrefix(call, "runtime."):
			function, _, _ := cutLast(call, "(")
			place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
			frames = append(frames, frame{path.Base(function), path.Base(place)})
		}
	}
	return frames
}

// cutLast is [strings.Cut] around the last instance of a separator.
func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}
