package postgres_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// fullQueue has a function that notifies as a server does whose queue is full: the transaction of the notification fails
// when it commits, with the error and the text of the server.
const fullQueue = `
	CREATE TABLE public.notifications (owner text);
	CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		RAISE program_limit_exceeded USING MESSAGE = 'too many notifications in the NOTIFY queue';
	END
	$$;
	CREATE CONSTRAINT TRIGGER queue_is_full AFTER INSERT ON public.notifications DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION public.refuse();
	CREATE FUNCTION public.notify_full(channel text, payload text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.notifications VALUES (payload);
	END
	$$`

// TestHintsFailNoWrite checks that a write succeeds although nobody can be notified of it.
func TestHintsFailNoWrite(t *testing.T) {
	const replaced = "pg_notify"
	for name, test := range map[string]struct {
		open     func(t *testing.T, url string) *pgxpool.Pool
		notifies string // what the server executes instead of pg_notify
	}{
		"a full queue":                 {connectTo, "public.notify_full"},
		"a full queue behind a pooler": {connectShared, "public.notify_full"},
		"an error":                     {connectTo, "public.no_such_function"},
		"an error behind a pooler":     {connectShared, "public.no_such_function"},
	} {
		t.Run(name, func(t *testing.T) {
			address := emptyDatabase(t)
			direct := connect(t, address)
			if _, _, err := postgres.Migrate(limited(t), direct); err != nil {
				t.Fatal(err)
			}
			run(t, direct, fullQueue)
			rewrite, err := pgwire.NewRewrite(replaced, test.notifies)
			if err != nil {
				t.Fatal(err)
			}
			writesWithHints(t, postgres.NewReviews(test.open(t, throughProxy(t, address, rewrite).URL())))
		})
	}
}

// TestHintsThatStall checks that a write succeeds although the connection breaks, or says nothing more, when the hint is
// sent. Later writes use another connection.
func TestHintsThatStall(t *testing.T) {
	for _, action := range []pgwire.Action{pgwire.CutBefore, pgwire.CutAfter, pgwire.Hang} {
		t.Run(action.String(), func(t *testing.T) {
			address := emptyDatabase(t)
			if _, _, err := postgres.Migrate(limited(t), connect(t, address)); err != nil {
				t.Fatal(err)
			}
			proxy := throughProxy(t, address)
			broken := 0
			proxy.Begin(pgwire.Func(func(m pgwire.Message) pgwire.Decision {
				if !strings.Contains(m.SQL, "pg_notify") {
					return pgwire.Decision{}
				}
				broken++
				return pgwire.Decision{Action: action}
			}))
			writesWithHints(t, postgres.NewReviews(connect(t, proxy.URL())))
			proxy.Begin(nil)
			if broken < 2 {
				t.Errorf("%d hints were sent", broken)
			}
		})
	}
}

// TestLostHintsAreLoggedOnce checks that the log names what happened when hints begin to get lost, and when they no
// longer do, and not in between.
func TestLostHintsAreLoggedOnce(t *testing.T) {
	pool := migrated(t)
	const broken = `CREATE FUNCTION onceover.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN RAISE program_limit_exceeded; END $$`
	run(t, pool, broken)
	var lines strings.Builder
	store := postgres.NewReviews(connect(t, pool.Config().ConnString()+"&search_path=onceover,pg_catalog"),
		postgres.WithLog(slog.New(slog.NewTextHandler(&lines, nil))))
	writesWithHints(t, store)
	if n := strings.Count(lines.String(), "level=WARN"); n != 1 || strings.Count(lines.String(), "\n") != 1 {
		t.Errorf("%d warnings: %s", n, &lines)
	}
	run(t, pool, "DROP FUNCTION onceover.pg_notify; TRUNCATE app.reviews, app.attempts")
	writesWithHints(t, store)
	if n := strings.Count(lines.String(), "level=INFO"); n != 1 || strings.Count(lines.String(), "\n") != 2 {
		t.Errorf("%d notices: %s", n, &lines)
	}
}

func connectTo(t *testing.T, url string) *pgxpool.Pool { return connect(t, url) }

// connectShared returns a pool whose operations are transactions that make their own settings.
func connectShared(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(limited(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// throughProxy returns a proxy before a server, which ends with the test.
func throughProxy(t *testing.T, url string, rewrites ...*pgwire.Rewrite) *pgwire.Proxy {
	t.Helper()
	proxy, err := pgwire.New(url, rewrites...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return proxy
}

// writesWithHints makes every kind of write that wakes dispatchers, and compares its answer with that of the model.
func writesWithHints(t *testing.T, store engine.ReviewStore) {
	t.Helper()
	first, second, third := engine.AttemptKey{Review: "a", Attempt: 1}, engine.AttemptKey{Review: "a", Attempt: 2}, engine.AttemptKey{Review: "a", Attempt: 3}
	ops := []model.ReviewsOp{
		model.Submit(engine.Submission{Review: "a", Owner: "ann", Platform: "github", Repository: "app", PullRequest: 1, HeadSHA: "sha", HeadOrder: 1}, at(0)),
		model.Claim(engine.Claim{Key: first, Owner: "ann", Limit: 4, Now: at(1), DueAt: at(9)}),
		model.Apply(engine.Report{
			WorkerReport: engine.WorkerReport{Key: first, Status: engine.Completed}, Token: 1, Now: at(2), DueAt: at(9), RetryAt: at(5),
		}),
		model.Retrigger(first, at(3)),
		model.Claim(engine.Claim{Key: second, Owner: "ann", Seen: 1, Limit: 4, Now: at(4), DueAt: at(9)}),
		model.Cancel(second, "typo", at(5)),
		model.Stopped(second, at(6)),
		model.Retrigger(second, at(7)),
		model.Fail(third, 2, "no", at(8)),
	}
	reference := model.NewReviews()
	for i := range ops {
		var want model.ReviewsResult
		reference.Apply(&ops[i], &want)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		got, err := ops[i].Execute(ctx, store)
		cancel()
		if err != nil || !got.Equal(&want) {
			t.Fatalf("%s\n answered %s, %v\ninstead of %s", &ops[i], &got, err, &want)
		}
	}
}
