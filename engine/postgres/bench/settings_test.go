package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// BenchmarkSettings measures what it costs that each transaction makes its own settings, as behind a pooler, instead of
// each session once. There is no pooler in between: a pool that [postgres.Connect] has not opened does the same. One
// operation is one call of the store.
func BenchmarkSettings(b *testing.B) {
	session, url := database(b)
	const reviews = 10 * connections
	submitMany(b, session, "settings", reviews, reviews)
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = connections
	transaction, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(transaction.Close)
	for _, call := range []struct {
		name string
		do   func(ctx context.Context, store *postgres.Reviews, key engine.AttemptKey) error
	}{
		{"read", func(ctx context.Context, store *postgres.Reviews, key engine.AttemptKey) error {
			_, err := store.Get(ctx, key.Review)
			return err
		}},
		{"write", func(ctx context.Context, store *postgres.Reviews, key engine.AttemptKey) error {
			return store.SetAgentVersion(ctx, key, "7", began)
		}},
	} {
		for _, per := range []struct {
			name string
			pool *pgxpool.Pool
		}{{"session", session}, {"transaction", transaction}} {
			b.Run(fmt.Sprintf("call=%s/settings=%s", call.name, per.name), func(b *testing.B) {
				store := postgres.NewReviews(per.pool)
				try := func(i int) error {
					// Calls at the same time are of different reviews.
					key := engine.AttemptKey{Review: numbered[engine.ReviewID]("settings", i%reviews), Attempt: 1}
					return call.do(b.Context(), store, key)
				}
				inParallel(b, reviews, try) // opens the connections, and prepares the statements
				b.ResetTimer()
				inParallel(b, b.N, try)
				perSecond(b, 1, "calls/s")
			})
		}
	}
}
