package certify

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// tables are all that the two schemas hold.
var tables = []string{"app.reviews", "app.attempts", "worker.orchestrations", "worker.events", "worker.leases"}

// A database is reached past the proxy: states are made, put back and read there.
type database struct {
	pool                       *pgxpool.Pool
	clear, keep, restore, read string
	// holds is all that is stored, where that is known.
	holds string
	known bool
}

// openDatabase prepares a migrated database for its use. Whether a schema has tables beyond those that are known here
// is asked, so that none is left out of the comparisons.
func openDatabase(ctx context.Context, pool *pgxpool.Pool) (*database, error) {
	d := &database{pool: pool, clear: "TRUNCATE " + strings.Join(tables, ", ")}
	create := "CREATE SCHEMA certify"
	d.restore = d.clear
	var read []string
	for _, table := range tables {
		kept := "certify." + strings.ReplaceAll(table, ".", "_")
		create += fmt.Sprintf("; CREATE UNLOGGED TABLE %s (LIKE %s)", kept, table)
		d.keep += fmt.Sprintf("TRUNCATE %s; INSERT INTO %s SELECT * FROM %s;", kept, kept, table)
		d.restore += fmt.Sprintf("; INSERT INTO %s SELECT * FROM %s", table, kept)
		read = append(read, fmt.Sprintf("SELECT '%s ' || t::text AS row FROM %s t", table, table))
	}
	d.read = `SELECT coalesce(string_agg(row, E'\n' ORDER BY row COLLATE "C"), '') FROM (` + strings.Join(read, " UNION ALL ") + ") rows"
	var unknown []string
	if err := pool.QueryRow(ctx, `
		SELECT coalesce(array_agg(schemaname || '.' || tablename), '{}') FROM pg_tables
		WHERE schemaname IN ('app', 'worker') AND schemaname || '.' || tablename <> ALL ($1)`, tables).Scan(&unknown); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("tables %v are not compared; name them in package certify", unknown)
	}
	return d, d.run(ctx, create)
}

// run executes SQL of several statements.
func (d *database) run(ctx context.Context, sql string) error {
	connection, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	if _, err := connection.Conn().PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// rows returns all that is stored, a row a line, in an order of its own.
func (d *database) rows(ctx context.Context) (string, error) {
	var all string
	if err := d.pool.QueryRow(ctx, d.read).Scan(&all); err != nil {
		return "", fmt.Errorf("read all rows: %w", err)
	}
	d.holds, d.known = all, true
	return all, nil
}

// putBack restores the state that was kept, of which rows is all. Where that is there already, nothing has to be done:
// most operations that are cut have changed nothing.
func (d *database) putBack(ctx context.Context, rows string) error {
	if d.known && d.holds == rows {
		return nil
	}
	if err := d.run(ctx, d.restore); err != nil {
		return err
	}
	d.holds, d.known = rows, true
	return nil
}

// changed says that somebody may have written since.
func (d *database) changed() { d.known = false }
