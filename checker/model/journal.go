package model

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/onceover/onceover/engine"
)

// A Journal is the state of the worker's durable storage: every attempt with its
// events. Its operations are exactly those of [engine.Journal].
//
// A Journal is made by [NewJournal]. It is not safe for concurrent use.
type Journal struct {
	rows  []*entry           // in order of their keys; Reset keeps what lies behind the length
	beats []engine.Heartbeat // the hosts' leases, in the order of their names
}

// An entry is one attempt in the journal.
type entry struct {
	orchestration engine.Orchestration
	events        []engine.Event // sequence numbers 1, 2, 3…
	purged        bool
}

// NewJournal returns a journal without attempts.
func NewJournal() *Journal { return &Journal{} }

// Reset removes every attempt and keeps the memory for the next ones. Results
// handed out before stay valid.
func (j *Journal) Reset() { j.rows, j.beats = j.rows[:0], j.beats[:0] }

// Len returns how many attempts there are, tombstones included.
func (j *Journal) Len() int { return len(j.rows) }

// Orchestration returns an attempt as it stands. The caller must not change it,
// and must not keep it beyond the next operation.
func (j *Journal) Orchestration(key engine.AttemptKey) (*engine.Orchestration, bool) {
	if e := j.find(key); e != nil {
		return &e.orchestration, true
	}
	return nil, false
}

// EventsOf returns the journaled events of an attempt that have not been purged.
// For the slice holds what [Journal.Orchestration] says.
func (j *Journal) EventsOf(key engine.AttemptKey) []engine.Event {
	if e := j.find(key); e != nil {
		return e.events
	}
	return nil
}

// Heartbeats returns the latest renewal of every host that ever renewed its lease, in the
// order of their names. For the slice holds what [Journal.Orchestration] says.
func (j *Journal) Heartbeats() []engine.Heartbeat { return j.beats }

// Each calls visit with every attempt in the order of the keys. For the pointers
// holds what [Journal.Orchestration] says.
func (j *Journal) Each(visit func(*engine.Orchestration)) {
	for _, e := range j.rows {
		visit(&e.orchestration)
	}
}

// Apply executes one operation in place. result is overwritten; its slices are
// new ones, and nil when empty, so the caller may keep them. Payloads are shared:
// nobody may write to one that was answered.
//
// It panics on a kind that is not one of the constants.
func (j *Journal) Apply(op *JournalOp, result *JournalResult) {
	*result = JournalResult{}
	switch op.Kind {
	case JournalCreate:
		j.create(op, result)
	case JournalRenewLease:
		j.hold(op, result)
	case JournalRequestCancel:
		j.requestCancel(op, result)
	case JournalPurge:
		j.purge(op, result)
	case JournalLoad, JournalEvents:
		e := j.find(op.Key)
		switch {
		case e == nil:
			result.refuse(engine.NotFound)
		case op.Kind == JournalLoad:
			result.Orchestration = e.orchestration
		default:
			result.Events = e.after(op.After, op.Max)
		}
	case JournalReleaseLease, JournalRecordIntent, JournalAppend, JournalDecide, JournalFinish, JournalClearOutbox:
		j.fenced(op, result)
	default:
		panic(fmt.Sprintf("model: journal operation kind %d is none of create (%d) to purge (%d)", op.Kind, JournalCreate, JournalPurge))
	}
}

// StepJournal is [Journal.Apply] as a pure function: state stays as it is, and
// the state after the operation is another one (or the same, after an operation
// that only reads).
func StepJournal(state *Journal, op *JournalOp) (next *Journal, result JournalResult) {
	next = state
	if !op.Kind.Reads() {
		next = state.Clone()
	}
	next.Apply(op, &result)
	return next, result
}

// Clone returns a copy that shares nothing with the original that either of them
// changes.
func (j *Journal) Clone() *Journal {
	clone := &Journal{rows: make([]*entry, len(j.rows)), beats: slices.Clone(j.beats)}
	entries := make([]entry, len(j.rows))
	for i, e := range j.rows {
		entries[i] = entry{orchestration: e.orchestration, events: slices.Clone(e.events), purged: e.purged}
		clone.rows[i] = &entries[i]
	}
	return clone
}

// Equal reports whether two journals hold the same attempts and events.
func (j *Journal) Equal(other *Journal) bool {
	if j == other {
		return true
	}
	return slices.Equal(j.beats, other.beats) && slices.EqualFunc(j.rows, other.rows, func(a, b *entry) bool {
		return a.purged == b.purged && sameOrchestration(&a.orchestration, &b.orchestration) &&
			slices.Equal(a.events, b.events)
	})
}

// create inserts an accepted start under a first lease, an abandoned one as a
// tombstone. Whatever is known by the
// key, a tombstone too, refuses it.
func (j *Journal) create(op *JournalOp, result *JournalResult) {
	if known := j.find(op.Key); known != nil {
		result.Orchestration = known.orchestration
		return
	}
	row := engine.Orchestration{
		Key: op.Key, Owner: op.Owner, Payload: bytes.Clone(op.Payload), Phase: engine.PhaseAccepted,
		Holder: op.Host, Epoch: 1, UpdatedAt: op.Now,
	}
	if op.Outcome.Status != 0 {
		row = engine.Orchestration{
			Key: op.Key, Owner: op.Owner, Phase: engine.PhaseOver, Cancel: true, Outcome: op.Outcome, UpdatedAt: op.Now,
		}
	}
	e := j.insert(row)
	result.Created = true
	result.Orchestration = e.orchestration
}

