package postgres

import (
	"context"
	"database/sql"
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

// migrationLock begins the transaction under which migrations run. Its lock ends with it, also behind a pooler, and it
// may wait for others and for the migrations as long as they take.
const migrationLock = `
	BEGIN ISOLATION LEVEL READ COMMITTED;
	SET LOCAL statement_timeout = 0;
	SET LOCAL idle_in_transaction_session_timeout = 0;
	SELECT pg_advisory_xact_lock(hashtextextended('onceover.schema_versions', 0))`

// Migrate brings the schema from its version to the one of this program, and returns both versions. It only goes
// forward, with one transaction per migration, and does nothing if the schema is up to date. Concurrent calls run one
// after the other. Migrate takes only the configuration of the pool, and opens two connections of its own, without the
// time limits of the pool.
//
// The error is a [*SetupError] if the schema is newer than the program, the user may not change it, or the server can't
// be reached.
func Migrate(ctx context.Context, pool *pgxpool.Pool) (from, to int, err error) {
	config := pool.Config().ConnConfig
	defer func() {
		if lacksRight(err) {
			err = &SetupError{
				Found:  fmt.Sprintf("user %q may not migrate database %q", config.User, config.Database),
				Remedy: "migrate as the owner of the database, then grant the user its rights", Err: err,
			}
		}
	}()
	lock, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, 0, connectError(err)
	}
	// The lock is released with its transaction.
	defer func() { _ = lock.Close(context.WithoutCancel(ctx)) }()
	if _, err := lock.PgConn().Exec(ctx, migrationLock).ReadAll(); err != nil {
		if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == protocolViolation {
			return 0, 0, &SetupError{Found: "the pooler allows no lock", Remedy: "migrate with the URL of the server", Err: err}
		}
		return 0, 0, fmt.Errorf("postgres: wait for other migrations: %w", err)
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(withoutLimits))
	defer func() { err = errors.Join(err, db.Close()) }()
	read := func(ctx context.Context, sql string) row { return db.QueryRowContext(ctx, sql) }
	if from, err = version(ctx, read); err != nil {
		return 0, 0, err
	}
	switch latest := latestVersion(); {
	case from > latest:
		return from, from, newer(from)
	case from == latest:
		return from, from, nil
	}
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS onceover"); err != nil {
		return from, from, fmt.Errorf("postgres: create the schema of the versions: %w", err)
	}
	provider, err := migrator(db)
	if err != nil {
		return from, from, fmt.Errorf("postgres: read the migrations: %w", err)
	}
	_, failed := provider.Up(ctx)
	if to, err = version(ctx, read); err != nil {
		return from, from, errors.Join(failed, err)
	}
	if failed != nil {
		return from, to, fmt.Errorf("postgres: migrate from version %d: %w", from, failed)
	}
	return from, to, nil
}

// migrator returns what applies the migrations to a database.
func migrator(db *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, migrationFiles(),
		goose.WithTableName(versionTable), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
}

// CheckSchema returns nil if the database has the schema of this program, and its user has the rights that the stores
// need: on the tables of each of the schemas app and worker that it may use. The error is a [*SetupError] if the schema
// was never migrated, or is older or newer than the program, or if the user lacks a right.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	found, err := version(ctx, func(ctx context.Context, sql string) row { return pool.QueryRow(ctx, sql) })
	switch latest := latestVersion(); {
	case lacksRight(err):
		return &SetupError{
			Found:  fmt.Sprintf("user %q may not read the version of the schema", pool.Config().ConnConfig.User),
			Remedy: "GRANT USAGE ON SCHEMA onceover and SELECT ON " + versionTable + " to the user", Err: err,
		}
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
	return checkRights(ctx, pool)
}

// newer returns the error for a schema that is newer than the program.
func newer(found int) *SetupError {
	return &SetupError{
		Found:  fmt.Sprintf("the schema has version %d, this program knows versions up to %d", found, latestVersion()),
		Remedy: "run a version of onceover that knows it: migrations only go forward",
	}
}

// withoutLimits lets the statements of a connection take as long as they need, unless it shares its session.
func withoutLimits(ctx context.Context, conn *pgx.Conn) error {
	if !connectionOf(conn.PgConn()).alone {
		return nil
	}
	_, err := conn.PgConn().Exec(ctx, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0").ReadAll()
	return err
}

// A row is the answer of a query for one row.
type row interface{ Scan(targets ...any) error }

// version returns the version of the schema, or 0 if it was never migrated.
func version(ctx context.Context, query func(ctx context.Context, sql string) row) (int, error) {
	var found int
	err := query(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable+" WHERE is_applied").Scan(&found)
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

// latestVersion returns the version of the last migration, the highest number of a file.
func latestVersion() int {
	files, err := fs.Glob(migrationFiles(), "*.sql")
	if err != nil {
		panic(err)
	}
	latest := 0
	for _, file := range files {
		var number int
		if _, err := fmt.Sscanf(file, "%d_", &number); err != nil {
			panic(err) // the names are our own
		}
		latest = max(latest, number)
	}
	return latest
}

func migrationFiles() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err)
	}
	return files
}
