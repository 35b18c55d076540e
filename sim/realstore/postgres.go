package realstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/sim/world"
)

// A Create makes an empty database on some server, and returns its URL and what drops it.
type Create func(ctx context.Context) (url string, drop func(context.Context) error, err error)

// OnPostgres returns what opens stores on Postgres: the production code of [postgres], each time on a database of its
// own that is migrated first.
func OnPostgres(create Create) Open {
	return func(ctx context.Context) (world.Stores, func(context.Context) error, error) {
		url, drop, err := create(ctx)
		if err != nil {
			return nil, nil, err
		}
		pool, err := connect(ctx, url)
		if err != nil {
			return nil, nil, errors.Join(err, drop(context.WithoutCancel(ctx)))
		}
		remove := func(ctx context.Context) error {
			pool.Close()
			return drop(ctx)
		}
		if _, _, err := postgres.Migrate(ctx, pool); err != nil {
			return nil, nil, errors.Join(err, remove(context.WithoutCancel(ctx)))
		}
		return PostgresPorts(pool), remove, nil
	}
}

// connect opens a pool for a world, which does one thing at a time.
func connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return postgres.Connect(ctx, url, postgres.WithMaxConns(1), func(c *pgxpool.Config) {
		c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, commitAtEase)
			return err
		}
	})
}

// commitAtEase has commits not wait for the disk: nothing that a run leaves behind is ever needed again, and what a
// statement does is the same. Where the server does not wait for it in any case, writing takes less than waking the
// process that would write.
const commitAtEase = `
SELECT set_config('synchronous_commit', CASE current_setting('fsync') WHEN 'on' THEN 'off' ELSE 'on' END, false)`

// PostgresPorts returns the production stores on a migrated database as a world uses them. A run removes whatever is in
// the database.
func PostgresPorts(pool *pgxpool.Pool) *Ports {
	c := clearing{pool: pool}
	return &Ports{
		Reviews: postgres.NewReviews(pool),
		Journal: postgres.NewJournal(pool),
		Clear:   c.clear,
		Count:   func(ctx context.Context) (Counts, error) { return countRows(ctx, pool) },
		Outage:  Outage,
	}
}

// A clearing empties the tables of a database, again and again.
type clearing struct {
	pool     *pgxpool.Pool
	cleared  int
	truncate bool // the user may not delete
}

// clear deletes a few rows in a tenth of the time that truncating takes, after which every statement is planned anew as
// well: together a quarter of what a run costs the server. Dead rows are got rid of by truncating now and then.
func (c *clearing) clear(ctx context.Context) error {
	if !c.truncate && c.cleared%truncateEvery != 0 {
		_, err := c.pool.Exec(ctx, deleteRows)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "42501" { // insufficient_privilege
			c.cleared++
			return err
		}
		c.truncate = true
	}
	c.cleared++
	_, err := c.pool.Exec(ctx, truncateTables)
	return err
}

const truncateEvery = 200

const truncateTables = "TRUNCATE app.reviews, app.attempts, worker.orchestrations, worker.events, worker.leases"

// deleteRows is one transaction. Triggers see to it that reviews and orchestrations are never deleted; they do not fire
// for what replication does, which only a superuser may pretend to be.
const deleteRows = `
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM app.attempts; DELETE FROM app.reviews;
DELETE FROM worker.events; DELETE FROM worker.orchestrations; DELETE FROM worker.leases;
COMMIT`

const countTables = `
SELECT (SELECT count(*) FROM app.reviews), (SELECT count(*) FROM app.attempts),
	(SELECT count(*) FROM worker.orchestrations), (SELECT count(*) FROM worker.events)`

const listLeases = "SELECT host, beat FROM worker.leases ORDER BY host"

func countRows(ctx context.Context, pool *pgxpool.Pool) (counts Counts, err error) {
	batch := &pgx.Batch{}
	batch.Queue(countTables).QueryRow(func(row pgx.Row) error {
		return row.Scan(&counts.Reviews, &counts.Attempts, &counts.Orchestrations, &counts.Events)
	})
	batch.Queue(listLeases).Query(func(rows pgx.Rows) error {
		counts.Beats, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (beat engine.Beat, err error) {
			err = row.Scan(&beat.Host, &beat.Count)
			return beat, err
		})
		return err
	})
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return Counts{}, fmt.Errorf("count rows: %w", err)
	}
	return counts, nil
}

// Outage tells whether an operation on Postgres failed because of the server or the way to it. What the server says of a
// statement itself is an answer: one that has no effect because its SQL is wrong is not to be taken for bad luck.
func Outage(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch {
		case strings.HasPrefix(said.Code, "08"), // connection exception
			strings.HasPrefix(said.Code, "53"), // insufficient resources: disk, memory, connections
			strings.HasPrefix(said.Code, "57"), // operator intervention: shutdowns, cancelled statements
			strings.HasPrefix(said.Code, "58"): // system error
			return true
		}
		return false
	}
	var connecting *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connecting), errors.As(err, &network),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), pgconn.SafeToRetry(err):
		return true
	}
	return engine.KindOf(err) == engine.Ambiguous // no store says so of its own accord
}
