package model

import (
	"fmt"
	"strings"
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
	JournalSpend
	JournalDecide
	JournalFinish
	JournalClearOutbox
	JournalRequestCancel
	JournalAbandon
	JournalEvents
	JournalPayload
	JournalHeld
	JournalPurge
)

var (
	journalMethods = []string{
		"", "create", "load", "hold", "yield", "intend", "append", "spend", "decide", "finish", "settle",
		"request-cancel", "abandon", "events", "payload", "held", "purge",
	}
	journalCalls = prefixed("journal.", journalMethods)
)

// String returns the name of the operation in lower case.
func (k JournalOpKind) String() string {
	switch {
	case int(k) < len(journalMethods):
		return journalMethods[k]
	case k == journalTakeOver:
		return "take-over"
	}
	return "unknown"
}

// Reads reports whether operations of the kind leave the journal as it is.
func (k JournalOpKind) Reads() bool {
	return k == JournalLoad || k == JournalEvents || k == JournalPayload || k == JournalHeld
}

// Fenced reports whether operations of the kind carry an epoch.
func (k JournalOpKind) Fenced() bool {
	switch k {
	case JournalReleaseLease, JournalRecordIntent, JournalAppend, JournalSpend, JournalDecide, JournalFinish, JournalClearOutbox:
		return true
	default:
		return false
	}
}

// A JournalOp is one call of an [engine.Journal] as a value. Which fields count depends on the kind; the functions
// named after the operations ([Create], [Append]…) fill in just those.
type JournalOp struct {
	Kind     JournalOpKind
	Key      engine.AttemptKey  // all but hold, held and purge
	Owner    engine.OwnerID     // create
	Token    engine.Token       // create
	Payload  []byte             // create
	Host     engine.HostID      // create, hold, held
	Epoch    engine.Epoch       // yield, intend, append, spend, decide, finish, settle
	Now      time.Time          // all but load, hold, events, payload, held, purge
	Suspects []engine.Heartbeat // hold
	Before   time.Time          // purge
	After    int64              // events: the sequence number before the first
	Max      int                // hold: take-overs; events: events; purge: attempts
	Events   []engine.Event     // append
	Outcome  engine.Outcome     // create: of an abandoned one; decide, finish, abandon
	// Spent and Throttled are those of a spend.
	Spent, Throttled time.Duration
}

// Create is the operation of [engine.Journal.Create].
func Create(request engine.StartRequest, host engine.HostID, now time.Time) JournalOp {
	return JournalOp{
		Kind: JournalCreate, Key: request.Key, Owner: request.Owner, Token: request.Token, Payload: request.Payload,
		Host: host, Now: now, Outcome: request.Outcome(),
	}
}

// Load is the operation of [engine.Journal.Load].
func Load(key engine.AttemptKey) JournalOp { return JournalOp{Kind: JournalLoad, Key: key} }

// Payload is the operation of [engine.Journal.Payload].
func Payload(key engine.AttemptKey) JournalOp { return JournalOp{Kind: JournalPayload, Key: key} }

// Held is the operation of [engine.Journal.Held].
func Held(host engine.HostID) JournalOp { return JournalOp{Kind: JournalHeld, Host: host} }

// RenewLease is the operation of [engine.Journal.RenewLease].
func RenewLease(host engine.HostID, suspects []engine.Heartbeat, max int) JournalOp {
	return JournalOp{Kind: JournalRenewLease, Host: host, Suspects: suspects, Max: max}
}

// ReleaseLease is the operation of [engine.Journal.ReleaseLease].
func ReleaseLease(key engine.AttemptKey, epoch engine.Epoch, now time.Time) JournalOp {
	return JournalOp{Kind: JournalReleaseLease, Key: key, Epoch: epoch, Now: now}
}

// RecordIntent is the operation of [engine.Journal.RecordIntent].
func RecordIntent(key engine.AttemptKey, epoch engine.Epoch, now time.Time) JournalOp {
	return JournalOp{Kind: JournalRecordIntent, Key: key, Epoch: epoch, Now: now}
}

// Append is the operation of [engine.Journal.Append].
func Append(key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) JournalOp {
	return JournalOp{Kind: JournalAppend, Key: key, Epoch: epoch, Events: events, Now: now}
}

