package pgserver

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Source is where a server comes from.
type Source string

// The sources, in the order in which they are tried.
const (
	// URL: somebody else's server, named by [DatabaseURLVariable].
	URL Source = "url"
	// Docker: a container that was started here.
	Docker Source = "docker"
	// Local: a server process that was started here from installed binaries.
	Local Source = "local"
)

// A Server is a running Postgres. Its methods may be called from several goroutines.
type Server struct {
	source  Source
	url     string // of the database that databases are created from
	sockets string // the directory of the server's Unix socket; empty if there is none
	version string // as the server tells it, such as 18.1
	detail  string // for the reader: an image, a directory, a host
	passed  []string
	engine  engine // nil: it can't be steered

	mu      sync.Mutex
	state   state
	stopped bool
}

// A state is what the steering has made of a server.
type state uint8

const (
	up state = iota
	paused
	killed
)

// An engine is what runs a server that was started here.
type engine interface {
	// kill ends the server at once, without a shutdown, and returns when it is gone.
	kill(ctx context.Context) error
	// start brings a killed server up again at the same address; it need not accept connections yet.
	start(ctx context.Context) error
	// pause stops all its processes in their tracks; resume lets them go on.
	pause(ctx context.Context) error
	resume(ctx context.Context) error
	// stop ends the server for good and removes its files.
	stop(ctx context.Context) error
}

// Source returns where the server comes from.
func (s *Server) Source() Source { return s.source }

// URL returns the address of the maintenance database, password included. Tests want [Server.Database] instead.
func (s *Server) URL() string { return s.url }

// Version returns what the server calls itself, such as 18.1.
func (s *Server) Version() string { return s.version }

// Passed returns why each earlier source was passed over, one line each.
func (s *Server) Passed() []string { return append([]string(nil), s.passed...) }

// String tells in one line what was found, and how.
func (s *Server) String() string {
	return fmt.Sprintf("PostgreSQL %s by %s: %s", s.version, s.source, s.detail)
}

// An UnsupportedError reports that a server from this source can't be steered. errors.Is takes it for
// [errors.ErrUnsupported].
type UnsupportedError struct {
	Source    Source
	Operation string // kill, restart, pause or resume
}

// Error names the operation, the source and the remedy.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("cannot %s a server found by %s: it belongs to somebody else; unset %s to have one started", e.Operation, e.Source, DatabaseURLVariable)
}

// Is tells that the error is an [errors.ErrUnsupported].
func (e *UnsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }

// Kill ends the server at once with all its processes, as a crash of its machine would, except that what was written
// to files stays. It returns when the server is gone. Killing a killed server does nothing.
func (s *Server) Kill(ctx context.Context) error {
	return s.steer("kill", func() error {
		if s.state == killed {
			return nil
		}
		return s.moveTo(killed, s.engine.kill(ctx))
	})
}

// Restart kills the server if it is not killed already, starts it again at the same address, and returns when it
// accepts connections.
func (s *Server) Restart(ctx context.Context) error {
	return s.steer("restart", func() error {
		if s.state != killed {
			if err := s.moveTo(killed, s.engine.kill(ctx)); err != nil {
				return err
			}
		}
		if err := s.engine.start(ctx); err != nil {
			return err
		}
		_, err := waitReady(ctx, s.url, nil)
		return s.moveTo(up, err)
	})
}

// Pause stops all processes of the server in their tracks until [Server.Resume]: connections stay open and nothing
// answers. Pausing a paused server does nothing, pausing a killed one is an error.
func (s *Server) Pause(ctx context.Context) error {
	return s.steer("pause", func() error {
		switch s.state {
		case killed:
			return errors.New("cannot pause a killed server; Restart it first")
		case paused:
			return nil
		default:
			return s.moveTo(paused, s.engine.pause(ctx))
		}
	})
}

// Resume lets a paused server go on where it was. Resuming a server that is not paused does nothing.
func (s *Server) Resume(ctx context.Context) error {
	return s.steer("resume", func() error {
		if s.state != paused {
			return nil
		}
		return s.moveTo(up, s.engine.resume(ctx))
	})
}

// Stop ends a server that was started here and removes its files; one by URL is left alone. Stopping it again does
// nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	s.stopped = true
	if s.engine == nil {
		return nil
	}
	if s.state == paused {
		if err := s.engine.resume(ctx); err != nil {
			return errors.Join(err, s.engine.stop(ctx))
		}
	}
	return s.engine.stop(ctx)
}

// steer does one operation, alone.
func (s *Server) steer(operation string, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine == nil {
		return &UnsupportedError{Source: s.source, Operation: operation}
	}
	if s.stopped {
		return fmt.Errorf("cannot %s a server that was stopped", operation)
	}
	if err := do(); err != nil {
		return fmt.Errorf("%s Postgres: %w", operation, err)
	}
	return nil
}

// moveTo notes the new state unless err says that it was not reached.
func (s *Server) moveTo(next state, err error) error {
	if err == nil {
		s.state = next
	}
	return err
}

// answers tells whether the server can be expected to answer.
func (s *Server) answers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped && s.state == up
}
