package certify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// A bench is one database with a proxy before it, where cases are tried one at a time.
type bench struct {
	database *database
	proxy    *pgwire.Proxy
	pool     *pgxpool.Pool // one connection, by way of the proxy
	direct   Stores        // past the proxy
	proxied  Stores        // by way of the proxy, as the caller has wrapped them
	drop     func(context.Context) error
}

// open makes a bench on a database of its own.
func open(ctx context.Context, c *CutsConfig) (b *bench, err error) {
	address, drop, err := c.Database(ctx)
	if err != nil {
		return nil, err
	}
	b = &bench{drop: drop}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close(context.WithoutCancel(ctx)))
		}
	}()
	direct, err := postgres.Connect(ctx, address, postgres.WithMaxConns(1))
	if err != nil {
		return b, err
	}
	b.database = &database{pool: direct}
	if _, _, err = postgres.Migrate(ctx, direct); err != nil {
		return b, err
	}
	if b.database, err = openDatabase(ctx, direct); err != nil {
		return b, err
	}
	if b.proxy, err = pgwire.New(address, c.Rewrites...); err != nil {
		return b, err
	}
	if b.pool, err = postgres.Connect(ctx, b.proxy.URL(), postgres.WithMaxConns(1), func(config *pgxpool.Config) {
		// A ping that depends on how long a connection was idle would be a message more in some runs.
		config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	}); err != nil {
		return b, err
	}
	// The pauses between tries are for other sessions, and there are none.
	once := postgres.WithSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	b.direct = Stores{postgres.NewReviews(direct), postgres.NewJournal(direct)}
	b.proxied = Stores{postgres.NewReviews(b.pool, once), postgres.NewJournal(b.pool, once)}
	if c.Wrap != nil {
		b.proxied = c.Wrap(b.proxied)
	}
	return b, nil
}

// close ends the bench and drops its database.
func (b *bench) close(ctx context.Context) error {
	if b.pool != nil {
		b.pool.Close()
	}
	var err error
	if b.proxy != nil {
		err = b.proxy.Close()
	}
	if b.database != nil {
		b.database.pool.Close()
	}
	return errors.Join(err, b.drop(ctx))
}

// settle ends what an operation has left behind: all connections by way of the proxy, and what the server does for
// them. The next operation gets a new connection.
func (b *bench) settle(ctx context.Context) error {
	b.proxy.Begin(nil)
	if err := b.proxy.CutAll(ctx); err != nil {
		return err
	}
	b.pool.Reset()
	return nil
}

// ready puts back the state that was kept, of which rows is all, with no connection of the proxy (cold) or one that has
// done the operation.
func (b *bench) ready(ctx context.Context, o Operation, rows string, cold bool) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	if !cold {
		if err := b.database.putBack(ctx, rows); err != nil {
			return err
		}
		b.database.changed()
		_, _ = o.perform(ctx, b.proxied) // What it says is asked when it counts.
		if _, err := b.database.rows(ctx); err != nil {
			return err
		}
	}
	return b.database.putBack(ctx, rows)
}

// follow carries operations out past the proxy and compares each answer with the model's. It returns the state of the
// model and the rows of the database in the end.
func (b *bench) follow(ctx context.Context, from state, operations []Operation) (state, string, error) {
	b.database.changed()
	for _, o := range operations {
		next, want := from.step(o)
		got, err := o.perform(ctx, b.direct)
		if !got.equal(want) {
			return from, "", fmt.Errorf("%s answered %s (%w), the model says %s", o, got, err, want)
		}
		from = next
	}
	rows, err := b.database.rows(ctx)
	return from, rows, err
}
