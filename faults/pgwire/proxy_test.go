package pgwire_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
)

// patience bounds waiting for what must happen. Only a failing test waits that long.
const patience = 30 * time.Second

// limited returns a context for a call to a server that has to answer.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// start returns a proxy to a fresh database with two tables, and a connection that does not use it.
func start(t *testing.T, rewrites ...*pgwire.Rewrite) (*pgwire.Proxy, *pgx.Conn) {
	t.Helper()
	address := pgserver.ForTest(t).Database(t)
	direct := connect(t, address)
	execute(t, direct, "CREATE TABLE accounts (name text PRIMARY KEY, amount int NOT NULL); CREATE TABLE transfers (number int PRIMARY KEY)")
	proxy, err := pgwire.New(address, rewrites...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return proxy, direct
}

// connect connects until the test ends.
func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(limited(t), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return connection
}

// execute runs a statement that has to work.
func execute(t *testing.T, connection *pgx.Conn, sql string, arguments ...any) {
	t.Helper()
	if _, err := connection.Exec(limited(t), sql, arguments...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// An operation is what is cut. It changes either nothing or all that it changes.
type operation struct {
	name string
	run  func(ctx context.Context, connection *pgx.Conn) error
}

var operations = []operation{
	{"statement", func(ctx context.Context, connection *pgx.Conn) error {
		_, err := connection.Exec(ctx, "UPDATE accounts SET amount = amount + $1", 10)
		return err
	}},
	{"simple-protocol", func(ctx context.Context, connection *pgx.Conn) error {
		_, err := connection.Exec(ctx, "UPDATE accounts SET amount = amount + $1", pgx.QueryExecModeSimpleProtocol, 10)
		return err
	}},
	{"pipelined-transaction", func(ctx context.Context, connection *pgx.Conn) error {
		batch := &pgx.Batch{}
		batch.Queue("BEGIN")
		batch.Queue("UPDATE accounts SET amount = amount + $1 WHERE name = $2", 10, "from")
		batch.Queue("UPDATE accounts SET amount = amount + $1 WHERE name = $2", 10, "to")
		batch.Queue("COMMIT")
		return connection.SendBatch(ctx, batch).Close()
	}},
	{"conversation", func(ctx context.Context, connection *pgx.Conn) error {
		return pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE accounts SET amount = amount + 10 WHERE name = 'from'"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "UPDATE accounts SET amount = amount + 10 WHERE name = 'to'")
			return err
		})
	}},
}

// attempt runs an operation once, with the injector in its way: over a connection that has done it before, or over a
// new one, which is then part of the operation.
func attempt(t *testing.T, proxy *pgwire.Proxy, o operation, cold bool, injector pgwire.Injector) error {
	t.Helper()
	proxy.Begin(nil)
	var connection *pgx.Conn
	if !cold {
		connection = connect(t, proxy.URL())
		if err := o.run(limited(t), connection); err != nil {
			t.Fatal(err)
		}
	}
	proxy.Begin(injector)
	defer func() {
		proxy.Begin(nil) // What follows does not belong to the operation.
		if connection != nil {
			_ = connection.Close(limited(t))
		}
		if err := proxy.CutAll(limited(t)); err != nil {
			t.Fatal(err)
		}
	}()
	if cold {
		var err error
		if connection, err = pgx.Connect(limited(t), proxy.URL()); err != nil {
			return err
		}
	}
	return o.run(limited(t), connection)
}

// TestEveryCut cuts operations at every message that they exchange, in every way: what they change is changed wholly or
// not at all, and a caller that gets no error has its change.
func TestEveryCut(t *testing.T) {
	for _, o := range operations {
		for _, cold := range []bool{false, true} {
			name := o.name + "/warm"
			if cold {
				name = o.name + "/cold"
			}
			t.Run(name, func(t *testing.T) {
				proxy, direct := start(t)
				execute(t, direct, "INSERT INTO accounts VALUES ('from', 0), ('to', 0)")
				amounts := func() (from, to int) {
					t.Helper()
					const query = "SELECT a.amount, b.amount FROM accounts a, accounts b WHERE a.name = 'from' AND b.name = 'to'"
					if err := direct.QueryRow(limited(t), query).Scan(&from, &to); err != nil {
						t.Fatal(err)
					}
					return from, to
				}
				recorder := pgwire.NewRecorder(nil)
				if err := attempt(t, proxy, o, cold, recorder); err != nil {
					t.Fatal(err)
				}
				cuts := pgwire.Cuts(recorder.Messages())
				before, after := 0, 0
				for _, cut := range cuts {
					execute(t, direct, "UPDATE accounts SET amount = 0")
					injector := cut.Injector()
					err := attempt(t, proxy, o, cold, injector)
					if !injector.Done() {
						t.Errorf("%s: the message did not come", cut)
					}
					from, to := amounts()
					if !cold { // The connection was warmed by doing it once.
						from, to = from-10, to-10
					}
					if from != to || from != 0 && from != 10 || err == nil && from == 0 {
						t.Errorf("%s: from changed by %d and to by %d, the caller got %v", cut, from, to, err)
					}
					if from == 0 {
						before++
					} else {
						after++
					}
				}
				t.Logf("%d messages, %d cuts: %d times nothing was done, %d times all", len(recorder.Messages()), len(cuts), before, after)
				if before == 0 || after == 0 {
					t.Error("cuts that all have one outcome show nothing")
				}
			})
		}
	}
}

// TestRecorded shows what a warm and a cold connection exchange, without the reports of the server's settings.
func TestRecorded(t *testing.T) {
	proxy, direct := start(t)
	execute(t, direct, "INSERT INTO accounts VALUES ('from', 0), ('to', 0)")
	for _, test := range []struct {
		cold bool
		want []string
	}{
		{false, []string{
			"client: Bind UPDATE accounts", "client: Describe UPDATE accounts", "client: Execute UPDATE accounts", "client: Sync",
			"server: BindComplete", "server: NoData", "server: CommandComplete UPDATE 2", "server: ReadyForQuery",
		}},
		{true, []string{
			"client: Connect", "client: StartupMessage", "server: Authentication", "client: AuthenticationResponse", "server: BackendKeyData",
			"server: ReadyForQuery", "client: Parse UPDATE accounts", "client: Describe UPDATE accounts", "client: Sync", "server: ParseComplete",
			"server: ParameterDescription", "server: NoData", "server: ReadyForQuery",
			"client: Bind UPDATE accounts", "client: Describe UPDATE accounts", "client: Execute UPDATE accounts", "client: Sync",
			"server: BindComplete", "server: NoData", "server: CommandComplete UPDATE 2", "server: ReadyForQuery",
		}},
	} {
		recorder := pgwire.NewRecorder(nil)
		if err := attempt(t, proxy, operations[0], test.cold, recorder); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range recorder.Messages() {
			shown := m.Direction.String() + ": " + m.Type
			if m.SQL != "" {
				shown += " " + strings.Join(strings.Fields(m.SQL)[:2], " ")
			}
			if m.Detail != "" {
				shown += " " + m.Detail
			}
			// Their number depends on the settings of the server and on the way of authentication.
			ceremony := slices.Contains([]string{"ParameterStatus", "NoticeResponse", "Terminate"}, m.Type)
			repeated := strings.Contains(m.Type, "Authentication") && slices.Contains(got, shown)
			if !ceremony && !repeated {
				got = append(got, shown)
			}
		}
		// Directions are independent of each other, so each is compared for itself.
		for _, direction := range []string{"client", "server"} {
			of := func(lines []string) []string {
				return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, direction) })
			}
			if !slices.Equal(of(got), of(test.want)) {
				t.Errorf("cold %v: exchanged\n\t%s\nwant\n\t%s", test.cold, strings.Join(of(got), "\n\t"), strings.Join(of(test.want), "\n\t"))
			}
		}
	}
}

