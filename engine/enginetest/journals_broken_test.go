package enginetest

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

// A journalWrite is a write that carries an epoch, as a value.
type journalWrite struct {
	method           string
	key              engine.AttemptKey
	epoch            engine.Epoch
	events           []engine.Event
	spent, throttled time.Duration
	outcome          engine.Outcome
	now              time.Time
}

// to makes the write to a right journal.
func (w *journalWrite) to(ctx context.Context, j *Journal) (engine.Orchestration, error) {
	switch w.method {
	case "ReleaseLease":
		return engine.Orchestration{}, j.ReleaseLease(ctx, w.key, w.epoch, w.now)
	case "RecordIntent":
		return j.RecordIntent(ctx, w.key, w.epoch, w.now)
	case "Append":
		return j.Append(ctx, w.key, w.epoch, w.events, w.now)
	case "Spend":
		return j.Spend(ctx, w.key, w.epoch, w.spent, w.throttled, w.now)
	case "Decide":
		return j.Decide(ctx, w.key, w.epoch, w.outcome, w.now)
	case "Finish":
		return j.Finish(ctx, w.key, w.epoch, w.outcome, w.now)
	default:
		return engine.Orchestration{}, j.ClearOutbox(ctx, w.key, w.epoch, w.now)
	}
}

// A brokenJournal is the journal in memory with some methods replaced. A replacement may look into the journal.
type brokenJournal struct {
	*Journal
	create func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error)
	load   func(j *Journal, ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error)
	hold   func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error)
	held   func(j *Journal, ctx context.Context, host engine.HostID) (engine.Holding, error)
	write  func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error)
	cancel func(j *Journal, ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error)
	list   func(j *Journal, ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error)
	purge  func(j *Journal, ctx context.Context, before time.Time, max int) (int, error)
}

func (b *brokenJournal) Create(ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
	if b.create != nil {
		return b.create(b.Journal, ctx, request, host, now)
	}
	return b.Journal.Create(ctx, request, host, now)
}

func (b *brokenJournal) Load(ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
	if b.load != nil {
		return b.load(b.Journal, ctx, key)
	}
	return b.Journal.Load(ctx, key)
}

func (b *brokenJournal) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
	if b.hold != nil {
		return b.hold(b.Journal, ctx, host, suspects, max)
	}
	return b.Journal.RenewLease(ctx, host, suspects, max)
}

func (b *brokenJournal) Held(ctx context.Context, host engine.HostID) (engine.Holding, error) {
	if b.held != nil {
		return b.held(b.Journal, ctx, host)
	}
	return b.Journal.Held(ctx, host)
}

func (b *brokenJournal) fenced(ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
	if b.write != nil {
		return b.write(b.Journal, ctx, w)
	}
	return w.to(ctx, b.Journal)
}

func (b *brokenJournal) ReleaseLease(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	return second(b.fenced(ctx, &journalWrite{method: "ReleaseLease", key: key, epoch: epoch, now: now}))
}

func (b *brokenJournal) RecordIntent(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) (engine.Orchestration, error) {
	return b.fenced(ctx, &journalWrite{method: "RecordIntent", key: key, epoch: epoch, now: now})
}

func (b *brokenJournal) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	return b.fenced(ctx, &journalWrite{method: "Append", key: key, epoch: epoch, events: events, now: now})
}

func (b *brokenJournal) Spend(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, spent, throttled time.Duration, now time.Time) (engine.Orchestration, error) {
	return b.fenced(ctx, &journalWrite{method: "Spend", key: key, epoch: epoch, spent: spent, throttled: throttled, now: now})
}

func (b *brokenJournal) Decide(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return b.fenced(ctx, &journalWrite{method: "Decide", key: key, epoch: epoch, outcome: outcome, now: now})
}

func (b *brokenJournal) Finish(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return b.fenced(ctx, &journalWrite{method: "Finish", key: key, epoch: epoch, outcome: outcome, now: now})
}

func (b *brokenJournal) ClearOutbox(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	return second(b.fenced(ctx, &journalWrite{method: "ClearOutbox", key: key, epoch: epoch, now: now}))
}

func (b *brokenJournal) RequestCancel(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
	if b.cancel != nil {
		return b.cancel(b.Journal, ctx, key, now)
	}
	return b.Journal.RequestCancel(ctx, key, now)
}

func (b *brokenJournal) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	if b.list != nil {
		return b.list(b.Journal, ctx, key, after, max)
	}
	return b.Journal.Events(ctx, key, after, max)
}

func (b *brokenJournal) Purge(ctx context.Context, before time.Time, max int) (int, error) {
	if b.purge != nil {
		return b.purge(b.Journal, ctx, before, max)
	}
	return b.Journal.Purge(ctx, before, max)
}

func second[T any](_ T, err error) error { return err }
