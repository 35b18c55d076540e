package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// patience bounds the calls of a test. Only a test that would hang takes that long.
const patience = 2 * time.Minute

// limited returns a context for the calls of a test to its server.
func limited(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// emptyDatabase creates a database for the test and returns its URL.
func emptyDatabase(t testing.TB) string {
	t.Helper()
	return pgserver.ForTest(t).Database(t)
}

// connect opens a pool that is closed when the test ends.
func connect(t testing.TB, url string, settings ...postgres.Setting) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(limited(t), url, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// migrated returns a pool on a new database that has the schema.
func migrated(t testing.TB, settings ...postgres.Setting) *pgxpool.Pool {
	t.Helper()
	pool := connect(t, emptyDatabase(t), settings...)
	if _, _, err := postgres.Migrate(limited(t), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// run executes SQL that must succeed.
func run(t interface{ Fatalf(string, ...any) }, pool *pgxpool.Pool, sql string, args ...any) {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // also for what is cleaned up
	defer cancel()
	if _, err := pool.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
