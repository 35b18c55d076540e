package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// emptyDatabase creates a database for the test and returns its URL.
func emptyDatabase(t testing.TB) string {
	t.Helper()
	return pgserver.ForTest(t).Database(t)
}

// connect opens a pool that is closed when the test ends.
func connect(t testing.TB, url string, settings ...postgres.Setting) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(context.Background(), url, settings...)
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
	if _, _, err := postgres.Migrate(context.Background(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// run executes SQL that must succeed.
func run(t interface{ Fatalf(string, ...any) }, pool *pgxpool.Pool, sql string, args ...any) {
	if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
