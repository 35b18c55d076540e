package certify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// A snapshot is everything that is stored: a row a string, sorted.
type snapshot []string

// equal reports whether two snapshots have the same rows.
func (s snapshot) equal(other snapshot) bool { return slices.Equal(s, other) }

// diff lists the rows that only one of two snapshots has: "-" before those of s, "+" before those of got.
func (s snapshot) diff(got snapshot) []string {
	var lines []string
	for _, row := range s {
		if !slices.Contains(got, row) {
			lines = append(lines, "- "+row)
		}
	}
	for _, row := range got {
		if !slices.Contains(s, row) {
			lines = append(lines, "+ "+row)
		}
	}
	return lines
}

// rows reads all rows of a database, and keeps and restores one state of them. It does not use the proxy.
type rows struct {
	pool                *pgxpool.Pool
	keep, restore, read string // SQL
	// stored is what is stored, unless a write has made it unknown.
	stored snapshot
	known  bool
}

// openRows prepares a migrated database. It fails if a schema has a table that would not be compared.
func openRows(ctx context.Context, pool *pgxpool.Pool) (*rows, error) {
	r := &rows{pool: pool, restore: truncateTables}
	create := "CREATE SCHEMA kept"
	var read []string
	for _, table := range tables {
		kept := "kept." + table.schema + "_" + table.name
		create += fmt.Sprintf("; CREATE UNLOGGED TABLE %s (LIKE %s)", kept, table)
		r.keep += fmt.Sprintf("TRUNCATE %s; INSERT INTO %s SELECT * FROM %s;", kept, kept, table)
		r.restore += fmt.Sprintf("; INSERT INTO %s SELECT * FROM %s", table, kept)
		read = append(read, fmt.Sprintf("SELECT '%s ' || t::text AS row FROM %s t", table, table))
	}
	r.read = `SELECT coalesce(array_agg(row ORDER BY row COLLATE "C"), '{}') FROM (` + strings.Join(read, " UNION ALL ") + ") rows"
	var unknown []string
	if err := pool.QueryRow(ctx, `
		SELECT coalesce(array_agg(schemaname || '.' || tablename), '{}') FROM pg_tables
		WHERE schemaname IN ('app', 'worker') AND schemaname || '.' || tablename <> ALL ($1)`, tableNames()).Scan(&unknown); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("tables %v are not compared; add them to the tables of package certify", unknown)
	}
	return r, r.execute(ctx, create)
}

// execute executes several statements.
func (r *rows) execute(ctx context.Context, sql string) error {
	connection, err := r.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	if _, err := connection.Conn().PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// clear removes all rows.
func (r *rows) clear(ctx context.Context) error {
	r.written()
	return r.execute(ctx, truncateTables)
}

// keepAll keeps all rows, for putBack.
func (r *rows) keepAll(ctx context.Context) error { return r.execute(ctx, r.keep) }

// readAll returns everything that is stored.
func (r *rows) readAll(ctx context.Context) (snapshot, error) {
	var all snapshot
	if err := r.pool.QueryRow(ctx, r.read).Scan(&all); err != nil {
		return nil, fmt.Errorf("read all rows: %w", err)
	}
	r.stored, r.known = all, true
	return all, nil
}

// putBack restores the rows that were kept, which are those of the snapshot. If they are stored already, it does nothing.
// Most operations that are cut have changed nothing.
func (r *rows) putBack(ctx context.Context, kept snapshot) error {
	if r.known && r.stored.equal(kept) {
		return nil
	}
	if err := r.execute(ctx, r.restore); err != nil {
		return err
	}
	r.stored, r.known = kept, true
	return nil
}

// written records that what is stored may have changed.
func (r *rows) written() { r.known = false }
