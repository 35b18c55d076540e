package postgres

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// unreachable has every connection of a pool fail with an error.
func unreachable(cause error) Setting {
	return func(c *pgxpool.Config) {
		c.ConnConfig.DialFunc = func(context.Context, string, string) (net.Conn, error) { return nil, cause }
	}
}

const nowhere = "postgres://user:secret@127.0.0.1:1/db?sslmode=disable"

// without returns a pool without a server.
func without(t *testing.T, cause error) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(nowhere)
	if err != nil {
		t.Fatal(err)
	}
	unreachable(cause)(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// TestConnectionsThatFail is about what the error of a connection means for a try that has not begun.
func TestConnectionsThatFail(t *testing.T) {
	for _, test := range []struct {
		name  string
		cause error
		retry bool
	}{
		{"no server", io.EOF, true},
		{"too many connections", &pgconn.PgError{Severity: "FATAL", Code: "53300"}, true},
		{"wrong password", &pgconn.PgError{Severity: "FATAL", Code: "28P01"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(without(t, test.cause), nil)
			got, err := s.try(t.Context(), &call{})
			if want := (failure{kind: engine.Rejected, retry: test.retry}); got != want || !errors.Is(err, test.cause) {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		})
	}
}

// TestTriesOfACall counts the tries of calls that have no effect, and the pauses between them.
func TestTriesOfACall(t *testing.T) {
	most := []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond}
	for _, test := range []struct {
		name   string
		cause  error
		leaves int // in which pause its caller does, from 1
		tries  int
		pauses int
	}{
		{"that may succeed soon", io.EOF, 0, 4, 3},
		{"that fail for long", &pgconn.PgError{Severity: "FATAL", Code: "28P01"}, 0, 1, 0},
		{"whose caller leaves in the first pause", io.EOF, 1, 1, 1},
		{"whose caller leaves in the second", io.EOF, 2, 2, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			longest := time.Duration(0)
			for range 40 { // pauses are drawn
				var pauses []time.Duration
				s := newSession(without(t, test.cause), []Option{WithSleep(func(_ context.Context, d time.Duration) error {
					if pauses = append(pauses, d); len(pauses) == test.leaves {
						return context.Canceled
					}
					return nil
				})})
				begun := 0
				c := &call{port: "store.some", begin: func() { begun++ }, hint: "of another call"}
				err := s.do(t.Context(), c)
				failed, is := errors.AsType[*engine.Error](err)
				if !is || failed.Kind != engine.Rejected || failed.Op != "store.some" || !errors.Is(err, test.cause) || c.hint != "" {
					t.Fatalf("got %v, hint %q", err, c.hint)
				}
				if begun != test.tries || len(pauses) != test.pauses {
					t.Fatalf("%d tries and %d pauses, want %d and %d", begun, len(pauses), test.tries, test.pauses)
				}
				for i, pause := range pauses {
					if pause < 1 || pause > most[i] {
						t.Errorf("pause %d is %s, want at most %s", i+1, pause, most[i])
					}
					longest = max(longest, pause)
				}
			}
			if test.pauses == len(most) && longest <= most[1] {
				t.Errorf("the longest of all pauses is %s; they are to double", longest)
			}
		})
	}
	t.Run("whose caller has left", func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		s := newSession(without(t, io.EOF), []Option{WithSleep(func(context.Context, time.Duration) error {
			t.Error("a pause for nobody")
			return nil
		})})
		if err := s.do(ctx, &call{port: "store.some", begin: leave}); !engine.IsKind(err, engine.Rejected) {
			t.Errorf("got %v", err)
		}
	})
}

// TestOptionsOfASession: each option is applied, and a session without any pauses on the wall clock.
func TestOptionsOfASession(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	own := errors.New("own")
	s := newSession(nil, []Option{WithLog(log), WithSleep(func(context.Context, time.Duration) error { return own })})
	if s.hints.log != log || !errors.Is(s.sleep(t.Context(), 0), own) {
		t.Errorf("the options are not those of %+v", s)
	}
	if s := newSession(nil, nil); s.hints.log != nil || s.sleep(t.Context(), 0) != nil {
		t.Errorf("without options: %+v", s)
	}
}

