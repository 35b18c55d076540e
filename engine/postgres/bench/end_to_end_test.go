package bench

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/postgres"
)

// BenchmarkReview measures reviews from submission to end, with one app replica and one host on the real store and the
// live runtime. The agent answers at once with two to twelve events. One operation is a burst of reviews.
func BenchmarkReview(b *testing.B) {
	pool, _ := database(b)
	rounds := 0
	b.Run("end-to-end", func(b *testing.B) {
		c, err := enginetest.NewCluster(enginetest.ClusterConfig{
			Apps: 1, Hosts: 1, Reviews: postgres.NewReviews(pool), Journal: postgres.NewJournal(pool),
		})
		if err != nil {
			b.Fatal(err)
		}
		rounds++
		reviews := b.N * burst
		prefix, owners := fmt.Sprint("e2e-", rounds), reviews/limit
		c.Run()
		b.ResetTimer()
		inParallel(b, reviews, func(i int) error {
			return c.Submit(b.Context(), engine.Submission{
				Review: numbered[engine.ReviewID](prefix, i), Owner: numbered[engine.OwnerID](prefix, i%owners), Platform: "github",
				Repository: "owner/repository", PullRequest: i + 1, HeadSHA: "c0ffee", HeadOrder: 1,
			})
		})
		if err := c.Wait(b.Context(), reviews); err != nil {
			b.Fatal(err)
		}
		perSecond(b, burst, "reviews/s")
		b.StopTimer()
		if err := c.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
}

// nothing are the arguments of a job that does nothing.
type nothing struct{}

// Kind implements [river.JobArgs].
func (nothing) Kind() string { return "nothing" }

// idle is the worker of such jobs.
type idle struct {
	river.WorkerDefaults[nothing]
}

// Work implements [river.Worker].
func (*idle) Work(context.Context, *river.Job[nothing]) error { return nil }

// BenchmarkRiver measures jobs of River from insertion to end: what a general queue needs for the same. Its client
// fetches as often and as many jobs as in River's own benchmark. One operation is a burst of jobs.
func BenchmarkRiver(b *testing.B) {
	pool, _ := database(b)
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := migrator.Migrate(b.Context(), rivermigrate.DirectionUp, nil); err != nil {
		b.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &idle{})
	b.Run("end-to-end", func(b *testing.B) {
		jobs := b.N * burst
		client, err := river.NewClient[pgx.Tx](driver, &river.Config{
			FetchCooldown: 2 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond,
			Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2_000}},
			Workers: workers, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			b.Fatal(err)
		}
		completed, cancel := client.SubscribeConfig(&river.SubscribeConfig{ChanSize: jobs, Kinds: []river.EventKind{river.EventKindJobCompleted}})
		defer cancel()
		if err := client.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		inParallel(b, jobs, func(int) error {
			_, err := client.Insert(b.Context(), nothing{}, nil)
			return err
		})
		for range jobs {
			<-completed
		}
		perSecond(b, burst, "jobs/s")
		b.StopTimer()
		if err := client.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
}
