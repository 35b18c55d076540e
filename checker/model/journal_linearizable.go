package model

import (
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/engine"
)

// JournalModel returns the sequential specification of the journal for porcupine, over histories of [JournalCall] and
// [JournalResult] that begin with an empty journal. Open and rejected operations are as in [ReviewsModel].
//
// A history is split by attempt. Three operations span attempts, and every partition sees its part of them. Of a renewal
// of a lease, which only counts, it sees the host's heartbeat, which later suspicions are compared with, and that its
// attempt may be among those taken, and has to be when the count is below the maximum. Of a reading of what a host holds
// it sees the heartbeats that were listed, and whether its attempt is among the leases, and how. A purge is like a
// renewal without a heartbeat. Every linearizable history passes. It is not checked that one renewal took its attempts at
// one moment, nor that each host that a reading listed holds something.
func JournalModel() porcupine.Model {
	return specification(NewJournal, partitionByAttempt,
		func(before *Journal, op *JournalOp, result *JournalResult, open bool) (bool, *Journal) {
			switch {
			case op.Kind == journalTakeOver:
				return true, takeOver(before, op)
			case op.Kind == JournalRenewLease && !open:
				return stepRenewal(before, op, result)
			case op.Kind == JournalHeld && !open:
				return stepHeld(before, op, result)
			case op.Kind == JournalPurge && !open:
				return stepPurge(before, op, result)
			}
			next, expected := before.Step(op)
			return open || expected.Equal(result), next
		})
}

// journalTakeOver is an operation that only partitions have: a renewal without its heartbeat. When nobody knows the
// answer of a renewal, or it has taken as many as it may, the heartbeat counts in every partition, while the attempt may
// have been left out for others. So the renewal is split into a heartbeat that takes over nothing and a takeover. Together they are the renewal; a
// heartbeat without the takeover is a renewal that had no room for the attempt.
const journalTakeOver JournalOpKind = 255

// stepRenewal is a renewal as the partition of the attempt op.Key sees it, when it is known that the maximum left room
// for it. The others are split: see partitionByAttempt.
func stepRenewal(before *Journal, op *JournalOp, result *JournalResult) (bool, *Journal) {
	if result.Failed {
		return false, before
	}
	next, expected := before.Step(op)
	return expected.Taken <= result.Taken, next
}

// stepHeld is a reading of what a host holds as the partition of the attempt op.Key sees it. The heartbeats of all hosts
// are the same in every partition, because each sees every renewal.
func stepHeld(before *Journal, op *JournalOp, result *JournalResult) (bool, *Journal) {
	if result.Failed {
		return false, before
	}
	_, expected := before.Step(op)
	for _, heartbeat := range expected.Others {
		if !slices.Contains(result.Others, heartbeat) {
			return false, before
		}
	}
	for _, heartbeat := range result.Others {
		if heartbeat.Host == op.Host || heartbeat.Count != before.heartbeat(heartbeat.Host) {
			return false, before
		}
	}
	at := slices.IndexFunc(result.Leases, func(l engine.Lease) bool { return l.Key == op.Key })
	if at < 0 {
		return len(expected.Leases) == 0, before
	}
	return len(expected.Leases) == 1 && expected.Leases[0] == result.Leases[at], before
}

// takeOver is a renewal without its heartbeat.
func takeOver(before *Journal, op *JournalOp) *Journal {
	next := before.Clone()
	if e := next.find(op.Key); e != nil {
		o := &e.orchestration
		if o.Unfinished() && o.Holder != op.Host && next.free(o.Holder, op.Suspects) {
			o.Holder = op.Host
			o.Epoch++
		}
	}
	return next
}

// stepPurge is a purge as the partition of the attempt op.Key sees it, when it is known that the maximum left room for
// it. The others are open: see partitionByAttempt.
func stepPurge(before *Journal, op *JournalOp, result *JournalResult) (bool, *Journal) {
	if result.Failed {
		return false, before
	}
	next, expected := before.Step(op)
	return expected.Purged <= result.Purged, next
}

// partitionByAttempt splits a history into those of single attempts, in the order of their keys.
func partitionByAttempt(history []porcupine.Operation) [][]porcupine.Operation {
	var keys []engine.AttemptKey
	for i := range history {
		call, result := history[i].Input.(JournalCall), history[i].Output.(JournalResult)
		if !call.Op.Kind.spans() {
			keys = append(keys, call.Op.Key)
		}
		for j := range result.Leases {
			keys = append(keys, result.Leases[j].Key)
		}
	}
	slices.SortFunc(keys, compareKeys)
	keys = slices.Compact(keys)

	parts := make([][]porcupine.Operation, len(keys))
	for _, operation := range history {
		call, result := operation.Input.(JournalCall), operation.Output.(JournalResult)
		if call.Op.Kind == JournalPurge && result.Purged >= call.Op.Max {
			call.Open = true // nobody knows for which attempts it had room
		}
		open := call.Open || result.ambiguous()
		if open {
			operation.Return = math.MaxInt64
		}
		if !call.Op.Kind.spans() {
			at, _ := slices.BinarySearchFunc(keys, call.Op.Key, compareKeys)
			parts[at] = append(parts[at], withInput(operation, call))
			continue
		}
		// Only when there are more attempts than a renewal takes may it have had no room.
		split := call.Op.Kind == JournalRenewLease && call.Op.Max > 0 && call.Op.Max < len(keys) &&
			(open || result.Taken >= call.Op.Max)
		for at, key := range keys {
			call.Op.Key = key
			if split {
				takeover, heartbeat := call, call
				takeover.Op.Kind, takeover.Open, heartbeat.Op.Max = journalTakeOver, true, 0
				sometime := withInput(operation, takeover)
				sometime.Return = math.MaxInt64
				parts[at] = append(parts[at], sometime, withInput(operation, heartbeat))
				continue
			}
			parts[at] = append(parts[at], withInput(operation, call))
		}
	}
	return parts
}

// withInput returns an operation with another input.
func withInput(operation porcupine.Operation, call JournalCall) porcupine.Operation {
	operation.Input = call
	return operation
}

// spans reports whether operations of the kind concern all attempts.
func (k JournalOpKind) spans() bool {
	return k == JournalRenewLease || k == JournalHeld || k == JournalPurge
}
