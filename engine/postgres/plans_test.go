package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// backlog is the number of reviews that wait, and of attempts in the journal that have ended.
const backlog = 100_000

// The most that a statement may touch, with any backlog: rows at one step of its plan, and pages altogether. The widest
// look is that of a sweep: four times its batch of a hundred, and a few pages for each row.
const (
	rowsMax  = 1_000
	pagesMax = 4_000
)

// A plan is how the server has executed a statement, as reported by auto_explain.
type plan struct {
	Text string `json:"Query Text"`
	Plan step   `json:"Plan"`
}

// A step is one node of a plan. Its rows are the average of one loop.
type step struct {
	Kind     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Hit      int     `json:"Shared Hit Blocks"`
	Read     int     `json:"Shared Read Blocks"`
	Steps    []step  `json:"Plans"`
}

// operation returns the name of the file below sql that has the statement.
func (p *plan) operation() string {
	_, name, _ := strings.Cut(p.Text, "/* ")
	name, _, _ = strings.Cut(name, " */")
	return name
}

// problems returns what is wrong with this step and those below it.
func (s *step) problems() (found []string) {
	if s.Kind == "Seq Scan" && s.Relation != "" {
		found = append(found, "reads all of "+s.Relation)
	}
	if rows := (s.Rows + s.Filtered) * s.Loops; rows > rowsMax {
		found = append(found, fmt.Sprintf("touches %.0f rows at %s of %q, at most %d are allowed", rows, s.Kind, s.Relation, rowsMax))
	}
	for i := range s.Steps {
		found = append(found, s.Steps[i].problems()...)
	}
	return found
}

// plans collects the plans of the statements that the server executes.
type plans struct {
	mutex     sync.Mutex
	collected []plan
	broken    error
}

// collect adds the plan in a notice.
func (p *plans) collect(_ *pgconn.PgConn, notice *pgconn.Notice) {
	_, text, found := strings.Cut(notice.Message, "plan:")
	if !found {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var one plan
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		p.broken = fmt.Errorf("plan %s: %w", text, err)
		return
	}
	p.collected = append(p.collected, one)
}

// take returns the collected plans and removes them.
func (p *plans) take() ([]plan, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	taken, err := p.collected, p.broken
	p.collected, p.broken = nil, nil
	return taken, err
}

// explained returns a pool with connections that report the plan of each statement. All other settings are
// production's.
func explained(t *testing.T) (*pgxpool.Pool, *plans) {
	t.Helper()
	collected := new(plans)
	url := emptyDatabase(t)
	first := connect(t, url)
	if _, _, err := postgres.Migrate(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Exec(t.Context(), "LOAD 'auto_explain'"); err != nil {
		if pgserver.ForTest(t).Source() == pgserver.URL {
			t.Skipf("plans need a superuser and a server with auto_explain: %v", err)
		}
		t.Fatal(err)
	}
	pool := connect(t, url, postgres.WithMaxConns(1), func(c *pgxpool.Config) {
		c.ConnConfig.OnNotice = collected.collect
		c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			for _, sql := range []string{
				"LOAD 'auto_explain'", "SET auto_explain.log_min_duration = 0", "SET auto_explain.log_analyze = on",
				"SET auto_explain.log_buffers = on", "SET auto_explain.log_timing = off", "SET auto_explain.log_format = json",
				"SET client_min_messages = log",
			} {
				if _, err := conn.Exec(ctx, sql); err != nil {
					return fmt.Errorf("%s: %w", sql, err)
				}
			}
			return nil
		}
	})
	return pool, collected
}

