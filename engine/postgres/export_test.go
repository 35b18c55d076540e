package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
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
