package certify

import "math/rand/v2"

// A Scenario is one kind of race.
type Scenario struct {
	// Name identifies it, as in "claims-under-one-limit".
	Name string
	// Sentence says who races for what.
	Sentence string

	reviews func(random *rand.Rand) plan[reviewOp]
	journal func(random *rand.Rand) plan[journalOp]
}

// Scenarios returns every kind of race, those over the review store first.
func Scenarios() []Scenario {
	return append(reviewScenarios(), journalScenarios()...)
}

// draw makes plans from one source of chance.
type draw struct{ *rand.Rand }

// oneOf returns one of the values.
func oneOf[T any](d draw, values ...T) T { return values[d.IntN(len(values))] }

// between returns a number from low to high, both included.
func (d draw) between(low, high int) int { return low + d.IntN(high-low+1) }
