package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable records the applied migrations. It is in a schema of its own, so that app and worker hold only their own
// tables.
const versionTable = "onceover.schema_versions"

// migrationLock takes the advisory lock under which migrations run.
const migrationLock = "SELECT pg_advisory_lock(hashtextextended('onceover.schema_versions', 0))"

// Migrate brings the schema from its version to the one of this program, and returns both versions. It only goes
// forward, with one transaction per migration, and does nothing if the schema is up to date. Concurrent calls run one
// after the other. Migrate takes only the configuration of the pool, and opens connections of its own, without the time
// limits of the pool.
//
// The error is a [*SetupError] if the schema is newer than the program or the server can't be reached.
func Migrate(ctx context.Context, pool *pgxpool.Pool) (from, to int, err error) {
	config := pool.Config().ConnConfig.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	delete(config.RuntimeParams, "idle_in_transaction_session_timeout")
	lock, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, 0, connectError(err)
	}
	// The lock is released with its session.
	defer func() { _ = lock.Close(context.WithoutCancel(ctx)) }()
	if _, err := lock.Exec(ctx, migrationLock); err != nil {
		return 0, 0, fmt.Errorf("postgres: wait for other migrations: %w", err)
	}
	if from, err = version(ctx, lock); err != nil {
		return 0, 0, err
	}
	if from > latestVersion() {
		return from, from, newer(from)
	}
	if _, err := lock.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS onceover"); err != nil {
		return from, from, fmt.Errorf("postgres: create the schema of the versions: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrationFiles(),
		goose.WithTableName(versionTable), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return from, from, fmt.Errorf("postgres: read the migrations: %w", err)
	}
	_, failed := provider.Up(ctx)
	if to, err = version(ctx, lock); err != nil {
		return from, from, errors.Join(failed, err)
	}
	if failed != nil {
		return from, to, fmt.Errorf("postgres: migrate from version %d: %w", from, failed)
	}
	return from, to, nil
}

// CheckSchema returns nil if the database has the schema of this program. The error is a [*SetupError] if the schema
// was never migrated, or is older or newer than the program.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	found, err := version(ctx, pool)
	switch latest := latestVersion(); {
	case err != nil:
		return err
	case found == 0:
		return &SetupError{
			Found:  fmt.Sprintf("database %q was never migrated", pool.Config().ConnConfig.Database),
			Remedy: "run onceover migrate",
		}
	case found < latest:
		return &SetupError{
			Found:  fmt.Sprintf("the schema has version %d, this program needs %d", found, latest),
			Remedy: "run onceover migrate",
		}
	case found > latest:
		return newer(found)
	}
	return nil
}

// newer returns the error for a schema that is newer than the program.
func newer(found int) *SetupError {
	return &SetupError{
		Found:  fmt.Sprintf("the schema has version %d, this program knows versions up to %d", found, latestVersion()),
		Remedy: "run a version of onceover that knows it: migrations only go forward",
	}
}

// A querier is a connection or a pool.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// version returns the version of the schema, or 0 if it was never migrated.
func version(ctx context.Context, db querier) (int, error) {
	var found int
	err := db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable+" WHERE is_applied").Scan(&found)
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return found, nil
	case errors.As(err, &refused) && (refused.Code == "42P01" || refused.Code == "3F000"): // no such table, no such schema
		return 0, nil
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return 0, connectError(err)
	}
	return 0, fmt.Errorf("postgres: read the version of the schema: %w", err)
}

// latestVersion returns the version of the last migration. Migrations are numbered from 1 without gaps, so it is the
// number of files.
func latestVersion() int {
	files, err := fs.Glob(migrationFiles(), "*.sql")
	if err != nil {
		panic(err)
	}
	return len(files)
}

func migrationFiles() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err)
	}
	return files
}
