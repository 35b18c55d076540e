package certify

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/faults/pgwire"
)

// A gate makes rivals meet.
type gate uint8

const (
	// noGate: rivals meet by chance.
	noGate gate = iota
	// lockedRows: a transaction holds the rows that the rivals need until all of them wait. Then statements whose
	// snapshots are older than the latest change go on.
	lockedRows
	// beforeCommit: the server executes the statements of each rival, and the message that commits them is held until
	// all other rivals are held as well or wait for a lock. Transactions that are not serialised then commit on what
	// each has seen alone.
	beforeCommit
	gates
)

var gateNames = [...]string{"without a gate", "behind locked rows", "held before their commits"}

// String describes the gate as part of a sentence about rivals.
func (g gate) String() string {
	if int(g) < len(gateNames) {
		return gateNames[g]
	}
	return fmt.Sprintf("gate(%d)", uint8(g))
}

// A closedGate is a gate at which rivals may wait.
type closedGate struct {
	env  *roundEnv
	tx   pgx.Tx // holds the rows; nil at other gates
	hold *commitHold
}

// closeGate closes a gate. lockRows is the statement that locks the rows of the port.
func (e *roundEnv) closeGate(ctx context.Context, g gate, lockRows string) (*closedGate, error) {
	closed := &closedGate{env: e}
	switch g {
	case lockedRows:
		tx, err := e.database.pool.Begin(ctx)
		if err != nil {
			return nil, fmt.Errorf("lock rows: %w", err)
		}
		closed.tx = tx
		if _, err := tx.Exec(ctx, lockRows); err != nil {
			return nil, errors.Join(fmt.Errorf("lock rows: %w", err), closed.open(ctx))
		}
	case beforeCommit:
		closed.hold = &commitHold{executed: make(map[int]bool), opened: make(chan struct{})}
		e.proxy.Begin(closed.hold)
	default:
	}
	return closed, nil
}

// waitForAll returns when each rival that has operations left waits: for a lock, or before its commit. It asks the
// server again and again, so no duration has to be guessed.
func (c *closedGate) waitForAll(ctx context.Context, running *atomic.Int64) error {
	if c.tx == nil && c.hold == nil {
		return nil
	}
	for {
		waiting, err := c.env.count(ctx, `
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

// open lets all rivals pass.
func (c *closedGate) open(ctx context.Context) error {
	if c.hold != nil {
		close(c.hold.opened)
		c.env.proxy.Begin(nil)
	}
	if c.tx != nil {
		if err := c.tx.Rollback(ctx); err != nil {
			return fmt.Errorf("unlock rows: %w", err)
		}
	}
	return nil
}

// A commitHold holds the Sync that follows an Execute: at the Sync the server commits.
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
