package postgres

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A SetupError says what about the database has to be put right before anything can
// run, and how. Its text is one line, and never holds a password.
type SetupError struct {
	Found  string // what is wrong, such as: database "reviews" was never migrated
	Remedy string // the way out, such as: run onceover migrate
	Err    error  // the cause; may be nil
}

// Error is the whole story on one line.
func (e *SetupError) Error() string {
	text := "postgres: " + e.Found
	if e.Err != nil {
		text += " (" + oneLine(e.Err) + ")"
	}
	return text + "; " + e.Remedy
}

// oneLine is the text of an error whose lines say different things: those of a driver
// that has tried the same twice, with TLS and without, say it once.
func oneLine(err error) string {
	var said []string
	for line := range strings.Lines(err.Error()) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

// Unwrap returns the cause.
func (e *SetupError) Unwrap() error { return e.Err }

// unreachable explains why no connection came about.
func unreachable(err error) *SetupError {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
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
	}
	return &SetupError{Found: "the server refuses connections", Remedy: "see what it says, and try again", Err: refused}
}
