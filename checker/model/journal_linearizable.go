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
}

// JournalModel is the sequential specification of the journal for porcupine, over
// histories of [JournalCall] and [JournalResult] that begin with an empty journal.
// What [Model] says about open and rejected operations holds here too.
//
// A history is split by attempt. Two operations span attempts, and every
// partition sees its part of them: of a hold, whether its attempt is among those
// held, and how; of a purge, which only counts, that its attempt may be among the
// purged, and has to be when the count is below the maximum. Every linearizable
// history passes; that one hold took its attempts at one moment is not checked.
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
			case call.Op.Kind == JournalHold && !open:
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
// taken over is only left out when others may have used the maximum up.
func stepHold(before *Journal, op *JournalOp, result *JournalResult) (bool, *Journal) {
	if result.Failed {
		return false, before
	}
	at := slices.IndexFunc(result.Orchestrations, func(o engine.Orchestration) bool { return o.Key == op.Key })
	next, expected := StepJournal(before, op)
	if at >= 0 {
		return len(expected.Orchestrations) == 1 &&
			sameOrchestration(&expected.Orchestrations[0], &result.Orchestrations[at]), next
	}
	if len(expected.Orchestrations) == 0 {
		return true, before
	}
	known, _ := before.Orchestration(op.Key)
	return known.Holder != op.Host && len(result.Orchestrations) >= op.Max, before
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
		for at, key := range keys {
			call.Op.Key = key
			operation.Input = call
			parts[at] = append(parts[at], operation)
		}
	}
	return parts
}

// spans reports whether operations of the kind concern all attempts.
func (k JournalOpKind) spans() bool { return k == JournalHold || k == JournalPurge }

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
