package certify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/sim/world"
)

// OnPostgres returns the function that opens stores on Postgres: those of package [postgres], each time on a new
// database.
func OnPostgres(create Create) OpenStores {
	return func(ctx context.Context) (world.Stores, func(context.Context) error, error) {
		// A world carries out one operation at a time.
		database, err := createDatabase(ctx, create, postgres.WithMaxConns(1), relaxCommits)
		if err != nil {
			return nil, nil, err
		}
		ports, closePorts := postgresPorts(database.pool)
		return ports, func(ctx context.Context) error {
			closePorts()
			return database.remove(ctx)
		}, nil
	}
}

// relaxCommits lets commits return before they reach the disk. No run needs what another has stored, and the effect of
// a statement is the same. On a server that never waits for the disk, waiting for the write takes less time than waking
// the process that would write later.
func relaxCommits(c *pgxpool.Config) {
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `
SELECT set_config('synchronous_commit', CASE current_setting('fsync') WHEN 'on' THEN 'off' ELSE 'on' END, false)`)
		return err
	}
}

// postgresPorts returns the production stores on a migrated database, and the function that closes the connection that
// they open beside the pool. Each run removes all rows of the database.
func postgresPorts(pool *pgxpool.Pool) (ports *Ports, closePorts func()) {
	c := clearing{pool: pool}
	return &Ports{
		Reviews: postgres.NewReviews(pool),
		Journal: postgres.NewJournal(pool),
		Clear:   c.clear,
		Count:   func(ctx context.Context) (Counts, error) { return countRows(ctx, pool) },
		Outage:  outage,
	}, c.close
}

// A clearing removes all rows of a database, once for each run.
type clearing struct {
	pool     *pgxpool.Pool
	replica  *pgxpool.Pool // one connection that may delete, opened when it is needed
	cleared  int
	truncate bool // no connection may delete
}

// clear deletes the rows, which takes a tenth of the time of truncating, after which the server also plans every
// statement anew. Every [truncateEvery] runs it truncates, which removes dead rows.
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

// delete deletes all rows. Triggers refuse to delete most of them, but they do not fire for replication. Only a
// superuser may act as a replica. It does so on a connection of its own: acting as a replica makes the server forget
// all plans of a connection, and planning anew took a tenth of every run.
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
		counts.Heartbeats, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (beat engine.Heartbeat, err error) {
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

// outage reports whether an operation failed because of the server or the connection to it. An error that the server
// returns for the statement itself is an answer: wrong SQL must not pass for an outage.
func outage(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch class := refused.Code[:min(2, len(refused.Code))]; class {
		case "08", // connection exception
			"53", // insufficient resources: disk, memory, connections
			"57", // operator intervention: shutdowns, cancelled statements
			"58": // system error
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
	return engine.KindOf(err) == engine.Ambiguous // no store returns this kind unless an answer was lost
}
