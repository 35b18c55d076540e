package certify

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
		ports, closePorts := PostgresPorts(pool)
		remove := func(ctx context.Context) error {
			closePorts()
			pool.Close()
			return drop(ctx)
		}
		if _, _, err := postgres.Migrate(ctx, pool); err != nil {
			return nil, nil, errors.Join(err, remove(context.WithoutCancel(ctx)))
		}
		return ports, remove, nil
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

// PostgresPorts returns the production stores on a migrated database as a world uses them, and what closes a connection
// that they have of their own. A run removes whatever is in the database.
func PostgresPorts(pool *pgxpool.Pool) (ports *Ports, closePorts func()) {
	c := clearing{pool: pool}
	return &Ports{
		Reviews: postgres.NewReviews(pool),
		Journal: postgres.NewJournal(pool),
		Clear:   c.clear,
		Count:   func(ctx context.Context) (Counts, error) { return countRows(ctx, pool) },
		Outage:  Outage,
	}, c.close
}

// A clearing empties the tables of a database, again and again.
type clearing struct {
	pool     *pgxpool.Pool
	replica  *pgxpool.Pool // one connection that may delete, once it is needed
	cleared  int
	truncate bool // there can be no such connection
}

// clear deletes a few rows in a tenth of the time that truncating takes, after which every statement is planned anew as
// well. Dead rows are got rid of by truncating now and then.
func (c *clearing) clear(ctx context.Context) error {
	if !c.truncate && c.cleared%truncateEvery != 0 {
		err := c.delete(ctx)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "42501" && refused.Code != "53300" { // insufficient_privilege, too_many_connections
			c.cleared++
			return err
		}
		c.truncate = true
	}
	c.cleared++
	_, err := c.pool.Exec(ctx, truncateTables)
	return err
}

// delete removes all rows. Triggers see to it that most are never deleted; they do not fire for what replication does,
// which only a superuser may pretend to be, and that on another connection than the stores': whoever pretends makes the
// server forget all plans of a connection, and to make them anew took a tenth of every run.
func (c *clearing) delete(ctx context.Context) error {
	if c.replica == nil {
		config := c.pool.Config()
		config.MinConns, config.MaxConns = 0, 1
		config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "SET session_replication_role = replica")
			return err
		}
		var err error
		if c.replica, err = pgxpool.NewWithConfig(ctx, config); err != nil {
			return err
		}
	}
	_, err := c.replica.Exec(ctx, deleteRows)
	return err
}

func (c *clearing) close() {
	if c.replica != nil {
		c.replica.Close()
	}
}

const truncateEvery = 200

const truncateTables = "TRUNCATE app.reviews, app.attempts, worker.orchestrations, worker.events, worker.leases"

const deleteRows = `
WITH attempts AS (DELETE FROM app.attempts), reviews AS (DELETE FROM app.reviews),
	events AS (DELETE FROM worker.events), orchestrations AS (DELETE FROM worker.orchestrations)
DELETE FROM worker.leases`

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
