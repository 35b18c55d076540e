package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
)

// strict makes transactions of a database repeatable read, unless a client asks for another isolation level.
const strict = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', current_database()); END $$`

// sessionSettings are what poolers can ignore, instead of refusing a connection that asks for them.
const sessionSettings = "default_transaction_isolation, statement_timeout, idle_in_transaction_session_timeout, enable_seqscan, plan_cache_mode, jit"

// poolers are configurations of PgBouncer, each in front of a database whose transactions are repeatable read.
var poolers = []struct {
	name     string
	settings map[string]string
}{
	{"refuses settings", nil},
	{"ignores settings", map[string]string{"ignore_startup_parameters": sessionSettings}},
	{"with few connections", map[string]string{"default_pool_size": "2"}},
	{"of sessions", map[string]string{"pool_mode": "session"}},
	{"of statements", map[string]string{"pool_mode": "statement"}},
}

// pooled returns the URL of a new database that a PgBouncer shares, with repeatable read as its default. It has the
// schema.
func pooled(t *testing.T, settings map[string]string) (address string) {
	t.Helper()
	direct := emptyDatabase(t)
	run(t, connect(t, direct), strict)
	if _, _, err := postgres.Migrate(limited(t), connect(t, direct)); err != nil {
		t.Fatal(err)
	}
	return pgserver.PoolerForTest(t, direct, settings).URL()
}

// TestContractBehindPooler runs the suites of the ports behind a pooler.
func TestContractBehindPooler(t *testing.T) {
	pool := connect(t, pooled(t, nil))
	if err := postgres.CheckSchema(limited(t), pool); err != nil {
		t.Fatal(err)
	}
	t.Run("reviews", func(t *testing.T) {
		enginetest.TestReviewStore(t, func(t testing.TB) engine.ReviewStore {
			run(t, pool, "TRUNCATE app.reviews, app.attempts")
			return postgres.NewReviews(pool)
		})
	})
	t.Run("journal", func(t *testing.T) {
		enginetest.TestJournal(t, func(t testing.TB) engine.Journal {
			run(t, pool, "TRUNCATE worker.orchestrations, worker.events, worker.leases")
			return postgres.NewJournal(pool)
		})
	})
}

// claimAtOnce submits reviews of one owner and claims all of them at the same time. It returns how many claims were
// granted, although the owner's limit is 1.
func claimAtOnce(t *testing.T, pool *pgxpool.Pool, round int) (granted int) {
	t.Helper()
	const rivals = 8
	reviews, owner := postgres.NewReviews(pool), engine.OwnerID(fmt.Sprint("owner-", round))
	ids := make([]engine.ReviewID, rivals)
	for i := range ids {
		ids[i] = engine.ReviewID(fmt.Sprintf("%d-%d", round, i))
		_, _, err := reviews.Submit(limited(t), engine.Submission{
			Review: ids[i], Owner: owner, Platform: "github", Repository: string(ids[i]), HeadSHA: "a", HeadOrder: 1,
		}, epoch)
		if err != nil {
			t.Fatal(err)
		}
		// The older a review, the later it is due: at its time each is the first in the queue of its owner.
		run(t, pool, "UPDATE app.reviews SET enqueued_at = $1, due_at = $2 WHERE review = $3",
			epoch.Add(-time.Duration(i)*time.Second), epoch.Add(time.Duration(i)*time.Second), string(ids[i]))
	}
	var mutex sync.Mutex
	var rival sync.WaitGroup
	for i, id := range ids {
		rival.Go(func() {
			_, err := reviews.Claim(limited(t), engine.Claim{
				Key: engine.AttemptKey{Review: id, Attempt: 1}, Owner: owner, Limit: 1,
				Now: epoch.Add(time.Duration(i) * time.Second), DueAt: epoch.Add(time.Hour),
			})
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err == nil:
				granted++
			case !engine.IsKind(err, engine.Rejected):
				t.Error(err)
			}
		})
	}
	rival.Wait()
	return granted
}

// TestLimitBehindPooler claims reviews of one owner at the same time, behind each kind of pooler: the owner's limit
// holds, because each transaction is read committed whatever the database's default is.
func TestLimitBehindPooler(t *testing.T) {
	for _, pooler := range poolers {
		t.Run(pooler.name, func(t *testing.T) {
			pool := connect(t, pooled(t, pooler.settings))
			for round := range 5 {
				if granted := claimAtOnce(t, pool, round); granted != 1 {
					t.Fatalf("round %d: %d claims were granted, the limit is 1", round, granted)
				}
			}
		})
	}
}

// TestSessionSettingsBehindPooler shows what the settings of a transaction are there for: those of a startup message are
// refused by a pooler. If it ignores them, transactions have the isolation level of the database, and an owner gets more
// reviews than the limit.
func TestSessionSettingsBehindPooler(t *testing.T) {
	open := func(address string) (*pgxpool.Pool, error) {
		config, err := pgxpool.ParseConfig(address)
		if err != nil {
			return nil, err
		}
		config.MaxConns = 8
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		config.ConnConfig.RuntimeParams["default_transaction_isolation"] = "read committed"
		pool, err := pgxpool.NewWithConfig(limited(t), config)
		if err != nil {
			return nil, err
		}
		t.Cleanup(pool.Close)
		return pool, pool.Ping(limited(t))
	}
	t.Run("refused", func(t *testing.T) {
		_, err := open(pooled(t, poolers[0].settings))
		if refused := (*pgconn.PgError)(nil); !errors.As(err, &refused) || refused.Code != "08P01" {
			t.Errorf("connected with %v", err)
		}
	})
	t.Run("ignored", func(t *testing.T) {
		address := pooled(t, poolers[1].settings)
		pool, err := open(address)
		if err != nil {
			t.Fatal(err)
		}
		if err := postgres.Trust(limited(t), pool, 8); err != nil {
			t.Fatal(err)
		}
		for round := range 1_000 {
			if granted := claimAtOnce(t, pool, round); granted > 1 {
				t.Logf("round %d: %d claims were granted, the limit is 1", round, granted)
				return
			}
		}
		t.Error("the limit holds without the settings of transactions")
	})
}

