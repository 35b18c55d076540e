package pgserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// session connects through a pooler, without prepared statements. The connection is closed when the test ends.
func session(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	connection, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return connection
}

// backend returns the process of the server that executed a statement.
func backend(t *testing.T, connection *pgx.Conn) (pid uint32) {
	t.Helper()
	if err := connection.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// TestPoolerSharesConnections checks that a pooler runs transactions of two clients on one connection, and refuses
// startup parameters that it does not know.
func TestPoolerSharesConnections(t *testing.T) {
	p := PoolerForTest(t, ForTest(t).Database(t), map[string]string{"default_pool_size": "1"})
	address := p.URL()
	a, b := session(t, address), session(t, address)
	first := backend(t, a)
	if second := backend(t, b); first != second || first == a.PgConn().PID() {
		t.Errorf("ran on backends %d and %d; the first client was told %d", first, second, a.PgConn().PID())
	}
	_, err := pgx.Connect(t.Context(), address+"&statement_timeout=1000")
	if refused := (*pgconn.PgError)(nil); !errors.As(err, &refused) || refused.Code != "08P01" {
		t.Errorf("a startup parameter: %v", err)
	}
}

// TestPoolerEnds checks that a pooler leaves neither its process nor its files behind, and that a second stop does
// nothing.
func TestPoolerEnds(t *testing.T) {
	p := PoolerForTest(t, ForTest(t).Database(t), nil)
	address := p.URL()
	session(t, address)
	for range 2 {
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(p.directory); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory: %v", err)
	}
	if _, err := pgx.Connect(t.Context(), address); err == nil {
		t.Error("a stopped pooler took a connection")
	}
}

// TestNoPooler checks that a pooler that does not start is an ErrNoPooler of one line.
func TestNoPooler(t *testing.T) {
	direct := ForTest(t).Database(t)
	PoolerForTest(t, direct, nil) // to skip where there is none
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "pgbouncer"), []byte("#!/bin/sh\necho broken >&2\nexit 1\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	t.Setenv("PATH", directory+":"+os.Getenv("PATH"))
	if _, err := StartPooler(t.Context(), direct, nil); !errors.Is(err, ErrNoPooler) {
		t.Errorf("got %v", err)
	}
}
