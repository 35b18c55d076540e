package postgres

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onceover/onceover/engine"
)

// TestClassify checks what an error allows the caller to do. That depends on what the server sent, on how far the try
// had come, and on whether a pooler may have sent it.
func TestClassify(t *testing.T) {
	refused := func(severity, code string) error {
		return &pgconn.PgError{Severity: "in its own language", SeverityUnlocalized: severity, Code: code}
	}
	rejected, ambiguous := failure{kind: engine.Rejected}, failure{kind: engine.Ambiguous}
	again := failure{kind: engine.Rejected, retry: true}
	elsewhere := failure{kind: engine.Rejected, retry: true, outdated: true}
	doubtful := failure{kind: engine.Ambiguous, outdated: true}
	permanent := failure{kind: engine.Permanent}
	for _, test := range []struct {
		name   string
		err    error
		at     progress
		want   failure
		pooled failure // if the connection is not alone
	}{
		{"pool exhausted", context.DeadlineExceeded, progressNone, rejected, rejected},
		{"serialization failure", refused("ERROR", "40001"), progressSent, again, again},
		{"serialization failure of the commit", refused("ERROR", "40001"), progressAnswered, again, again},
		{"deadlock", refused("ERROR", "40P01"), progressSent, again, again},
		{"statement timeout", refused("ERROR", "57014"), progressSent, rejected, rejected},
		{"read-only after a failover", refused("ERROR", "25006"), progressSent, elsewhere, elsewhere},
		{"prepared statement lost", refused("ERROR", "26000"), progressSent, elsewhere, elsewhere},
		{"server shuts down before the commit", refused("FATAL", "57P01"), progressSent, elsewhere, doubtful},
		{"server shuts down around the commit", refused("FATAL", "57P01"), progressAnswered, doubtful, doubtful},
		{"another process of the server crashed", refused("FATAL", "57P02"), progressSent, elsewhere, doubtful},
		{"server starts up", refused("FATAL", "57P03"), progressSent, elsewhere, doubtful},
		{"session idle for too long", refused("FATAL", "57P05"), progressSent, elsewhere, doubtful},
		{"too many connections", refused("FATAL", "53300"), progressSent, elsewhere, doubtful},
		{"pooler lost its server", refused("FATAL", "08P01"), progressSent, doubtful, doubtful},
		{"severity without its second field", &pgconn.PgError{Severity: "FATAL", Code: "08P01"}, progressSent, doubtful, doubtful},
		{"server panics around the commit", refused("PANIC", "XX000"), progressAnswered, doubtful, doubtful},
		{"lock not available", refused("ERROR", "55P03"), progressSent, again, again},
		{"prepared statement of another session", refused("ERROR", "42P05"), progressSent, elsewhere, elsewhere},
		{"server is starting", refused("ERROR", "57P03"), progressSent, again, again},
		{"server is stopping", refused("ERROR", "57P01"), progressSent, again, again},
		{"server crashed", refused("ERROR", "57P02"), progressSent, again, again},
		{"too many connections", refused("ERROR", "53300"), progressSent, again, again},
		{"connection lost by a server that goes on", refused("ERROR", "08006"), progressSent, rejected, rejected},
		{"server ends its session with another error", refused("FATAL", "XX000"), progressSent, elsewhere, doubtful},
		{"refused before anything was sent", refused("ERROR", "40001"), progressNone, rejected, rejected},
		{"nothing was sent", unsent{}, progressNone, again, again},
		{"nothing was sent after all", unsent{}, progressSent, again, again},
		{"disk full", refused("ERROR", "53100"), progressSent, rejected, rejected},
		{"number out of range", refused("ERROR", "22003"), progressSent, permanent, permanent},
		{"constraint", refused("ERROR", "23514"), progressSent, permanent, permanent},
		{"name too long for an index", refused("ERROR", "54000"), progressSent, permanent, permanent},
		{"never migrated", refused("ERROR", "42P01"), progressSent, rejected, rejected},
		{"no right", refused("ERROR", "42501"), progressSent, rejected, rejected},
		{"connection lost", io.ErrUnexpectedEOF, progressSent, ambiguous, ambiguous},
		{"connection lost around the commit", io.ErrUnexpectedEOF, progressAnswered, ambiguous, ambiguous},
		{"context ended under way", context.Canceled, progressSent, ambiguous, ambiguous},
		{"overtaken", errOvertaken, progressAnswered, again, again},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := classify(test.err, test.at, true); got != test.want {
				t.Errorf("%+v instead of %+v", got, test.want)
			}
			if got := classify(test.err, test.at, false); got != test.pooled {
				t.Errorf("behind a pooler: %+v instead of %+v", got, test.pooled)
			}
		})
	}
}

// unsent is the error of a message that certainly did not leave.
type unsent struct{}

func (unsent) Error() string     { return "nothing was sent" }
func (unsent) SafeToRetry() bool { return true }

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
	if bound, err := op.statements[1].bind(map[string]any{"now": 1, "owner": 2, "more": 3}); err != nil || !slices.Equal(bound, []any{1, 2}) {
		t.Errorf("bound to %v, %v", bound, err)
	}
	for _, broken := range []string{"", "-- nothing\n", "SELECT 1\n", "SELECT 1;\nSELECT 2"} {
		if op, err := parse("reviews/some", broken); err == nil {
			t.Errorf("%q became %+v", broken, op)
		}
	}
}

// TestOperationsOfAFolder reads a folder of files, and refuses one that is no part of a program.
func TestOperationsOfAFolder(t *testing.T) {
	good := fstest.MapFS{"sql/some/get.sql": {Data: []byte("SELECT 1;\n")}, "sql/some/put.sql": {Data: []byte("SELECT @a;\n")}}
	all := operations(good, "some")
	if len(all) != 2 || all["get"].name != "some/get" || !slices.Equal(all["put"].statements[0].arguments, []string{"a"}) {
		t.Errorf("read %+v", all)
	}
	for name, files := range map[string]fstest.MapFS{
		"no files": {}, "a malformed one": {"sql/some/get.sql": {Data: []byte("SELECT 1\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("was read")
				}
			}()
			operations(files, "some")
		})
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
	err.Err = errors.New("a\n\nb\n a \n")
	if got, want := err.Error(), "postgres: the database can't be reached (a b); start it"; got != want {
		t.Errorf("%q instead of %q", got, want)
	}
	if !errors.Is(err, err.Err) {
		t.Error("it does not wrap its cause")
	}
	err.Err = nil
	if got, want := err.Error(), "postgres: the database can't be reached; start it"; got != want {
		t.Errorf("%q instead of %q", got, want)
	}
}
