package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// defaultMaxConns is the default bound of the connections of a pool. It equals the default limit of an owner's reviews
// in flight. More connections do not make a server faster unless it has more cores.
const defaultMaxConns = 20

// A Setting changes the configuration of a pool before it is opened. See [Connect].
type Setting func(*pgxpool.Config)

// WithMaxConns sets the maximum number of connections of the pool, 1 or more. It overrides pool_max_conns in the URL.
func WithMaxConns(n int32) Setting {
	return func(c *pgxpool.Config) { c.MaxConns = n }
}

// sessionParameters are set on every connection.
var sessionParameters = map[string]string{
	"application_name": "onceover",
	// The locks need it: each statement of a transaction sees what was committed before that statement, not before the
	// first one.
	"default_transaction_isolation": "read committed",
	// Our statements take milliseconds. A statement that its client has given up must not keep its locks. The engine's
	// own timeout of a call is shorter.
	"statement_timeout": "30s",
	// None of our transactions waits for its client, because a batch is sent as a whole. A client that keeps one open
	// is gone, and may hold the lock of an owner.
	"idle_in_transaction_session_timeout": "30s",
	// Every statement has its index. A connection keeps a plan that it made while a table was small; that plan must not
	// read the whole table later.
	"enable_seqscan": "off",
	// One plan for all arguments: planning takes several times as long as execution, and the best plan does not depend
	// on the owner.
	"plan_cache_mode": "force_generic_plan",
	// Compilation takes longer than any of these statements.
	"jit": "off",
}

// Connect opens a pool with the session settings that this package needs, and checks that the server answers.
// Parameters in the URL override these settings, except for the isolation level. pgx prepares each statement once per
// connection; behind a pooler that does not support that, add default_query_exec_mode=exec to the URL.
//
// The error is a [*SetupError] if the URL can't be parsed, the server can't be reached or refuses the credentials, or
// the database does not exist.
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
	// Connections are replaced from time to time, not all at once, so that the load returns to servers that were down.
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = time.Hour, 10*time.Minute
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	for _, set := range settings {
		set(config)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, connectError(err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, connectError(err)
	}
	return pool, nil
}
