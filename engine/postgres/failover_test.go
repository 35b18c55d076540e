package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// A pair is two servers that have the same database with the schema, as before and after a failover. No data is
// replicated between them.
type pair struct {
	admins [2]*pgxpool.Pool // as superuser, outside of the database
	urls   [2]string        // of the database
}

// newPair starts the servers.
func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{}
	for i := range p.urls {
		s := pgserver.ForTestAlone(t)
		at, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}

		p.admins[i] = connect(t, s.URL())
		run(t, p.admins[i], "CREATE ROLE app SUPERUSER LOGIN PASSWORD 'same'")
		run(t, p.admins[i], "CREATE DATABASE app")
		at.User, at.Path = url.UserPassword("app", "same"), "/app"
		p.urls[i] = at.String()
		if _, _, err := postgres.Migrate(limited(t), connect(t, p.urls[i], postgres.WithMaxConns(1))); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// both returns the URL of both servers.
func (p *pair) both(t *testing.T) string {
	t.Helper()
	first, err := url.Parse(p.urls[0])
	if err != nil {
		t.Fatal(err)
	}
	second, err := url.Parse(p.urls[1])
	if err != nil {
		t.Fatal(err)
	}
	first.Host += "," + second.Host
	return first.String()
}

// writes makes a server accept writes or refuse them, also on open connections.
func (p *pair) writes(t *testing.T, server int, accept bool) {
	t.Helper()
	value := map[bool]string{true: "off", false: "on"}[accept]
	conn, err := p.admins[server].Acquire(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{
		"SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = " + value,
		"RESET default_transaction_read_only", "SELECT pg_reload_conf()",
	} {
		if _, err := conn.Exec(limited(t), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for got := ""; got != value; {
		if err := conn.QueryRow(limited(t), "SHOW default_transaction_read_only").Scan(&got); err != nil {
			t.Fatal(err)
		}
	}
}

// warm opens n connections of a pool and carries out an operation on each.
func warm(t *testing.T, pool *pgxpool.Pool, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reviews := postgres.NewReviews(pool)
	// All calls wait for one lock, so each needs a connection of its own.
	holder, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(ctx, "SELECT pg_advisory_xact_lock(1, hashtext('warm'))"); err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for i := range n - 1 {
		calls.Go(func() {
			if err := submit(ctx, reviews, fmt.Sprint("warm-", i), "warm"); err != nil {
				t.Error(err)
			}
		})
	}
	for pool.Stat().AcquiredConns() < int32(n) { //nolint:gosec // small
		if ctx.Err() != nil {
			t.Fatalf("%d connections are in use", pool.Stat().AcquiredConns())
		}
	}
	if err := holder.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	calls.Wait()
}

// submit submits a review.
func submit(ctx context.Context, reviews *postgres.Reviews, review, owner string) error {
	_, _, err := reviews.Submit(ctx, engine.Submission{
		Review: engine.ReviewID(review), Owner: engine.OwnerID(owner), Platform: "github", Repository: review, HeadSHA: "a", HeadOrder: 1,
	}, epoch)
	return err
}

// noPause makes a store try again at once.
var noPause = postgres.WithSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })

// TestFailover lets a pool with ten connections in use lose the server that accepts writes. No call fails as long as
// there is another server; without one, each call is rejected, and the first one after that succeeds.
func TestFailover(t *testing.T) {
	p := newPair(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	const connections = 10
	tenCalls := func(t *testing.T, reviews *postgres.Reviews, prefix string) {
		t.Helper()
		for i := range connections {
			if err := submit(ctx, reviews, fmt.Sprint(prefix, "-", i), "ann"); err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
	}
	open := func(t *testing.T, address string) *postgres.Reviews {
		t.Helper()
		pool := connect(t, address, postgres.WithMaxConns(connections))
		warm(t, pool, connections)
		return postgres.NewReviews(pool, noPause)
	}

	t.Run("to the other server", func(t *testing.T) {
		reviews := open(t, p.both(t))
		p.writes(t, 0, false)
		defer p.writes(t, 0, true)
		tenCalls(t, reviews, "other")
	})
	t.Run("and back", func(t *testing.T) {
		p.writes(t, 0, false)
		reviews := open(t, p.both(t))
		p.writes(t, 1, false)
		defer p.writes(t, 1, true)
		err := submit(ctx, reviews, "nowhere", "ann")
		if !engine.IsKind(err, engine.Rejected) || !errors.Is(err, pgconn.ErrReadOnlyConnection) {
			t.Errorf("without a server that accepts writes: %v", err)
		}
		p.writes(t, 0, true)
		tenCalls(t, reviews, "back")
	})
	t.Run("of the sessions, by an administrator", func(t *testing.T) {
		reviews := open(t, p.both(t))
		run(t, p.admins[0], "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = 'app'")
		tenCalls(t, reviews, "ended")
	})
	t.Run("behind a pooler", func(t *testing.T) {
		pooler := pgserver.PoolerForTest(t, p.urls[0], nil)
		reviews := open(t, pooler.URL())
		p.writes(t, 0, false)
		defer p.writes(t, 0, true)
		if err := submit(ctx, reviews, "nowhere", "ann"); !engine.IsKind(err, engine.Rejected) {
			t.Errorf("before the pooler knows the other server: %v", err)
		}
		if err := pooler.PointTo(ctx, p.urls[1]); err != nil {
			t.Fatal(err)
		}
		tenCalls(t, reviews, "pooled")
	})
	t.Run("where none is asked for", func(t *testing.T) {
		p.writes(t, 0, false)
		defer p.writes(t, 0, true)
		pool := connect(t, p.urls[0]+"&target_session_attrs=any")
		reviews := postgres.NewReviews(pool, noPause)
		if _, err := reviews.Get(ctx, "unknown"); !engine.IsKind(err, engine.NotFound) {
			t.Errorf("a read: %v", err)
		}
		if err := submit(ctx, reviews, "refused", "ann"); !engine.IsKind(err, engine.Rejected) {
			t.Errorf("a write: %v", err)
		}
	})
	t.Run("at the start", func(t *testing.T) {
		p.writes(t, 0, false)
		defer p.writes(t, 0, true)
		pool, err := postgres.Connect(ctx, p.urls[0])
		if err == nil {
			pool.Close()
		}
		if text := setupText(t, err); !strings.Contains(text, "accepts no writes") {
			t.Error(text)
		}
	})
}
