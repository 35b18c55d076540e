package enginetest_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// The server that reviews and journal are kept on dies twice in the middle of its work, and once stops in its tracks.
func TestClusterSurvivesARealServer(t *testing.T) {
	if os.Getenv(pgserver.DatabaseURLVariable) != "" {
		t.Skipf("%s names a server that is not ours to kill; unset it to have one started", pgserver.DatabaseURLVariable)
	}
	s := pgserver.ForTestAlone(t)
	url := s.Database(t)
	ctx := t.Context()
	pool, err := postgres.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, _, err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}

	listening, stop := context.WithCancel(ctx)
	var listener sync.WaitGroup
	t.Cleanup(func() {
		stop()
		listener.Wait()
	})
	listen := func(c *enginetest.Cluster) {
		listener.Go(func() { _ = postgres.Listen(listening, pool, c.Trigger) })
	}
	during := func(begin, end func(context.Context) error) func(context.Context, func() error) error {
		return func(ctx context.Context, noticed func() error) error {
			if err := begin(ctx); err != nil {
				return err
			}
			if err := noticed(); err != nil {
				return fmt.Errorf("wait until somebody notices: %w", err)
			}
			return end(ctx)
		}
	}
	survive(t, postgres.NewReviews(pool), postgres.NewJournal(pool), listen, []misfortune{
		{"killed", reviews / 10, during(s.Kill, s.Restart)},
		{"paused", reviews / 3, during(s.Pause, s.Resume)},
		{"killed again", reviews * 2 / 3, during(s.Kill, s.Restart)},
	})
}
