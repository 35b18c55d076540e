package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
)

var databases atomic.Int64

// emptyDatabase creates a database for the test and returns its URL.
func emptyDatabase(t testing.TB) string {
	t.Helper()
	base := os.Getenv("ONCEOVER_DATABASE_URL")
	if base == "" {
		t.Skip("set ONCEOVER_DATABASE_URL to a Postgres server")
	}
	ctx := context.Background()
	name := fmt.Sprintf("onceover_test_%d_%d", os.Getpid(), databases.Add(1))
	execute := func(sql string) {
		conn, err := pgx.Connect(ctx, base)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	execute("CREATE DATABASE " + name)
	t.Cleanup(func() { execute("DROP DATABASE " + name + " WITH (FORCE)") })
	parsed, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Path = name
	return parsed.String()
}

// connect opens a pool that is closed with the test.
func connect(t testing.TB, url string, settings ...postgres.Setting) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(context.Background(), url, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// migrated returns a pool on a new database with the schema.
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
