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
	progressSent                     // statements were sent
	progressAnswered                 // every statement was answered; the commit was under way
)

// A failure is what the error of a try means for its caller.
type failure struct {
	kind  engine.ErrorKind
	retry bool // it had no effect, and an immediate retry may succeed
}

// classify returns what the error of a try means.
//
// An error from the server ended the transaction, so it had no effect. There is one exception: if all statements were
// answered and the server ends the session (severity FATAL or PANIC), the commit may have come first. After any other
// error the effect is unknown if anything was sent.
func classify(err error, at progress) failure {
	if errors.Is(err, errOvertaken) {
		return failure{engine.Rejected, true}
	}
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		// A connection without effect: a full server may have room soon, but wrong credentials stay wrong.
		return failure{engine.Rejected, !errors.As(err, &refused) || transient(refused)}
	case at == progressNone:
		return failure{engine.Rejected, pgconn.SafeToRetry(err)}
	case errors.As(err, &refused):
		if at == progressAnswered && refused.Severity != "ERROR" {
			return failure{engine.Ambiguous, false}
		}
		if permanent(refused) {
			return failure{engine.Permanent, false}
		}
		return failure{engine.Rejected, transient(refused)}
	case pgconn.SafeToRetry(err):
		return failure{engine.Rejected, true}
	}
	return failure{engine.Ambiguous, false}
}

// transient reports whether a refusal may pass within milliseconds.
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

// permanent reports whether a refusal repeats on every retry: the data does not fit its type (class 22), violates a
// constraint (class 23), or exceeds a limit of the server (class 54).
func permanent(err *pgconn.PgError) bool {
	return strings.HasPrefix(err.Code, "22") || strings.HasPrefix(err.Code, "23") || strings.HasPrefix(err.Code, "54")
}
