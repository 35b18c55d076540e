package main

import (
	"context"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/sim/certify"
)

// findPostgres finds the server of --store postgres.
func findPostgres(ctx context.Context, url string) (*storeServer, error) {
	found, err := findServer(ctx, url)
	if err != nil {
		return nil, err
	}
	return &storeServer{source: string(found.Source()), text: found.String(), open: certify.OnPostgres(found.CreateNearDatabase), stop: found.Stop}, nil
}

// findServer finds a Postgres: that of a URL, if one is given. The database of a URL is not used, but must have the
// schema of this program: results are about the server of a deployment of this version.
func findServer(ctx context.Context, url string) (*pgserver.Server, error) {
	find := func() (*pgserver.Server, error) { return pgserver.Find(ctx) }
	if url != "" {
		find = func() (*pgserver.Server, error) { return pgserver.At(ctx, url, "--database-url") }
	}
	found, err := find()
	if err != nil || found.Source() != pgserver.URL {
		return found, err
	}
	pool, err := postgres.Connect(ctx, found.URL(), postgres.WithMaxConns(1))
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return found, postgres.CheckSchema(ctx, pool)
}
