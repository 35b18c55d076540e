package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Environment variables that decide what is found.
const (
	// DatabaseURLVariable names a server where databases may be created, as postgres://user:password@host:port/database.
	DatabaseURLVariable = "ONCEOVER_DATABASE_URL"
	// ImageVariable names the image of the container; [DefaultImage] unless set.
	ImageVariable = "ONCEOVER_POSTGRES_IMAGE"
)

// DefaultImage is the official image of the current major version.
const DefaultImage = "postgres:18-alpine"

// ErrNone says that no way led to a Postgres. The error that wraps it is one line: what was tried, and what to
// install or set.
var ErrNone = errors.New("no Postgres found")

// An Option changes what [Find] looks for.
type Option func(*wish)

// A wish is what a caller wants of a server.
type wish struct {
	ways    []Way
	durable bool
}

// Only limits the search to some ways; their order stays. Only(Docker, Local) finds a server that can be steered.
func Only(ways ...Way) Option { return func(w *wish) { w.ways = ways } }

// Durable makes a server that is started here keep its promises: every commit reaches the disk before it is
// acknowledged. Without it a server is faster and its data survive the death of its processes, but not that of the
// machine, which no test can bring about.
func Durable() Option { return func(w *wish) { w.durable = true } }

// Find returns a running Postgres: the server of [DatabaseURLVariable] if that is set, else a container, else a
// server from local binaries. The caller stops it. If nothing works the error is an [ErrNone] of one line; a URL that
// is set but doesn't work is an error of its own.
func Find(ctx context.Context, options ...Option) (*Server, error) {
	w := wish{ways: []Way{URL, Docker, Local}}
	for _, option := range options {
		option(&w)
	}
	candidates := []candidate{
		{URL, openURL},
		{Docker, func(ctx context.Context) (*Server, error) { return startDocker(ctx, w.durable, dockerProvider) }},
		{Local, func(ctx context.Context) (*Server, error) { return startLocal(ctx, w.durable) }},
	}
	return choose(ctx, slices.DeleteFunc(candidates, func(c candidate) bool { return !slices.Contains(w.ways, c.way) }))
}

// A candidate is one way and how it is gone.
type candidate struct {
	way  Way
	open func(ctx context.Context) (*Server, error)
}

// An absentError says that a way leads nowhere here, so that the next one is tried. Any other error ends the search.
type absentError struct{ reason string }

// Error returns the reason.
func (e *absentError) Error() string { return e.reason }

// absentf makes an absentError of one line.
func absentf(format string, args ...any) error {
	return &absentError{oneLine(fmt.Errorf(format, args...))}
}

// choose goes the candidates' ways in order, up to the first that leads to a server.
func choose(ctx context.Context, candidates []candidate) (*Server, error) {
	var passed []string
	for _, c := range candidates {
		s, err := c.open(ctx)
		var absent *absentError
		switch {
		case err == nil:
			s.passed = passed
			return s, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("looking for Postgres: %w", context.Cause(ctx))
		case errors.As(err, &absent):
			passed = append(passed, string(c.way)+": "+absent.reason)
		default:
			return nil, errors.New(oneLine(err))
		}
	}
	tried := strings.Join(passed, "; ")
	if tried == "" {
		tried = "nothing was to be tried"
	}
	return nil, fmt.Errorf("%w (%s); set %s to a server where databases may be created, start Docker, or install PostgreSQL's server (initdb, postgres)",
		ErrNone, tried, DatabaseURLVariable)
}

// lineLengthMax bounds what one cause may add to a line, in characters; the causes of containers can fill pages.
const lineLengthMax = 300

// oneLine returns the text of an error as one line of a bearable length.
func oneLine(err error) string {
	line := []rune(strings.Join(strings.Fields(err.Error()), " "))
	if len(line) > lineLengthMax {
		return string(line[:lineLengthMax-1]) + "…"
	}
	return string(line)
}
