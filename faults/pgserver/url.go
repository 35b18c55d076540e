package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/engine/postgres"
)

// reachTimeLimit bounds how long somebody else's server may take to answer.
const reachTimeLimit = 15 * time.Second

// openURL goes to the server that the environment names.
func openURL(ctx context.Context) (*Server, error) {
	given := os.Getenv(DatabaseURLVariable)
	if given == "" {
		return nil, absentf("%s is not set", DatabaseURLVariable)
	}
	return At(ctx, given, DatabaseURLVariable)
}

// At goes to the server of a URL, and makes sure that databases may be created there. name is what the URL was given by,
// such as a flag: errors begin with it.
func At(ctx context.Context, given, name string) (*Server, error) {
	// The causes are left out where they would show the password.
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

// waitReady connects to a server until it answers, and returns its version. It ends early with the error of the
// context, with that of what the server did instead (gone is closed), or when it is refused for good.
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
	// A server that is starting, or whose port is forwarded already, may take a connection and never answer.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer connection.Close(ctx) //nolint:errcheck // Nothing is left to be lost on it.
	var version string
	err = connection.QueryRow(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1)").Scan(&version)
	return version, err
}