// fill inserts a backlog: reviews that wait, as many that have ended, and the journal of those. The reviews belong to
// the given number of owners. A few more of the first owner are running, to be stopped, or unfinished in the journal;
// no host holds half of the unfinished ones. All names begin with the label.
func fill(t *testing.T, pool *pgxpool.Pool, label string, backlog, owners int, start time.Time) {
	t.Helper()
	const columns = `review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
		stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at`
	insert := func(prefix string, n int, status string, claim, stopping int) {
		prefix = label + prefix
		run(t, pool, `INSERT INTO app.reviews (`+columns+`)
			SELECT $1 || i, 'owner-' || i % $3, 'github', $1, i + 1, md5(i::text), 1, $4, 1, '', $5,
				$6, '', at, at, 0, 0, '', at
			FROM generate_series(0, $2::int - 1) AS i, LATERAL (SELECT $7::timestamptz + i * interval '1 millisecond' AS at) AS times`,
			prefix, n, owners, status, claim, stopping, start)
	}
	insert("waiting-", backlog, "pending", 0, 0)
	insert("over-", backlog, "completed", 1, 0)
	insert("running-", 10, "running", 1, 0)
	insert("stopping-", 5, "cancelled", 1, 1)
	run(t, pool, `INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
		SELECT review, 1, status, '', updated_at FROM app.reviews WHERE status = 'completed' AND starts_with(review, $1)`, label+"over-")
	run(t, pool, `INSERT INTO worker.orchestrations (
			review, attempt, owner, payload, phase, cancel, outcome, reason, retryable, owed, events, tokens, holder, epoch, kept_since, updated_at
		)
		SELECT $3 || 'over-' || i, 1, 'owner', 'diff', 4, false, 'completed', '', false, false, 3, 3, '', 1, at, at
		FROM generate_series(0, $1::int - 1) AS i, LATERAL (SELECT $2::timestamptz + i * interval '1 millisecond' AS at) AS times`,
		backlog, start, label)
	run(t, pool, `INSERT INTO worker.events (review, attempt, seq, kind, tokens, text, retryable)
		SELECT review, 1, seq, 'progress', 1, 'step', false FROM worker.orchestrations, generate_series(1, 3) AS seq
		WHERE starts_with(review, $1)`, label+"over-")
	run(t, pool, `INSERT INTO worker.orchestrations (
			review, attempt, owner, payload, phase, cancel, outcome, reason, retryable, owed, events, tokens, holder, epoch, kept_since, updated_at
		)
		SELECT $2 || 'running-' || i, 1, 'owner', 'diff', 2, false, '', '', false, false, 0, 0, CASE i % 2 WHEN 0 THEN 'host-0' ELSE '' END, 1, NULL, $1
		FROM generate_series(0, 9) AS i`, start, label)
}

// TestPlansAreIndependentOfTheBacklog checks for every operation that no statement reads a whole table or touches more
// than it needs, however many reviews wait or have ended. It holds for plans made for the arguments of one call, and
// for the plans that a connection makes once for all calls.
func TestPlansAreIndependentOfTheBacklog(t *testing.T) {
	for _, owners := range []int{1, 1_000} {
		t.Run(fmt.Sprintf("owners=%d", owners), func(t *testing.T) {
			pool, collected := explained(t)
			start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			fill(t, pool, "", backlog, owners, start)
			run(t, pool, "VACUUM ANALYZE")
			for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
				run(t, pool, "SET plan_cache_mode = "+mode)
				if _, err := collected.take(); err != nil {
					t.Fatal(err)
				}
				everyOperation(t, pool, start.Add(10*time.Minute), mode)
				examine(t, mode, collected)
			}
		})
	}
}

// TestPlansOutliveTheGrowthOfTheBacklog checks the same for plans that a connection made when there were few rows. It
// keeps them until the server has new statistics.
func TestPlansOutliveTheGrowthOfTheBacklog(t *testing.T) {
	pool, collected := explained(t)
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const little = 100
	fill(t, pool, "", little, 1, start)
	everyOperation(t, pool, start.Add(10*time.Minute), "before")
	fill(t, pool, "more-", backlog, 1, start)
	if _, err := collected.take(); err != nil {
		t.Fatal(err)
	}
	everyOperation(t, pool, start.Add(10*time.Minute), "after")
	examine(t, "kept plans", collected)
}

