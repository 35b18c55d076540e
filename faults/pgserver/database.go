package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// DatabasePrefix begins the name of every database that is created here. After a process that was killed, databases
// of such names may be left on a server by URL, and can be dropped.
const DatabasePrefix = "onceover_"

// dropTimeLimit bounds the end of a test's database.
const dropTimeLimit = 30 * time.Second

// CreateNearDatabase is CreateDatabase with a URL by way of the server's Unix socket, if it has one: statements and
// answers take a tenth less of the time of both sides.
func (s *Server) CreateNearDatabase(ctx context.Context) (address string, drop func(context.Context) error, err error) {
	address, drop, err = s.CreateDatabase(ctx)
	if err == nil && s.sockets != "" {
		// The query goes before the host beside it; the name of the socket has the port in it.
		address += "&host=" + url.QueryEscape(s.sockets)
	}
	return address, drop, err
}

// CreateDatabase creates an empty database and returns its URL and the function that drops it, open connections or
// not. Databases on a server that is killed, paused or stopped by then end with the server, and dropping them does
// nothing.
func (s *Server) CreateDatabase(ctx context.Context) (address string, drop func(context.Context) error, err error) {
	parsed, err := url.Parse(s.url)
	if err != nil {
		return "", nil, errors.New("create a database: the server's URL cannot be parsed") // the cause would show the password
	}
	name := DatabasePrefix + strings.ToLower(rand.Text())
	// template0 has nothing that somebody may have left, and nobody is connected to it.
	if err := s.execute(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0"); err != nil {
		return "", nil, fmt.Errorf("create a database on %s: %w", s, err)
	}
	parsed.Path = "/" + name
	return parsed.String(), func(ctx context.Context) error {
		if !s.answers() {
			return nil
		}
		if err := s.execute(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop database %s: %w", name, err)
		}
		return nil
	}, nil
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
	defer connection.Close(ctx) //nolint:errcheck // What was executed has been answered.
	_, err = connection.Exec(ctx, statement)
	return err
}
