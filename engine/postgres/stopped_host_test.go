package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// A stoppedHost is one that reads nothing more while an answer is on its way to it, as a process that is stopped, or
// whose link stalls. It holds so much that a list of it fills every buffer of the connection.
type stoppedHost struct {
	direct  *pgxpool.Pool
	journal *postgres.Journal // of the host
	proxy   *pgwire.Proxy
}

const (
	// stoppedHolds are attempts, each with a key of 38,400 bytes that the server compresses in its tables. Their list is of
	// 38 MB: on the way to a server in a container there is a proxy more, whose buffers hold some 20 MB.
	stoppedHolds = 1000
	takes        = 10 // attempts that another host takes over
)

// reviewOf returns the key of an attempt.
func reviewOf(number int) engine.ReviewID {
	return engine.ReviewID(strings.Repeat(fmt.Sprintf("%032d", number), 1200))
}

// newStoppedHost returns a host that is going to take over everything. Its statements are rewritten.
func newStoppedHost(t *testing.T, rewrites ...*pgwire.Rewrite) *stoppedHost {
	t.Helper()
	address := emptyDatabase(t)
	s := &stoppedHost{direct: connect(t, address), proxy: throughProxy(t, address, rewrites...)}
	if _, _, err := postgres.Migrate(limited(t), s.direct); err != nil {
		t.Fatal(err)
	}
	s.journal = postgres.NewJournal(connect(t, s.proxy.URL()+"&application_name=stopped", postgres.WithMaxConns(1), func(c *pgxpool.Config) {
		// Its next statement is the one that counts.
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	}))
	// The connection has its statements prepared before it is stopped.
	for _, call := range []func(ctx context.Context) error{s.renew, s.held} {
		if err := call(limited(t)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, s.direct, `INSERT INTO worker.orchestrations (review, attempt, owner, payload, phase, cancel, outcome, reason, retryable,
			owed, events, tokens, holder, epoch, kept_since, updated_at)
		SELECT repeat(lpad(i::text, 32, '0'), 1200), 1, 'ann', '', 1, false, '', '', false, false, 0, 0, '', 1, NULL, 'epoch'
		FROM generate_series(1, $1::int) AS i`, stoppedHolds)
	return s
}

// stop makes a call whose answer the host does not read, and returns when the server can do no more about it: it has
// answered, or its answer fills the connection. It reports which of the two it was.
func (s *stoppedHost) stop(t *testing.T, call func(ctx context.Context) error) (full bool) {
	t.Helper()
	const look = `SELECT CASE WHEN starts_with(query, '/* journal/') THEN query_start ELSE 'epoch' END, state = 'idle', coalesce(wait_event, '') = 'ClientWrite' FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'stopped'`
	var before, since time.Time
	var idle bool
	if err := s.direct.QueryRow(limited(t), look).Scan(&before, &idle, &full); err != nil {
		t.Fatal(err)
	}
	s.proxy.Begin(pgwire.Func(func(m pgwire.Message) pgwire.Decision {
		if m.Direction != pgwire.FromServer {
			return pgwire.Decision{}
		}
		return pgwire.Decision{Delay: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}}
	}))
	ctx, cancel := context.WithCancel(limited(t))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = call(ctx) // It is given up.
	}()
	t.Cleanup(func() {
		cancel()
		if err := s.proxy.Close(); err != nil { // The driver waits for a connection that it gives up.
			t.Error(err)
		}
		<-ended
	})
	for since = before; since.Equal(before) || !idle && !full; {
		if err := s.direct.QueryRow(limited(t), look).Scan(&since, &idle, &full); err != nil {
			t.Fatal(err)
		}
	}
	return full
}