// everyOperation calls every method of both stores at least once, and checks that each finds what it looks for.
func everyOperation(t *testing.T, pool *pgxpool.Pool, now time.Time, round string) {
	t.Helper()
	ctx, owner := t.Context(), engine.OwnerID("owner-0")
	store, journal := postgres.NewReviews(pool), postgres.NewJournal(pool)
	var failed error
	must := func(name string, err error) {
		t.Helper()
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	later := now.Add(time.Minute)

	work, err := store.Sweep(ctx, engine.Search{Now: now, Max: 100, Limit: 100, After: "owner-5"})
	must("sweep", err)
	if len(work.Owners) == 0 || len(work.Silent) == 0 {
		t.Errorf("the sweep found %d owners and %d silent reviews", len(work.Owners), len(work.Silent))
	}
	candidates, err := store.Reserve(ctx, owner, 1_00, now)
	must("reserve", err)
	if len(candidates) < 4 {
		t.Fatalf("%d candidates are reserved, want 4 at least: %v", len(candidates), err)
	}
	if _, err = store.Claim(ctx, engine.Claim{
		Key: candidates[3].Key(), Owner: owner, Seen: candidates[3].Claim, Limit: 1, Now: now, DueAt: later,
	}); !engine.IsKind(err, engine.Rejected) {
		t.Errorf("a claim beyond the limit: %v", err)
	}
	claimed := make([]engine.Token, 4)
	for i := range claimed {
		claimed[i], err = store.Claim(ctx, engine.Claim{
			Key: candidates[i].Key(), Owner: owner, Seen: candidates[i].Claim, Limit: 100, Now: now, DueAt: later,
		})
		must("claim", err)
	}
	report := func(i int, status engine.Status) {
		_, err := store.Apply(ctx, engine.Report{
			WorkerReport: engine.WorkerReport{Key: candidates[i].Key(), Status: status},
			Token:        claimed[i], Now: now, DueAt: later, RetryAt: later,
		})
		must("apply", err)
	}
	report(0, engine.Running)
	report(0, engine.Completed)
	must("release", store.Release(ctx, candidates[1].Key(), claimed[1], later, now))
	must("defer", store.Defer(ctx, candidates[1].Key(), claimed[1], later, now))
	must("fail", store.Fail(ctx, candidates[1].Key(), claimed[1], "no", now))
	must("set agent version", store.SetAgentVersion(ctx, candidates[2].Key(), "7", now))
	_, err = store.Cancel(ctx, candidates[3].Key(), "enough", now)
	must("cancel", err)
	_, err = store.Stopped(ctx, candidates[3].Key(), now)
	must("stopped", err)
	report(2, engine.Completed)
	_, err = store.Retrigger(ctx, candidates[0].Key(), now)
	must("retrigger", err)
	_, err = store.Get(ctx, candidates[0].Review)
	must("get", err)
	_, err = store.Attempts(ctx, candidates[0].Review)
	must("attempts", err)
	for head := range 2 {
		_, _, err = store.Submit(ctx, engine.Submission{
			Review: engine.ReviewID(fmt.Sprintf("new-%s-%d", round, head)), Owner: owner, Platform: "github", Repository: "new-" + round,
			PullRequest: 1, HeadSHA: fmt.Sprint(head), HeadOrder: int64(head),
		}, now)
		must("submit", err)
	}

	key := candidates[0].Key()
	o, created, err := journal.Create(ctx, engine.StartRequest{Key: key, Owner: owner, Token: 1, Payload: []byte("diff")}, "host-1", now)
	must("create", err)
	if !created {
		t.Errorf("create of %s found it known", key)
	}
	_, err = journal.Load(ctx, key)
	must("load", err)
	_, err = journal.RenewLease(ctx, "host-1", []engine.Heartbeat{{Host: "host-0"}}, 100)
	must("hold", err)
	_, err = journal.Held(ctx, "host-1")
	must("held", err)
	_, err = journal.Payload(ctx, key)
	must("payload", err)
	_, err = journal.RecordIntent(ctx, key, o.Epoch, now)
	must("intend", err)
	_, err = journal.Append(ctx, key, o.Epoch, []engine.Event{{Seq: 1, Kind: engine.EventProgress, Tokens: 1}, {Seq: 2, Kind: engine.EventProgress, Tokens: 1}}, now)
	must("append", err)
	_, err = journal.Spend(ctx, key, o.Epoch, time.Minute, time.Second, now)
	must("spend", err)
	_, err = journal.Events(ctx, key, 0, 100)
	must("events", err)
	_, err = journal.RequestCancel(ctx, key, now)
	must("request cancel", err)
	outcome := engine.Outcome{Status: engine.Failed, Reason: "no"}
	_, err = journal.Decide(ctx, key, o.Epoch, outcome, now)
	must("decide", err)
	_, err = journal.Finish(ctx, key, o.Epoch, outcome, now)
	must("finish", err)
	must("yield", journal.ReleaseLease(ctx, key, o.Epoch, now))
	must("settle", journal.ClearOutbox(ctx, key, o.Epoch, now))
	_, err = journal.Abandon(ctx, engine.AttemptKey{Review: "running-0", Attempt: 1}, outcome, now)
	must("abandon", err)
	// A purge reads the keys of everything that is due, so the purges of the hosts have to keep up. Here a hundred
	// attempts are due.
	purged, err := journal.Purge(ctx, now.Add(-10*time.Minute).Add(100*time.Millisecond), 50)
	must("purge", err)
	if purged != 50 {
		t.Errorf("%d are purged, want 50", purged)
	}
	if failed != nil {
		t.Fatal(failed)
	}
}

// examine checks every plan against the bounds, and that every statement has a plan.
func examine(t *testing.T, mode string, collected *plans) {
	t.Helper()
	all, err := collected.take()
	if err != nil {
		t.Fatal(err)
	}
	var operations []string
	for i := range all {
		p := &all[i]
		operations = append(operations, p.operation())
		if pages := p.Plan.Hit + p.Plan.Read; pages > pagesMax {
			t.Errorf("%s, %s: touches %d pages, at most %d are allowed", p.operation(), mode, pages, pagesMax)
		}
		for _, problem := range p.Plan.problems() {
			t.Errorf("%s, %s: %s", p.operation(), mode, problem)
		}
	}
	for _, s := range postgres.Statements() {
		if !slices.Contains(operations, s.Operation) {
			t.Errorf("%s, %s: no plan was reported", s.Operation, mode)
		}
	}
}

// TestStepsThatAreWrong checks that a plan with one problem is found.
func TestStepsThatAreWrong(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"an index scan":       {`{"Plan": {"Node Type": "Index Scan", "Relation Name": "reviews", "Actual Rows": 20, "Actual Loops": 1}}`, 0},
		"a sequential scan":   {`{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "reviews"}]}}`, 1},
		"a whole index":       {`{"Plan": {"Node Type": "Index Scan", "Actual Rows": 1, "Rows Removed by Filter": 99999, "Actual Loops": 1}}`, 1},
		"a loop without end":  {`{"Plan": {"Node Type": "Index Scan", "Actual Rows": 1, "Actual Loops": 99999}}`, 1},
		"nothing from a list": {`{"Plan": {"Node Type": "Seq Scan", "Actual Rows": 3, "Actual Loops": 1}}`, 0},
	} {
		var collected plans
		collected.collect(nil, &pgconn.Notice{Message: "duration: 0.1 ms  plan:\n" + test.text})
		taken, err := collected.take()
		if err != nil || len(taken) != 1 {
			t.Fatalf("%s: %d plans, %v", name, len(taken), err)
		}
		if found := taken[0].Plan.problems(); len(found) != test.want {
			t.Errorf("%s: got %q, want %d", name, found, test.want)
		}
	}
}
