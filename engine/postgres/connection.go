package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A connection is what is known of one connection of a pool. It belongs to whoever has acquired the connection.
type connection struct {
	// alone is whether the session on the server belongs to this connection, with the settings of its start. Otherwise a
	// pooler may run each transaction in another session, so each makes its own settings.
	alone bool
	// names and values are the settings of a transaction of a connection that is not alone.
	names, values []string
	// proven is whether it has carried out an operation.
	proven bool
}

// connectionKey is the key of a [connection] in the custom data of its driver.
const connectionKey = "github.com/onceover/onceover/engine/postgres"

// connectionOf returns what is known of a connection. One that [Connect] has not validated is not alone: its
// transactions make their own settings, whatever the session has.
func connectionOf(conn *pgconn.PgConn) *connection {
	known, found := conn.CustomData()[connectionKey].(*connection)
	if !found {
		known = &connection{}
		known.set(sessionParameters)
		conn.CustomData()[connectionKey] = known
	}
	return known
}

// set keeps the settings of transactions. BEGIN sets the isolation level.
func (c *connection) set(parameters map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if name != isolation {
			c.names, c.values = append(c.names, name), append(c.values, parameters[name])
		}
	}
}

// errSettingsLost means that a session does not have the settings that its startup message asked for, or that it belongs
// to another client as well.
var errSettingsLost = errors.New("the session settings do not hold: a pooler shares the connection")

// A validation examines each new connection of a pool.
type validation struct {
	shared     bool // by a pooler: the session may have other settings
	parameters map[string]string
	writable   bool                       // the server has to accept writes
	chosen     pgconn.ValidateConnectFunc // by target_session_attrs in the URL; may be nil
}

// validate implements [pgconn.ValidateConnectFunc], in one round trip.
func (v *validation) validate(ctx context.Context, conn *pgconn.PgConn) error {
	if v.chosen != nil {
		if err := v.chosen(ctx, conn); err != nil {
			return err
		}
	}
	names := slices.Sorted(maps.Keys(v.parameters))
	query := "SELECT pg_backend_pid(), current_setting('transaction_read_only')"
	for _, name := range names {
		query += ", current_setting('" + name + "')"
	}
	results, err := conn.Exec(ctx, query).ReadAll()
	if err != nil {
		return err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != 2+len(names) {
		return fmt.Errorf("the settings of a session have %d results", len(results))
	}
	row := results[0].Rows[0]
	if v.writable && string(row[1]) == "on" {
		return pgconn.ErrReadOnlyConnection
	}
	known := &connection{alone: !v.shared}
	if v.shared {
		known.set(v.parameters)
	} else if !v.hold(conn.PID(), row, names) {
		return errSettingsLost
	}
	conn.CustomData()[connectionKey] = known
	return nil
}

// hold reports whether a session is the connection's own and has the settings of its start. Those of the URL are not
// compared, because the server may write their values in another way.
func (v *validation) hold(pid uint32, row [][]byte, names []string) bool {
	if string(row[0]) != strconv.FormatUint(uint64(pid), 10) {
		return false // A pooler invents the number that it gives to its client.
	}
	for i, name := range names {
		if want := v.parameters[name]; want == sessionParameters[name] && string(row[2+i]) != want {
			return false
		}
	}
	return true
}

// The statements around an operation on a connection that is not alone. They go to the server with it, in the same round
// trip.
const (
	beginTransaction = "BEGIN ISOLATION LEVEL READ COMMITTED"
	setTransaction   = "SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS setting (name, value)"
	endTransaction   = "COMMIT"
)

// begin queues what comes before the statements of an operation, and returns how many statements that are.
func (c *connection) begin(batch *pgx.Batch) int {
	if c.alone {
		return 0 // A pipelined batch is one transaction even without BEGIN.
	}
	batch.Queue(beginTransaction)
	batch.Queue(setTransaction, c.names, c.values)
	return 2
}

// end queues what comes after the statements of an operation.
func (c *connection) end(batch *pgx.Batch) {
	if !c.alone {
		batch.Queue(endTransaction)
	}
}

// checkTransactions checks that a transaction behind a pooler has the isolation level and the settings that it asks for.
func checkTransactions(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	known, batch := connectionOf(conn.Conn().PgConn()), &pgx.Batch{}
	before := known.begin(batch)
	batch.Queue("SELECT current_setting('transaction_isolation'), current_setting('jit')")
	known.end(batch)
	results := conn.SendBatch(ctx, batch)
	for range before {
		if err == nil {
			_, err = results.Exec()
		}
	}
	var level, jit string
	if err == nil {
		err = results.QueryRow().Scan(&level, &jit)
	}
	err = errors.Join(err, results.Close())
	if refused := (*pgconn.PgError)(nil); err != nil && !errors.As(err, &refused) {
		return err
	}
	if err != nil || level != readCommitted || jit != known.values[slices.Index(known.names, "jit")] {
		return &SetupError{
			Found:  "transactions do not hold together behind the pooler",
			Remedy: "set its pool_mode to transaction or session, or give the URL of the server", Err: err,
		}
	}
	return nil
}
