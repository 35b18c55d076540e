package postgres

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// Journal is the [engine.Journal] in the schema worker. It is safe for concurrent use by any number of processes.
type Journal struct {
	session
	ops map[string]*operation
}

var _ engine.Journal = (*Journal)(nil)

// NewJournal returns the journal in a database that [Migrate] has prepared.
func NewJournal(pool *pgxpool.Pool, options ...Option) *Journal {
	return &Journal{session: newSession(pool, options), ops: operations(embedded, "journal")}
}

// Create implements [engine.Journal].
func (j *Journal) Create(ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
	const port = "journal.create"
	if !storable(string(request.Key.Review), string(request.Owner), string(host)) {
		return engine.Orchestration{}, false, engine.Errorf(engine.Permanent, port,
			"attempt %q, owner %q or host %q can't be stored; allowed: UTF-8 without NUL", request.Key, request.Owner, host)
	}
	values := pgx.NamedArgs{
		"owner": string(request.Owner), "payload": bytesOf(request.Payload), "phase": int16(engine.PhaseAccepted),
		"cancel": false, "outcome": "", "cause": int16(engine.CauseNone), "reason": []byte{}, "host": string(host), "epoch": int64(1),
		"kept_since": nil, "now": stored(now),
	}
	if outcome := request.Outcome(); outcome.Status != 0 {
		values["payload"], values["phase"], values["cancel"] = []byte{}, int16(engine.PhaseOver), true
		values["outcome"], values["cause"], values["reason"] = outcome.Status.String(), int16(outcome.Cause), []byte(outcome.Reason)
		values["host"], values["epoch"], values["kept_since"] = "", int64(0), stored(now)
	}
	answer, o, err := j.orchestration(ctx, port, "create", false, request.Key, values)
	if err != nil {
		return engine.Orchestration{}, false, err
	}
	return o, answer == "created", nil
}

// Load implements [engine.Journal].
func (j *Journal) Load(ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
	const port = "journal.load"
	answer, o, err := j.orchestration(ctx, port, "load", true, key, pgx.NamedArgs{})
	if err == nil {
		err = refusal(port, answer, key, 0)
	}
	return o, err
}

// Payload implements [engine.Journal].
func (j *Journal) Payload(ctx context.Context, key engine.AttemptKey) ([]byte, error) {
	const port = "journal.payload"
	var payload []byte
	found := false
	if storable(key.Review) {
		err := j.do(ctx, &call{
			op: j.ops["payload"], port: port, reads: true,
			values: pgx.NamedArgs{"review": string(key.Review), "attempt": int64(key.Attempt)},
			begin:  func() { payload, found = nil, false },
			read: func(rows pgx.Rows) error {
				found = true
				return rows.Scan(&payload)
			},
		})
		if err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, engine.Errorf(engine.NotFound, port, "attempt %s", key)
	}
	if len(payload) == 0 {
		return nil, nil
	}
	return payload, nil
}

// RenewLease implements [engine.Journal].
func (j *Journal) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
	const port = "journal.hold"
	if host == "" || !storable(host) {
		return 0, engine.Errorf(engine.Permanent, port, "host is %q; allowed: UTF-8 without NUL, not empty", host)
	}
	hosts, beats := make([]string, 0, len(suspects)), make([]int64, 0, len(suspects))
	for _, suspect := range suspects {
		if storable(suspect.Host) {
			hosts, beats = append(hosts, string(suspect.Host)), append(beats, signed(suspect.Count))
		}
	}
	taken := 0
	err := j.do(ctx, &call{
		op: j.ops["hold"], port: port,
		values: pgx.NamedArgs{"host": string(host), "suspects": hosts, "beats": beats, "max": int64(max)},
		begin:  func() { taken = 0 },
		read:   func(rows pgx.Rows) error { return rows.Scan(&taken) },
	})
	if err != nil {
		return 0, err
	}
	return taken, nil
}

// Held implements [engine.Journal].
func (j *Journal) Held(ctx context.Context, host engine.HostID) (engine.Holding, error) {
	var holding engine.Holding
	if !storable(host) {
		return holding, nil
	}
	err := j.do(ctx, &call{
		op: j.ops["held"], port: "journal.held", reads: true, values: pgx.NamedArgs{"host": string(host)},
		begin: func() { holding = engine.Holding{} },
		read:  func(rows pgx.Rows) error { return scanHolding(rows, &holding) },
	})
	if err != nil {
		return engine.Holding{}, err
	}
	return holding, nil
}

// ReleaseLease implements [engine.Journal].
func (j *Journal) ReleaseLease(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	_, err := j.fenced(ctx, "journal.yield", "yield", key, epoch, pgx.NamedArgs{"now": stored(now)})
	return err
}

// RecordIntent implements [engine.Journal].
func (j *Journal) RecordIntent(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.intend", "intend", key, epoch, pgx.NamedArgs{"now": stored(now)})
}