// TestPassesEverything does through a proxy what pgx can do with a server.
func TestPassesEverything(t *testing.T) {
	proxy, direct := start(t)
	connection := connect(t, proxy.URL())
	if _, err := connection.CopyFrom(limited(t), pgx.Identifier{"transfers"}, []string{"number"},
		pgx.CopyFromSlice(10_000, func(i int) ([]any, error) { return []any{i}, nil })); err != nil {
		t.Fatal(err)
	}
	var long string
	if err := connection.QueryRow(limited(t), "SELECT string_agg(number::text, $1) FROM transfers", strings.Repeat("-", 1000)).Scan(&long); err != nil || len(long) < 10_000_000-1000 {
		t.Errorf("a long value of %d bytes, %v", len(long), err)
	}
	var reported *pgconn.PgError
	if _, err := connection.Exec(limited(t), "INSERT INTO transfers VALUES (1)"); !errors.As(err, &reported) || reported.Code != "23505" {
		t.Errorf("a violated constraint: %v", err)
	}
	execute(t, connection, "LISTEN news")
	execute(t, direct, "NOTIFY news, 'good'")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if news, err := connection.WaitForNotification(ctx); err != nil || news.Payload != "good" {
		t.Errorf("notification %v, %v", news, err)
	}
	// A request to cancel comes over a connection of its own.
	if err := connection.PgConn().CancelRequest(ctx); err != nil {
		t.Errorf("cancel nothing: %v", err)
	}
	slow := make(chan error, 1)
	go func() {
		_, err := connection.Exec(limited(t), "SELECT pg_sleep(1000)")
		slow <- err
	}()
	for running := false; !running; {
		const query = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1000)' AND wait_event = 'PgSleep'"
		if err := direct.QueryRow(ctx, query).Scan(&running); err != nil {
			t.Fatal(err)
		}
	}
	if err := connection.PgConn().CancelRequest(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-slow; !errors.As(err, &reported) || reported.Code != "57014" {
		t.Errorf("a cancelled statement: %v", err)
	}
}