// TestConfigurationOfPools has what a pool is opened with, for URLs that say nothing and for those that say more.
func TestConfigurationOfPools(t *testing.T) {
	defaults := map[string]string{"application_name": "onceover"}
	for name, value := range sessionParameters {
		defaults[name] = value
	}
	type facts struct {
		conns    int32
		timeout  time.Duration
		mode     pgx.QueryExecMode
		settings map[string]string // other than the defaults; an empty one is missing
	}
	bare := facts{20, 10 * time.Second, pgx.QueryExecModeCacheStatement, nil}
	shared := facts{20, 10 * time.Second, pgx.QueryExecModeCacheDescribe, map[string]string{}}
	for name := range sessionParameters {
		shared.settings[name] = ""
	}
	own := shared
	own.mode = pgx.QueryExecModeExec
	for _, test := range []struct {
		name, query string
		cause       error
		settings    []Setting
		want        []facts // of each pool that is opened
	}{
		{"nothing said", "", io.EOF, nil, []facts{bare}},
		{"in the URL", "&pool_max_conns=7&connect_timeout=3&jit=on&application_name=mine", io.EOF, nil,
			[]facts{{7, 3 * time.Second, bare.mode, map[string]string{"jit": "on", "application_name": "mine"}}}},
		{"the level is ours", "&default_transaction_isolation=serializable", io.EOF, nil, []facts{bare}},
		{"by settings", "&pool_max_conns=7", io.EOF, []Setting{WithMaxConns(3), func(c *pgxpool.Config) { c.MaxConns++ }},
			[]facts{{4, bare.timeout, bare.mode, nil}}},
		{"behind a pooler", "", &pgconn.PgError{Code: "08P01"}, nil, []facts{bare, shared}},
		{"behind a pooler, with a mode in the URL", "&default_query_exec_mode=exec", &pgconn.PgError{Code: "08P01"}, nil,
			[]facts{{20, bare.timeout, pgx.QueryExecModeExec, nil}, own}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var opened []*pgxpool.Config
			settings := append([]Setting{unreachable(test.cause)}, test.settings...)
			settings = append(settings, func(c *pgxpool.Config) { opened = append(opened, c) })
			pool, err := Connect(t.Context(), nowhere+test.query, settings...)
			setup, is := errors.AsType[*SetupError](err)
			if pool != nil || !is || !errors.Is(setup, test.cause) {
				t.Errorf("%v, %v; want the error of the connection", pool, err)
			}
			if len(opened) != len(test.want) {
				t.Fatalf("%d pools were opened, want %d", len(opened), len(test.want))
			}
			for i, c := range opened {
				want := test.want[i]
				if c.MaxConns != want.conns || c.ConnConfig.ConnectTimeout != want.timeout || c.ConnConfig.DefaultQueryExecMode != want.mode {
					t.Errorf("pool %d: %d connections, timeout %s, mode %s; want %+v", i+1, c.MaxConns, c.ConnConfig.ConnectTimeout, c.ConnConfig.DefaultQueryExecMode, want)
				}
				if c.MaxConnLifetime != time.Hour || c.MaxConnLifetimeJitter != 10*time.Minute || c.ConnConfig.ValidateConnect == nil {
					t.Errorf("pool %d: lifetimes %s and %s; validated: %t", i+1, c.MaxConnLifetime, c.MaxConnLifetimeJitter, c.ConnConfig.ValidateConnect != nil)
				}
				for name, value := range defaults {
					if other, named := want.settings[name]; named {
						value = other
					}
					if got := c.ConnConfig.RuntimeParams[name]; got != value {
						t.Errorf("pool %d: %s is %q, want %q", i+1, name, got, value)
					}
				}
			}
		})
	}
	_, err := Connect(t.Context(), "postgres://user:secret@host:port/db")
	if setup, is := errors.AsType[*SetupError](err); !is || setup.Found == "" || setup.Remedy == "" || setup.Err == nil {
		t.Errorf("a URL that can't be read: %+v", err)
	}
}
