package enginetest

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

// ReleaseLease implements [engine.Journal].
func (j *Journal) ReleaseLease(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, _ time.Time) error {
	_, err := j.fenced(ctx, "journal.yield", key, epoch, func(row *journalRow) error {
		row.Holder = ""
		return nil
	})
	return err
}

// RecordIntent implements [engine.Journal].
func (j *Journal) RecordIntent(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.intend", key, epoch, func(row *journalRow) error {
		if row.Phase < engine.PhaseIntended {
			row.Phase, row.UpdatedAt = engine.PhaseIntended, now
		}
		return nil
	})
}

// Append implements [engine.Journal].
func (j *Journal) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	const op = "journal.append"
	if err := engine.CheckEvents(events); err != nil {
		return engine.Orchestration{}, &engine.Error{Kind: engine.Permanent, Op: op, Err: err}
	}
	return j.fenced(ctx, op, key, epoch, func(row *journalRow) error {
		var added []engine.Event
		last, over := row.Orchestration.Events, row.Phase == engine.PhaseOver
		for _, event := range events {
			switch {
			case event.Seq <= last: // journaled already
				continue
			case over:
				return engine.Errorf(engine.Stale, op, "event %d of %s comes after its end", event.Seq, key)
			case event.Seq != last+1:
				return engine.Errorf(engine.Permanent, op, "event %d of %s follows event %d", event.Seq, key, last)
			}
			added = append(added, event)
			last, over = event.Seq, event.Last()
		}
		for _, event := range added {
			row.events = append(row.events, event)
			row.Orchestration.Events, row.Tokens, row.UpdatedAt = event.Seq, row.Tokens+event.Tokens, now
			if event.Last() {
				row.finish(event.Outcome(), now)
			}
		}
		return nil
	})
}

// Spend implements [engine.Journal].
func (j *Journal) Spend(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, spent, throttled time.Duration, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.spend", key, epoch, func(row *journalRow) error {
		if spent > row.Spent || throttled > row.Throttled {
			row.Spent, row.Throttled, row.UpdatedAt = max(row.Spent, spent), max(row.Throttled, throttled), now
		}
		return nil
	})
}

// Decide implements [engine.Journal].
func (j *Journal) Decide(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.decide", key, epoch, func(row *journalRow) error {
		if row.Phase < engine.PhaseStopping {
			row.Phase, row.Outcome, row.UpdatedAt = engine.PhaseStopping, outcome, now
		}
		return nil
	})
}

// Finish implements [engine.Journal].
func (j *Journal) Finish(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return j.fenced(ctx, "journal.finish", key, epoch, func(row *journalRow) error {
		row.finish(outcome, now)
		return nil
	})
}

// ClearOutbox implements [engine.Journal].
func (j *Journal) ClearOutbox(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	_, err := j.fenced(ctx, "journal.settle", key, epoch, func(row *journalRow) error {
		if row.CallbackPending {
			row.CallbackPending, row.Holder, row.UpdatedAt = false, "", now
		}
		return nil
	})
	return err
}

// fenced carries out a write of the holder under epoch. A tombstone was never held, so no epoch is its own. step
// returns an error before it has changed anything.
func (j *Journal) fenced(ctx context.Context, op string, key engine.AttemptKey, epoch engine.Epoch, step func(row *journalRow) error) (engine.Orchestration, error) {
	return do(ctx, &j.memory, op, func() (engine.Orchestration, error) {
		row := j.find(key)
		switch {
		case row == nil:
			return engine.Orchestration{}, engine.Errorf(engine.NotFound, op, "attempt %s", key)
		case epoch == 0 || epoch != row.Epoch:
			return engine.Orchestration{}, engine.Errorf(engine.Stale, op, "attempt %s, epoch %d", key, epoch)
		}
		if err := step(row); err != nil {
			return engine.Orchestration{}, err
		}
		return row.Orchestration, nil
	})
}

// finish ends the attempt, with what was decided before if anything was. The app is owed the callback from now on.
func (row *journalRow) finish(outcome engine.Outcome, now time.Time) {
	if row.Phase == engine.PhaseOver {
		return
	}
	if row.Phase != engine.PhaseStopping {
		row.Outcome = outcome
	}
	row.Phase, row.CallbackPending, row.UpdatedAt = engine.PhaseOver, true, now
}
