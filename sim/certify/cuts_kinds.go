package certify

import (
	"context"
	"fmt"

	"github.com/onceover/onceover/faults/pgwire"
)

// A cut is one of [pgwire.Cuts], or a word of the server in the middle of an operation.
type cut struct {
	pgwire.Cut
	injector *pgwire.Once
	note     string // what else happens; empty for nothing
}

// String describes the cut in one line.
func (c cut) String() string { return c.Cut.String() + c.note }

// cuts lists how an operation is cut. Where no message has reached the server the store may try again, so that is done
// with a server that answers and with one that stays away.
func cuts(messages []pgwire.Message) []cut {
	var all []cut
	for _, c := range pgwire.Cuts(messages) {
		all = append(all, cut{Cut: c, injector: c.Injector()})
		if c.Action == pgwire.CutBefore && c.Message.Direction == pgwire.FromClient {
			all = append(all, cut{c, c.Injector().Then(pgwire.Func(pgwire.Refuse)), ", and the server stays away"})
		}
	}
	return all
}

// Codes of errors, each with its own consequence for the store.
const (
	codeSerialization = "40001" // tried again
	codeReadOnly      = "25006" // tried again on another connection
	codeCancelled     = "57014" // the caller decides
	codeViolation     = "08P01" // what a pooler answers when it has lost the server: anything may have happened
	codeFull          = "53300" // a connection is refused, and asked for again
)

// errors lists what the server says in the middle of an operation: it raises an error in place of each message of its
// client, it ends the session by an administrator's will at each message, and a pooler ends the session at each message
// with or without having sent it.
func (f *fixture) errors(messages []pgwire.Message) []cut {
	var all []cut
	add := func(cuts []pgwire.Cut) {
		for _, c := range cuts {
			all = append(all, cut{Cut: c, injector: c.Injector()})
		}
	}
	for _, code := range []string{codeSerialization, codeReadOnly, codeCancelled} {
		add(pgwire.Errors(messages, code))
	}
	for _, m := range messages {
		if m.Type == pgwire.Connect {
			add([]pgwire.Cut{{Message: m, Action: pgwire.CutBefore, Code: codeFull}})
			continue
		}
		add(pgwire.LastWords([]pgwire.Message{m}, codeViolation))
		c := pgwire.Cut{Message: m, Action: pgwire.Forward}
		all = append(all, cut{c, pgwire.At(m.Place, pgwire.Decision{Delay: f.endSessions}), ", after an administrator has ended the session"})
	}
	return all
}

// endSessions ends all sessions but that of the fixture itself, and waits for their end.
func (f *fixture) endSessions(ctx context.Context) error {
	const wait = 30_000 // milliseconds
	if _, err := f.database.pool.Exec(ctx, `SELECT pg_terminate_backend(pid, $1) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`, wait); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	return nil
}
