package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// Trust makes the connections of a pool trust their sessions to have the settings of the startup message, as if nobody
// shared them. The pool keeps n connections open.
func Trust(ctx context.Context, pool *pgxpool.Pool, n int) error {
	var all []*pgxpool.Conn
	defer func() {
		for _, conn := range all {
			conn.Release()
		}
	}()
	for range n {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		all = append(all, conn)
		connectionOf(conn.Conn().PgConn()).alone = true
	}
	return nil
}

// MigrateTo brings an empty database to a version of the schema before the latest one.
func MigrateTo(ctx context.Context, pool *pgxpool.Pool, to int64) error {
	if _, err := pool.Exec(ctx, "CREATE SCHEMA onceover"); err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	provider, err := migrator(db)
	if err == nil {
		_, err = provider.UpTo(ctx, to)
	}
	return errors.Join(err, db.Close())
}

// LatestVersion is the version of the schema of this program.
func LatestVersion() int { return latestVersion() }

// A Statement is one statement as the server receives it.
type Statement struct {
	Operation string   // such as reviews/claim
	SQL       string   // with placeholders
	Arguments []string // their names, in order
}

// Statements returns every statement, in the order of the files.
func Statements() []Statement {
	var all []Statement
	for _, directory := range []string{"journal", "reviews"} {
		ops := operations(embedded, directory)
		names := make([]string, 0, len(ops))
		for name := range ops {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, s := range ops[name].statements {
				all = append(all, Statement{Operation: directory + "/" + name, SQL: s.sql, Arguments: s.arguments})
			}
		}
	}
	return all
}
