package pgserver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/engine/postgres"
)

// reachTimeLimit bounds the time until a server by URL answers.
const reachTimeLimit = 15 * time.Second

// openURL returns the server of [DatabaseURLVariable].
func openURL(ctx context.Context) (*Server, error) {
	given := os.Getenv(DatabaseURLVariable)
	if given == "" {
		return nil, absentf("%s is not set", DatabaseURLVariable)
	}
	return At(ctx, given, DatabaseURLVariable)
}

// At returns the server at a URL, after it has checked that databases may be created there. Errors begin with name,
// which is where the URL comes from, such as a flag.
func At(ctx context.Context, given, name string) (*Server, error) {
	// Causes are left out if they would contain the password.
	parsed, err := url.Parse(given)
	if err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		return nil, fmt.Errorf("%s is not a URL like postgres://user:password@host:port/database", name)
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeLimit)
	defer cancel()
	pool, err := postgres.Connect(ctx, given, postgres.WithMaxConns(1))
	if err != nil {
		return nil, fmt.Errorf("%s (%s): %w", name, parsed.Redacted(), err)
	}
	defer pool.Close()
	var user, version string
	var mayCreate bool
	err = pool.QueryRow(ctx, `
		SELECT rolname, rolcreatedb OR rolsuper, split_part(current_setting('server_version'), ' ', 1)
		FROM pg_roles WHERE rolname = current_user`).Scan(&user, &mayCreate, &version)
	if err != nil {
		return nil, fmt.Errorf("%s (%s): ask what %s may do: %w", name, parsed.Redacted(), parsed.User.Username(), err)
	}
	if !mayCreate {
		return nil, fmt.Errorf("%s (%s): user %s may not create databases; ALTER ROLE %s CREATEDB, or name another user",
			name, parsed.Redacted(), user, pgx.Identifier{user}.Sanitize())
	}
	return &Server{source: URL, url: given, version: version, detail: parsed.Redacted()}, nil
}

// waitReady connects to a server until it answers, and returns its version. It ends early when the context ends, or
// when the server does (gone is closed).
func waitReady(ctx context.Context, address string, gone <-chan struct{}) (string, error) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		version, err := askVersion(ctx, address)
		if err == nil {
			return version, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("%w; the last attempt: %w", context.Cause(ctx), err)
		case <-gone:
			return "", errors.New("the server ended while it was starting")
		case <-ticker.C:
		}
	}
}

// askVersion asks a server for its version over a connection of its own.
func askVersion(ctx context.Context, address string) (string, error) {
	// A server that is starting, or a port that is forwarded already, may accept a connection and never answer.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer connection.Close(ctx) //nolint:errcheck // The answer has arrived.
	var version string
	err = connection.QueryRow(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1)").Scan(&version)
	return version, err
}

// Ports of servers are below those that operating systems use for outgoing connections (from 32768 on Linux, from 49152
// elsewhere), so the port of a killed server is free when it restarts.
const (
	portLeast = 20000
	portMost  = 32000
)

// loopback is the address where servers and containers listen.
const loopback = "127.0.0.1"

// freePort returns a port of the loopback interface on which nothing listens now. Another process may take it before it
// is used, so callers retry a failed start with another port.
func freePort(ctx context.Context) (int, error) {
	const attempts = 100
	var config net.ListenConfig
	for range attempts {
		port := portLeast + rand.IntN(portMost-portLeast)
		listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		return port, listener.Close()
	}
	return 0, errors.New("no free port between 20000 and 32000 on 127.0.0.1")
}