// Append implements [engine.Journal].
func (j *Journal) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	if err := engine.CheckEvents(events); err != nil {
		return engine.Orchestration{}, &engine.Error{Kind: engine.Permanent, Op: "journal.append", Err: err}
	}
	n := len(events)
	seqs, tokens := make([]int64, 0, n), make([]int64, 0, n)
	kinds, texts, reasons, retryables := make([]string, 0, n), make([][]byte, 0, n), make([][]byte, 0, n), make([]bool, 0, n)
	last := int64(math.MinInt64)
	for i := range events {
		event := &events[i]
		if event.Seq <= last {
			continue // journaled already, or never will be, like the event before it in the batch
		}
		last = event.Seq
		seqs, tokens, kinds = append(seqs, event.Seq), append(tokens, event.Tokens), append(kinds, event.Kind.String())
		texts, retryables = append(texts, []byte(event.Text)), append(retryables, event.Retryable)
		reason := []byte{}
		if event.Last() {
			reason = []byte(event.Outcome().Reason)
		}
		reasons = append(reasons, reason)
	}
	return j.fenced(ctx, "journal.append", "append", key, epoch, pgx.NamedArgs{
		"seqs": seqs, "event_tokens": tokens, "kinds": kinds, "texts": texts, "retryables": retryables,
		"reasons": reasons, "now": stored(now),
	})
}

// Spend implements [engine.Journal].
func (j *Journal) Spend(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, spent, throttled time.Duration, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.spend", "spend", key, epoch, pgx.NamedArgs{
		"spent": spent.Microseconds(), "throttled": throttled.Microseconds(), "now": stored(now),
	})
}

// Decide implements [engine.Journal].
func (j *Journal) Decide(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.decide", "decide", key, epoch, outcomeValues(outcome, now))
}

// Finish implements [engine.Journal].
func (j *Journal) Finish(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.finish", "finish", key, epoch, outcomeValues(outcome, now))
}

// outcomeValues returns the arguments that record an outcome.
func outcomeValues(outcome engine.Outcome, now time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{
		"outcome": outcome.Status.String(), "cause": int16(outcome.Cause), "reason": []byte(outcome.Reason),
		"retryable": outcome.Retryable, "now": stored(now),
	}
}

// ClearOutbox implements [engine.Journal].
func (j *Journal) ClearOutbox(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	_, err := j.fenced(ctx, "journal.settle", "settle", key, epoch, pgx.NamedArgs{"now": stored(now)})
	return err
}

// RequestCancel implements [engine.Journal].
func (j *Journal) RequestCancel(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
	const port = "journal.request-cancel"
	if !storable(key.Review) {
		return engine.Orchestration{}, engine.Errorf(engine.Permanent, port, "attempt is %q; allowed: UTF-8 without NUL", key)
	}
	_, o, err := j.orchestration(ctx, port, "request_cancel", false, key, pgx.NamedArgs{"now": stored(now)})
	return o, err
}

// Abandon implements [engine.Journal].
func (j *Journal) Abandon(ctx context.Context, key engine.AttemptKey, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	const port = "journal.abandon"
	if !storable(key.Review) {
		return engine.Orchestration{}, engine.Errorf(engine.Permanent, port, "attempt is %q; allowed: UTF-8 without NUL", key)
	}
	_, o, err := j.orchestration(ctx, port, "abandon", false, key, outcomeValues(outcome, now))
	return o, err
}

// Events implements [engine.Journal].
func (j *Journal) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	const port = "journal.events"
	var events []engine.Event
	found := false
	if storable(key.Review) {
		err := j.do(ctx, &call{
			op: j.ops["events"], port: port, reads: true,
			values: pgx.NamedArgs{
				"review": string(key.Review), "attempt": int64(key.Attempt), "after": after, "max": int64(max), "bytes": int64(engine.PageBytesMax),
			},
			begin: func() { events, found = nil, false },
			read: func(rows pgx.Rows) error {
				found = true
				return scanEvent(rows, &events)
			},
		})
		if err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, engine.Errorf(engine.NotFound, port, "attempt %s", key)
	}
	return events, nil
}

// Purge implements [engine.Journal].
func (j *Journal) Purge(ctx context.Context, before time.Time, max int) (int, error) {
	purged := 0
	err := j.do(ctx, &call{
		op: j.ops["purge"], port: "journal.purge",
		values: pgx.NamedArgs{"before": stored(before), "max": int64(max)},
		begin:  func() { purged = 0 },
		read:   func(rows pgx.Rows) error { return rows.Scan(&purged) },
	})
	if err != nil {
		return 0, err
	}
	return purged, nil
}

// fenced executes a write of the holder under epoch.
func (j *Journal) fenced(ctx context.Context, port, name string, key engine.AttemptKey, epoch engine.Epoch, values pgx.NamedArgs) (engine.Orchestration, error) {
	values["epoch"] = signed(epoch)
	answer, o, err := j.orchestration(ctx, port, name, false, key, values)
	if err == nil {
		err = refusal(port, answer, key, 0)
	}
	if err != nil {
		return engine.Orchestration{}, err
	}
	return o, nil
}

// orchestration executes an operation that returns an answer and the orchestration of key. The answer is "" if there is
// no such orchestration.
func (j *Journal) orchestration(ctx context.Context, port, name string, reads bool, key engine.AttemptKey, values pgx.NamedArgs) (string, engine.Orchestration, error) {
	var answer string
	var o engine.Orchestration
	if !storable(key.Review) {
		return "", o, nil
	}
	values["review"], values["attempt"] = string(key.Review), int64(key.Attempt)
	err := j.do(ctx, &call{
		op: j.ops[name], port: port, reads: reads, values: values,
		begin: func() { answer, o = "", engine.Orchestration{} },
		read:  func(rows pgx.Rows) error { return scanOrchestration(rows, &o, &answer) },
		end: func() error {
			if name == "create" && answer == "" {
				return errOvertaken
			}
			return nil
		},
	})
	if err != nil {
		return "", engine.Orchestration{}, err
	}
	return answer, o, nil
}

// bytesOf returns b, or an empty slice for nil, because the column is not null.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
