package model

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/engine"
)

// Journal is the state of the worker's durable storage: every attempt with its events. Its operations are exactly those
// of [engine.Journal]; their effect is a function of the state and the [JournalOp] alone.
//
// It is made by [NewJournal], and not safe for concurrent use.
type Journal struct {
	rows       []*entry           // in order of their keys; Reset keeps what lies behind the length
	heartbeats []engine.Heartbeat // the hosts' leases, in the order of their names
	changes    []JournalChange    // of the latest operation that spans attempts
}

// A JournalChange is an attempt that an operation has changed which spans attempts: a renewal or a purge.
type JournalChange struct {
	Before engine.Orchestration
	Events int64 // that it had, and that were not purged
}

// An entry is one attempt in the journal.
type entry struct {
	orchestration engine.Orchestration
	payload       []byte
	events        []engine.Event // sequence numbers 1, 2, 3…
	purged        bool
}

// NewJournal returns a journal without attempts.
func NewJournal() *Journal { return &Journal{} }

// Reset removes every attempt and keeps the memory for the next ones. Earlier results stay valid.
func (j *Journal) Reset() { j.rows, j.heartbeats = j.rows[:0], j.heartbeats[:0] }

// Len returns how many attempts there are, tombstones included.
func (j *Journal) Len() int { return len(j.rows) }

// Orchestration returns an attempt. The caller must not change it, and must not keep it beyond the next operation.
func (j *Journal) Orchestration(key engine.AttemptKey) (*engine.Orchestration, bool) {
	if e := j.find(key); e != nil {
		return &e.orchestration, true
	}
	return nil, false
}

// EventsOf returns the journaled events of an attempt that have not been purged. The slice is as the pointer of
// [Journal.Orchestration].
func (j *Journal) EventsOf(key engine.AttemptKey) []engine.Event {
	if e := j.find(key); e != nil {
		return e.events
	}
	return nil
}

// Heartbeats returns the latest renewal of every host that has renewed its lease, in the order of their names. The
// slice is as the pointer of [Journal.Orchestration].
func (j *Journal) Heartbeats() []engine.Heartbeat { return j.heartbeats }

// Changes returns the attempts that the latest renewal or purge has changed, in the order of their keys, as they were
// before. The slice is as the pointer of [Journal.Orchestration].
func (j *Journal) Changes() []JournalChange { return j.changes }

// changing notes that an operation that spans attempts is about to change one.
func (j *Journal) changing(e *entry) {
	j.changes = append(j.changes, JournalChange{e.orchestration, int64(len(e.events))})
}

// Each calls visit with every attempt in the order of the keys. The pointers are as those of [Journal.Orchestration].
func (j *Journal) Each(visit func(*engine.Orchestration)) {
	for _, e := range j.rows {
		visit(&e.orchestration)
	}
}

// Apply executes one operation in place and overwrites result. Its slices are new ones, and nil when empty, so the
// caller may keep them. Payloads are shared: nobody may write to the payload of an answer.
//
// It panics on a kind that is not one of the constants.
func (j *Journal) Apply(op *JournalOp, result *JournalResult) {
	*result = JournalResult{}
	switch op.Kind {
	case JournalCreate:
		j.create(op, result)
	case JournalRenewLease:
		j.renewLease(op, result)
	case JournalRequestCancel:
		j.requestCancel(op, result)
	case JournalAbandon:
		j.abandon(op, result)
	case JournalPurge:
		j.purge(op, result)
	case JournalHeld:
		j.held(op, result)
	case JournalLoad, JournalPayload, JournalEvents:
		e := j.find(op.Key)
		switch {
		case e == nil:
			result.refuse(engine.NotFound)
		case op.Kind == JournalLoad:
			result.Orchestration = e.orchestration
		case op.Kind == JournalPayload:
			result.Payload = e.payload
		default:
			result.Events = e.after(op.After, op.Max)
		}
	case JournalReleaseLease, JournalRecordIntent, JournalAppend, JournalSpend, JournalDecide, JournalFinish, JournalClearOutbox:
		j.fenced(op, result)
	default:
		panic(fmt.Sprintf("model: journal operation kind %d is none of create (%d) to purge (%d)", op.Kind, JournalCreate, JournalPurge))
	}
}

// Step is [Journal.Apply] as a pure function: j stays as it is, and the state after the operation is another one (or
// the same, after an operation that only reads).
func (j *Journal) Step(op *JournalOp) (next *Journal, result JournalResult) {
	next = j
	if !op.Kind.Reads() {
		next = j.Clone()
	}
	next.Apply(op, &result)
	return next, result
}

// Clone returns a copy. No operation on one of the two changes the other.
func (j *Journal) Clone() *Journal {
	clone := &Journal{rows: make([]*entry, len(j.rows)), heartbeats: slices.Clone(j.heartbeats)}
	entries := make([]entry, len(j.rows))
	for i, e := range j.rows {
		entries[i] = entry{orchestration: e.orchestration, payload: e.payload, events: slices.Clone(e.events), purged: e.purged}
		clone.rows[i] = &entries[i]
	}
	return clone
}

// Equal reports whether two journals hold the same attempts and events.
func (j *Journal) Equal(other *Journal) bool {
	if j == other {
		return true
	}
	return slices.Equal(j.heartbeats, other.heartbeats) && slices.EqualFunc(j.rows, other.rows, func(a, b *entry) bool {
		return a.purged == b.purged && sameOrchestration(&a.orchestration, &b.orchestration) &&
			bytes.Equal(a.payload, b.payload) && slices.Equal(a.events, b.events)
	})
}

// String returns the journal as text, an attempt per line in the order of the keys.
func (j *Journal) String() string {
	lines := make([]string, len(j.rows))
	for i, e := range j.rows {
		lines[i] = describeOrchestration(&e.orchestration)
		if e.purged {
			lines[i] += ", purged"
		}
	}
	return strings.Join(lines, "\n")
}

// hash is the same for equal journals. It covers the fields in which states of one history usually differ, not all.
func (j *Journal) hash() uint64 {
	h := newHash()
	for _, e := range j.rows {
		o := &e.orchestration
		h.add(uint64(o.Phase))
		h.add(uint64(o.Epoch))
		h.add(uint64(o.Events))
	}
	for _, b := range j.heartbeats {
		h.add(b.Count)
	}
	return uint64(h)
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

func (j *Journal) insert(o engine.Orchestration, payload []byte) *entry {
	e := spare(j.rows)
	*e = entry{orchestration: o, payload: payload, events: e.events[:0]}
	at, _ := j.search(o.Key)
	j.rows = slices.Insert(j.rows, at, e)
	return e
}
