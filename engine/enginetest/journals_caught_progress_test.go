package enginetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

// brokenJournalProgress go on where [brokenJournals] end.
var brokenJournalProgress = []struct {
	name     string
	journal  *brokenJournal
	caughtBy string
}{
	{"does not record the intention", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		if row := peekEntry(j, w.key); w.method == "RecordIntent" && row.Epoch == w.epoch && w.epoch != 0 {
			return row.Orchestration, nil
		}
		return w.to(ctx, j)
	}}, "RecordIntent records that the agent is about to be called"},
	{"takes a phase back", afterWrite("RecordIntent", func(row *journalRow, _ *journalWrite) { row.Phase = engine.PhaseIntended }), "RecordIntent keeps a later phase"},
	{"drops the cause of a decision", beforeWrite("Decide", func(_ *journalRow, w *journalWrite) { w.outcome.Cause = engine.CauseNone }), "Decide records that the attempt is stopping, with every detail of the outcome"},
	{"drops whether a decision is retryable", beforeWrite("Decide", func(_ *journalRow, w *journalWrite) { w.outcome.Retryable = false }), "Decide gives up an attempt that was not intended"},
	{"decides anew", beforeWrite("Decide", func(row *journalRow, _ *journalWrite) {
		if row.Phase == engine.PhaseStopping {
			row.Phase = engine.PhaseIntended
		}
	}), "Decide keeps the first decision"},
	{"decides what is over", beforeWrite("Decide", func(row *journalRow, w *journalWrite) {
		if row.Phase == engine.PhaseOver {
			row.Outcome = w.outcome
		}
	}), "Decide keeps the outcome of an attempt that is over"},
	{"owes nothing", afterWrite("Finish", func(row *journalRow, _ *journalWrite) { row.CallbackPending = false }), "Finish ends the attempt, and puts its callback into the outbox"},
	{"keeps the valid part of a reason", beforeWrite("Finish", func(_ *journalRow, w *journalWrite) { w.outcome.Reason = strings.ToValidUTF8(w.outcome.Reason, "") }), "Finish ends the attempt, and puts its callback into the outbox"},
	{"finishes otherwise than was decided", beforeWrite("Finish", func(row *journalRow, _ *journalWrite) {
		if row.Phase == engine.PhaseStopping {
			row.Phase = engine.PhaseIntended
		}
	}), "Finish keeps what was decided before"},
	{"ends an attempt twice", beforeWrite("Finish", func(row *journalRow, _ *journalWrite) {
		if row.Phase == engine.PhaseOver {
			row.Phase = engine.PhaseIntended
		}
	}), "Finish keeps the outcome of an attempt that is over"},
	{"owes for ever", afterWrite("ClearOutbox", func(row *journalRow, _ *journalWrite) { row.CallbackPending = row.Phase == engine.PhaseOver }), "ClearOutbox empties the outbox, and lets the attempt go"},
	{"keeps the holder of what is settled", beforeWrite("ClearOutbox", func(row *journalRow, w *journalWrite) {
		if row.CallbackPending {
			row.CallbackPending, row.UpdatedAt = false, w.now
		}
	}), "ClearOutbox empties the outbox, and lets the attempt go"},
	{"lets go of what is not over", afterWrite("ClearOutbox", func(row *journalRow, _ *journalWrite) { row.Holder = "" }), "ClearOutbox changes nothing about an attempt that is not over"},
	{"keeps the time of the last holder", beforeWrite("Spend", func(row *journalRow, _ *journalWrite) { row.Spent, row.Throttled = 0, 0 }), "Spend records the time that was spent, and keeps the greatest values"},

	{"does not mark what was intended", &brokenJournal{cancel: func(j *Journal, ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
		if row := peekEntry(j, key); row.Phase == engine.PhaseIntended {
			return row.Orchestration, nil
		}
		return j.RequestCancel(ctx, key, now)
	}}, "RequestCancel marks an attempt that is not over, in any phase"},
	{"marks what is over", &brokenJournal{cancel: func(j *Journal, ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
		o, err := j.RequestCancel(ctx, key, now)
		alterEntry(j, key, func(row *journalRow) { row.Cancel, o.Cancel = true, true })
		return o, err
	}}, "RequestCancel changes nothing about an attempt that is over"},
	{"leaves no tombstone", &brokenJournal{cancel: func(j *Journal, ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
		if row := peekEntry(j, key); row.Phase == 0 {
			return engine.Orchestration{Key: key, Phase: engine.PhaseOver, Outcome: wanted}, nil
		}
		return j.RequestCancel(ctx, key, now)
	}}, "RequestCancel leaves a tombstone that refuses the start of an attempt that has not arrived"},

	{"counts events and no tokens", afterWrite("Append", func(row *journalRow, _ *journalWrite) { row.Tokens = 0 }), "Append journals new events in order, and adds up their tokens"},
	{"keeps tokens in 32 bits", beforeWrite("Append", func(_ *journalRow, w *journalWrite) {
		for i := range w.events {
			w.events[i].Tokens = int64(int32(w.events[i].Tokens)) //nolint:gosec // that is what is wrong
		}
	}), "Append keeps every detail of an event, and any text"},
	{"refuses an event that is no UTF-8", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		for _, event := range w.events {
			if strings.Contains(event.Text, "\x00") {
				return engine.Orchestration{}, engine.Errorf(engine.Permanent, "journal.append", "invalid byte sequence")
			}
		}
		return w.to(ctx, j)
	}}, "Append keeps every detail of an event, and any text"},
	{"takes a batch without news for news", afterWrite("Append", func(row *journalRow, w *journalWrite) {
		if len(w.events) == 0 {
			row.UpdatedAt = w.now
		}
	}), "Append changes nothing without events"},
	{"journals events again", beforeWrite("Append", func(row *journalRow, w *journalWrite) {
		if len(w.events) > 0 && w.events[0].Seq <= row.Orchestration.Events && row.Phase != engine.PhaseOver {
			row.events = append(row.events, w.events[0])
		}
	}), "Append skips events that are journaled already"},
	{"overwrites events", beforeWrite("Append", func(row *journalRow, w *journalWrite) {
		for _, event := range w.events {
			if event.Seq <= int64(len(row.events)) && event.Seq > 0 {
				row.events[event.Seq-1] = event
			}
		}
	}), "Append skips events that are journaled already"},
	{"refuses an event that comes twice", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		if !slices.IsSortedFunc(w.events, func(a, b engine.Event) int { return int(a.Seq - b.Seq) }) {
			return engine.Orchestration{}, engine.Errorf(engine.Permanent, "journal.append", "not in order")
		}
		return w.to(ctx, j)
	}}, "Append journals an event once that comes twice in a batch"},
	{"closes gaps", beforeWrite("Append", func(row *journalRow, w *journalWrite) {
		last := row.Orchestration.Events
		for i := range w.events {
			if w.events[i].Seq > last && row.Phase != engine.PhaseOver {
				last++
				w.events[i].Seq = last
			}
		}
	}), "Append is Permanent for a batch with a gap, and journals none of it"},
	{"journals the events before a gap", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		o, err := w.to(ctx, j)
		if w.method == "Append" && engine.IsKind(err, engine.Permanent) {
			_, _ = j.Append(ctx, w.key, w.epoch, w.events[:1], w.now)
		}
		return o, err
	}}, "Append is Permanent for a batch with a gap, and journals none of it"},
	{"does not end with the last event", afterWrite("Append", func(row *journalRow, _ *journalWrite) {
		if row.Phase == engine.PhaseOver && row.Outcome.Cause == engine.CauseSession {
			row.Phase, row.CallbackPending, row.Outcome = engine.PhaseIntended, false, engine.Outcome{}
		}
	}), "Append ends the attempt with the outcome of the session's last event"},
	{"drops whether the last event is retryable", afterWrite("Append", func(row *journalRow, _ *journalWrite) { row.Outcome.Retryable = false }), "Append ends the attempt with the outcome of the session's last event"},
	{"lets the last event change a decision", beforeWrite("Append", func(row *journalRow, _ *journalWrite) {
		if row.Phase == engine.PhaseStopping {
			row.Phase = engine.PhaseIntended
		}
	}), "Append ends a stopping attempt with what was decided"},
	{"journals no events of what is to be cancelled", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		if row := peekEntry(j, w.key); w.method == "Append" && row.Cancel && row.Epoch > 0 {
			return row.Orchestration, engine.Errorf(engine.Stale, "journal.append", "attempt %s is to be cancelled", w.key)
		}
		return w.to(ctx, j)
	}}, "Append journals events of an attempt that is to be cancelled"},
	{"journals events after the end", beforeWrite("Append", func(row *journalRow, w *journalWrite) {
		if n := len(w.events); row.Phase == engine.PhaseOver && n > 0 && w.events[n-1].Seq == row.Orchestration.Events+1 {
			row.events = append(row.events, w.events[n-1])
			row.Orchestration.Events++
		}
	}), "Append is Stale for new events of an attempt that is over"},
	{"journals up to the session's last event", beforeWrite("Append", func(row *journalRow, w *journalWrite) {
		for i := range w.events {
			if w.events[i].Last() && row.Phase != engine.PhaseOver {
				w.events = w.events[:i+1]
				return
			}
		}
	}), "Append is Stale for events behind the session's last one, and journals none of the batch"},
	{"journals what was purged again", beforeWrite("Append", func(row *journalRow, w *journalWrite) {
		if row.purged && len(w.events) > 0 {
			row.events = append(row.events, w.events[0])
		}
	}), "Append skips events that were purged"},
	{"keeps the caller's events", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		o, err := w.to(ctx, j)
		if w.method == "Append" && err == nil {
			alterEntry(j, w.key, func(row *journalRow) {
				if len(row.events) == len(w.events) {
					row.events = w.events
				}
			})
		}
		return o, err
	}}, "Append journals new events in order, and adds up their tokens"},

	{"answers for unknown attempts", &brokenJournal{load: func(j *Journal, ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
		o, err := j.Load(ctx, key)
		if engine.IsKind(err, engine.NotFound) {
			return engine.Orchestration{Key: key}, nil
		}
		return o, err
	}}, "Load, Payload and Events are NotFound for an unknown attempt"},
	{"journals events of any size", &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		for i := range w.events {
			if w.events[i].Check() != nil {
				w.events[i] = engine.Event{Seq: w.events[i].Seq, Kind: engine.EventProgress}
			}
		}
		return w.to(ctx, j)
	}}, "Append is Permanent for an event that is out of bounds, and journals none of its batch"},
	{"takes a whole text for the reason", afterWrite("Append", func(row *journalRow, w *journalWrite) {
		if row.Outcome.Cause == engine.CauseSession && row.Outcome.Status == engine.Failed {
			row.Outcome.Reason = row.events[len(row.events)-1].Text
		}
	}), "Append cuts the text of the last event where it becomes the reason, and keeps it in the event"},
	{"lists as many events as there are, whatever their size", &brokenJournal{list: func(j *Journal, ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
		events, err := j.Events(ctx, key, after, max)
		for err == nil && len(events) > 0 && len(events) < max {
			more, _ := j.Events(ctx, key, events[len(events)-1].Seq, max-len(events))
			if len(more) == 0 {
				break
			}
			events = append(events, more...)
		}
		return events, err
	}}, "Events ends a page before it is too large for one answer, and has one event at least"},
	{"lists the event before", &brokenJournal{list: func(j *Journal, ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
		return j.Events(ctx, key, after-1, max)
	}}, "Events lists the events after a number, at most as many as it is asked for"},
	{"lists events without end", &brokenJournal{list: func(j *Journal, ctx context.Context, key engine.AttemptKey, after int64, _ int) ([]engine.Event, error) {
		return j.Events(ctx, key, after, 1_000)
	}}, "Events lists the events after a number, at most as many as it is asked for"},
	{"hands out its own list of events", &brokenJournal{list: func(j *Journal, ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
		events, err := j.Events(ctx, key, after, max)
		if row := peekEntry(j, key); len(events) == len(row.events) {
			return row.events, err
		}
		return events, err
	}}, "Events lists the events after a number, at most as many as it is asked for"},
	{"does not find an attempt without events", &brokenJournal{list: func(j *Journal, ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
		events, err := j.Events(ctx, key, after, max)
		if err == nil && peekEntry(j, key).Orchestration.Events == 0 {
			return nil, engine.Errorf(engine.NotFound, "journal.events", "attempt %s", key)
		}
		return events, err
	}}, "Events lists nothing for an attempt without events"},

	{"purges nothing", &brokenJournal{purge: func(*Journal, context.Context, time.Time, int) (int, error) { return 0, nil }}, "Purge forgets payload and events of a finished attempt, and keeps everything else"},
	{"forgets the attempt with its events", &brokenJournal{purge: func(j *Journal, ctx context.Context, before time.Time, max int) (int, error) {
		purged, err := j.Purge(ctx, before, max)
		j.rows = slices.DeleteFunc(j.rows, func(row *journalRow) bool { return row.purged })
		return purged, err
	}}, "Purge forgets payload and events of a finished attempt, and keeps everything else"},
	{"keeps tombstones from being purged", &brokenJournal{purge: func(j *Journal, ctx context.Context, before time.Time, max int) (int, error) {
		for _, row := range j.rows {
			row.purged = row.purged || row.Epoch == 0
		}
		return j.Purge(ctx, before, max)
	}}, "Purge takes tombstones for finished"},
	{"purges what nobody holds", &brokenJournal{purge: func(j *Journal, ctx context.Context, before time.Time, max int) (int, error) {
		for _, row := range j.rows {
			if row.Holder == "" && row.Phase == engine.PhaseAccepted && row.UpdatedAt.Before(before) {
				row.payload = nil
			}
		}
		return j.Purge(ctx, before, max)
	}}, "Purge keeps an attempt that is unfinished, or whose callback is owed"},
	{"purges what has just changed", &brokenJournal{purge: func(j *Journal, ctx context.Context, before time.Time, max int) (int, error) {
		return j.Purge(ctx, before.Add(time.Microsecond), max)
	}}, "Purge keeps an attempt that has changed since"},
	{"purges without end", &brokenJournal{purge: func(j *Journal, ctx context.Context, before time.Time, _ int) (int, error) {
		return j.Purge(ctx, before, 1_000)
	}}, "Purge forgets at most as many as it is asked for"},
	{"counts what it has purged before", &brokenJournal{purge: func(j *Journal, ctx context.Context, before time.Time, max int) (int, error) {
		for _, row := range j.rows {
			row.purged = false
		}
		return j.Purge(ctx, before, max)
	}}, "Purge forgets payload and events of a finished attempt, and keeps everything else"},
	{"does not know an attempt under an ended context", &brokenJournal{load: func(j *Journal, ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
		if ctx.Err() != nil {
			return engine.Orchestration{}, engine.Errorf(engine.NotFound, "journal.load", "attempt %s", key)
		}
		return j.Load(ctx, key)
	}}, "A call under an ended context is Rejected without an effect, or Ambiguous, or succeeds"},
}
