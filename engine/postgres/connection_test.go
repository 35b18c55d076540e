package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestSessionsOfTheirOwn looks at what a session says about itself: whether it is the connection's own, with the settings
// of its start.
func TestSessionsOfTheirOwn(t *testing.T) {
	v := validation{parameters: map[string]string{isolation: readCommitted, "jit": "off", "statement_timeout": "7s"}}
	names := []string{isolation, "jit", "statement_timeout"}
	for _, test := range []struct {
		name string
		row  []string // pid, read only, and the settings
		want bool
	}{
		{"as asked for", []string{"7", "off", readCommitted, "off", "7s"}, true},
		{"of another process", []string{"8", "off", readCommitted, "off", "7s"}, false},
		{"the first setting is lost", []string{"7", "off", "serializable", "off", "7s"}, false},
		{"the second one is lost", []string{"7", "off", readCommitted, "on", "7s"}, false},
		{"the URL's is written in another way", []string{"7", "off", readCommitted, "off", "7000ms"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			row := make([][]byte, len(test.row))
			for i, value := range test.row {
				row[i] = []byte(value)
			}
			if got := v.hold(7, row, names); got != test.want {
				t.Errorf("the settings hold: %t, want %t", got, test.want)
			}
		})
	}
}

// TestSettingsOfTransactions has what goes to the server around the statements of an operation.
func TestSettingsOfTransactions(t *testing.T) {
	queued := func(c *connection) (before int, sql []string, arguments []any) {
		batch := &pgx.Batch{}
		before = c.begin(batch)
		batch.Queue("SELECT 1")
		c.end(batch)
		for _, q := range batch.QueuedQueries {
			sql, arguments = append(sql, q.SQL), append(arguments, q.Arguments...)
		}
		return before, sql, arguments
	}
	shared := &connection{}
	shared.set(map[string]string{"b": "2", "a": "1", isolation: readCommitted})
	before, sql, arguments := queued(shared)
	if want := []string{beginTransaction, setTransaction, "SELECT 1", endTransaction}; before != 2 || !slices.Equal(sql, want) {
		t.Errorf("%d before the statements of %q, want 2 of %q", before, sql, want)
	}
	if got, want := fmt.Sprint(arguments), "[[a b] [1 2]]"; got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
	if before, sql, _ := queued(&connection{alone: true}); before != 0 || !slices.Equal(sql, []string{"SELECT 1"}) {
		t.Errorf("on a session of its own: %d before the statements of %q", before, sql)
	}
}

// TestSignsOfAPooler is about the errors of a first connection after which the settings are made in transactions.
func TestSignsOfAPooler(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{&pgconn.PgError{Code: "08P01"}, true},
		{&pgconn.PgError{Code: "0A000"}, true},
		{&pgconn.PgError{Code: "22023"}, true},
		{&pgconn.PgError{Code: "42704"}, true},
		{fmt.Errorf("connect: %w", &pgconn.PgError{Code: "08P01"}), true},
		{&pgconn.PgError{Code: "28P01"}, false},
		{fmt.Errorf("connect: %w", errSettingsLost), true},
		{errors.New("connection refused"), false},
	} {
		if got := sharedByPooler(test.err); got != test.want {
			t.Errorf("%v: %t, want %t", test.err, got, test.want)
		}
	}
}

// TestErrorsOfConnections: each has a problem and a remedy of its own, and keeps its cause.
func TestErrorsOfConnections(t *testing.T) {
	var seen []string
	for _, err := range []error{
		pgconn.ErrReadOnlyConnection, errors.New("refused"), &pgconn.PgError{Code: "28P01"}, &pgconn.PgError{Code: "3D000"},
		&pgconn.PgError{Code: insufficientPrivilege}, &pgconn.PgError{Code: "53300"},
	} {
		got := connectError(fmt.Errorf("connect: %w", err))
		if !errors.Is(got, err) || got.Found == "" || got.Remedy == "" || slices.Contains(seen, got.Found) {
			t.Errorf("%v became %+v", err, got)
		}
		seen = append(seen, got.Found)
	}
	if same := connectError(&pgconn.PgError{Code: "28000"}); same.Found != connectError(&pgconn.PgError{Code: "28P01"}).Found {
		t.Errorf("two kinds of wrong credentials: %+v", same)
	}
	setup := &SetupError{Found: "the URL"}
	if got := connectError(fmt.Errorf("connect: %w", setup)); got != setup {
		t.Errorf("%v became %v", setup, got)
	}
}

// TestMissingRights is about which errors are those of a right that the user lacks.
func TestMissingRights(t *testing.T) {
	for err, want := range map[error]bool{
		&pgconn.PgError{Code: "42501"}: true, &pgconn.PgError{Code: "42P01"}: false, errors.New("42501"): false, nil: false,
	} {
		if got := lacksRight(err); got != want {
			t.Errorf("%v: %t, want %t", err, got, want)
		}
	}
}

// TestPausesOfTheDefault: the default pause ends with its time or with its context.
func TestPausesOfTheDefault(t *testing.T) {
	if err := sleep(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
