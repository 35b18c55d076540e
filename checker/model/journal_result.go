package model

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/engine"
)

// A JournalResult is the answer to a [JournalOp].
type JournalResult struct {
	Failure
	Created       bool                 // create
	Orchestration engine.Orchestration // create, load, intend, append, spend, decide, finish, request-cancel, abandon
	Payload       []byte               // payload
	Taken         int                  // hold
	Leases        []engine.Lease       // held
	Others        []engine.Heartbeat   // held
	Events        []engine.Event       // events
	Purged        int                  // purge
}

// Equal reports whether two results are the same to the caller. Of failures only the kind counts; times are compared as
// instants, and no list is an empty list.
func (r *JournalResult) Equal(other *JournalResult) bool {
	if r.Failed || other.Failed {
		return r.Failure == other.Failure
	}
	return r.Created == other.Created && r.Purged == other.Purged && r.Taken == other.Taken &&
		sameOrchestration(&r.Orchestration, &other.Orchestration) &&
		bytes.Equal(r.Payload, other.Payload) && slices.Equal(r.Leases, other.Leases) &&
		slices.Equal(r.Others, other.Others) && slices.Equal(r.Events, other.Events)
}

func sameOrchestration(a, b *engine.Orchestration) bool {
	return a.Key == b.Key && a.Phase == b.Phase && a.Cancel == b.Cancel && a.CallbackPending == b.CallbackPending &&
		a.Epoch == b.Epoch && a.Events == b.Events && a.Tokens == b.Tokens && a.Spent == b.Spent && a.Throttled == b.Throttled &&
		a.Owner == b.Owner && a.Holder == b.Holder && a.Outcome == b.Outcome &&
		a.UpdatedAt.Equal(b.UpdatedAt)
}

// Error returns the failure as a journal would return it from op, or nil. The error is an [*engine.Error].
func (r *JournalResult) Error(op *JournalOp) error {
	if !r.Failed {
		return nil
	}
	return &engine.Error{
		Kind: r.Err, Op: journalCalls[op.Kind],
		Err: &journalRefusal{kind: op.Kind, key: op.Key, host: op.Host, epoch: op.Epoch},
	}
}

// A journalRefusal is the journal's [reviewsRefusal].
type journalRefusal struct {
	kind  JournalOpKind
	key   engine.AttemptKey
	host  engine.HostID
	epoch engine.Epoch
}

// Error returns the arguments that identify the operation.
func (r *journalRefusal) Error() string {
	switch r.kind {
	case JournalRenewLease, JournalHeld:
		return fmt.Sprintf("host %s", r.host)
	case JournalPurge:
		return "finished attempts"
	case JournalReleaseLease, JournalRecordIntent, JournalAppend, JournalSpend, JournalDecide, JournalFinish, JournalClearOutbox:
		return fmt.Sprintf("attempt %s, epoch %d", r.key, r.epoch)
	default:
		return "attempt " + r.key.String()
	}
}

// String returns the answer on one line: the kind of a failure, or the values.
func (r *JournalResult) String() string {
	if r.Failed {
		return r.Err.String()
	}
	var parts []string
	if r.Created {
		parts = append(parts, "created")
	}
	if r.Orchestration.Phase != 0 {
		parts = append(parts, describeOrchestration(&r.Orchestration))
	}
	if len(r.Payload) != 0 {
		parts = append(parts, fmt.Sprintf("payload of %d bytes", len(r.Payload)))
	}
	if r.Taken != 0 {
		parts = append(parts, fmt.Sprintf("%d taken", r.Taken))
	}
	for _, lease := range r.Leases {
		parts = append(parts, describeLease(lease))
	}
	for _, beat := range r.Others {
		parts = append(parts, "other "+describeHeartbeat(beat))
	}
	if len(r.Events) != 0 {
		parts = append(parts, describeEvents(r.Events))
	}
	if r.Purged != 0 {
		parts = append(parts, fmt.Sprintf("%d purged", r.Purged))
	}
	if len(parts) == 0 {
		return "done"
	}
	return strings.Join(parts, "; ")
}

var phaseNames = [...]string{"", "accepted", "intended", "stopping", "over"}

func describeOrchestration(o *engine.Orchestration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s ", o.Key)
	if o.Phase == engine.PhaseOver {
		b.WriteString(describeOutcome(o.Outcome))
	} else if int(o.Phase) < len(phaseNames) {
		b.WriteString(phaseNames[o.Phase])
		if o.Phase == engine.PhaseStopping {
			b.WriteString(" as " + describeOutcome(o.Outcome))
		}
	}
	if o.Cancel {
		b.WriteString(", to be cancelled")
	}
	if o.CallbackPending {
		b.WriteString(", callback owed")
	}
	if o.Events != 0 {
		fmt.Fprintf(&b, ", %d events, %d tokens", o.Events, o.Tokens)
	}
	if o.Spent != 0 {
		fmt.Fprintf(&b, ", %s spent", o.Spent)
	}
	if o.Throttled != 0 {
		fmt.Fprintf(&b, ", %s throttled", o.Throttled)
	}
	if o.Holder != "" {
		fmt.Fprintf(&b, ", held by %s", o.Holder)
	}
	if o.Epoch != 0 {
		fmt.Fprintf(&b, ", epoch %d", o.Epoch)
	}
	return b.String()
}

func describeLease(l engine.Lease) string {
	text := fmt.Sprintf("%s epoch %d", l.Key, l.Epoch)
	if l.Cancel {
		text += ", to be cancelled"
	}
	return text
}

func describeHeartbeat(b engine.Heartbeat) string {
	return fmt.Sprintf("%s at beat %d", b.Host, b.Count)
}

func describeOutcome(o engine.Outcome) string {
	text := o.Status.String()
	if o.Reason != "" {
		text += " (" + o.Reason + ")"
	}
	if o.Retryable {
		text += ", retryable"
	}
	return text
}

// describeEvents returns the range of sequence numbers; lists have no gaps.
func describeEvents(events []engine.Event) string {
	switch len(events) {
	case 0:
		return "no events"
	case 1:
		return fmt.Sprintf("event %d", events[0].Seq)
	}
	return fmt.Sprintf("events %d to %d", events[0].Seq, events[len(events)-1].Seq)
}
