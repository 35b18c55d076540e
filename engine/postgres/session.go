package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// What certainly had no effect is tried again within these bounds, and in no case
// beyond the caller's context. Three pauses of at most 10, 20 and 40 ms are more
// than a deadlock or a full server needs to dissolve, and little beside the
// engine's own time limit for a call of a store, after which its own backoff takes
// over.
const (
	maxTries   = 4
	firstPause = 10 * time.Millisecond
)

// An Option sets something about [Reviews] or a [Journal].
type Option func(*session)

// WithSleep has pauses between tries made by sleep, which returns nil after d or the
// context's error if that ends first: the Sleep of an [engine.Runtime]. The default
// waits on the wall clock.
func WithSleep(sleep func(ctx context.Context, d time.Duration) error) Option {
	return func(s *session) { s.sleep = sleep }
}

// A session carries operations out on a pool.
type session struct {
	pool  *pgxpool.Pool
	sleep func(ctx context.Context, d time.Duration) error
}

func newSession(pool *pgxpool.Pool, options []Option) session {
	s := session{pool: pool, sleep: sleep}
	for _, option := range options {
		option(&s)
	}
	return s
}

// sleep waits on the wall clock.
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

// A call is one operation under way.
type call struct {
	op     *operation
	port   string // the operation as errors name it, such as store.claim
	reads  bool   // it changes nothing, so no effect of it can be unknown
	values pgx.NamedArgs
	// read takes one row of the last statement. begin comes before the first row of
	// every try, and forgets those of the try before.
	begin func()
	read  func(pgx.Rows) error
	end   func() error // judges the whole answer before it counts; may be nil
}

// do carries a call out, as often as is safe and needed.
func (s *session) do(ctx context.Context, c *call) error {
	pause := firstPause
	for try := 1; ; try++ {
		c.begin()
		progress, err := s.try(ctx, c)
		if err == nil {
			return nil
		}
		verdict := judge(err, progress)
		if c.reads && verdict.kind == engine.Ambiguous {
			verdict.kind = engine.Rejected
		}
		if !verdict.again || try == maxTries || ctx.Err() != nil {
			return engine.Errorf(verdict.kind, c.port, "%w", err)
		}
		// Full jitter: those who collided do not meet again.
		if s.sleep(ctx, rand.N(pause)+1) != nil { //nolint:gosec // a pause is no secret
			return engine.Errorf(verdict.kind, c.port, "%w", err)
		}
		pause *= 2
	}
}

// errOvertaken says that a row appeared or changed between a statement's snapshot and
// its writing: the next try sees it.
var errOvertaken = errors.New("another session was writing the same row")

// try sends all statements at once and reads the answer of the last one. Without a
// BEGIN a pipelined batch is one transaction all the same: the server commits at its
// end, so nothing has happened until the batch was closed without an error. Each
// statement has a snapshot of its own (read committed).
func (s *session) try(ctx context.Context, c *call) (progress, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return progressNone, err
	}
	defer conn.Release()
	batch := &pgx.Batch{QueuedQueries: make([]*pgx.QueuedQuery, 0, len(c.op.statements))}
	for i := range c.op.statements {
		statement := &c.op.statements[i]
		bound, err := statement.bind(c.values)
		if err != nil {
			return progressNone, err
		}
		batch.Queue(statement.sql, bound...)
	}
	results := conn.SendBatch(ctx, batch)
	for range len(c.op.statements) - 1 {
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