// Spend is the operation of [engine.Journal.Spend].
func Spend(key engine.AttemptKey, epoch engine.Epoch, spent, throttled time.Duration, now time.Time) JournalOp {
	return JournalOp{Kind: JournalSpend, Key: key, Epoch: epoch, Spent: spent, Throttled: throttled, Now: now}
}

// Decide is the operation of [engine.Journal.Decide].
func Decide(key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) JournalOp {
	return JournalOp{Kind: JournalDecide, Key: key, Epoch: epoch, Outcome: outcome, Now: now}
}

// Finish is the operation of [engine.Journal.Finish].
func Finish(key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) JournalOp {
	return JournalOp{Kind: JournalFinish, Key: key, Epoch: epoch, Outcome: outcome, Now: now}
}

// ClearOutbox is the operation of [engine.Journal.ClearOutbox].
func ClearOutbox(key engine.AttemptKey, epoch engine.Epoch, now time.Time) JournalOp {
	return JournalOp{Kind: JournalClearOutbox, Key: key, Epoch: epoch, Now: now}
}

// RequestCancel is the operation of [engine.Journal.RequestCancel].
func RequestCancel(key engine.AttemptKey, now time.Time) JournalOp {
	return JournalOp{Kind: JournalRequestCancel, Key: key, Now: now}
}

// Abandon is the operation of [engine.Journal.Abandon].
func Abandon(key engine.AttemptKey, outcome engine.Outcome, now time.Time) JournalOp {
	return JournalOp{Kind: JournalAbandon, Key: key, Outcome: outcome, Now: now}
}

// Events is the operation of [engine.Journal.Events].
func Events(key engine.AttemptKey, after int64, max int) JournalOp {
	return JournalOp{Kind: JournalEvents, Key: key, After: after, Max: max}
}

// Purge is the operation of [engine.Journal.Purge].
func Purge(before time.Time, max int) JournalOp {
	return JournalOp{Kind: JournalPurge, Before: before, Max: max}
}

// String returns the operation on one line, with times as hours to milliseconds in UTC.
func (o *JournalOp) String() string {
	var b strings.Builder
	b.WriteString(o.Kind.String())
	switch o.Kind {
	case JournalCreate:
		fmt.Fprintf(&b, " %s for %s, payload of %d bytes, host %s", o.Key, o.Owner, len(o.Payload), o.Host)
		if o.Outcome.Status != 0 {
			fmt.Fprintf(&b, ", abandoned: %s", o.Outcome.Reason)
		}
	case JournalLoad, JournalPayload, JournalRequestCancel:
		fmt.Fprintf(&b, " %s", o.Key)
	case JournalHeld:
		fmt.Fprintf(&b, " by %s", o.Host)
	case JournalRenewLease, journalTakeOver:
		fmt.Fprintf(&b, " by %s", o.Host)
		for _, beat := range o.Suspects {
			fmt.Fprintf(&b, ", suspects %s", describeHeartbeat(beat))
		}
		fmt.Fprintf(&b, ", at most %d more", o.Max)
	case JournalReleaseLease, JournalRecordIntent, JournalClearOutbox:
		fmt.Fprintf(&b, " %s, epoch %d", o.Key, o.Epoch)
	case JournalAppend:
		fmt.Fprintf(&b, " %s, epoch %d, %s", o.Key, o.Epoch, describeEvents(o.Events))
	case JournalSpend:
		fmt.Fprintf(&b, " %s, epoch %d, %s spent, %s throttled", o.Key, o.Epoch, o.Spent, o.Throttled)
	case JournalAbandon:
		fmt.Fprintf(&b, " %s, %s", o.Key, describeOutcome(o.Outcome))
	case JournalDecide, JournalFinish:
		fmt.Fprintf(&b, " %s, epoch %d, %s", o.Key, o.Epoch, describeOutcome(o.Outcome))
	case JournalEvents:
		fmt.Fprintf(&b, " %s after %d, at most %d", o.Key, o.After, o.Max)
	case JournalPurge:
		fmt.Fprintf(&b, " before %s, at most %d", clock(o.Before), o.Max)
	}
	switch o.Kind {
	case JournalLoad, JournalRenewLease, journalTakeOver, JournalEvents, JournalPayload, JournalHeld, JournalPurge:
	default:
		fmt.Fprintf(&b, ", now %s", clock(o.Now))
	}
	return b.String()
}
