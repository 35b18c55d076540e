package certify

import (
	"math/rand/v2"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A scenario is one kind of race.
type scenario struct {
	// name identifies it, as in "claims-under-one-limit".
	name string
	// sentence describes who races for what.
	sentence string
	// port is the store that is raced over.
	port *port
	// plan makes the plan of one round.
	plan func(d draw) plan
}

// A port is the review store or the journal.
type port struct {
	// model is its sequential specification.
	model porcupine.Model
	// lockRows is the statement that locks each row that an operation may change.
	lockRows string
}

// scenarios returns every kind of race, those over the review store first.
func scenarios() []scenario {
	return append(reviewScenarios(), journalScenarios()...)
}

// A plan is what happens in one round.
type plan struct {
	before []operation   // one after the other; they make the state that is raced over
	rivals [][]operation // of one connection each, all at once
	after  []operation   // one after the other; they read the state at the end
}

// draw makes the decisions of plans from one source of randomness.
type draw struct{ *rand.Rand }

// oneOf returns one of the values.
func oneOf[T any](d draw, values ...T) T { return values[d.IntN(len(values))] }

// between returns a number from low to high, both included.
func (d draw) between(low, high int) int { return low + d.IntN(high-low+1) }

// input returns an operation as the model of its port takes it.
func (o operation) input() any {
	if o.review != nil {
		return model.ReviewsCall{Op: *o.review}
	}
	return model.JournalCall{Op: *o.journal}
}

// output returns an answer as the model of its port takes it.
func (a answer) output() any {
	if a.review != nil {
		return *a.review
	}
	return *a.journal
}

// ambiguous counts the operations of a history that may or may not have taken effect.
func ambiguous(history []porcupine.Operation) int {
	n := 0
	for i := range history {
		var a answer
		switch output := history[i].Output.(type) {
		case model.ReviewsResult:
			a.review = &output
		case model.JournalResult:
			a.journal = &output
		}
		if kind, failed := a.failure(); failed && kind == engine.Ambiguous {
			n++
		}
	}
	return n
}

// overlap reports whether operations of two rivals were in flight at the same time.
func overlap(history []porcupine.Operation) bool {
	for i := range history {
		for j := range history[:i] {
			a, b := &history[i], &history[j]
			if a.ClientId != b.ClientId && a.Call < b.Return && b.Call < a.Return {
				return true
			}
		}
	}
	return false
}
