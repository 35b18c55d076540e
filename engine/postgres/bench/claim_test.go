package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// limit is the number of slots of an owner: the engine's default.
const limit = 20

// began is when the reviews were submitted. They have been due since then.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// submitMany inserts the pending reviews prefix-0 to prefix-(n-1). They belong in turn to the owners prefix-0 to
// prefix-(owners-1), and each has a pull request of its own.
func submitMany(b *testing.B, pool *pgxpool.Pool, prefix string, n, owners int) {
	b.Helper()
	run(b, pool, `INSERT INTO app.reviews (
			review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
			stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
		)
		SELECT $1 || '-' || i, $1 || '-' || i % $3, 'github', 'owner/repository', i + 1, md5(i::text), 1, 'pending', 1, '', 0,
			0, '', due, due, 0, 0, '', due
		FROM generate_series(0, $2::int - 1) AS i, LATERAL (SELECT $4::timestamptz + i * interval '1 microsecond' AS due) AS at`,
		prefix, n, owners, began)
	run(b, pool, "VACUUM ANALYZE app.reviews")
}

// numbered returns the i-th review or owner of a prefix.
func numbered[ID ~string](prefix string, i int) ID { return ID(fmt.Sprintf("%s-%d", prefix, i)) }

// BenchmarkClaim measures claims. One operation is one claim.
func BenchmarkClaim(b *testing.B) {
	pool, _ := database(b)
	store := postgres.NewReviews(pool)
	rounds := 0
	// The reviews of many owners, none of which is at the limit.
	b.Run("owners=many", func(b *testing.B) {
		rounds++
		prefix, owners := fmt.Sprint("many-", rounds), b.N/limit+1
		submitMany(b, pool, prefix, b.N, owners)
		b.ResetTimer()
		inParallel(b, b.N, func(i int) error {
			_, err := claim(b.Context(), store, prefix, i, i%owners)
			return err
		})
		perSecond(b, 1, "claims/s")
	})
	// All reviews belong to one owner, so the claims run one after the other. Each review is completed at once, so that
	// the owner stays below the limit; that is part of the operation.
	b.Run("owners=one", func(b *testing.B) {
		rounds++
		prefix := fmt.Sprint("one-", rounds)
		submitMany(b, pool, prefix, b.N, 1)
		b.ResetTimer()
		inParallel(b, b.N, func(i int) error {
			for {
				token, err := claim(b.Context(), store, prefix, i, 0)
				if engine.IsKind(err, engine.Rejected) {
					continue // older reviews that are being completed fill the slots
				}
				if err != nil {
					return err
				}
				return complete(b.Context(), store, numbered[engine.ReviewID](prefix, i), token)
			}
		})
		perSecond(b, 1, "claims/s")
	})
}

func claim(ctx context.Context, store engine.ReviewStore, prefix string, review, owner int) (engine.Token, error) {
	now := began.Add(time.Hour / 2)
	return store.Claim(ctx, engine.Claim{
		Key:   engine.AttemptKey{Review: numbered[engine.ReviewID](prefix, review), Attempt: 1},
		Owner: numbered[engine.OwnerID](prefix, owner), Limit: limit, Now: now, DueAt: now.Add(time.Minute),
	})
}

func complete(ctx context.Context, store engine.ReviewStore, id engine.ReviewID, token engine.Token) error {
	_, err := store.Apply(ctx, engine.Report{
		WorkerReport: engine.WorkerReport{Key: engine.AttemptKey{Review: id, Attempt: 1}, Status: engine.Completed},
		Token:        token, Now: began.Add(time.Hour / 2),
	})
	return err
}

// updateRow is the statement that pgbench repeats. It updates the columns that a claim writes, in one row of the same
// table, found by its primary key. Like a claim, each update gives the row a due time that it did not have.
const updateRow = `\set id random(0, 99999)
UPDATE app.reviews SET claim = claim + 1, status = 'queued', due_at = due_at + interval '1 minute', updated_at = '2026-01-02 03:04:05+00' WHERE review = 'row-' || :id;
`

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// BenchmarkPgbench measures what the server can do at most with the same number of connections: updates of single rows.
// One operation is one update; pgbench itself counts them, for three seconds.
func BenchmarkPgbench(b *testing.B) {
	pool, url := database(b)
	submitMany(b, pool, "row", 100_000, 100_000/limit)
	command, err := pgbench()
	if err != nil {
		b.Skip(err)
	}
	b.Run("update", func(b *testing.B) {
		arguments := append(command[1:len(command):len(command)], "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(connections),
			"--jobs=2", "--time=3", "--file=/dev/stdin", url)
		pgbench := exec.CommandContext(b.Context(), command[0], arguments...)
		pgbench.Stdin = strings.NewReader(updateRow)
		output, err := pgbench.CombinedOutput()
		found := tps.FindSubmatch(output)
		if err != nil || found == nil {
			b.Fatalf("pgbench: %v\n%s", err, output)
		}
		rate, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(1e9/rate, "ns/op") // without the start of the process and the connections
		b.ReportMetric(rate, "updates/s")
	})
}

// pgbench returns the command of pgbench: the installed one, or the one in the image of the server's container.
func pgbench() ([]string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return []string{path}, nil
	}
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench"); len(found) > 0 {
		return found[len(found)-1:], nil
	}
	if s, err := durable(); err == nil && s.Source() == pgserver.Docker {
		image := os.Getenv(pgserver.ImageVariable)
		if image == "" {
			image = pgserver.DefaultImage
		}
		return []string{"docker", "run", "--rm", "--interactive", "--network=host", "--entrypoint=pgbench", image}, nil
	}
	return nil, fmt.Errorf("pgbench is not installed; install the package postgresql-contrib or postgresql of your system")
}
