package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// defaultMaxConns is how many connections a process opens at most: an owner's default
// limit of reviews in flight. More do not make a server faster that has fewer cores.
const defaultMaxConns = 20

// A Setting changes the configuration of a pool before it is opened.
type Setting func(*pgxpool.Config)

// WithMaxConns bounds the connections of the pool, 1 or more. It goes before
// pool_max_conns in the URL.
func WithMaxConns(n int32) Setting {
	return func(c *pgxpool.Config) { c.MaxConns = n }
}

// sessionParameters are set on every connection.
var sessionParameters = map[string]string{
	"application_name": "onceover",
	// The locks of the statements count on it: each statement of a transaction sees
	// what was committed before it, not before the first one.
	"default_transaction_isolation": "read committed",
	// A statement of ours takes milliseconds. One that a client has given up on must
	// not keep its locks; the engine's own limit for a call is shorter.
	"statement_timeout": "30s",
	// No transaction of ours waits for its client: a batch is sent as a whole. Whoever
	// holds one open is gone, and keeps an owner's lock.
	"idle_in_transaction_session_timeout": "30s",
	// Every statement has its index. A plan made while a table was small, and kept as
	// long as the connection, must not read that table from end to end later on.
	"enable_seqscan": "off",
	// One plan for all arguments: planning takes several times as long as running, and
	// what to do does not depend on whose reviews they are.
	"plan_cache_mode": "force_generic_plan",
	// Compiling takes longer than any of these statements.
	"jit": "off",
}

// Connect opens a pool with the settings that this package needs, and makes sure that
// the server answers. Parameters in the URL go before the package's own, apart from
// the isolation level. Statements are prepared once per connection and kept (pgx's
// cache); behind a pooler that can't do that, add default_query_exec_mode=exec to the
// URL.
//
// The error is a [*SetupError]: the URL can't be read, the server can't be reached, it
// does not take the credentials, or has no such database.
func Connect(ctx context.Context, url string, settings ...Setting) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, &SetupError{
			Found:  "the database URL can't be read",
			Remedy: "give one such as postgres://user:password@host:5432/database", Err: err,
		}
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = defaultMaxConns
	}
	for name, value := range sessionParameters {
		if _, given := config.ConnConfig.RuntimeParams[name]; !given || name == "default_transaction_isolation" {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	// Connections are replaced now and then, not all at once, so that load spreads
	// over servers that came back.
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = time.Hour, 10*time.Minute
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	for _, set := range settings {
		set(config)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, unreachable(err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, unreachable(err)
	}
	return pool, nil
}
