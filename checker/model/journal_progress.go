package model

import (
	"bytes"
	"slices"

	"github.com/onceover/onceover/engine"
)

// create inserts an accepted start under a first lease, and an abandoned one as a tombstone. If the key is known, be it
// that of a tombstone, nothing changes.
func (j *Journal) create(op *JournalOp, result *JournalResult) {
	if known := j.find(op.Key); known != nil {
		result.Orchestration = known.orchestration
		return
	}
	row := engine.Orchestration{
		Key: op.Key, Owner: op.Owner, Phase: engine.PhaseAccepted, Holder: op.Host, Epoch: 1, UpdatedAt: op.Now,
	}
	payload := bytes.Clone(op.Payload)
	if op.Outcome.Status != 0 {
		row = engine.Orchestration{
			Key: op.Key, Owner: op.Owner, Phase: engine.PhaseOver, Cancel: true, Outcome: op.Outcome, UpdatedAt: op.Now,
		}
		payload = nil
	}
	e := j.insert(row, payload)
	result.Created = true
	result.Orchestration = e.orchestration
}

// requestCancel marks an attempt, or inserts a tombstone for one that has not arrived.
func (j *Journal) requestCancel(op *JournalOp, result *JournalResult) {
	e := j.find(op.Key)
	switch {
	case e == nil:
		e = j.insert(engine.Orchestration{
			Key: op.Key, Phase: engine.PhaseOver, Cancel: true, UpdatedAt: op.Now,
			Outcome: engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled, Reason: "cancelled before it started"},
		}, nil)
	case e.orchestration.Phase != engine.PhaseOver && !e.orchestration.Cancel:
		e.orchestration.Cancel = true
		e.orchestration.UpdatedAt = op.Now
	}
	result.Orchestration = e.orchestration
}

// abandon ends an attempt although its session may be running, inserts a tombstone for one that has not arrived, and
// takes the callback of one that is over out of the outbox.
func (j *Journal) abandon(op *JournalOp, result *JournalResult) {
	e := j.find(op.Key)
	switch {
	case e == nil:
		e = j.insert(engine.Orchestration{
			Key: op.Key, Phase: engine.PhaseOver, Cancel: true, UpdatedAt: op.Now, Outcome: op.Outcome,
		}, nil)
	case e.orchestration.Phase != engine.PhaseOver:
		e.finish(op.Outcome, op)
		e.orchestration.Holder = ""
		e.orchestration.Epoch++
	case e.orchestration.CallbackPending:
		e.orchestration.CallbackPending = false
		e.orchestration.Holder = ""
		e.orchestration.UpdatedAt = op.Now
	}
	result.Orchestration = e.orchestration
}

// purge removes the payload and the events of finished attempts, in the order of their keys.
func (j *Journal) purge(op *JournalOp, result *JournalResult) {
	j.changes = j.changes[:0]
	for _, e := range j.rows {
		if result.Purged >= op.Max {
			return
		}
		if e.purgeable(op) {
			j.changing(e)
			e.purge()
			result.Purged++
		}
	}
}

func (e *entry) purgeable(op *JournalOp) bool {
	o := &e.orchestration
	return !e.purged && !o.Unfinished() && o.UpdatedAt.Before(op.Before)
}

func (e *entry) purge() {
	e.payload = nil
	e.events = e.events[:0]
	e.purged = true
}

// fenced executes the writes of a holder: those that carry an epoch.
func (j *Journal) fenced(op *JournalOp, result *JournalResult) {
	if engine.CheckEvents(op.Events) != nil {
		result.refuse(engine.Permanent)
		return
	}
	e := j.find(op.Key)
	if e == nil {
		result.refuse(engine.NotFound)
		return
	}
	o := &e.orchestration
	// A tombstone was never held, so it has no epoch.
	if op.Epoch == 0 || op.Epoch != o.Epoch {
		result.refuse(engine.Stale)
		return
	}
	switch op.Kind {
	case JournalReleaseLease:
		o.Holder = ""
		return
	case JournalClearOutbox:
		if o.Phase == engine.PhaseOver && o.CallbackPending {
			o.CallbackPending = false
			o.Holder = ""
			o.UpdatedAt = op.Now
		}
		return
	case JournalRecordIntent:
		if o.Phase < engine.PhaseIntended {
			o.Phase = engine.PhaseIntended
			o.UpdatedAt = op.Now
		}
	case JournalAppend:
		if kind, ok := e.append(op); !ok {
			result.refuse(kind)
			return
		}
	case JournalSpend:
		if op.Spent > o.Spent || op.Throttled > o.Throttled {
			o.Spent, o.Throttled = max(o.Spent, op.Spent), max(o.Throttled, op.Throttled)
			o.UpdatedAt = op.Now
		}
	case JournalDecide:
		if o.Phase < engine.PhaseStopping {
			o.Phase = engine.PhaseStopping
			o.Outcome = op.Outcome
			o.UpdatedAt = op.Now
		}
	case JournalFinish:
		e.finish(op.Outcome, op)
	default: // carries no epoch, and has a method of its own
	}
	result.Orchestration = *o
}

// finish ends the attempt and puts its callback into the outbox. A decision that was recorded before stays.
func (e *entry) finish(outcome engine.Outcome, op *JournalOp) {
	o := &e.orchestration
	if o.Phase == engine.PhaseOver {
		return
	}
	if o.Phase != engine.PhaseStopping {
		o.Outcome = outcome
	}
	o.Phase = engine.PhaseOver
	o.CallbackPending = true
	o.UpdatedAt = op.Now
}

// append journals the new events of a batch, all of them or none. A batch that continues after the session's last event
// is answered as if the rest had come alone.
func (e *entry) append(op *JournalOp) (refused engine.ErrorKind, ok bool) {
	o := &e.orchestration
	last, over := o.Events, o.Phase == engine.PhaseOver
	for i := range op.Events {
		event := &op.Events[i]
		switch {
		case event.Seq <= last:
			continue
		case over:
			return engine.Stale, false
		case event.Seq != last+1:
			return engine.Permanent, false
		}
		last, over = event.Seq, event.Last()
	}
	for i := range op.Events {
		event := &op.Events[i]
		if event.Seq != o.Events+1 {
			continue
		}
		e.events = append(e.events, *event)
		o.Events++
		o.Tokens += event.Tokens
		o.UpdatedAt = op.Now
		if event.Last() {
			e.finish(event.Outcome(), op)
		}
	}
	return 0, true
}

// after copies at most max events that follow a sequence number, as many as fit into a page.
func (e *entry) after(seq int64, max int) []engine.Event {
	from := 0
	if seq > 0 {
		from = int(min(seq, int64(len(e.events))))
	}
	if rest := len(e.events) - from; max > rest {
		max = rest
	}
	if max <= 0 {
		return nil
	}
	page := e.events[from : from+max]
	return slices.Clone(page[:engine.FitPage(page)])
}
