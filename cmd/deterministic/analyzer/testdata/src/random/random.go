// Package random holds randomness that does not follow from the seed.
package random

import (
	"math/rand"
	randv2 "math/rand/v2"
)

func global() int {
	rand.Seed(1)                       // want `rand.Seed: its values do not follow from the seed`
	rand.Shuffle(2, func(i, j int) {}) // want `rand.Shuffle`
	_ = randv2.N(10)                   // want `rand.N`
	draw := randv2.IntN                // want `rand.IntN`
	return rand.Intn(10) + draw(10)    // want `rand.Intn: .* from a source that the caller seeds`
}

// Silent: generators made from a source of one's own.
func seeded(seed uint64) int {
	old := rand.New(rand.NewSource(int64(seed)))
	mine := randv2.New(randv2.NewPCG(seed, 1))
	return old.Intn(10) + mine.IntN(10)
}
