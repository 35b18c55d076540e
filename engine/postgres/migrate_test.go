package postgres_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// setupText returns the text of a SetupError. It fails on any other error and on none.
func setupText(t *testing.T, err error) string {
	t.Helper()
	var setup *postgres.SetupError
	if !errors.As(err, &setup) {
		t.Fatalf("%v is no SetupError", err)
	}
	if text := setup.Error(); strings.ContainsAny(text, "\n") {
		t.Fatalf("not one line: %q", text)
	}
	return setup.Error()
}

// TestMigrateAtOnceAndAgain checks that concurrent and repeated calls migrate a new database once.
func TestMigrateAtOnceAndAgain(t *testing.T) {
	pool := connect(t, emptyDatabase(t))
	ctx := limited(t)
	if text := setupText(t, postgres.CheckSchema(ctx, pool)); !strings.Contains(text, "never migrated; run onceover migrate") {
		t.Error(text)
	}
	var wg sync.WaitGroup
	began, latest, failed := make([]int, 4), make([]int, 4), make([]error, 4)
	for i := range began {
		wg.Go(func() { began[i], latest[i], failed[i] = postgres.Migrate(ctx, pool) })
	}
	wg.Wait()
	first := 0
	for i, err := range failed {
		if err != nil || latest[i] == 0 {
			t.Fatalf("from %d to %d: %v", began[i], latest[i], err)
		}
		if began[i] == 0 {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d found the database empty", first)
	}
	if from, to, err := postgres.Migrate(ctx, pool); from != latest[0] || to != from || err != nil {
		t.Errorf("from %d to %d: %v", from, to, err)
	}
	if err := postgres.CheckSchema(ctx, pool); err != nil {
		t.Error(err)
	}
}

// TestSchemaOfAnotherVersion checks that an older and a newer schema are recognised, and that a newer one is left
// alone.
func TestSchemaOfAnotherVersion(t *testing.T) {
	pool := migrated(t)
	ctx := limited(t)
	run(t, pool, "INSERT INTO onceover.schema_versions (version_id, is_applied) VALUES (99, true)")
	for _, err := range []error{postgres.CheckSchema(ctx, pool), func() error { _, _, err := postgres.Migrate(ctx, pool); return err }()} {
		if text := setupText(t, err); !strings.Contains(text, "version 99") {
			t.Error(text)
		}
	}
	run(t, pool, "DELETE FROM onceover.schema_versions WHERE version_id > 1")
	if text := setupText(t, postgres.CheckSchema(ctx, pool)); !strings.Contains(text, fmt.Sprintf("version 1, this program needs %d; run onceover migrate", postgres.LatestVersion())) {
		t.Error(text)
	}
}

// TestOutcomesWithoutCause checks that the rows of a version without causes are valid after the migrations, and that its
// processes may go on to write: their outcomes have no cause.
func TestOutcomesWithoutCause(t *testing.T) {
	pool := connect(t, emptyDatabase(t))
	ctx := limited(t)
	const without = 2
	if err := postgres.MigrateTo(ctx, pool, without); err != nil {
		t.Fatal(err)
	}
	const insert = `INSERT INTO worker.orchestrations (review, attempt, owner, payload, phase, cancel, outcome, reason, retryable, owed,
		events, tokens, holder, epoch, kept_since, updated_at) VALUES ($1, 1, 'o', '', $2, false, $3, 'no', false, false, 0, 0, 'h', 1, NULL, 'epoch')`
	run(t, pool, insert, "decided", 3, "failed")
	run(t, pool, insert, "undecided", 2, "")
	if from, to, err := postgres.Migrate(ctx, pool); from != without || to != postgres.LatestVersion() || err != nil {
		t.Fatalf("from %d to %d: %v", from, to, err)
	}
	run(t, pool, insert, "later", 3, "failed")
	journal := postgres.NewJournal(pool)
	outcome := engine.Outcome{Status: engine.Failed, Cause: engine.CauseRefused, Reason: "refused"}
	for review, want := range map[engine.ReviewID]engine.Cause{
		"decided": engine.CauseNone, "undecided": engine.CauseRefused, "later": engine.CauseNone,
	} {
		o, err := journal.Finish(ctx, engine.AttemptKey{Review: review, Attempt: 1}, 1, outcome, time.Unix(1, 0))
		if err != nil || o.Phase != engine.PhaseOver || o.Outcome.Cause != want {
			t.Errorf("%s: %+v, %v; want cause %s", review, o.Outcome, err, want)
		}
	}
}

// TestConnectErrors checks that the error of Connect names the problem on one line, without the password.
func TestConnectErrors(t *testing.T) {
	address := emptyDatabase(t)
	changed := func(change func(*url.URL)) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(u.User.Username(), "secret")
		change(u)
		return u.String()
	}
	for _, test := range []struct{ name, url, text string }{
		{"no URL", "postgres://user:secret@host:port/db", "can't be read"},
		{"unreachable", changed(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "can't be reached"},
		{"unknown user", changed(func(u *url.URL) { u.User = url.UserPassword("nobody_of_that_name", "secret") }), "credentials"},
		{"no such database", changed(func(u *url.URL) { u.Path = "no_such_database" }), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := postgres.Connect(limited(t), test.url)
			text := setupText(t, err)
			if !strings.Contains(text, test.text) || strings.Contains(text, "secret") || strings.Count(text, "dial") > 2 {
				t.Error(text) // the same failure with TLS and without is named once
			}
		})
	}
}
