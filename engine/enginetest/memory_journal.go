package enginetest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// Journal is an [engine.Journal] in memory. It forgets everything with the process. Any number of goroutines may use
// it.
type Journal struct {
	memory
	rows  []*journalRow      // in the order of their keys
	beats []engine.Heartbeat // the latest of every host, in the order of their names
}

// A journalRow is one attempt with its events.
type journalRow struct {
	engine.Orchestration
	payload []byte
	events  []engine.Event
	purged  bool
}

var _ engine.Journal = (*Journal)(nil)

// NewJournal returns a journal without attempts.
func NewJournal() *Journal { return &Journal{} }

// Reset removes all attempts and beats.
func (j *Journal) Reset() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.rows, j.beats = nil, nil
}

// Each calls visit with every attempt and its journaled events, in the order of the keys. visit must not call the
// journal, nor write to the payload.
func (j *Journal) Each(visit func(o engine.Orchestration, events []engine.Event)) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	for _, row := range j.rows {
		visit(row.Orchestration, slices.Clone(row.events))
	}
}

// Heartbeats returns the latest beat of every host that ever renewed its lease, in the order of their names.
func (j *Journal) Heartbeats() []engine.Heartbeat {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return slices.Clone(j.beats)
}

// Create implements [engine.Journal].
func (j *Journal) Create(ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (o engine.Orchestration, created bool, err error) {
	o, err = do(ctx, &j.memory, "journal.create", func() (engine.Orchestration, error) {
		if known := j.find(request.Key); known != nil {
			return known.Orchestration, nil
		}
		created = true
		if request.Abandon != "" {
			return j.insert(engine.Orchestration{
				Key: request.Key, Owner: request.Owner, Phase: engine.PhaseOver, Cancel: true, Outcome: request.Outcome(), UpdatedAt: now,
			}, nil), nil
		}
		return j.insert(engine.Orchestration{
			Key: request.Key, Owner: request.Owner, Phase: engine.PhaseAccepted, Holder: host, Epoch: 1, UpdatedAt: now,
		}, bytes.Clone(request.Payload)), nil
	})
	return o, created && err == nil, err
}

// Load implements [engine.Journal].
func (j *Journal) Load(ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
	const op = "journal.load"
	return do(ctx, &j.memory, op, func() (engine.Orchestration, error) {
		if row := j.find(key); row != nil {
			return row.Orchestration, nil
		}
		return engine.Orchestration{}, engine.Errorf(engine.NotFound, op, "attempt %s", key)
	})
}

// Payload implements [engine.Journal].
func (j *Journal) Payload(ctx context.Context, key engine.AttemptKey) ([]byte, error) {
	const op = "journal.payload"
	return do(ctx, &j.memory, op, func() ([]byte, error) {
		if row := j.find(key); row != nil {
			return row.payload, nil
		}
		return nil, engine.Errorf(engine.NotFound, op, "attempt %s", key)
	})
}

// RenewLease implements [engine.Journal].
func (j *Journal) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
	return do(ctx, &j.memory, "journal.hold", func() (int, error) {
		j.setBeat(engine.Heartbeat{Host: host, Count: j.beat(host).Count + 1})
		taken := 0
		for _, row := range j.rows {
			free := row.Holder == "" || slices.Contains(suspects, j.beat(row.Holder))
			if row.Unfinished() && row.Holder != host && free && taken < max {
				row.Holder = host
				row.Epoch++
				taken++
			}
		}
		return taken, nil
	})
}

// Held implements [engine.Journal].
func (j *Journal) Held(ctx context.Context, host engine.HostID) (engine.Holding, error) {
	return do(ctx, &j.memory, "journal.held", func() (engine.Holding, error) {
		var holding engine.Holding
		for _, row := range j.rows {
			switch {
			case !row.Unfinished() || row.Holder == "":
			case row.Holder == host:
				holding.Leases = append(holding.Leases, engine.Lease{Key: row.Key, Epoch: row.Epoch, Cancel: row.Cancel})
			default:
				holding.Others = append(holding.Others, j.beat(row.Holder))
			}
		}
		slices.SortFunc(holding.Others, func(a, b engine.Heartbeat) int { return cmp.Compare(a.Host, b.Host) })
		holding.Others = slices.Compact(holding.Others)
		return holding, nil
	})
}

