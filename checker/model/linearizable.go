package model

import (
	"math"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/engine"
)

// A Call is the input of a [porcupine.Operation] in a history of the review
// store; the output is a [Result].
type Call struct {
	Op Op
	// Open: the caller never learned the effect, since it crashed, gave up, or was
	// told [engine.Ambiguous].
	Open bool
}

// Model is the sequential specification of the review store for porcupine, over
// histories of [Call] and [Result] that begin with an empty store.
//
// # Partitions
//
// A history is split by owner. Operations that name a review only go to the owner
// who submitted it anywhere in the history; owners who meet in one review stay
// together. A sweep looks at all owners at once and is left out. This needs a
// history of operations, not of events.
//
// # Open operations
//
// An open operation may have had its effect at any time since its call, or never.
// Any answer is legal, and the partition moves its return behind every other one,
// whatever the history says. Both branches are covered without a nondeterministic
// model: every operation is defined in every state, so porcupine may put one that
// did not happen at the very end, where no answer tells of it. A model that forks
// the state would have to carry both branches through the whole history instead.
//
// # Rejected operations
//
// The contract lets a store out of reach reject any operation before it has an
// effect. So a rejection is legal everywhere and changes nothing, also where the
// model would not have rejected.
func Model() porcupine.Model {
	return porcupine.Model{
		Partition: partitionByOwner,
		Init:      func() any { return NewStore() },
		Step: func(state, input, output any) (bool, any) {
			call, result := input.(Call), output.(Result)
			before := state.(*Store)
			switch {
			case call.Open || result.ambiguous():
				next, _ := Step(before, &call.Op)
				return true, next
			case result.rejected():
				return true, before
			}
			next, expected := Step(before, &call.Op)
			return expected.Equal(&result), next
		},
		Equal: func(a, b any) bool { return a.(*Store).Equal(b.(*Store)) },
		Hash:  func(state any) uint64 { return state.(*Store).hash() },
		DescribeOperation: func(input, output any) string {
			call, result := input.(Call), output.(Result)
			if call.Open || result.ambiguous() {
				return call.Op.String() + " -> unknown"
			}
			return call.Op.String() + " -> " + result.String()
		},
		DescribeState: func(state any) string { return state.(*Store).String() },
	}
}

// ambiguous reports whether the answer says that the effect is unknown.
func (r *Result) ambiguous() bool { return r.Failed && r.Err == engine.Ambiguous }

// rejected reports whether the answer says that there was no effect.
func (r *Result) rejected() bool { return r.Failed && r.Err == engine.Rejected }

// partitionByOwner splits a history into those of single owners, in the order of
// their first operations.
func partitionByOwner(history []porcupine.Operation) [][]porcupine.Operation {
	groups := newGroups(len(history))
	for i := range history {
		call := history[i].Input.(Call)
		if call.Op.Kind == OpSweep {
			continue
		}
		owner, review := call.Op.Owner, call.Op.Key.Review
		if call.Op.Kind == OpSubmit {
			owner, review = call.Op.Submission.Owner, call.Op.Submission.Review
		}
		if owner != "" {
			groups.join(i, "owner "+string(owner))
		}
		if review != "" {
			groups.join(i, "review "+string(review))
		}
	}
	var parts [][]porcupine.Operation
	part := make(map[int]int, 8) // root of a group to its place in parts
	for i, operation := range history {
		call := operation.Input.(Call)
		if call.Op.Kind == OpSweep {
			continue
		}
		root := groups.root(i)
		at, known := part[root]
		if !known {
			at = len(parts)
			part[root] = at
			parts = append(parts, nil)
		}
		if result := operation.Output.(Result); call.Open || result.ambiguous() {
			operation.Return = math.MaxInt64
		}
		parts[at] = append(parts[at], operation)
	}
	return parts
}

// groups joins the operations of a history that have a name in common
// (union-find).
type groups struct {
	parent []int
	first  map[string]int // name to the first operation that has it
}

func newGroups(n int) *groups {
	g := &groups{parent: make([]int, n), first: make(map[string]int, 8)}
	for i := range g.parent {
		g.parent[i] = i
	}
	return g
}

// join puts operation i into the group of a name.
func (g *groups) join(i int, name string) {
	first, known := g.first[name]
	if !known {
		g.first[name] = i
		return
	}
	if a, b := g.root(first), g.root(i); a != b {
		g.parent[max(a, b)] = min(a, b)
	}
}

func (g *groups) root(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}
