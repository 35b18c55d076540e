package engine

import (
	"context"
	"errors"
	"fmt"
)

// An ErrorKind says what the caller of a port may do next. There is no kind for
// "something went wrong": an error that nobody classified is [Ambiguous].
type ErrorKind uint8

const (
	// Ambiguous: the effect is unknown (timeout, connection lost, 5xx). It is
	// never treated as success or as failure; somebody who knows has to be asked.
	Ambiguous ErrorKind = iota
	// Rejected: refused before any effect. The same call may succeed later.
	Rejected
	// NotFound: the named thing does not exist there.
	NotFound
	// Stale: the caller's fencing token, lease epoch or attempt has been overtaken.
	// Somebody else is responsible now: stop.
	Stale
	// Permanent: refused, and it will be refused however often it is tried.
	Permanent
)

var errorKindNames = [...]string{"ambiguous", "rejected", "not found", "stale", "permanent"}

// String returns the kind in the words of the design.
func (k ErrorKind) String() string {
	if int(k) < len(errorKindNames) {
		return errorKindNames[k]
	}
	return fmt.Sprintf("ErrorKind(%d)", uint8(k))
}

// An Error is a failed port operation: what was asked, what the caller may do,
// and why.
type Error struct {
	Kind ErrorKind
	Op   string // the operation, such as "store.claim"
	Err  error  // the cause; may be nil
}

// Error names operation, kind and cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op + ": " + e.Kind.String()
	}
	return e.Op + ": " + e.Kind.String() + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an [Error] of a kind with a formatted cause (%w wraps).
func Errorf(kind ErrorKind, op, format string, args ...any) error {
	return &Error{Kind: kind, Op: op, Err: fmt.Errorf(format, args...)}
}

// KindOf classifies an error. Whatever is not an [Error], a deadline or a
// cancelled context among it, is Ambiguous: the call may have had its effect.
// It must not be called with nil.
func KindOf(err error) ErrorKind {
	var typed *Error
	if errors.As(err, &typed) {
		return typed.Kind
	}
	return Ambiguous
}

// IsKind reports whether err is an error of that kind; nil is of none.
func IsKind(err error, kind ErrorKind) bool {
	return err != nil && KindOf(err) == kind
}

// ended reports whether the task itself is being stopped, as opposed to a call
// of its having failed.
func ended(ctx context.Context) bool { return ctx.Err() != nil }
