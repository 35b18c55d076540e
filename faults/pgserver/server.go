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
	version string // as the server reports it, such as 18.1
	detail  string // for the reader: an image, a directory, a host
	passed  []string
	control control // nil: it can't be controlled

	mu      sync.Mutex
	state   state
	stopped bool

	owner owner
}

// A state is what the control of a server has made of it.
type state uint8

const (
	up state = iota
	paused
	killed
)

// A control acts on a server that was started here.
type control interface {
	// kill ends the server at once, without a shutdown, and returns when it is gone.
	kill(ctx context.Context) error
	// start starts a killed server again at the same address. It need not accept connections yet.
	start(ctx context.Context) error
	// pause suspends all its processes; resume continues them.
	pause(ctx context.Context) error
	resume(ctx context.Context) error
	// stop ends the server and removes its files.
	stop(ctx context.Context) error
}

// Source returns where the server comes from.
func (s *Server) Source() Source { return s.source }

// URL returns the URL of the maintenance database, password included. Tests use [Server.Database] instead.
func (s *Server) URL() string { return s.url }

// Version returns the version of the server, such as 18.1.
func (s *Server) Version() string { return s.version }

// Passed returns why each earlier source was passed over, one line each.
func (s *Server) Passed() []string { return append([]string(nil), s.passed...) }

// String returns in one line the server's version and source.
func (s *Server) String() string {
	return fmt.Sprintf("PostgreSQL %s by %s: %s", s.version, s.source, s.detail)
}

// An UnsupportedError reports that a server from this source can't be controlled. It matches [errors.ErrUnsupported].
type UnsupportedError struct {
	Source    Source
	Operation string // kill, restart, pause or resume
}

// Error names the operation, the source and the remedy.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("cannot %s a server found by %s: it belongs to somebody else; unset %s to have one started", e.Operation, e.Source, DatabaseURLVariable)
}

// Is reports that the error is an [errors.ErrUnsupported].
func (e *UnsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }

// Kill ends all processes of the server at once, as a crash of its machine would, except that written files stay. It
// returns when the server is gone. Killing a killed server does nothing.
func (s *Server) Kill(ctx context.Context) error {
	return s.operate("kill", func() error {
		if s.state == killed {
			return nil
		}
		return s.moveTo(killed, s.control.kill(ctx))
	})
}

// Restart kills the server unless it is killed already, starts it again at the same address, and returns when it
// accepts connections.
func (s *Server) Restart(ctx context.Context) error {
	return s.operate("restart", func() error {
		if s.state != killed {
			if err := s.moveTo(killed, s.control.kill(ctx)); err != nil {
				return err
			}
		}
		if err := s.control.start(ctx); err != nil {
			return err
		}
		_, err := waitReady(ctx, s.url, nil)
		return s.moveTo(up, err)
	})
}

// Pause suspends all processes of the server until [Server.Resume]: connections stay open and get no answers. Pausing a
// paused server does nothing, pausing a killed one is an error.
func (s *Server) Pause(ctx context.Context) error {
	return s.operate("pause", func() error {
		switch s.state {
		case killed:
			return errors.New("cannot pause a killed server; Restart it first")
		case paused:
			return nil
		default:
			return s.moveTo(paused, s.control.pause(ctx))
		}
	})
}

// Resume continues a paused server. Resuming a server that is not paused does nothing.
func (s *Server) Resume(ctx context.Context) error {
	return s.operate("resume", func() error {
		if s.state != paused {
			return nil
		}
		return s.moveTo(up, s.control.resume(ctx))
	})
}

// Stop ends a server that was started here and removes its files. It does nothing to a server by URL, or when called
// again.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	s.stopped = true
	if s.control == nil {
		return s.closeOwner(ctx)
	}
	s.owner.abandon()
	if s.state == paused {
		if err := s.control.resume(ctx); err != nil {
			return errors.Join(err, s.control.stop(ctx))
		}
	}
	return s.control.stop(ctx)
}

// operate does one operation at a time.
func (s *Server) operate(operation string, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.control == nil {
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

// moveTo sets the new state unless there was an error.
func (s *Server) moveTo(next state, err error) error {
	if err == nil {
		s.state = next
	}
	return err
}

// answers reports whether the server is expected to answer.
func (s *Server) answers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped && s.state == up
}