// TestHang swallows what follows until the client gives up.
func TestHang(t *testing.T) {
	proxy, direct := start(t)
	execute(t, direct, "INSERT INTO accounts VALUES ('from', 0), ('to', 0)")
	for _, test := range []struct {
		name string
		hang func(m pgwire.Message) bool
		want int
	}{
		{"before the statement", func(m pgwire.Message) bool { return m.Type == "Execute" }, 0},
		{"before the answer", func(m pgwire.Message) bool { return m.Type == "CommandComplete" }, 10},
	} {
		execute(t, direct, "UPDATE accounts SET amount = 0")
		connection := connect(t, proxy.URL())
		hangs := make(chan struct{})
		proxy.Begin(pgwire.Func(func(m pgwire.Message) pgwire.Decision {
			if test.hang(m) {
				close(hangs)
				return pgwire.Decision{Action: pgwire.Hang}
			}
			return pgwire.Decision{}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-hangs; cancel() }()
		err := operations[0].run(ctx, connection)
		cancel()
		if err == nil || pgconn.SafeToRetry(err) {
			t.Errorf("%s: %v, want an unknown outcome", test.name, err)
		}
		if err := proxy.CutAll(limited(t)); err != nil {
			t.Fatal(err)
		}
		var amount int
		if err := direct.QueryRow(limited(t), "SELECT max(amount) FROM accounts").Scan(&amount); err != nil || amount != test.want {
			t.Errorf("%s: amount %d, %v; want %d", test.name, amount, err, test.want)
		}
	}
}

// TestRefuse refuses new connections, and keeps those that are open.
func TestRefuse(t *testing.T) {
	proxy, _ := start(t)
	connection := connect(t, proxy.URL())
	proxy.Begin(pgwire.Func(pgwire.Refuse))
	if _, err := pgx.Connect(limited(t), proxy.URL()); err == nil {
		t.Error("a connection was not refused")
	}
	execute(t, connection, "SELECT 1")

	// Cut once, then the server stays unreachable.
	first := pgwire.At(pgwire.Place{Connection: 1}, pgwire.Decision{Action: pgwire.CutBefore}).Then(pgwire.Func(pgwire.Refuse))
	proxy.Begin(first)
	if _, err := connection.Exec(limited(t), "SELECT 1"); err == nil || !first.Done() {
		t.Errorf("the cut connection answered %v", err)
	}
	if _, err := pgx.Connect(limited(t), proxy.URL()); err == nil {
		t.Error("a later connection was not refused")
	}
	proxy.Begin(nil)
	execute(t, connect(t, proxy.URL()), "SELECT 1")
}

// TestDelay waits for the delay to return, and cuts when that fails.
func TestDelay(t *testing.T) {
	proxy, _ := start(t)
	connection := connect(t, proxy.URL())
	var waits atomic.Int32
	proxy.Begin(pgwire.Func(func(m pgwire.Message) pgwire.Decision {
		if m.Type != "Query" {
			return pgwire.Decision{}
		}
		return pgwire.Decision{Delay: func(context.Context) error {
			waits.Add(1)
			if m.SQL == "SELECT 2" {
				return errors.New("there is nothing to wait for")
			}
			return nil
		}}
	}))
	if _, err := connection.Exec(limited(t), "SELECT 1", pgx.QueryExecModeSimpleProtocol); err != nil || waits.Load() != 1 {
		t.Errorf("waited %d times: %v", waits.Load(), err)
	}
	if _, err := connection.Exec(limited(t), "SELECT 2", pgx.QueryExecModeSimpleProtocol); err == nil || waits.Load() != 2 {
		t.Errorf("waited %d times, and nobody was cut", waits.Load())
	}
}

// TestRewrite breaks statements on their way, and reports a rewrite that never matched.
func TestRewrite(t *testing.T) {
	lock, err := pgwire.NewRewrite(`(?i)\s+FOR\s+UPDATE`, "")
	if err != nil {
		t.Fatal(err)
	}
	amount, err := pgwire.NewRewrite(`amount \+ (\$?\d+)`, "amount - $1::int")
	if err != nil {
		t.Fatal(err)
	}
	proxy, direct := start(t, lock, amount)
	execute(t, direct, "INSERT INTO accounts VALUES ('from', 0), ('to', 0)")
	execute(t, direct, "BEGIN")
	execute(t, direct, "SELECT FROM accounts FOR UPDATE")
	connection := connect(t, proxy.URL())
	execute(t, connection, "SELECT FROM accounts\n\tFOR UPDATE") // would wait for ever
	execute(t, direct, "ROLLBACK")
	execute(t, connection, "UPDATE accounts SET amount = amount + 1", pgx.QueryExecModeSimpleProtocol)
	var got int
	if err := direct.QueryRow(limited(t), "SELECT min(amount) FROM accounts").Scan(&got); err != nil || got != -1 {
		t.Errorf("amount %d, %v; want -1", got, err)
	}
	if lock.Matches() == 0 || amount.Matches() == 0 {
		t.Errorf("matched %d and %d statements", lock.Matches(), amount.Matches())
	}

	never, err := pgwire.NewRewrite("FOR NOTHING", "")
	if err != nil {
		t.Fatal(err)
	}
	idle, err := pgwire.New(proxy.URL(), never)
	if err != nil {
		t.Fatal(err)
	}
	if err := idle.Close(); err == nil || !strings.Contains(err.Error(), "FOR NOTHING") {
		t.Errorf("a rewrite that never matched was closed with %v", err)
	}
	if _, err := pgwire.NewRewrite("(", ""); err == nil {
		t.Error("a malformed expression was taken")
	}
}

// TestNew refuses what is not a URL of Postgres.
func TestNew(t *testing.T) {
	for _, given := range []string{"host=localhost", "http://x/y", "::"} {
		if _, err := pgwire.New(given); err == nil {
			t.Errorf("%q was accepted", given)
		}
	}
}

// TestNoServer ends a client's connection when there is no server behind the proxy.
func TestNoServer(t *testing.T) {
	proxy, err := pgwire.New("postgres://user:password@127.0.0.1:1/nothing")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(limited(t), proxy.URL()); err == nil {
		t.Error("connected to nothing")
	}
	if err := errors.Join(proxy.CutAll(limited(t)), proxy.Close(), proxy.Close()); err != nil {
		t.Error(err)
	}
	if !regexp.MustCompile(`^postgres://user:password@127.0.0.1:\d+/nothing\?sslmode=disable$`).MatchString(proxy.URL()) {
		t.Errorf("the URL is %s", proxy.URL())
	}
}
