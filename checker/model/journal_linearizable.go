package model

import (
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/engine"
)

// A JournalCall is the input of a [porcupine.Operation] in a history of the
// journal; the output is a [JournalResult].
type JournalCall struct {
	Op JournalOp
	// Open: the caller never learned the effect, since it crashed, gave up, or was
	// told [engine.Ambiguous].
	Open bool

	part holdPart
}

// A holdPart is what one partition sees of a hold whose answer nobody knows.
type holdPart uint8

const (
	_ holdPart = iota // all of it, in a history that is not split
	// onlyRenew and onlyTake: the host's beat counts in every partition, while
	// the attempt may have been left out for others. Together they are the hold,
	// one without the other is a hold that had no room for the attempt.
	onlyRenew
	onlyTake
)

// JournalModel is the sequential specification of the journal for porcupine, over
// histories of [JournalCall] and [JournalResult] that begin with an empty journal.
// What [Model] says about open and rejected operations holds here too.
//
// A history is split by attempt. Two operations span attempts, and every
// partition sees its part of them: of a hold, the renewal of the host's lease,
// which later suspicions are compared with, the beats that it listed, and whether
// its attempt is among those held, and how; of a purge, which only counts, that its
// attempt may be among the purged, and has to be when the count is below the
// maximum. Every linearizable history passes; that one hold took its attempts at
// one moment is not checked, nor that each host it listed holds something.
func JournalModel() porcupine.Model {
	return porcupine.Model{
		Partition: partitionByAttempt,
		Init:      func() any { return NewJournal() },
		Step: func(state, input, output any) (bool, any) {
			call, result := input.(JournalCall), output.(JournalResult)
			before := state.(*Journal)
			if !call.Open && result.Failed && result.Err == engine.Rejected {
				return true, before
			}
			open := call.Open || result.ambiguous()
			switch {
			case call.Op.Kind == JournalRenewLease && call.part == onlyRenew:
				call.Op.Max = 0
			case call.Op.Kind == JournalRenewLease && call.part == onlyTake:
				return true, takeOver(before, &call.Op)
			case call.Op.Kind == JournalRenewLease && !open:
				return stepHold(before, &call.Op, &result)
			case call.Op.Kind == JournalPurge && !open:
				return stepPurge(before, &call.Op, &result)
			}
			next, expected := StepJournal(before, &call.Op)
			return open || expected.Equal(&result), next
		},
		Equal: func(a, b any) bool { return a.(*Journal).Equal(b.(*Journal)) },
		Hash:  func(state any) uint64 { return state.(*Journal).hash() },
		DescribeOperation: func(input, output any) string {
			call, result := input.(JournalCall), output.(JournalResult)
			if call.Open || result.ambiguous() {
				return call.Op.String() + " -> unknown"
			}
			return call.Op.String() + " -> " + result.String()
		},
		DescribeState: func(state any) string { return state.(*Journal).String() },
	}
}

// stepHold is a hold as the one attempt op.Key sees it. An attempt that could be
// taken over is only left out when others may have used the maximum up. The beats
// of all hosts are the same in every partition, since each sees every renewal.
func stepHold(before *Journal, op *JournalOp, result *JournalResult) (bool, *Journal) {
	if result.Failed {
		return false, before
	}
	at := slices.IndexFunc(result.Orchestrations, func(o engine.Orchestration) bool { return o.Key == op.Key })
	part := *op
	if at < 0 && len(result.Orchestrations) >= op.Max {
		part.Max = 0
	}
	next, expected := StepJournal(before, &part)
	for _, beat := range expected.Others {
		if !slices.Contains(result.Others, beat) {
			return false, before
		}
	}
	for _, beat := range result.Others {
		if beat.Host == op.Host || beat.Count != next.beat(beat.Host) {
			return false, before
		}
	}
	if at < 0 {
		return len(expected.Orchestrations) == 0, next
	}
	return len(expected.Orchestrations) == 1 &&
		sameOrchestration(&expected.Orchestrations[0], &result.Orchestrations[at]), next
}

// takeOver is a hold without its renewal.
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

// stepPurge is a purge as the one attempt op.Key sees it, when it is known that
// the maximum left room for it. The others are open: see partitionByAttempt.
func stepPurge(before *Journal, op *JournalOp, result *JournalResult) (bool, *Journal) {
	if result.Failed {
		return false, before
	}
	next, expected := StepJournal(before, op)
	return expected.Purged <= result.Purged, next
}

// ambiguous reports whether the answer says that the effect is unknown.
func (r *JournalResult) ambiguous() bool { return r.Failed && r.Err == engine.Ambiguous }

// partitionByAttempt splits a history into those of single attempts, in the order
// of their keys.
func partitionByAttempt(history []porcupine.Operation) [][]porcupine.Operation {
	var keys []engine.AttemptKey
	for i := range history {
		call, result := history[i].Input.(JournalCall), history[i].Output.(JournalResult)
		if !call.Op.Kind.spans() {
			keys = append(keys, call.Op.Key)
		}
		for j := range result.Orchestrations {
			keys = append(keys, result.Orchestrations[j].Key)
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
		if call.Open || result.ambiguous() {
			operation.Return = math.MaxInt64
		}
		if !call.Op.Kind.spans() {
			at, _ := slices.BinarySearchFunc(keys, call.Op.Key, compareKeys)
			operation.Input = call
			parts[at] = append(parts[at], operation)
			continue
		}
		// Only when there are more attempts than a hold takes may it have had no room.
		split := call.Op.Kind == JournalRenewLease && operation.Return == math.MaxInt64 &&
			call.Op.Max > 0 && call.Op.Max < len(keys)
		for at, key := range keys {
			call.Op.Key = key
			if split {
				call.part = onlyTake
				operation.Input = call
				parts[at] = append(parts[at], operation)
				call.part = onlyRenew
			}
			operation.Input = call
			parts[at] = append(parts[at], operation)
		}
	}
	return parts
}

// spans reports whether operations of the kind concern all attempts.
func (k JournalOpKind) spans() bool { return k == JournalRenewLease || k == JournalPurge }

// hash is equal for journals that are [Journal.Equal].
func (j *Journal) hash() uint64 {
	const prime = 1099511628211 // of FNV-1a, 64 bits
	h := uint64(14695981039346656037)
	for _, e := range j.rows {
		o := &e.orchestration
		h = (h ^ uint64(o.Phase)) * prime
		h = (h ^ uint64(o.Epoch)) * prime
		h = (h ^ uint64(o.Events)) * prime
	}
	for _, b := range j.beats {
		h = (h ^ b.Count) * prime
	}
	return h
}
