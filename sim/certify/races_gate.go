package certify

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/faults/pgwire"
)

// A Gate is what makes rivals meet.
type Gate uint8

const (
	// NoGate: they meet as it happens.
	NoGate Gate = iota
	// LockedRows: a transaction holds the rows that they are after, until all of them wait. Then those whose snapshots
	// are from before that go on with what has changed since.
	LockedRows
	// BeforeCommit: each has its statements executed, and is held before the message that commits them, until every
	// other one is there as well or waits for a lock. What was not serialised commits on what it saw alone.
	BeforeCommit
	gates
)

var gateNames = [...]string{"without a gate", "behind locked rows", "held before their commits"}

// String says it as part of a sentence about rivals.
func (g Gate) String() string {
	if int(g) < len(gateNames) {
		return gateNames[g]
	}
	return fmt.Sprintf("Gate(%d)", uint8(g))
}

// A closedGate is a gate that some may wait at.
type closedGate struct {
	field *field
	tx    pgx.Tx // holds rows; nil if it is another kind of gate
	hold  *commitHold
}

// closeGate closes a gate. rows is the statement that locks those of the subject.
func (f *field) closeGate(ctx context.Context, g Gate, rows string) (*closedGate, error) {
	closed := &closedGate{field: f}
	switch g {
	case LockedRows:
		tx, err := f.observer.Begin(ctx)
		if err != nil {
			return nil, fmt.Errorf("locking rows: %w", err)
		}
		closed.tx = tx
		if _, err := tx.Exec(ctx, rows); err != nil {
			return nil, errors.Join(fmt.Errorf("locking rows: %w", err), closed.open(ctx))
		}
	case BeforeCommit:
		closed.hold = &commitHold{executed: make(map[int]bool), opened: make(chan struct{})}
		f.proxy.Begin(closed.hold)
	default:
	}
	return closed, nil
}

// allWait returns when every rival that is not through waits: for a lock, or before its commit. It asks the server, and
// needs no clock.
func (c *closedGate) allWait(ctx context.Context, running *atomic.Int64) error {
	if c.tx == nil && c.hold == nil {
		return nil
	}
	for {
		waiting, err := c.field.count(ctx, `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		if err != nil {
			return err
		}
		if c.hold != nil {
			waiting += c.hold.held.Load()
		}
		if waiting >= running.Load() {
			return nil
		}
	}
}

// open lets everybody pass. Opening an open gate does nothing.
func (c *closedGate) open(ctx context.Context) error {
	if c.hold != nil {
		close(c.hold.opened)
		c.field.proxy.Begin(nil)
	}
	if c.tx != nil {
		if err := c.tx.Rollback(ctx); err != nil {
			return fmt.Errorf("letting rows go: %w", err)
		}
	}
	return nil
}

// A commitHold holds the Sync after an Execute, at which the server commits what came before it.
type commitHold struct {
	executed map[int]bool // connections with something to commit
	held     atomic.Int64
	opened   chan struct{}
}

// Decide implements [pgwire.Injector].
func (h *commitHold) Decide(m pgwire.Message) pgwire.Decision {
	if m.Direction != pgwire.FromClient {
		return pgwire.Decision{}
	}
	switch m.Type {
	case "Execute":
		h.executed[m.Connection] = true
	case "Sync":
		if h.executed[m.Connection] {
			h.executed[m.Connection] = false
			return pgwire.Decision{Delay: h.wait}
		}
	}
	return pgwire.Decision{}
}

func (h *commitHold) wait(ctx context.Context) error {
	h.held.Add(1)
	defer h.held.Add(-1)
	select {
	case <-h.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