// hold renews the lease of a host and takes over from those whose lease has run
// out. Who holds an attempt is no news about it, so UpdatedAt stays.
func (j *Journal) hold(op *JournalOp, result *JournalResult) {
	j.renew(op.Host)
	taken := 0
	for _, e := range j.rows {
		o := &e.orchestration
		if !o.Unfinished() {
			continue
		}
		switch {
		case o.Holder == op.Host:
		case taken < op.Max && j.free(o.Holder, op.Suspects):
			o.Holder = op.Host
			o.Epoch++
			taken++
		default:
			if o.Holder != "" {
				result.Others = addBeat(result.Others, engine.Heartbeat{Host: o.Holder, Count: j.beat(o.Holder)})
			}
			continue
		}
		result.Orchestrations = append(result.Orchestrations, *o)
	}
}

// free reports whether somebody else may hold what holder holds: nobody does, or
// it has not renewed its lease since it was suspected.
func (j *Journal) free(holder engine.HostID, suspects []engine.Heartbeat) bool {
	return holder == "" || slices.Contains(suspects, engine.Heartbeat{Host: holder, Count: j.beat(holder)})
}

// beat returns the number of a host's latest renewal.
func (j *Journal) beat(host engine.HostID) uint64 {
	if at, found := searchBeat(j.beats, host); found {
		return j.beats[at].Count
	}
	return 0
}

func (j *Journal) renew(host engine.HostID) {
	j.beats = addBeat(j.beats, engine.Heartbeat{Host: host})
	at, _ := searchBeat(j.beats, host)
	j.beats[at].Count++
}

// addBeat keeps one beat per host, in the order of their names.
func addBeat(beats []engine.Heartbeat, beat engine.Heartbeat) []engine.Heartbeat {
	at, found := searchBeat(beats, beat.Host)
	if found {
		return beats
	}
	return slices.Insert(beats, at, beat)
}

func searchBeat(beats []engine.Heartbeat, host engine.HostID) (at int, found bool) {
	return slices.BinarySearchFunc(beats, host, func(b engine.Heartbeat, host engine.HostID) int {
		return cmp.Compare(b.Host, host)
	})
}

// requestCancel marks an attempt, or buries one that never came.
func (j *Journal) requestCancel(op *JournalOp, result *JournalResult) {
	e := j.find(op.Key)
	switch {
	case e == nil:
		e = j.insert(engine.Orchestration{
			Key: op.Key, Phase: engine.PhaseOver, Cancel: true, UpdatedAt: op.Now,
			Outcome: engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled, Reason: "cancelled before it started"},
		})
	case e.orchestration.Phase != engine.PhaseOver && !e.orchestration.Cancel:
		e.orchestration.Cancel = true
		e.orchestration.UpdatedAt = op.Now
	}
	result.Orchestration = e.orchestration
}

// purge forgets what finished attempts carried, in the order of their keys.
func (j *Journal) purge(op *JournalOp, result *JournalResult) {
	for _, e := range j.rows {
		if result.Purged >= op.Max {
			return
		}
		if e.purgeable(op) {
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
	e.orchestration.Payload = nil
	e.events = e.events[:0]
	e.purged = true
}

// fenced executes the writes of a holder: those that carry an epoch.
func (j *Journal) fenced(op *JournalOp, result *JournalResult) {
	e := j.find(op.Key)
	if e == nil {
		result.refuse(engine.NotFound)
		return
	}
	o := &e.orchestration
	// A tombstone was never held, so no epoch is its.
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

// finish ends the attempt and puts its callback into the outbox. A decision that
// was recorded before stays.
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

// append journals the events that are new, all or none. A batch that goes on
// behind the session's last event fares as if it had come in two.
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

// after copies at most max events that follow a sequence number.
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
	return slices.Clone(e.events[from : from+max])
}

// find returns the entry of an attempt, or nil.
func (j *Journal) find(key engine.AttemptKey) *entry {
	if at, found := j.search(key); found {
		return j.rows[at]
	}
	return nil
}

func (j *Journal) search(key engine.AttemptKey) (at int, found bool) {
	return slices.BinarySearchFunc(j.rows, key, func(e *entry, key engine.AttemptKey) int {
		return compareKeys(e.orchestration.Key, key)
	})
}

// compareKeys orders attempts by review, then by number.
func compareKeys(a, b engine.AttemptKey) int {
	if c := cmp.Compare(a.Review, b.Review); c != 0 {
		return c
	}
	return cmp.Compare(a.Attempt, b.Attempt)
}

func (j *Journal) insert(o engine.Orchestration) *entry {
	e := spare(j.rows)
	*e = entry{orchestration: o, events: e.events[:0]}
	at, _ := j.search(o.Key)
	j.rows = slices.Insert(j.rows, at, e)
	return e
}
