package model

import (
	"math"

	"github.com/anishathalye/porcupine"
)

// ReviewsModel returns the sequential specification of the review store for porcupine, over histories of [ReviewsCall]
// and [ReviewsResult] that begin with an empty store. Its steps are those of [Reviews], clocks included.
//
// # Partitions
//
// A history is split by owner. An operation that names only a review belongs to the owner who submitted that review
// anywhere in the history; owners of one review stay together. A sweep reads the reviews of all owners at once and is
// left out. Partitions need a history of operations, not of events.
//
// # Open operations
//
// An open operation may take effect at any time after its call, or never. Any answer is legal, and the partition moves
// its return behind every other one, wherever the history has it. Both branches are covered without a nondeterministic
// model: every operation is defined in every state, so porcupine may put an operation that did not happen at the very
// end, where no answer depends on it. A model that forks the state would carry both branches through the whole history
// instead.
//
// # Rejected operations
//
// The contract allows a store that is out of reach to reject any operation before it has an effect. So a rejection is
// legal everywhere and changes nothing, also where the model would not have rejected.
func ReviewsModel() porcupine.Model {
	return specification(NewReviews, partitionByOwner,
		func(before *Reviews, op *ReviewsOp, result *ReviewsResult, open bool) (bool, *Reviews) {
			next, expected := before.Step(op)
			return open || expected.Equal(result), next
		})
}

// partitionByOwner splits a history into those of single owners, in the order of their first operations.
func partitionByOwner(history []porcupine.Operation) [][]porcupine.Operation {
	groups := newGroups(len(history))
	for i := range history {
		call := history[i].Input.(ReviewsCall)
		if call.Op.Kind == ReviewsSweep {
			continue
		}
		owner, review := call.Op.Owner, call.Op.Key.Review
		if call.Op.Kind == ReviewsSubmit {
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
		call := operation.Input.(ReviewsCall)
		if call.Op.Kind == ReviewsSweep {
			continue
		}
		root := groups.root(i)
		at, known := part[root]
		if !known {
			at = len(parts)
			part[root] = at
			parts = append(parts, nil)
		}
		if result := operation.Output.(ReviewsResult); call.Open || result.ambiguous() {
			operation.Return = math.MaxInt64
		}
		parts[at] = append(parts[at], operation)
	}
	return parts
}

// groups joins the operations of a history that have a name in common (union-find).
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
