package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// DatabasePrefix begins the name of every database that this package creates. A process that is killed may leave such
// databases on a server by URL; [Server.DropLeftOver] drops them.
const DatabasePrefix = "onceover_"

// dropTimeLimit bounds dropping a test's database.
const dropTimeLimit = 30 * time.Second

// CreateNearDatabase is like [Server.CreateDatabase], but the URL uses the server's Unix socket, if it has one.
// Statements then take a tenth less time.
func (s *Server) CreateNearDatabase(ctx context.Context) (address string, drop func(context.Context) error, err error) {
	address, drop, err = s.CreateDatabase(ctx)
	if err == nil && s.sockets != "" {
		// The host in the query takes precedence over the one in the URL. The name of the socket contains the port.
		address += "&host=" + url.QueryEscape(s.sockets)
	}
	return address, drop, err
}

// CreateDatabase creates an empty database and returns its URL and a function that drops it, also while connections are
// open. If the server is killed, paused or stopped by then, the function does nothing: the database ends with the
// server.
func (s *Server) CreateDatabase(ctx context.Context) (address string, drop func(context.Context) error, err error) {
	name, err := s.own(ctx)
	if err != nil {
		return "", nil, fmt.Errorf("create a database on %s: %w", s, err)
	}
	// template0 is always empty, and nobody is connected to it.
	if err := s.execute(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0"); err != nil {
		s.disown(name)
		return "", nil, fmt.Errorf("create a database on %s: %w", s, err)
	}
	address, err = s.addressOf(name)
	return address, func(ctx context.Context) error { return s.drop(ctx, name) }, err
}

// addressOf returns the URL of a database of the server.
func (s *Server) addressOf(name string) (string, error) {
	parsed, err := url.Parse(s.url)
	if err != nil {
		return "", errors.New("create a database: the server's URL cannot be parsed") // the cause would contain the password
	}
	parsed.Path = "/" + name
	return parsed.String(), nil
}

// drop drops a database that this process has created, also while connections are open.
func (s *Server) drop(ctx context.Context, name string) error {
	if !s.answers() {
		return nil
	}
	if err := s.execute(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	s.disown(name)
	return nil
}

// Database creates an empty database for one test and returns its URL. It is dropped when the test ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	address, drop, err := s.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), dropTimeLimit)
		defer cancel()
		if err := drop(ctx); err != nil {
			t.Error(err)
		}
	})
	return address
}

// execute runs one statement on the maintenance database.
func (s *Server) execute(ctx context.Context, statement string) error {
	connection, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx) //nolint:errcheck // The answer has arrived.
	_, err = connection.Exec(ctx, statement)
	return err
}
