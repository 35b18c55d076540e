package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// storeOp is an operation of either port.
type storeOp struct {
	name    string // of the call in errors
	execute func(context.Context, *pgxpool.Pool) (failed bool, kind engine.ErrorKind, empty bool, err error)
}

// everyOp returns one operation of each method of both ports, about one review.
func everyOp() []storeOp {
	key := engine.AttemptKey{Review: "a", Attempt: 1}
	var all []storeOp
	for kind := model.JournalCreate; kind <= model.JournalPurge; kind++ {
		op := model.JournalOp{
			Kind: kind, Key: key, Owner: "ann", Host: "h1", Epoch: 1, Now: at(1), Before: at(1), Max: 5,
			Events: []engine.Event{{Seq: 1, Kind: engine.EventProgress}}, Outcome: engine.Outcome{Status: engine.Failed, Reason: "no"},
		}
		all = append(all, storeOp{"journal." + kind.String(), func(ctx context.Context, pool *pgxpool.Pool) (bool, engine.ErrorKind, bool, error) {
			got, err := op.Execute(ctx, postgres.NewJournal(pool))
			return got.Failed, got.Err, got.Equal(&model.JournalResult{Failure: got.Failure}), err
		}})
	}
	submission := engine.Submission{Review: "a", Owner: "ann", Platform: "github", Repository: "app", PullRequest: 1, HeadSHA: "sha", HeadOrder: 1}
	for _, op := range []model.ReviewsOp{
		model.Submit(submission, at(1)), model.Get("a"), model.Attempts("a"), model.Reserve("ann", 5, at(1)),
		model.Claim(engine.Claim{Key: key, Owner: "ann", Limit: 5, Now: at(1), DueAt: at(5)}),
		model.Release(key, 1, at(5), at(1)), model.Defer(key, 1, at(5), at(1)), model.Fail(key, 1, "no", at(1)),
		model.Apply(engine.Report{WorkerReport: engine.WorkerReport{Key: key, Status: engine.Running}, Now: at(1)}),
		model.SetAgentVersion(key, "2", at(1)), model.Cancel(key, "no", at(1)), model.Stopped(key, at(1)), model.Retrigger(key, at(1)), model.Sweep(engine.Search{Now: at(1), Max: 5, Limit: 20}),
	} {
		all = append(all, storeOp{"store." + op.Kind.String(), func(ctx context.Context, pool *pgxpool.Pool) (bool, engine.ErrorKind, bool, error) {
			got, err := op.Execute(ctx, postgres.NewReviews(pool))
			return got.Failed, got.Err, got.Equal(&model.ReviewsResult{Failure: got.Failure}), err
		}})
	}
	return all
}

// TestWithoutAServer calls every method on a pool that is closed: nothing happens, and the error names the call.
func TestWithoutAServer(t *testing.T) {
	pool := connect(t, emptyDatabase(t))
	pool.Close()
	for _, op := range everyOp() {
		failed, kind, empty, err := op.execute(t.Context(), pool)
		var typed *engine.Error
		if !failed || kind != engine.Rejected || !empty || !errors.As(err, &typed) || typed.Op != op.name {
			t.Errorf("%s: failed %t, %s, with nothing else: %t; %v", op.name, failed, kind, empty, err)
		}
	}
}

// unreadable makes rows that no version of this program has written: a guard refuses them, so it is switched off.
var unreadable = []string{
	"SET LOCAL session_replication_role = replica",
	`INSERT INTO app.reviews (review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim, stopping,
		superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at)
		VALUES ('a', 'ann', 'github', 'app', 1, 'sha', 1, 'lost', 1, '', 1, 0, '', 'epoch', 'epoch', 0, 0, '', 'epoch')`,
	`ALTER TABLE app.attempts DROP CONSTRAINT attempts_over`,
	`INSERT INTO app.attempts (review, attempt, status, reason, ended_at) VALUES ('a', 1, 'lost', '', 'epoch')`,
	`INSERT INTO worker.orchestrations (review, attempt, owner, payload, phase, cancel, outcome, reason, retryable, owed, events, tokens,
		holder, epoch, updated_at) VALUES ('a', 1, 'ann', '', 3, false, 'lost', '', false, false, 1, 0, 'h', 1, 'epoch')`,
	`ALTER TABLE worker.events DROP CONSTRAINT events_kind_known`,
	`INSERT INTO worker.events (review, attempt, seq, kind, tokens, text, retryable) VALUES ('a', 1, 1, 'news', 0, '', false)`,
}

