package certify

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// Rivals is how many connections a round takes at most.
const Rivals = 6

// observer is how the sessions from which a field is watched call themselves.
const observer = "onceover observer"

// A field is where rounds are played: one database, with connections for the rivals that pass through a proxy, and
// others from which it is watched.
type field struct {
	proxy    *pgwire.Proxy
	subject  *pgxpool.Pool
	observer *pgxpool.Pool
}

func newField(ctx context.Context, url string, rewrites []*pgwire.Rewrite) (*field, error) {
	proxy, err := pgwire.New(url, rewrites...)
	if err != nil {
		return nil, err
	}
	f := &field{proxy: proxy}
	if f.subject, err = postgres.Connect(ctx, proxy.URL(), postgres.WithMaxConns(Rivals)); err != nil {
		return nil, errors.Join(err, f.close())
	}
	if f.observer, err = postgres.Connect(ctx, url, postgres.WithMaxConns(2), func(c *pgxpool.Config) {
		c.ConnConfig.RuntimeParams["application_name"] = observer
	}); err != nil {
		return nil, errors.Join(err, f.close())
	}
	if _, _, err = postgres.Migrate(ctx, f.observer); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// close ends all connections. The error tells of a rewrite that has changed nothing.
func (f *field) close() error {
	for _, pool := range []*pgxpool.Pool{f.subject, f.observer} {
		if pool != nil {
			pool.Close()
		}
	}
	return f.proxy.Close()
}

// empty forgets all rows. The database refuses to delete them: in production none is ever to go.
func (f *field) empty(ctx context.Context) error {
	_, err := f.observer.Exec(ctx, `TRUNCATE app.reviews, app.attempts, worker.orchestrations, worker.events, worker.leases`)
	if err != nil {
		return fmt.Errorf("emptying the tables: %w", err)
	}
	return nil
}

// quiet returns when every session that a rival has given up is over. That it looks idle is not enough: what it was sent
// may be on its way to it still, and would change the next round.
func (f *field) quiet(ctx context.Context) error {
	for {
		kept := []uint32{} // not nil, which the server would take for unknown
		for _, connection := range f.subject.AcquireAllIdle(ctx) {
			kept = append(kept, connection.Conn().PgConn().PID())
			connection.Release()
		}
		left, err := f.count(ctx, `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend'
				AND application_name <> $1 AND pid::bigint <> ALL ($2::bigint[])`, observer, kept)
		if err != nil || left == 0 {
			return err
		}
	}
}

func (f *field) count(ctx context.Context, sql string, arguments ...any) (n int64, err error) {
	if err := f.observer.QueryRow(ctx, sql, arguments...).Scan(&n); err != nil {
		return 0, fmt.Errorf("watching the server: %w", err)
	}
	return n, nil
}
