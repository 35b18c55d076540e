package postgres

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// A call that certainly had no effect is tried again within these bounds, and never beyond the caller's context. Three
// pauses of at most 10, 20 and 40 ms are enough for a deadlock or a full server to resolve. They are short beside the
// engine's timeout for a call of the store, after which the engine's own backoff takes over.
const (
	maxTries   = 4
	firstPause = 10 * time.Millisecond
)

// An Option configures [Reviews], a [Journal] or [Listen].
type Option func(*session)

// WithSleep replaces the pause between two tries. sleep returns nil after d, or the context's error if the context ends
// first, as [engine.Runtime].Sleep does. The default uses the wall clock.
func WithSleep(sleep func(ctx context.Context, d time.Duration) error) Option {
	return func(s *session) { s.sleep = sleep }
}

// WithLog sets the log that learns when the hints of a store begin to get lost, and when they no longer do. The default
// is [slog.Default].
func WithLog(log *slog.Logger) Option {
	return func(s *session) { s.hints.log = log }
}

// A session executes operations on a pool.
type session struct {
	pool  *pgxpool.Pool
	sleep func(ctx context.Context, d time.Duration) error
	hints *hints
}

func newSession(pool *pgxpool.Pool, options []Option) session {
	s := session{pool: pool, sleep: sleep, hints: &hints{}}
	for _, option := range options {
		option(&s)
	}
	return s
}

// sleep pauses on the wall clock.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A call is one operation being executed.
type call struct {
	op     *operation
	port   string // the name of the operation in errors, such as store.claim
	reads  bool   // it has no effect that could be unknown
	values pgx.NamedArgs
	// begin runs at the start of every try and discards the rows of the try before. read takes one row of the last
	// statement.
	begin func()
	read  func(pgx.Rows) error
	end   func() error // checks the complete answer; may be nil
	// hint is the owner that the answer gives work or a free slot, if any; see [session.wake].
	hint string
}

// do executes a call, as often as is safe and necessary.
func (s *session) do(ctx context.Context, c *call) error {
	pause := firstPause
	for try := 1; ; try++ {
		c.hint = ""
		c.begin()
		failure, err := s.try(ctx, c)
		if err == nil {
			return nil
		}
		if c.reads && failure.kind == engine.Ambiguous {
			failure.kind = engine.Rejected
		}
		if !failure.retry || try == maxTries || ctx.Err() != nil {
			return engine.Errorf(failure.kind, c.port, "%w", err)
		}
		// Full jitter, so that calls that collided do not collide again.
		if s.sleep(ctx, rand.N(pause)+1) != nil { //nolint:gosec // a pause is no secret
			return engine.Errorf(failure.kind, c.port, "%w", err)
		}
		pause *= 2
	}
}

// errOvertaken means that another session inserted or changed the row between a statement's snapshot and its write. The
// next try sees that row.
var errOvertaken = errors.New("another session was writing the same row")

// try executes a call once, on a connection of the pool.
func (s *session) try(ctx context.Context, c *call) (failure, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return classify(err, progressNone, true), err
	}
	defer conn.Release()
	known := connectionOf(conn.Conn().PgConn())
	progress, err := send(ctx, conn.Conn(), known, c)
	if err == nil {
		known.proven = true
		if c.hint != "" {
			s.wake(ctx, conn, known, c.hint)
		}
		return failure{}, nil
	}
	failure := classify(err, progress, known.alone)
	s.mend(ctx, conn, known, &failure)
	return failure, err
}

// mend leaves a connection in a state in which the pool may keep it, or closes it, after a failure.
func (s *session) mend(ctx context.Context, conn *pgxpool.Conn, known *connection, f *failure) {
	switch {
	case f.outdated, conn.Conn().IsClosed() && ctx.Err() == nil:
		_ = conn.Conn().Close(ctx)
		// If it worked before, the idle connections have probably become outdated with it. They are closed, too, so that
		// the next tries do not meet one after the other. A new connection says nothing about them; closing them for it
		// would never end while no server accepts writes.
		if known.proven {
			s.pool.Reset()
		}
	case conn.Conn().PgConn().TxStatus() == 'E':
		// Without an end of the transaction, the connection would be closed.
		_ = conn.Conn().PgConn().Exec(ctx, "ROLLBACK").Close()
	}
}

// send sends all statements at once and reads the answer of the last one. They are one transaction, so nothing has
// happened until the batch is closed without an error: a pipelined batch is one even without BEGIN, because the server
// commits at its end. Each statement has its own snapshot (read committed).
func send(ctx context.Context, conn *pgx.Conn, known *connection, c *call) (progress, error) {
	batch := &pgx.Batch{QueuedQueries: make([]*pgx.QueuedQuery, 0, len(c.op.statements))}
	before := known.begin(batch)
	for i := range c.op.statements {
		statement := &c.op.statements[i]
		bound, err := statement.bind(c.values)
		if err != nil {
			return progressNone, err
		}
		batch.Queue(statement.sql, bound...)
	}
	known.end(batch)
	results := conn.SendBatch(ctx, batch)
	for range before + len(c.op.statements) - 1 {
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return progressSent, err
		}
	}
	rows, err := results.Query()
	if err == nil {
		for rows.Next() {
			if err = c.read(rows); err != nil {
				break
			}
		}
		rows.Close()
		if err == nil {
			err = rows.Err()
		}
	}
	if err != nil {
		_ = results.Close()
		return progressSent, err
	}
	if err := results.Close(); err != nil || c.end == nil {
		return progressAnswered, err
	}
	return progressAnswered, c.end()
}
