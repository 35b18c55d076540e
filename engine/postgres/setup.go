package postgres

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A SetupError means that the server or the database has to be set up, or the URL corrected, before the program can
// run. It names the problem and the remedy on one line, which never contains a password.
type SetupError struct {
	Found  string // the problem, such as: database "reviews" was never migrated
	Remedy string // such as: run onceover migrate
	Err    error  // the cause; may be nil
}

// Error returns the problem, its cause if there is one, and the remedy on one line.
func (e *SetupError) Error() string {
	text := "postgres: " + e.Found
	if e.Err != nil {
		text += " (" + oneLine(e.Err) + ")"
	}
	return text + "; " + e.Remedy
}

// oneLine joins the lines of an error and drops repeated ones: a driver that has tried with TLS and without reports the
// same failure twice.
func oneLine(err error) string {
	var distinct []string
	for line := range strings.Lines(err.Error()) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" && !slices.Contains(distinct, line) {
			distinct = append(distinct, line)
		}
	}
	return strings.Join(distinct, " ")
}

// Unwrap returns the cause.
func (e *SetupError) Unwrap() error { return e.Err }

// connectError returns the error of a connection that could not be opened.
func connectError(err error) *SetupError {
	var setup *SetupError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &setup):
		return setup
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		return &SetupError{
			Found: "the server accepts no writes",
			Remedy: "give the URL of the primary, or of all servers as in postgres://user:password@host-1,host-2/database; " +
				"if this is the primary, clear default_transaction_read_only of server, database and role", Err: err,
		}
	case !errors.As(err, &refused):
		return &SetupError{
			Found:  "the database can't be reached",
			Remedy: "start the server, or correct host and port in the URL", Err: err,
		}
	}
	switch refused.Code {
	case "28P01", "28000": // invalid_password, invalid_authorization_specification
		return &SetupError{Found: "wrong credentials", Remedy: "correct user and password in the URL", Err: refused}
	case "3D000": // invalid_catalog_name
		return &SetupError{Found: "no such database", Remedy: "create it, or correct its name in the URL", Err: refused}
	case insufficientPrivilege:
		return &SetupError{Found: "the user may not connect to the database", Remedy: "grant CONNECT on the database to the user", Err: refused}
	}
	return &SetupError{Found: "the server refuses connections", Remedy: "remove the cause that it reports, and try again", Err: refused}
}

// insufficientPrivilege is the code of the server for a right that the user lacks.
const insufficientPrivilege = "42501"

// lacksRight reports whether the user lacks a right.
func lacksRight(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == insufficientPrivilege
}
