package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onceover/onceover/engine"
)

// progress is how far a try had come when it failed.
type progress uint8

const (
	progressNone     progress = iota // no statement was sent
	progressSent                     // statements were under way
	progressAnswered                 // every statement was answered, and the commit was under way
)

// A verdict is what a failed try means.
type verdict struct {
	kind  engine.ErrorKind
	again bool // it had no effect, and may go better at once
}

// judge classifies the error of a try.
//
// An error that the server sent ended its transaction, so it had no effect. The one
// exception is an end of the session (severity FATAL or PANIC) after all statements
// were answered: the commit may have come first. Whatever else went wrong after
// something was sent, nobody knows.
func judge(err error, at progress) verdict {
	if errors.Is(err, errOvertaken) {
		return verdict{engine.Rejected, true}
	}
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		// Refused for want of room may pass, wrong credentials do not; both are
		// without effect.
		return verdict{engine.Rejected, !errors.As(err, &refused) || transient(refused)}
	case at == progressNone:
		return verdict{engine.Rejected, pgconn.SafeToRetry(err)}
	case errors.As(err, &refused):
		if at == progressAnswered && refused.Severity != "ERROR" {
			return verdict{engine.Ambiguous, false}
		}
		if permanent(refused) {
			return verdict{engine.Permanent, false}
		}
		return verdict{engine.Rejected, transient(refused)}
	case pgconn.SafeToRetry(err):
		return verdict{engine.Rejected, true}
	}
	return verdict{engine.Ambiguous, false}
}

// transient tells which refusals may pass within milliseconds.
func transient(err *pgconn.PgError) bool {
	switch err.Code {
	case "40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03", // lock_not_available
		"53300", // too_many_connections
		"57P01", // admin_shutdown: the next connection may reach another server
		"57P02", // crash_shutdown
		"57P03": // cannot_connect_now
		return true
	}
	return false
}

// permanent tells which refusals come back however often the same is tried: data
// that no row can hold (class 22), or that a constraint forbids (class 23), or that
// is larger than the server takes (class 54).
func permanent(err *pgconn.PgError) bool {
	return strings.HasPrefix(err.Code, "22") || strings.HasPrefix(err.Code, "23") || strings.HasPrefix(err.Code, "54")
}
