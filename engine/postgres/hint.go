package postgres

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// hintPatience bounds the time that a caller waits for the hint of its write. A server makes notifications one after the
// other, those of all its databases, so others can hold one up.
const hintPatience = time.Second

// hints sends the hints of a store, see [Listen].
type hints struct {
	notify *operation
	log    *slog.Logger // nil stands for slog.Default
	// failing is whether the last hint was lost, so that the log gets one line when that begins and one when it ends.
	failing atomic.Bool
}

// wake sends the hint of a write that has been committed, in a transaction of its own: if the server's queue of
// notifications is full, it refuses the transaction with the notification when that commits. So nothing that happens
// here is a failure of the write. A hint that is lost delays work until the next sweep.
func (s *session) wake(ctx context.Context, conn *pgxpool.Conn, known *connection, owner string) {
	within, cancel := context.WithTimeout(ctx, hintPatience)
	defer cancel()
	progress, err := send(within, conn.Conn(), known, &call{
		op: s.hints.notify, values: pgx.NamedArgs{"owner": owner}, read: func(pgx.Rows) error { return nil },
	})
	if err != nil {
		failed := classify(err, progress, known.alone)
		s.mend(within, conn, known, &failed)
	}
	if s.hints.failing.Swap(err != nil) == (err != nil) {
		return
	}
	log := s.hints.log
	if log == nil {
		log = slog.Default()
	}
	if err == nil {
		log.LogAttrs(ctx, slog.LevelInfo, "other processes are notified of work again")
	} else {
		log.LogAttrs(ctx, slog.LevelWarn, "other processes are not notified of work: they find it with their next sweep",
			slog.String("error", err.Error()))
	}
}
