package certify

import (
	"context"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// newPool returns a pool of worlds on databases of a server. It is closed when the test ends.
func newPool(t testing.TB, s *pgserver.Server, onLost func(error)) *Pool {
	t.Helper()
	p, err := NewPool(t.Context(), OnPostgres(s.CreateNearDatabase), onLost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestPostgresIsTheModel runs seeds on the production stores. Each run is the same as on the model, and so is the
// campaign. In some of the seeds calls go over HTTP, and in some rows are purged.
func TestPostgresIsTheModel(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.ForTest(t), nil)
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for _, name := range []string{"calm", "default", "storm", "database", "journal"} {
		t.Run(name, func(t *testing.T) {
			c := campaign.Campaign{Profile: name, From: 1, Seeds: seeds, Parallel: 2, NewWorld: models}
			expected, err := c.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			runs, equal := pool.Runs(), pool.Equal()
			c.NewWorld = pool.NewWorld
			got, err := c.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if pool.Runs()-runs != seeds || pool.Equal()-equal != seeds || got.TraceHash != expected.TraceHash {
				t.Errorf("%d of %d runs are those on the model, want %d; trace hash %x, want %x", pool.Equal()-equal, pool.Runs()-runs, seeds, got.TraceHash, expected.TraceHash)
			}
			for _, s := range got.Signatures {
				t.Errorf("seed %d: %v", s.First.Seed, s.First.Violation)
			}
		})
	}
}

// TestUnreadRowsAreCounted leaves rows in the database that no operation of a run returns.
func TestUnreadRowsAreCounted(t *testing.T) {
	pool, err := postgres.Connect(t.Context(), pgserver.ForTest(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, _, err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, leave, want string }{
		{"nothing", "SELECT 1", ""},
		{"an event", `INSERT INTO worker.events (review, attempt, seq, kind, tokens, text, retryable) VALUES ('R99', 1, 1, 'progress', 0, '', false)`, "Events is "},
		{"a lease", `INSERT INTO worker.leases (host, beat) VALUES ('nobody', 7)`, "Heartbeats"},
		{"an attempt", `INSERT INTO app.attempts (review, attempt, status, reason, ended_at) SELECT min(review), 99, 'failed', '', min(due_at) FROM app.reviews`, "Attempts is "},
	} {
		t.Run(test.name, func(t *testing.T) {
			ports, closePorts := postgresPorts(pool)
			defer closePorts()
			count := ports.Count
			ports.Count = func(ctx context.Context) (Counts, error) {
				if _, err := pool.Exec(ctx, test.leave); err != nil {
					return Counts{}, err
				}
				return count(ctx)
			}
			w := newComparedWorld(ports, new(tally))
			defer w.Close()
			outcome := w.Run(run.Spec{Seed: 1, Profile: "calm"})
			if test.want == "" && outcome.Violation != nil ||
				test.want != "" && (outcome.Violation == nil || !strings.Contains(outcome.Violation.Detail, test.want)) {
				t.Errorf("the run is %s: %v, want something about %q", outcome.Verdict, outcome.Violation, test.want)
			}
		})
	}
}

// TestUserWhoIsNoSuperuser runs seeds, one after the other, as the owner of a database, who may not delete from it.
func TestUserWhoIsNoSuperuser(t *testing.T) {
	given, err := url.Parse(pgserver.ForTest(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	super, err := postgres.Connect(t.Context(), given.String())
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(given.Path, "/")
	execute := func(sql string) {
		if _, err := super.Exec(context.Background(), strings.ReplaceAll(sql, "NAME", pgx.Identifier{name}.Sanitize())); err != nil {
			t.Error(err)
		}
	}
	execute("CREATE ROLE NAME LOGIN PASSWORD 'little'; ALTER DATABASE NAME OWNER TO NAME")
	t.Cleanup(func() {
		execute("REASSIGN OWNED BY NAME TO CURRENT_USER; DROP OWNED BY NAME; DROP ROLE NAME")
		super.Close()
	})
	given.User = url.UserPassword(name, "little")
	stores, remove, err := OnPostgres(func(context.Context) (string, func(context.Context) error, error) {
		return given.String(), func(context.Context) error { return nil }, nil
	})(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer remove(context.Background()) //nolint:errcheck // It removes nothing.
	w := newComparedWorld(stores, new(tally))
	defer w.Close()
	for seed := uint64(1); seed <= 3; seed++ {
		if outcome := w.Run(run.Spec{Seed: seed, Profile: "calm"}); outcome.Verdict != run.Pass {
			t.Errorf("seed %d: %s, %v %s", seed, outcome.Verdict, outcome.Violation, outcome.Unknown)
		}
	}
}

// TestServerThatIsKilled kills the server in the middle of a campaign. The running seeds are unknown, and the pool reports
// that its stores are lost.
func TestServerThatIsKilled(t *testing.T) {
	s := pgserver.ForTestAlone(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	pool := newPool(t, s, func(err error) { cancel(err) })
	killed := false
	c := campaign.Campaign{Profile: "default", From: 1, Parallel: 2, NewWorld: pool.NewWorld, OnProgress: func(p campaign.Progress) {
		if p.Seeds > 0 && !killed {
			killed = true
			if err := s.Kill(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}}
	summary, err := c.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !killed || pool.Lost() == nil || !summary.Interrupted {
		t.Fatalf("killed %t; lost: %v; interrupted %t", killed, pool.Lost(), summary.Interrupted)
	}
	if summary.Verdict() != run.Unknown || summary.Unknown == 0 || summary.Unknown > 2 || pool.Equal()+summary.Unknown != summary.Seeds {
		t.Errorf("the verdict is %s; of %d seeds %d are equal and %d unknown: %+v", summary.Verdict(), summary.Seeds, pool.Equal(), summary.Unknown, summary.Signatures)
	}
}

// BenchmarkSeed runs one seed of profile default on the production stores and compares it with the model. It runs two
// worlds per core at the same time, as onceover run does.
func BenchmarkSeed(b *testing.B) {
	pool := newPool(b, pgserver.ForTest(b), nil)
	const perCore = 2
	worlds := make(chan run.World, perCore*runtime.GOMAXPROCS(0))
	for range cap(worlds) {
		w := pool.NewWorld()
		defer w.Close()
		worlds <- w
	}
	var seed atomic.Uint64
	b.SetParallelism(perCore)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		w := <-worlds
		for pb.Next() {
			if outcome := w.Run(run.Spec{Seed: seed.Add(1), Profile: "default"}); outcome.Verdict != run.Pass {
				b.Error(outcome)
			}
		}
	})
}
