package onceover_test

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/live"
	"github.com/onceover/onceover/engine/postgres"
)

// What a deployment supplies: how a review is prepared, and the agent that executes it.
var (
	prepare engine.Preparer
	agent   engine.Agent
)

// App and worker in one process, on Postgres. Replicas of both run side by side; where they are processes of their own,
// the clients of engine/httpapi stand for each other's.
func Example() {
	run := func(ctx context.Context, pool *pgxpool.Pool) error {
		runtime := live.New(ctx)
		callback := &callback{}
		host, err := engine.NewHost("host-1", runtime, engine.WorkerConfig{AgentVersion: "v7"}, postgres.NewJournal(pool), agent, callback)
		if err != nil {
			return err
		}
		dispatcher, err := engine.NewDispatcher(runtime, engine.AppConfig{Limit: 5}, postgres.NewReviews(pool), host, prepare)
		if err != nil {
			return err
		}
		callback.App = engine.NewApp(dispatcher)
		host.Run()
		dispatcher.Run()

		_, err = callback.Submit(ctx, engine.Submission{
			Review: "review-1", Owner: "ann", Platform: "github", Repository: "ann/parser",
			PullRequest: 12, HeadSHA: "c0ffee", HeadOrder: 1,
		})
		return err
	}
	_ = run
	// Output:
}

// callback is the app as the host calls it back.
type callback struct{ *engine.App }
