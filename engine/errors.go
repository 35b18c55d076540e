package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An ErrorKind states what the caller of a port may do next. There is no kind for "something went wrong": an error that
// nobody classified is [Ambiguous].
type ErrorKind uint8

const (
	// Ambiguous means that the effect is unknown, as after a timeout, a lost connection or a 5xx status. It counts
	// neither as success nor as failure: the caller has to ask what happened.
	Ambiguous ErrorKind = iota
	// Rejected means that the call was refused before any effect. The same call may succeed later.
	Rejected
	// NotFound means that the callee does not know the named thing.
	NotFound
	// Stale means that a newer fencing token, lease epoch or attempt exists. The caller must stop: another process is
	// responsible now.
	Stale
	// Permanent means that the call was refused, and will be refused on every retry.
	Permanent
)

var errorKindNames = [...]string{"ambiguous", "rejected", "not found", "stale", "permanent"}

// String returns the name of the kind in lower case.
func (k ErrorKind) String() string {
	if int(k) < len(errorKindNames) {
		return errorKindNames[k]
	}
	return fmt.Sprintf("ErrorKind(%d)", uint8(k))
}

// An Error is the failure of a port's operation.
type Error struct {
	Kind ErrorKind
	Op   string // the operation, such as "store.claim"
	Err  error  // the cause; may be nil
	// Throttled means that the callee asks its callers to make fewer calls. Such an answer says nothing about what was
	// asked for: callers wait, and count nothing. RetryAfter is how long they are to wait, or 0 if the callee did not
	// say.
	Throttled  bool
	RetryAfter time.Duration
}

// Error names the operation, the kind and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op + ": " + e.Kind.String()
	}
	return e.Op + ": " + e.Kind.String() + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an [Error] of a kind. The format and its arguments make the cause; %w wraps an error.
func Errorf(kind ErrorKind, op, format string, args ...any) error {
	return &Error{Kind: kind, Op: op, Err: fmt.Errorf(format, args...)}
}

// KindOf returns the kind of an error. An error that wraps no [Error], such as a deadline or a cancelled context, is
// Ambiguous, because the call may have had its effect. KindOf must not be called with nil.
func KindOf(err error) ErrorKind {
	if typed, ok := errors.AsType[*Error](err); ok {
		return typed.Kind
	}
	return Ambiguous
}

// Throttled returns the answer of a callee that asks its callers to make fewer calls, with a reason: a [Rejected] error
// that is Throttled. after is how long the callers are to wait, or 0 to leave that to them.
func Throttled(op string, after time.Duration, reason error) error {
	return &Error{Kind: Rejected, Op: op, Err: reason, Throttled: true, RetryAfter: after}
}

// IsThrottled reports whether a call failed because its callee is throttled, and how long the callers are to wait. It
// returns false for nil.
func IsThrottled(err error) (after time.Duration, throttled bool) {
	typed, ok := errors.AsType[*Error](err)
	if !ok || !typed.Throttled {
		return 0, false
	}
	return max(typed.RetryAfter, 0), true
}

// IsKind reports whether err is of the given kind. It returns false for nil.
func IsKind(err error, kind ErrorKind) bool {
	return err != nil && KindOf(err) == kind
}

// An UnknownValueError is the error of a text that stands for none of the values that this version knows. Another version
// may know it. So who reads it from another process does not take it for wrong: what it is part of is not understood yet.
type UnknownValueError struct {
	Of    string // what it is a value of, such as status
	Value string // as given
	Known string // the known ones, separated by commas
}

// Error names the value and the known ones on one line.
func (e *UnknownValueError) Error() string {
	return fmt.Sprintf("%s is %q; allowed: %s", e.Of, e.Value, e.Known)
}

// ended reports whether the task itself is being stopped, as opposed to one of its calls having timed out.
func ended(ctx context.Context) bool { return ctx.Err() != nil }