// beat returns the latest beat of a host; its count is 0 if it never renewed its lease.
func (j *Journal) beat(host engine.HostID) engine.Heartbeat {
	if at, found := j.searchBeat(host); found {
		return j.beats[at]
	}
	return engine.Heartbeat{Host: host}
}

func (j *Journal) setBeat(beat engine.Heartbeat) {
	at, found := j.searchBeat(beat.Host)
	if !found {
		j.beats = slices.Insert(j.beats, at, beat)
	}
	j.beats[at] = beat
}

func (j *Journal) searchBeat(host engine.HostID) (at int, found bool) {
	return slices.BinarySearchFunc(j.beats, host, func(b engine.Heartbeat, host engine.HostID) int { return cmp.Compare(b.Host, host) })
}

// RequestCancel implements [engine.Journal].
func (j *Journal) RequestCancel(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
	return do(ctx, &j.memory, "journal.request-cancel", func() (engine.Orchestration, error) {
		row := j.find(key)
		if row == nil {
			return j.insert(engine.Orchestration{
				Key: key, Phase: engine.PhaseOver, Cancel: true, UpdatedAt: now,
				Outcome: engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled, Reason: "cancelled before it started"},
			}, nil), nil
		}
		if row.Phase != engine.PhaseOver && !row.Cancel {
			row.Cancel, row.UpdatedAt = true, now
		}
		return row.Orchestration, nil
	})
}

// Abandon implements [engine.Journal].
func (j *Journal) Abandon(ctx context.Context, key engine.AttemptKey, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return do(ctx, &j.memory, "journal.abandon", func() (engine.Orchestration, error) {
		row := j.find(key)
		switch {
		case row == nil:
			return j.insert(engine.Orchestration{
				Key: key, Phase: engine.PhaseOver, Cancel: true, UpdatedAt: now, Outcome: outcome,
			}, nil), nil
		case row.Phase != engine.PhaseOver:
			row.finish(outcome, now)
			row.Holder, row.Epoch = "", row.Epoch+1
		case row.CallbackPending:
			row.CallbackPending, row.Holder, row.UpdatedAt = false, "", now
		}
		return row.Orchestration, nil
	})
}

// Events implements [engine.Journal].
func (j *Journal) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	const op = "journal.events"
	return do(ctx, &j.memory, op, func() ([]engine.Event, error) {
		row := j.find(key)
		if row == nil {
			return nil, engine.Errorf(engine.NotFound, op, "attempt %s", key)
		}
		var events []engine.Event
		for _, event := range row.events {
			if event.Seq > after && len(events) < max {
				events = append(events, event)
			}
		}
		return events[:engine.FitPage(events)], nil
	})
}

// Purge implements [engine.Journal].
func (j *Journal) Purge(ctx context.Context, before time.Time, max int) (int, error) {
	return do(ctx, &j.memory, "journal.purge", func() (int, error) {
		purged := 0
		for _, row := range j.rows {
			if purged < max && !row.purged && !row.Unfinished() && row.UpdatedAt.Before(before) {
				row.payload, row.events, row.purged = nil, nil, true
				purged++
			}
		}
		return purged, nil
	})
}

// find returns the row of an attempt, or nil.
func (j *Journal) find(key engine.AttemptKey) *journalRow {
	if at, found := j.search(key); found {
		return j.rows[at]
	}
	return nil
}

func (j *Journal) search(key engine.AttemptKey) (at int, found bool) {
	return slices.BinarySearchFunc(j.rows, key, func(row *journalRow, key engine.AttemptKey) int {
		return cmp.Or(cmp.Compare(row.Key.Review, key.Review), cmp.Compare(row.Key.Attempt, key.Attempt))
	})
}

func (j *Journal) insert(o engine.Orchestration, payload []byte) engine.Orchestration {
	at, _ := j.search(o.Key)
	j.rows = slices.Insert(j.rows, at, &journalRow{Orchestration: o, payload: payload})
	return o
}
