package pgserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Environment variables for [Find].
const (
	// DatabaseURLVariable holds the URL of a server where databases may be created, such as
	// postgres://user:password@host:port/database.
	DatabaseURLVariable = "ONCEOVER_DATABASE_URL"
	// ImageVariable holds the name of the container's image. The default is [DefaultImage].
	ImageVariable = "ONCEOVER_POSTGRES_IMAGE"
)

// DefaultImage is the official image of the current major version.
const DefaultImage = "postgres:18-alpine"

// ErrNone reports that no source had a Postgres. The error that wraps it is one line: what was tried, and what to
// install or set.
var ErrNone = errors.New("no Postgres found")

// An Option of [Find].
type Option func(*options)

// options describe the server that a caller wants.
type options struct {
	sources []Source
	durable bool
}

// Only limits the search to some sources. Their order stays. Only(Docker, Local) finds a server that can be controlled.
func Only(sources ...Source) Option { return func(o *options) { o.sources = sources } }

// Durable makes a server that is started here durable: every commit reaches the disk before it is acknowledged. Without
// it a server is faster. Its data survive a crash of its processes, but not one of the machine, which no test causes.
func Durable() Option { return func(o *options) { o.durable = true } }

// Find returns a running Postgres: the server of [DatabaseURLVariable] if that is set, else a container, else a server
// from local binaries. The caller must stop it. If no source works, the error wraps [ErrNone] and is one line. A URL
// that is set but does not work is another error.
func Find(ctx context.Context, opts ...Option) (*Server, error) {
	o := options{sources: []Source{URL, Docker, Local}}
	for _, opt := range opts {
		opt(&o)
	}
	candidates := []candidate{
		{URL, openURL},
		{Docker, func(ctx context.Context) (*Server, error) { return startDocker(ctx, o.durable, dockerProvider) }},
		{Local, func(ctx context.Context) (*Server, error) { return startLocal(ctx, o.durable) }},
	}
	return choose(ctx, slices.DeleteFunc(candidates, func(c candidate) bool { return !slices.Contains(o.sources, c.source) }))
}

// A candidate is one source and the function that opens it.
type candidate struct {
	source Source
	open   func(ctx context.Context) (*Server, error)
}

// An absentError means that this machine lacks the source, so the next one is tried. Any other error ends the search.
type absentError struct{ reason string }

// Error returns the reason.
func (e *absentError) Error() string { return e.reason }

// absentf returns an absentError of one line.
func absentf(format string, args ...any) error {
	return &absentError{oneLine(fmt.Errorf(format, args...))}
}

// choose opens the candidates in order and returns the server of the first that has one.
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
			passed = append(passed, string(c.source)+": "+absent.reason)
		default:
			return nil, errors.New(oneLine(err))
		}
	}
	tried := strings.Join(passed, "; ")
	if tried == "" {
		tried = "there was nothing to try"
	}
	return nil, fmt.Errorf("%w (%s); set %s to a server where databases may be created, start Docker, or install PostgreSQL's server (initdb, postgres)",
		ErrNone, tried, DatabaseURLVariable)
}

// lineLengthMax bounds the text of one cause, in characters. Causes from containers can fill pages.
const lineLengthMax = 300

// oneLine returns the text of an error as one line of at most lineLengthMax characters.
func oneLine(err error) string {
	line := []rune(strings.Join(strings.Fields(err.Error()), " "))
	if len(line) > lineLengthMax {
		return string(line[:lineLengthMax-1]) + "…"
	}
	return string(line)
}