// TestTransactionsTornApart checks that a proxy that drops the isolation level of a transaction is found at the start.
func TestTransactionsTornApart(t *testing.T) {
	direct := emptyDatabase(t)
	run(t, connect(t, direct), strict)
	rewrite, err := pgwire.NewRewrite("^BEGIN ISOLATION LEVEL READ COMMITTED$", "BEGIN")
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := pgwire.New(pgserver.PoolerForTest(t, direct, nil).URL(), rewrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	pool, err := postgres.Connect(limited(t), proxy.URL())
	if err == nil {
		pool.Close()
	}
	if text := setupText(t, err); !strings.Contains(text, "set its pool_mode to transaction") {
		t.Error(text)
	}
}

// TestMigrateBehindStatementPooler checks that Migrate names the remedy where no lock can be held.
func TestMigrateBehindStatementPooler(t *testing.T) {
	pool := connect(t, pgserver.PoolerForTest(t, emptyDatabase(t), map[string]string{"pool_mode": "statement"}).URL())
	_, _, err := postgres.Migrate(limited(t), pool)
	if text := setupText(t, err); !strings.Contains(text, "with the URL of the server") {
		t.Error(text)
	}
}

// TestSettingsOfTheURLBehindPooler checks that settings in the URL hold in transactions behind a pooler, and leave no
// trace in the sessions that other clients get.
func TestSettingsOfTheURLBehindPooler(t *testing.T) {
	direct := emptyDatabase(t)
	address := pgserver.PoolerForTest(t, direct, map[string]string{"default_pool_size": "1"}).URL()
	pool := connect(t, address+"&statement_timeout=200", postgres.WithMaxConns(1))
	if _, _, err := postgres.Migrate(limited(t), connect(t, direct)); err != nil {
		t.Fatal(err)
	}
	// A transaction holds the review. The claim of it ends with the time limit of its statement.
	reviews := postgres.NewReviews(pool)
	submission := engine.Submission{Review: "r", Owner: "ann", Platform: "github", Repository: "app", HeadSHA: "a"}
	if _, _, err := reviews.Submit(limited(t), submission, epoch); err != nil {
		t.Fatal(err)
	}
	holder, err := connect(t, direct).Begin(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(limited(t), "SELECT FROM app.reviews FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	_, err = reviews.Claim(limited(t), engine.Claim{
		Key: engine.AttemptKey{Review: "r", Attempt: 1}, Owner: "ann", Limit: 1, Now: epoch, DueAt: epoch.Add(time.Hour),
	})
	var refused *pgconn.PgError
	if !engine.IsKind(err, engine.Rejected) || !errors.As(err, &refused) || refused.Code != "57014" {
		t.Errorf("the claim of a review that is held: %v", err)
	}
	if err := holder.Rollback(limited(t)); err != nil {
		t.Fatal(err)
	}
	var timeout, level, plans string
	err = pool.QueryRow(limited(t), "SELECT current_setting('statement_timeout'), current_setting('transaction_isolation'), current_setting('plan_cache_mode')").
		Scan(&timeout, &level, &plans)
	if err != nil || timeout != "0" || plans != "auto" || level != "read committed" {
		t.Errorf("another client has statement_timeout %s, plan_cache_mode %s, isolation %s, %v", timeout, plans, level, err)
	}
}

// TestListenBehindPooler checks that a listener reports at once that no notification would arrive, and that it works
// beside a pooler.
func TestListenBehindPooler(t *testing.T) {
	direct := emptyDatabase(t)
	address := pgserver.PoolerForTest(t, direct, nil).URL()
	foreign, err := pgxpool.New(limited(t), address) // not opened by Connect
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(foreign.Close)
	for _, pool := range []*pgxpool.Pool{connect(t, address), foreign} {
		err := postgres.Listen(limited(t), pool, func(engine.OwnerID) {})
		if text := setupText(t, err); !strings.Contains(text, "with the URL of the server") {
			t.Error(text)
		}
	}
}

// TestMigrateBehindPooler checks that concurrent migrations behind a pooler run one after the other, and leave no lock
// behind.
func TestMigrateBehindPooler(t *testing.T) {
	direct := emptyDatabase(t)
	pool := connect(t, pgserver.PoolerForTest(t, direct, nil).URL())
	var wg sync.WaitGroup
	failed := make([]error, 3)
	for i := range failed {
		wg.Go(func() { _, _, failed[i] = postgres.Migrate(limited(t), pool) })
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	if err := postgres.CheckSchema(limited(t), pool); err != nil {
		t.Error(err)
	}
	var locks int
	err := connect(t, direct).QueryRow(limited(t), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&locks)
	if err != nil || locks != 0 {
		t.Errorf("%d locks are left, %v", locks, err)
	}
}
