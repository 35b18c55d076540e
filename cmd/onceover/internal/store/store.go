// Package store opens what executes the statements of simulated runs: the model, or a real server.
package store

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/run"
)

// The stores, by name.
const (
	ModelName    = "model"
	PostgresName = "postgres"
)

// A Store executes the statements of the runs of one command.
type Store struct {
	// NewWorld returns a world on the store.
	NewWorld func() run.World

	server *Server // nil for the model
	pool   *certify.Pool
}

// Model returns the store that is the model itself.
func Model(newWorld func() run.World) *Store { return &Store{NewWorld: newWorld} }

// Open opens the store on a server. The server is the caller's. When it is lost, onLost is called.
func Open(ctx context.Context, server *Server, onLost func(error)) (*Store, error) {
	pool, err := certify.NewPool(ctx, server.Open, onLost)
	if err != nil {
		return nil, err
	}
	return &Store{NewWorld: pool.NewWorld, server: server, pool: pool}, nil
}

// Close removes what the store has made on its server. When that is lost, there is nothing to remove.
func (s *Store) Close(ctx context.Context) error {
	if reachable := s.pool != nil && s.pool.Lost() == nil; !reachable {
		return nil
	}
	return CleanUp(ctx, s.pool.Close)
}

// Server returns what the server is, on one line; empty for the model.
func (s *Store) Server() string {
	if s.server == nil {
		return ""
	}
	return s.server.Text
}

// Lost returns why the server cannot be used any more; nil if it can.
func (s *Store) Lost() error {
	if s.pool == nil {
		return nil
	}
	return s.pool.Lost()
}

// Flags returns the flags with which a command runs on such a store again, each after a space. The server will be found
// in the same way.
func (s *Store) Flags() string {
	if s.pool == nil {
		return ""
	}
	return " --store " + PostgresName
}

// Describe describes the store and the runs that it has done, for machines.
func (s *Store) Describe() runner.Store {
	if s.pool == nil {
		return runner.Store{Name: ModelName}
	}
	runs, equal := s.pool.Runs(), s.pool.Equal()
	return runner.Store{Name: PostgresName, Found: s.server.Source, Server: s.server.Text, Runs: &runs, Equal: &equal}
}

// Tally returns how many runs on a store were those on the model, for people; empty for the model.
func Tally(s runner.Store) string {
	switch {
	case s.Runs == nil || s.Equal == nil:
		return ""
	case *s.Equal == *s.Runs:
		return text.Plural(*s.Runs, "run") + " as on the model: every answer, all that was stored in the end, and the trace hash"
	}
	return fmt.Sprintf("%s of %s as on the model", text.Count(*s.Equal), text.Plural(*s.Runs, "run"))
}

// cleanUpTimeout bounds how long databases and servers may take to go away.
const cleanUpTimeout = 30 * time.Second

// CleanUp calls a function that removes something, also when the context has ended.
func CleanUp(ctx context.Context, remove func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	if err := remove(ctx); err != nil {
		return fmt.Errorf("clearing up: %w", err)
	}
	return nil
}

// Use opens the store on a server that find finds, and calls use with it. The context of use ends when the server is lost;
// then the error is a [*LostError]. warn is called with errors of clearing up: what is left over changes
// nothing about a result.
func Use(ctx context.Context, find func(context.Context) (*Server, error), warn func(error), use func(context.Context, *Store) error) (err error) {
	server, err := find(ctx)
	if err != nil {
		return err
	}
	report := func(err error) {
		if err != nil {
			warn(err)
		}
	}
	defer func() { report(CleanUp(ctx, server.Stop)) }()
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := Open(running, server, func(error) { cancel() })
	if err != nil {
		return err
	}
	defer func() { report(s.Close(ctx)) }()
	err = use(running, s)
	if lost := s.Lost(); lost != nil {
		return &LostError{lost, err}
	}
	return err
}

// A LostError reports that the server of a store was lost while it was used.
type LostError struct {
	Cause error
	Err   error // of what used it; nil if it had none
}

// Error names the cause.
func (e *LostError) Error() string {
	return fmt.Sprintf("the server is lost, and what has not been done by then was left: %v", e.Cause)
}

// Unwrap returns the cause.
func (e *LostError) Unwrap() error { return e.Cause }
