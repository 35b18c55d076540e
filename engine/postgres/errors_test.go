package postgres

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onceover/onceover/engine"
)

// TestClassify checks what an error allows the caller to do. That depends on what the server sent and on how far the
// try had come.
func TestClassify(t *testing.T) {
	refused := func(severity, code string) error { return &pgconn.PgError{Severity: severity, Code: code} }
	for _, test := range []struct {
		name  string
		err   error
		at    progress
		kind  engine.ErrorKind
		retry bool
	}{
		{"pool exhausted", context.DeadlineExceeded, progressNone, engine.Rejected, false},
		{"serialization failure", refused("ERROR", "40001"), progressSent, engine.Rejected, true},
		{"serialization failure of the commit", refused("ERROR", "40001"), progressAnswered, engine.Rejected, true},
		{"deadlock", refused("ERROR", "40P01"), progressSent, engine.Rejected, true},
		{"statement timeout", refused("ERROR", "57014"), progressSent, engine.Rejected, false},
		{"server shuts down before the commit", refused("FATAL", "57P01"), progressSent, engine.Rejected, true},
		{"server shuts down around the commit", refused("FATAL", "57P01"), progressAnswered, engine.Ambiguous, false},
		{"server starts up", refused("FATAL", "57P03"), progressSent, engine.Rejected, true},
		{"too many connections", refused("FATAL", "53300"), progressSent, engine.Rejected, true},
		{"disk full", refused("ERROR", "53100"), progressSent, engine.Rejected, false},
		{"number out of range", refused("ERROR", "22003"), progressSent, engine.Permanent, false},
		{"constraint", refused("ERROR", "23514"), progressSent, engine.Permanent, false},
		{"name too long for an index", refused("ERROR", "54000"), progressSent, engine.Permanent, false},
		{"never migrated", refused("ERROR", "42P01"), progressSent, engine.Rejected, false},
		{"connection lost", io.ErrUnexpectedEOF, progressSent, engine.Ambiguous, false},
		{"connection lost around the commit", io.ErrUnexpectedEOF, progressAnswered, engine.Ambiguous, false},
		{"context ended under way", context.Canceled, progressSent, engine.Ambiguous, false},
		{"overtaken", errOvertaken, progressAnswered, engine.Rejected, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := classify(test.err, test.at); got != (failure{test.kind, test.retry}) {
				t.Errorf("%+v instead of %s, retry %v", got, test.kind, test.retry)
			}
		})
	}
}

// TestParse checks that a file is split into its statements, and that a malformed one is refused.
func TestParse(t *testing.T) {
	op, err := parse("reviews/some", "-- A comment; with @nothing.\nSELECT lock(@owner);\n\nSELECT @now, @owner\n    -- Why; it is so.\n    WHERE x = @now;\n")
	if err != nil || len(op.statements) != 2 {
		t.Fatal(op, err)
	}
	if got := op.statements[1].sql; got != "/* reviews/some */ SELECT $1, $2\n    WHERE x = $1\n" {
		t.Errorf("%q", got)
	}
	if _, err := op.statements[0].bind(map[string]any{"now": 1}); err == nil {
		t.Error("a missing argument was not missed")
	}
	for _, broken := range []string{"", "-- nothing\n", "SELECT 1\n", "SELECT 1;\nSELECT 2"} {
		if op, err := parse("reviews/some", broken); err == nil {
			t.Errorf("%q became %+v", broken, op)
		}
	}
}

// TestSigned checks that a number that no column can hold becomes -1, and any other stays the same.
func TestSigned(t *testing.T) {
	for number, want := range map[engine.Token]int64{0: 0, 7: 7, 1<<63 - 1: 1<<63 - 1, 1 << 63: -1, 1<<64 - 1: -1} {
		if got := signed(number); got != want {
			t.Errorf("%d became %d instead of %d", number, got, want)
		}
	}
}

// TestSetupErrorIsOneLine checks that the text of a setup error is one line.
func TestSetupErrorIsOneLine(t *testing.T) {
	err := &SetupError{Found: "the database can't be reached", Remedy: "start it", Err: errors.New("dial\n\tone: refused\n")}
	if got, want := err.Error(), "postgres: the database can't be reached (dial one: refused); start it"; got != want {
		t.Errorf("%q instead of %q", got, want)
	}
}
