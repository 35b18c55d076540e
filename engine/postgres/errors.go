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
	// outdated is whether the connection is to be replaced: its server is no longer the one for writes, has ended the
	// session, or has lost the prepared statements.
	outdated bool
}

// classify returns what the error of a try means. alone is [connection.alone].
//
// An error from the server ended the transaction, so it had no effect. There is one exception: a server may end the
// session (severity FATAL or PANIC) when all statements are answered, and the commit may have come first. A pooler may
// do that at any time, because it has lost its connection to the server, and does not know what the server has done.
// After any other error the effect is unknown if anything was sent.
func classify(err error, at progress, alone bool) failure {
	if errors.Is(err, errOvertaken) {
		return failure{kind: engine.Rejected, retry: true}
	}
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		// A connection without effect: a full server may have room soon, but wrong credentials stay wrong.
		return failure{kind: engine.Rejected, retry: !errors.As(err, &refused) || transient(refused)}
	case at == progressNone:
		return failure{kind: engine.Rejected, retry: pgconn.SafeToRetry(err)}
	case errors.As(err, &refused):
		f := failure{kind: engine.Rejected, outdated: outdated(refused)}
		switch {
		case fatal(refused) && (at == progressAnswered || !alone || strings.HasPrefix(refused.Code, "08")):
			f.kind = engine.Ambiguous
		case permanent(refused):
			f.kind = engine.Permanent
		default:
			f.retry = f.outdated || transient(refused)
		}
		return f
	case pgconn.SafeToRetry(err):
		return failure{kind: engine.Rejected, retry: true}
	}
	return failure{kind: engine.Ambiguous}
}

// fatal reports whether an error ended its session.
func fatal(err *pgconn.PgError) bool {
	severity := err.SeverityUnlocalized // The other one is in the language of the server.
	if severity == "" {
		severity = err.Severity
	}
	return severity == "FATAL" || severity == "PANIC"
}

// outdated reports whether an error concerns the connection, not the statement: another one may be better.
func outdated(err *pgconn.PgError) bool {
	switch err.Code {
	case "25006", // read_only_sql_transaction: the server was the primary, or is being replaced
		"26000", // invalid_sql_statement_name: the session has lost a prepared statement
		"42P05": // duplicate_prepared_statement: the session is another one
		return true
	}
	return fatal(err)
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
