package postgres

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// Bounds of the pause between two connections of [Listen]. Until it is back, the
// sweep finds what it would have heard of.
const (
	listenPauseMin = 100 * time.Millisecond
	listenPauseMax = 10 * time.Second
)

// Listen calls hear for every owner that may have work, one after the other: after a
// submission, a terminal status, a freed slot or a next attempt, in whatever process.
// hear is what [engine.Dispatcher.Trigger] is. These are hints: one that is lost while
// the connection is down costs time until the next sweep, and nothing else.
//
// Listen keeps one connection of its own beside the pool's, and opens another one when
// it breaks. It returns the context's error once that ends, and no other.
func Listen(ctx context.Context, pool *pgxpool.Pool, hear func(engine.OwnerID), options ...Option) error {
	s := newSession(pool, options)
	pause := listenPauseMin
	for {
		if heard := s.listen(ctx, hear); heard {
			pause = listenPauseMin
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.sleep(ctx, pause/2+rand.N(pause/2)); err != nil { //nolint:gosec // a pause is no secret
			return err
		}
		pause = min(2*pause, listenPauseMax)
	}
}

// listen hears until its connection breaks, and reports whether it ever stood.
func (s *session) listen(ctx context.Context, hear func(engine.OwnerID)) (stood bool) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN onceover_work"); err != nil {
		return false
	}
	for {
		hint, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true
		}
		hear(engine.OwnerID(hint.Payload))
	}
}
