// Package bench measures the stores of engine/postgres on a real server: make bench-postgres. Everything that is compared
// is measured in one run, on one server, with the same number of connections:
//
//   - claims, compared with single-row updates by pgbench
//   - a dispatch cycle over a large backlog, compared with one over a small backlog
//   - the journaling of events
//   - settings that each transaction makes, as behind a pooler, compared with those of sessions
//   - a review from its submission to its end, compared with a job of River that does nothing
//
// The server is durable, as in production: every commit reaches the disk before it is acknowledged (fsync and
// synchronous_commit are on).
package bench

import (
	"context"
	"flag"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// connections is the number of connections of each side of a comparison, also of pgbench and River.
const connections = 20

// backlogMax is the size of the larger backlog. A smaller one is for trying things out.
var backlogMax = flag.Int("backlog", 1_000_000, "pending `reviews` in the larger backlog")

// durable finds the one server of a run. The server ends with the process.
var durable = sync.OnceValues(func() (*pgserver.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return pgserver.Find(ctx, pgserver.Durable())
})

// database returns a pool on a new database with the schema, and its URL.
func database(b *testing.B) (pool *pgxpool.Pool, url string) {
	b.Helper()
	s, err := durable()
	if err != nil {
		b.Skip(err)
	}
	url = s.Database(b)
	pool, err = postgres.Connect(b.Context(), url, postgres.WithMaxConns(connections))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	if _, _, err := postgres.Migrate(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	// Open all connections before anything is measured.
	var opened [connections]*pgxpool.Conn
	for i := range opened {
		if opened[i], err = pool.Acquire(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for _, conn := range opened {
		conn.Release()
	}
	var fsync, commit string
	err = pool.QueryRow(b.Context(), "SELECT current_setting('fsync'), current_setting('synchronous_commit')").Scan(&fsync, &commit)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%s; fsync is %s, synchronous_commit %s", s, fsync, commit)
	return pool, url
}

// run executes SQL that must succeed, without a time limit.
func run(b *testing.B, pool *pgxpool.Pool, sql string, args ...any) {
	b.Helper()
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(b.Context(), "SET statement_timeout = 0"); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(b.Context(), sql, args...); err != nil {
		b.Fatalf("%s: %v", sql, err)
	}
	if _, err := conn.Exec(b.Context(), "RESET statement_timeout"); err != nil {
		b.Fatal(err)
	}
}

// burst is the number of reviews, and of jobs, in one operation from end to end. It is large enough for the time of a
// single one not to matter.
const burst = 1_000

// inParallel calls do for the numbers from 0 to n-1, with as many goroutines as there are connections. Each goroutine
// stops at its first error, which fails the benchmark.
func inParallel(b *testing.B, n int, do func(i int) error) {
	b.Helper()
	var workers sync.WaitGroup
	for first := range min(n, connections) {
		workers.Go(func() {
			for i := first; i < n; i += connections {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	workers.Wait()
}

// perSecond reports the number of units per second. Each of the b.N operations was each of them.
func perSecond(b *testing.B, each int, unit string) {
	b.ReportMetric(float64(b.N*each)/b.Elapsed().Seconds(), unit)
}
