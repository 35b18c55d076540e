package store

import (
	"context"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/sim/certify"
)

// A Server is where stores are made.
type Server struct {
	Source string // url, docker or local
	Text   string // what it is, on one line
	Open   certify.OpenStores
	Stop   func(context.Context) error
	// DropCreated drops at once what this process has created on the server.
	DropCreated func(context.Context) error
}

// FindServer finds a Postgres server, at a URL if one is given. The error names what to do.
func FindServer(ctx context.Context, url string) (*Server, error) {
	found, err := FindPostgres(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Server{
		Source: string(found.Source()), Text: found.String(), Open: certify.OnPostgres(found.CreateNearDatabase), Stop: found.Stop,
		DropCreated: found.DropCreated,
	}, nil
}

// FindPostgres finds a Postgres server, at a URL if one is given. The database of a URL is not used. What processes that were
// killed have left behind on such a server is dropped.
func FindPostgres(ctx context.Context, url string) (*pgserver.Server, error) {
	find := func() (*pgserver.Server, error) { return pgserver.Find(ctx) }
	if url != "" {
		find = func() (*pgserver.Server, error) { return pgserver.At(ctx, url, "--database-url") }
	}
	found, err := find()
	if err != nil || found.Source() != pgserver.URL {
		return found, err
	}
	_, err = found.DropLeftOver(ctx)
	return found, err
}