// TestRowsThatCantBeRead reads rows with a status, an outcome and a kind that this version does not know. Each reader
// reports that, and none returns half a row.
func TestRowsThatCantBeRead(t *testing.T) {
	pool := migrated(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range unreadable {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	readers := map[string]bool{"journal.load": true, "journal.events": true, "store.get": true, "store.attempts": true}
	for _, op := range everyOp() {
		if !readers[op.name] {
			continue
		}
		delete(readers, op.name)
		if failed, kind, empty, err := op.execute(t.Context(), pool); !failed || !empty || err == nil {
			t.Errorf("%s: failed %t, %s, with nothing else: %t; %v", op.name, failed, kind, empty, err)
		}
	}
	if len(readers) > 0 {
		t.Errorf("no operation is called %v", readers)
	}
}

// TestNamesThatCantBeStored: a name that no column can hold is refused for good where it would be written.
func TestNamesThatCantBeStored(t *testing.T) {
	pool := migrated(t)
	journal, reviews := postgres.NewJournal(pool), postgres.NewReviews(pool)
	for _, bad := range []string{"nul\x00", "no UTF-8 \xff"} {
		good := engine.StartRequest{Key: engine.AttemptKey{Review: "a", Attempt: 1}, Owner: "ann"}
		for what, call := range map[string]func() error{
			"a start of the review": func() error {
				r := good
				r.Key.Review = engine.ReviewID(bad)
				_, _, err := journal.Create(t.Context(), r, "h", at(1))
				return err
			},
			"a start for the owner": func() error {
				r := good
				r.Owner = engine.OwnerID(bad)
				_, _, err := journal.Create(t.Context(), r, "h", at(1))
				return err
			},
			"a start on the host": func() error {
				_, _, err := journal.Create(t.Context(), good, engine.HostID(bad), at(1))
				return err
			},
			"a renewal": func() error {
				_, err := journal.RenewLease(t.Context(), engine.HostID(bad), nil, 1)
				return err
			},
			"a cancellation": func() error {
				_, err := journal.RequestCancel(t.Context(), engine.AttemptKey{Review: engine.ReviewID(bad), Attempt: 1}, at(1))
				return err
			},
			"a submission": func() error {
				_, _, err := reviews.Submit(t.Context(), engine.Submission{Review: "a", Owner: engine.OwnerID(bad)}, at(1))
				return err
			},
		} {
			if err := call(); !engine.IsKind(err, engine.Permanent) {
				t.Errorf("%s %q: %v, want it permanent", what, bad, err)
			}
		}
	}
	if _, err := journal.RenewLease(t.Context(), "", nil, 1); !engine.IsKind(err, engine.Permanent) {
		t.Errorf("a renewal of nobody: %v, want it permanent", err)
	}
}

// TestTimesAreUTC: what is read back is in UTC, wherever the program runs.
func TestTimesAreUTC(t *testing.T) {
	pool := migrated(t)
	journal, reviews := postgres.NewJournal(pool), postgres.NewReviews(pool)
	key := engine.AttemptKey{Review: "a", Attempt: 1}
	submission := engine.Submission{Review: "a", Owner: "ann", Platform: "github", Repository: "app", HeadSHA: "sha", HeadOrder: 1}
	if _, _, err := reviews.Submit(t.Context(), submission, at(1)); err != nil {
		t.Fatal(err)
	}
	review, err := reviews.Cancel(t.Context(), key, "typo", at(2))
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := reviews.Attempts(t.Context(), "a")
	if err != nil || len(attempts) != 1 {
		t.Fatalf("%d attempts, %v", len(attempts), err)
	}
	o, err := journal.RequestCancel(t.Context(), key, at(3))
	if err != nil {
		t.Fatal(err)
	}
	for what, read := range map[string]time.Time{
		"due": review.DueAt, "enqueued": review.EnqueuedAt, "updated": review.UpdatedAt, "ended": attempts[0].EndedAt, "orchestration": o.UpdatedAt,
	} {
		if read.Location() != time.UTC {
			t.Errorf("%s: %v is in %v", what, read, read.Location())
		}
	}
}
