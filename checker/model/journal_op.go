package model

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// A JournalOpKind names one operation of the worker's journal.
type JournalOpKind uint8

// The operations of [engine.Journal], one each.
const (
	JournalCreate JournalOpKind = iota + 1
	JournalLoad
	JournalRenewLease
	JournalReleaseLease
	JournalRecordIntent
	JournalAppend
	JournalDecide
	JournalFinish
	JournalClearOutbox
	JournalRequestCancel
	JournalEvents
	JournalPurge
	journalOpKindEnd
)

var journalOpKindNames = [...]string{
	"", "create", "load", "hold", "yield", "intend", "append", "decide", "finish", "settle",
	"request-cancel", "events", "purge",
}

// String returns the name of the operation in lower case.
func (k JournalOpKind) String() string {
	if k < journalOpKindEnd {
		return journalOpKindNames[k]
	}
	return "unknown"
}

// Reads reports whether operations of the kind leave the journal as it is.
func (k JournalOpKind) Reads() bool { return k == JournalLoad || k == JournalEvents }

// Fenced reports whether operations of the kind carry an epoch.
func (k JournalOpKind) Fenced() bool {
	switch k {
	case JournalReleaseLease, JournalRecordIntent, JournalAppend, JournalDecide, JournalFinish, JournalClearOutbox:
		return true
	default:
		return false
	}
}

// A JournalOp is one call of an [engine.Journal] as a value. Which fields count
// depends on the kind.
type JournalOp struct {
	Kind     JournalOpKind
	Key      engine.AttemptKey  // all but hold and purge
	Owner    engine.OwnerID     // create
	Token    engine.Token       // create
	Payload  []byte             // create
	Host     engine.HostID      // create, hold
	Epoch    engine.Epoch       // yield, intend, append, decide, finish, settle
	Now      time.Time          // all but load, hold, events, purge
	Suspects []engine.Heartbeat // hold
	Before   time.Time          // purge
	After    int64              // events: the sequence number before the first
	Max      int                // hold: take-overs; events: events; purge: attempts
	Events   []engine.Event     // append
	Outcome  engine.Outcome     // create: of an abandoned one; decide, finish
}

// A JournalResult is what an operation answered. Failed says whether Err counts.
type JournalResult struct {
	Failed         bool
	Err            engine.ErrorKind
	Created        bool                   // create
	Orchestration  engine.Orchestration   // create, load, intend, append, decide, finish, request-cancel
	Orchestrations []engine.Orchestration // hold
	Others         []engine.Heartbeat     // hold
	Events         []engine.Event         // events
	Purged         int                    // purge
}