// others does what other hosts do meanwhile, and returns what failed, by name. Each call has the given time.
func (s *stoppedHost) others(within time.Duration) map[string]error {
	journal := postgres.NewJournal(s.direct)
	var holding engine.Holding
	failed := make(map[string]error)
	step := func(name string, call func(ctx context.Context) error) {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		if err := call(ctx); err != nil {
			failed[name] = err
		}
	}
	now := epoch
	step("a renewal", func(ctx context.Context) error {
		_, err := journal.RenewLease(ctx, "other", nil, takes)
		return err
	})
	step("a look at the hosts", func(ctx context.Context) (err error) {
		holding, err = journal.Held(ctx, "other")
		return err
	})
	step("a takeover", func(ctx context.Context) error {
		taken, err := journal.RenewLease(ctx, "other", holding.Others, takes)
		if err == nil && taken != takes {
			err = fmt.Errorf("%d attempts are taken over, want %d of %v", taken, takes, holding.Others)
		}
		return err
	})
	for _, number := range []int{1, stoppedHolds / 2, stoppedHolds} {
		step("a cancellation", func(ctx context.Context) error {
			_, err := journal.RequestCancel(ctx, engine.AttemptKey{Review: reviewOf(number), Attempt: 1}, now)
			return err
		})
	}
	step("a start", func(ctx context.Context) error {
		_, _, err := journal.Create(ctx, engine.StartRequest{Key: engine.AttemptKey{Review: "new", Attempt: 1}, Owner: "ann", Token: 1}, "other", now)
		return err
	})
	step("a purge", func(ctx context.Context) error {
		_, err := journal.Purge(ctx, now, 10)
		return err
	})
	return failed
}

// renew takes everything over, which nobody holds.
func (s *stoppedHost) renew(ctx context.Context) error {
	_, err := s.journal.RenewLease(ctx, "stopped", nil, stoppedHolds)
	return err
}

func (s *stoppedHost) held(ctx context.Context) error {
	_, err := s.journal.Held(ctx, "stopped")
	return err
}

// TestStoppedHostBlocksNobody checks that the other hosts renew their leases, take over and cancel while one has asked
// for its lease or its list, and does not read the answer, which is larger than what a connection holds.
func TestStoppedHostBlocksNobody(t *testing.T) {
	t.Run("at its renewal", func(t *testing.T) {
		s := newStoppedHost(t)
		if s.stop(t, s.renew) {
			t.Error("the answer to a renewal fills the connection: the locks of the renewal last until it is read")
		}
		if failed := s.others(patience); len(failed) != 0 {
			t.Error(failed)
		}
	})
	t.Run("at its list", func(t *testing.T) {
		s := newStoppedHost(t)
		if err := s.renew(limited(t)); err != nil {
			t.Fatal(err)
		}
		if !s.stop(t, s.held) {
			t.Error("the list of what a host holds fits into the connection, so nothing was stopped")
		}
		if failed := s.others(patience); len(failed) != 0 {
			t.Error(failed)
		}
	})
}

// TestStoppedHostIsNoticed breaks the statements: a renewal that returns what it takes, and a list that is made under the
// lock of the renewals. With each of them, the host that does not read blocks the others.
func TestStoppedHostIsNoticed(t *testing.T) {
	const short = time.Second
	rewritten := func(t *testing.T, pattern, replacement string) *pgwire.Rewrite {
		t.Helper()
		rewrite, err := pgwire.NewRewrite(pattern, replacement)
		if err != nil {
			t.Fatal(err)
		}
		return rewrite
	}
	for name, test := range map[string]struct {
		rewrites [][2]string
		call     func(s *stoppedHost, ctx context.Context) error
		holds    bool // everything, from the beginning
		blocked  []string
	}{
		"a renewal that returns what it takes": {
			[][2]string{{`SELECT count\(\*\) FROM taken`, "SELECT review FROM taken"}},
			(*stoppedHost).renew, false,
			[]string{"a renewal", "a takeover", "a cancellation"},
		},
		"a list under the lock of renewals": {
			[][2]string{
				{`WITH RECURSIVE holders`, "WITH RECURSIVE lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(2, 0)), holders"},
				{`WHERE h\.holder <> `, "WHERE EXISTS (SELECT FROM lock) AND h.holder <> "},
			},
			(*stoppedHost).held, true,
			[]string{"a renewal", "a takeover"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var rewrites []*pgwire.Rewrite
			for _, r := range test.rewrites {
				rewrites = append(rewrites, rewritten(t, r[0], r[1]))
			}
			s := newStoppedHost(t, rewrites...)
			if test.holds {
				run(t, s.direct, "UPDATE worker.orchestrations SET holder = 'stopped', epoch = epoch + 1")
			}
			if !s.stop(t, func(ctx context.Context) error { return test.call(s, ctx) }) {
				t.Fatal("the answer fits into the connection, so nothing was stopped")
			}
			failed := s.others(short)
			for _, blocked := range test.blocked {
				if !errors.Is(failed[blocked], context.DeadlineExceeded) {
					t.Errorf("%s is not blocked: %v", blocked, failed[blocked])
				}
			}
		})
	}
}
