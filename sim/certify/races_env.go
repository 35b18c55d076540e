package certify

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// rivalsMax is how many connections a round takes at most.
const rivalsMax = 6

// observerName is the application name of the sessions that watch the server.
const observerName = "onceover observer"

// A roundEnv is where rounds are played: one database, the connections of the rivals, which pass through a proxy, and
// the connections that watch the server.
type roundEnv struct {
	database *testDatabase // its pool has the connections that watch
	proxy    *pgwire.Proxy
	rivals   *pgxpool.Pool
	stores   stores // of the rivals
}

func newRoundEnv(ctx context.Context, create Create, rewrites []*pgwire.Rewrite) (*roundEnv, error) {
	database, err := createDatabase(ctx, create, postgres.WithMaxConns(2), func(c *pgxpool.Config) {
		c.ConnConfig.RuntimeParams["application_name"] = observerName
	})
	if err != nil {
		return nil, err
	}
	e := &roundEnv{database: database}
	if e.proxy, err = pgwire.New(database.url, rewrites...); err == nil {
		e.rivals, err = postgres.Connect(ctx, e.proxy.URL(), postgres.WithMaxConns(rivalsMax))
	}
	if err != nil {
		return nil, errors.Join(err, e.close(ctx))
	}
	e.stores = stores{postgres.NewReviews(e.rivals), postgres.NewJournal(e.rivals)}
	return e, nil
}

// close ends all connections and drops the database. It fails if a rewrite has changed nothing.
func (e *roundEnv) close(ctx context.Context) error {
	if e.rivals != nil {
		e.rivals.Close()
	}
	var err error
	if e.proxy != nil {
		err = e.proxy.Close()
	}
	return errors.Join(err, cleanUp(ctx, e.database.remove))
}

// empty removes all rows.
func (e *roundEnv) empty(ctx context.Context) error {
	if _, err := e.database.pool.Exec(ctx, truncateTables); err != nil {
		return fmt.Errorf("empty the tables: %w", err)
	}
	return nil
}

// waitForSessions returns when each session that a rival has given up is over. A session that is idle is not enough:
// a statement may still be on its way to it, and would change the next round.
func (e *roundEnv) waitForSessions(ctx context.Context) error {
	for {
		kept := []uint32{} // not nil, which would be NULL
		for _, connection := range e.rivals.AcquireAllIdle(ctx) {
			kept = append(kept, connection.Conn().PgConn().PID())
			connection.Release()
		}
		left, err := e.count(ctx, `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend'
				AND application_name <> $1 AND pid::bigint <> ALL ($2::bigint[])`, observerName, kept)
		if err != nil || left == 0 {
			return err
		}
	}
}

// count returns the one number that a query on the server's activity returns.
func (e *roundEnv) count(ctx context.Context, sql string, arguments ...any) (n int64, err error) {
	if err := e.database.pool.QueryRow(ctx, sql, arguments...).Scan(&n); err != nil {
		return 0, fmt.Errorf("watch the server: %w", err)
	}
	return n, nil
}
