package postgres

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// The bounds of the pause before [Listen] connects again. Until then the sweep finds what Listen misses.
const (
	listenPauseMin = 100 * time.Millisecond
	listenPauseMax = 10 * time.Second
)

// Listen calls trigger for every owner that may have work: after a submission, a terminal status, a freed slot or a
// next attempt, in any process. The calls come one after the other. trigger is usually [engine.Dispatcher.Trigger]. The
// calls are hints: one that is lost while the connection is down delays the work until the next sweep, and has no other
// effect.
//
// Listen uses one connection besides those of the pool, and opens another one when that breaks. It returns the
// context's error when the context ends. A pooler that shares connections delivers no notifications, so Listen returns a
// [*SetupError] if there is one; it takes only the configuration of the pool, which may be another one, with the URL of
// the server.
func Listen(ctx context.Context, pool *pgxpool.Pool, trigger func(engine.OwnerID), options ...Option) error {
	s := newSession(pool, options)
	pause := listenPauseMin
	for {
		connected, err := s.listen(ctx, trigger)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if connected {
			pause = listenPauseMin
		}
		if err := s.sleep(ctx, pause/2+rand.N(pause/2)); err != nil { //nolint:gosec // a pause is no secret
			return err
		}
		pause = min(2*pause, listenPauseMax)
	}
}

// listen passes notifications on until its connection breaks. It reports whether it was ever connected. The error is one
// that another connection does not mend.
func (s *session) listen(ctx context.Context, trigger func(engine.OwnerID)) (connected bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return false, nil // the server may be back soon
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if !connectionOf(conn.PgConn()).alone {
		var pid uint32
		if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return false, nil
		}
		if pid != conn.PgConn().PID() {
			return false, &SetupError{
				Found:  "notifications do not pass the pooler",
				Remedy: "listen on a pool with the URL of the server; until then other processes learn of work from the sweep",
			}
		}
	}
	if _, err := conn.Exec(ctx, "LISTEN onceover_work"); err != nil {
		return false, nil
	}
	for {
		hint, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, nil
		}
		trigger(engine.OwnerID(hint.Payload))
	}
}
