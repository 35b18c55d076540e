package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
)

// A PanicError is the cause of a call's failure when the code behind a port has panicked.
type PanicError struct {
	// Value is what the code panicked with.
	Value any
	// Stack is where, as [debug.Stack] writes it.
	Stack []byte
}

// panicTextMax bounds the text of a panic's value, in bytes: it becomes part of reasons that are stored.
const panicTextMax = 256

// Error returns the value of the panic on one line, shortened to 256 bytes. It leaves out the stack.
func (e *PanicError) Error() string {
	text := strings.ToValidUTF8(fmt.Sprint(e.Value), "\uFFFD")
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > panicTextMax {
		text = strings.ToValidUTF8(text[:panicTextMax], "") + "…"
	}
	return "panic: " + text
}

// A guard stands between the engine and the code behind its ports, which is not the engine's. A panic there is the
// failure of that one call; it is logged with its stack. A panic of the engine's own code ends the process, because it
// may leave memory half changed. The constructors put a guard around every port, see guarded_ports.go.
type guard struct {
	rt  Runtime
	log *slog.Logger
}

// newGuard returns a guard that writes to log, or to [slog.Default] if that is nil.
func newGuard(rt Runtime, log *slog.Logger) *guard {
	if log == nil {
		log = slog.Default()
	}
	return &guard{rt, log}
}

// caught is deferred around a call of a port. After a panic it sets the error of the call.
func (g *guard) caught(op string, kind ErrorKind, err *error) {
	if value := recover(); value != nil {
		*err = g.failed(op, kind, value)
	}
}

// failed returns the error of a call that has panicked with a value, and logs it. It panics again with a value that is
// not for the engine.
func (g *guard) failed(op string, kind ErrorKind, value any) error {
	if !g.rt.Recoverable(value) {
		panic(value)
	}
	caught := &PanicError{Value: value, Stack: debug.Stack()}
	g.log.LogAttrs(context.Background(), slog.LevelError, "a call failed: the code behind a port panicked",
		slog.String("op", op), slog.String("error", caught.Error()), slog.String("stack", string(caught.Stack)))
	return &Error{Kind: kind, Op: op, Err: caught}
}
