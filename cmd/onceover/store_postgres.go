package main

import (
	"context"

	"github.com/onceover/onceover/faults/server"
	"github.com/onceover/onceover/sim/realstore"
)

// findPostgres finds the server of --store postgres.
func findPostgres(ctx context.Context, url string) (*storeServer, error) {
	found, err := findServer(ctx, url)
	if err != nil {
		return nil, err
	}
	return &storeServer{way: string(found.Way()), text: found.String(), open: realstore.OnPostgres(found.CreateDatabase), stop: found.Stop}, nil
}

// findServer finds a Postgres: that of a URL, if one is given.
func findServer(ctx context.Context, url string) (*server.Server, error) {
	if url != "" {
		return server.At(ctx, url, "--database-url")
	}
	return server.Find(ctx)
}
