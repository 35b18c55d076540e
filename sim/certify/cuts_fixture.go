package certify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// A fixture is one database behind a proxy, where cases are tried one at a time.
type fixture struct {
	database *testDatabase // its pool does not use the proxy
	rows     *rows
	proxy    *pgwire.Proxy
	pool     *pgxpool.Pool // one connection, through the proxy
	direct   stores        // without the proxy
	proxied  stores        // through the proxy, as the options wrap them
}

// openFixture makes a fixture on a database of its own.
func openFixture(ctx context.Context, create Create, o *CutsOptions) (f *fixture, err error) {
	database, err := createDatabase(ctx, create, postgres.WithMaxConns(1))
	if err != nil {
		return nil, err
	}
	f = &fixture{database: database}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close(ctx))
		}
	}()
	if f.rows, err = openRows(ctx, database.pool); err != nil {
		return nil, err
	}
	if f.proxy, err = pgwire.New(database.url, o.Rewrites...); err != nil {
		return nil, err
	}
	if f.pool, err = postgres.Connect(ctx, f.proxy.URL(), postgres.WithMaxConns(1), func(config *pgxpool.Config) {
		// A ping that depends on how long a connection was idle would be one more message in some runs.
		config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	}); err != nil {
		return nil, err
	}
	// The pauses between tries give other sessions time, and there are none.
	noPause := postgres.WithSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	// The cuts lose hints on purpose.
	silent := postgres.WithLog(slog.New(slog.DiscardHandler))
	f.direct = stores{postgres.NewReviews(database.pool), postgres.NewJournal(database.pool)}
	f.proxied = stores{postgres.NewReviews(f.pool, noPause, silent), postgres.NewJournal(f.pool, noPause)}
	if o.wrap != nil {
		f.proxied = o.wrap(f.proxied)
	}
	return f, nil
}

// close ends all connections and drops the database. It fails if a rewrite has changed nothing.
func (f *fixture) close(ctx context.Context) error {
	if f.pool != nil {
		f.pool.Close()
	}
	var err error
	if f.proxy != nil {
		err = f.proxy.Close()
	}
	return errors.Join(err, cleanUp(ctx, f.database.remove))
}

// disconnect ends all connections through the proxy, and waits until the server has ended their sessions. The next
// operation gets a new connection.
func (f *fixture) disconnect(ctx context.Context) error {
	f.proxy.Begin(nil)
	if err := f.proxy.CutAll(ctx); err != nil {
		return err
	}
	f.pool.Reset()
	return nil
}

// reset puts back the rows that were kept. Afterwards there is no connection through the proxy (cold), or one that has
// carried out the operation (warm).
func (f *fixture) reset(ctx context.Context, o operation, kept snapshot, cold bool) error {
	if err := f.disconnect(ctx); err != nil {
		return err
	}
	if !cold {
		if err := f.rows.putBack(ctx, kept); err != nil {
			return err
		}
		f.rows.written()
		_, _ = f.proxied.perform(ctx, o) // The answer is compared when the operation is run again.
		if _, err := f.rows.readAll(ctx); err != nil {
			return err
		}
	}
	return f.rows.putBack(ctx, kept)
}

// compareAnswers carries operations out without the proxy and compares each answer with the model's. It returns the
// state of the model and the rows of the database at the end.
func (f *fixture) compareAnswers(ctx context.Context, from state, operations []operation) (state, snapshot, error) {
	f.rows.written()
	for _, o := range operations {
		next, want := from.step(o)
		got, err := f.direct.perform(ctx, o)
		if !got.equal(want) {
			return from, nil, fmt.Errorf("%s answered %s (%w), the model answers %s", o, got, err, want)
		}
		from = next
	}
	stored, err := f.rows.readAll(ctx)
	return from, stored, err
}
