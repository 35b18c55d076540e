package enginetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// brokenJournalRaces do in two steps what should be one. Only races can find them.
var brokenJournalRaces = []struct {
	name     string
	journal  *brokenJournal
	caughtBy string
}{
	{"looks for an attempt before it inserts", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		known := peekEntry(j, request.Key).Phase != 0
		othersComeIn()
		o, created, err := j.Create(ctx, request, host, now)
		return o, (created || !known) && err == nil, err
	}}, "At once: a start that arrives several times is created once"},
	{"looks for an attempt before it cancels", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		othersComeIn()
		return j.Create(ctx, request, host, now)
	}, cancel: func(j *Journal, ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
		known := peekEntry(j, key).Phase != 0
		othersComeIn()
		othersComeIn() // and start it
		o, err := j.RequestCancel(ctx, key, now)
		if !known {
			alterEntry(j, key, func(row *journalRow) {
				if row.Epoch > 0 {
					row.Cancel = false
				}
			})
		}
		return o, err
	}}, "At once: a start and a cancel leave a tombstone or a marked attempt"},
	{"takes over what it has read", &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
		free := 0
		j.Each(func(o engine.Orchestration, _ []engine.Event) {
			if o.Holder == "" && o.Unfinished() && free < max {
				free++
			}
		})
		othersComeIn()
		taken, err := j.RenewLease(ctx, host, suspects, max)
		return cmp.Or(free, taken), err
	}}, "At once: an attempt that nobody holds is taken by one host, under one epoch"},
	{"reads the beats before it takes over", &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
		suspects = slices.Clone(suspects)
		for i, suspect := range suspects {
			if slices.Contains(j.Heartbeats(), suspect) || suspect.Count == 0 && !slices.ContainsFunc(j.Heartbeats(), func(b engine.Heartbeat) bool { return b.Host == suspect.Host }) {
				othersComeIn()
				j.mutex.Lock()
				suspects[i] = j.beat(suspect.Host)
				j.mutex.Unlock()
			}
		}
		return j.RenewLease(ctx, host, suspects, max)
	}}, "At once: a suspect that renews keeps what it holds, or loses it"},
	{"appends behind what it has read", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		last := peekEntry(j, w.key).Orchestration.Events
		if w.method == "Append" {
			othersComeIn()
		}
		o, err := w.to(ctx, j)
		if w.method == "Append" && err == nil {
			alterEntry(j, w.key, func(row *journalRow) {
				if row.Orchestration.Events > last+int64(len(w.events)) {
					row.Tokens += w.events[0].Tokens
				}
			})
		}
		return o, err
	}}, "At once: a batch that arrives several times is journaled once"},
	{"finishes what it has read", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		before := peekEntry(j, w.key)
		if w.method != "Finish" && w.method != "Decide" || before.Phase >= engine.PhaseStopping || before.Epoch != w.epoch {
			return w.to(ctx, j)
		}
		othersComeIn()
		o, err := w.to(ctx, j)
		o.Outcome = w.outcome
		return o, err
	}}, "At once: an attempt ends once, with one outcome"},
}
