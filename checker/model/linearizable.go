package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// A Call is the input of a [porcupine.Operation] in a history. The output is the result of the operation.
type Call[Op any] struct {
	Op Op
	// Open: the caller never learned the effect, because it crashed, gave up, or was answered [engine.Ambiguous].
	Open bool
}

// A ReviewsCall is a call of the review store.
type ReviewsCall = Call[ReviewsOp]

// A JournalCall is a call of the journal.
type JournalCall = Call[JournalOp]

// A state is the state of a model: a [*Reviews] or a [*Journal].
type state[State any] interface {
	fmt.Stringer
	Equal(other State) bool
	hash() uint64 // the same for equal states
}

// specification returns a sequential specification for porcupine, over histories of [Call] and its result that begin
// with the empty state.
//
// step carries an operation out and reports whether the answer is legal. It is not called for an operation that was
// rejected, which is legal everywhere and changes nothing. open means that any answer is legal.
func specification[State state[State], Op, Result any, Operation operation[Op], Answer answer[Op, Result]](
	empty func() State,
	partition func(history []porcupine.Operation) [][]porcupine.Operation,
	step func(before State, op *Op, result *Result, open bool) (legal bool, after State),
) porcupine.Model {
	effect := func(input, output any) (call Call[Op], result Result, open, rejected bool) {
		call, result = input.(Call[Op]), output.(Result)
		failure := Answer(&result).failure()
		open = call.Open || failure.ambiguous()
		return call, result, open, !open && failure.rejected()
	}
	return porcupine.Model{
		Partition: partition,
		Init:      func() any { return empty() },
		Step: func(before, input, output any) (bool, any) {
			call, result, open, rejected := effect(input, output)
			if rejected {
				return true, before
			}
			return step(before.(State), &call.Op, &result, open)
		},
		Equal: func(a, b any) bool { return a.(State).Equal(b.(State)) },
		Hash:  func(at any) uint64 { return at.(State).hash() },
		DescribeOperation: func(input, output any) string {
			call, result, open, _ := effect(input, output)
			if open {
				return Operation(&call.Op).String() + " -> unknown"
			}
			return Operation(&call.Op).String() + " -> " + Answer(&result).String()
		},
		DescribeState: func(at any) string { return at.(State).String() },
	}
}

// A hash is FNV-1a with 64 bits, over numbers.
type hash uint64

func newHash() hash { return 14695981039346656037 }

func (h *hash) add(n uint64) { *h = (*h ^ hash(n)) * 1099511628211 }
