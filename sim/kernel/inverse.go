package kernel

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Overrides and tapes replace the 64 bits of a decision. The following functions return the bits for a wanted result.
// Each returns the least such value, so that the value for the first alternative is the calm one, 0.

// PickValue returns a value for which [Kernel.Pick] among n alternatives decides on alternative i. It panics if there
// is no such alternative.
func PickValue(i, n int) uint64 {
	if i < 0 || i >= n {
		panic(fmt.Sprintf("kernel: PickValue(%d, %d): allowed are alternatives from 0 to n-1", i, n))
	}
	return leastFor(uint64(i), uint64(n))
}

// ChanceValue returns a value for which [Kernel.Chance] returns happens, at any probability above 0.
func ChanceValue(happens bool) uint64 {
	if happens {
		return math.MaxUint64
	}
	return 0
}

// BetweenValue returns a value for which [Kernel.Between], with low and high, decides on span, rounded up to whole
// microseconds. It panics if the span is not from low to high.
func BetweenValue(span, low, high time.Duration) uint64 {
	if span < low || span > high {
		panic(fmt.Sprintf("kernel: BetweenValue(%s, %s, %s): allowed are spans from low to high", span, low, high))
	}
	least := microseconds(low)
	return leastFor(uint64(microseconds(span)-least), uint64(microseconds(high)-least)+1)
}

// leastFor returns the least v with floor(v·n / 2^64) = i: the ceiling of i·2^64 / n.
func leastFor(i, n uint64) uint64 {
	quotient, remainder := bits.Div64(i, 0, n)
	if remainder > 0 {
		quotient++
	}
	return quotient
}
