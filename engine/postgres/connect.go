package postgres

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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

// isolation is the parameter that the locks need: each statement of a transaction sees what was committed before that
// statement, not before the first one.
const isolation, readCommitted = "default_transaction_isolation", "read committed"

// sessionParameters are set on every connection; where a pooler shares connections, in every transaction.
var sessionParameters = map[string]string{
	isolation: readCommitted,
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

// Connect opens a pool with the session settings that this package needs, and checks that the server answers and accepts
// writes. Parameters in the URL override these settings, except for the isolation level.
//
// If a pooler such as PgBouncer shares the connections to the server, the settings are made in each transaction, and
// statements are not prepared on the server; see the section about poolers in the documentation of this package. Connect
// notices that by itself.
//
// Each connection is to a server that accepts writes, so that a URL with several hosts finds the primary, also after a
// failover. The parameter target_session_attrs in the URL overrides that.
//
// The error is a [*SetupError] if the URL can't be parsed, no server can be reached or accepts writes, the credentials
// are refused, the database does not exist, or transactions don't hold together behind the pooler.
func Connect(ctx context.Context, url string, settings ...Setting) (*pgxpool.Pool, error) {
	pool, err := open(ctx, url, settings, false)
	if err != nil && sharedByPooler(err) {
		if pool, err = open(ctx, url, settings, true); err == nil {
			err = checkTransactions(ctx, pool)
		}
	}
	if err != nil {
		if pool != nil {
			pool.Close()
		}
		return nil, connectError(err)
	}
	return pool, nil
}

// open opens a pool and its first connection.
func open(ctx context.Context, url string, settings []Setting, shared bool) (*pgxpool.Pool, error) {
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
	// Connections are replaced from time to time, not all at once, so that the load returns to servers that were down.
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = time.Hour, 10*time.Minute
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	v := validation{shared: shared, parameters: maps.Clone(sessionParameters), writable: !strings.Contains(url, "target_session_attrs")}
	v.chosen = config.ConnConfig.ValidateConnect
	given := config.ConnConfig.RuntimeParams
	for name := range sessionParameters {
		if value, found := given[name]; found && name != isolation {
			v.parameters[name] = value
		}
		delete(given, name)
	}
	if !shared {
		maps.Copy(given, v.parameters)
	} else if !strings.Contains(url, "default_query_exec_mode") {
		// A statement that is prepared on one connection to the server is unknown on the next one.
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if given["application_name"] == "" {
		given["application_name"] = "onceover"
	}
	config.ConnConfig.ValidateConnect = v.validate
	for _, set := range settings {
		set(config)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// protocolViolation is the code of whatever PgBouncer refuses.
const protocolViolation = "08P01"

// sharedByPooler reports whether a connection with startup parameters failed in a way that a pooler explains: it refuses
// the parameters, or ignores them.
func sharedByPooler(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case protocolViolation,
			"0A000", // feature_not_supported
			"22023", // invalid_parameter_value
			"42704": // undefined_object
			return true
		}
	}
	return errors.Is(err, errSettingsLost)
}
