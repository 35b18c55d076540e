package kernel

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// A Point names a place in a simulated program: where a decision is drawn, where an event happens, or where data is
// noted. A latency and the event that it leads to can share one. Make it with [NewPoint] and keep it in a package-level
// variable. The zero value is the point "unnamed".
type Point uint32

type pointEntry struct {
	name string
	hash uint64
}

var (
	points  = []pointEntry{{name: "unnamed", hash: hashString("unnamed")}}
	pointOf = map[string]Point{"unnamed": 0}
)

// NewPoint returns the point of a name. It returns the same point for the same name. By convention a name has the form
// "part.verb.aspect", for example "db.claim.latency".
//
// It is for the initialisation of package-level variables: the table that it adds to is read without a lock by every
// kernel, so it must not be called while a kernel runs.
func NewPoint(name string) Point {
	if point, ok := pointOf[name]; ok {
		return point
	}
	point := Point(len(points))
	points = append(points, pointEntry{name: name, hash: hashString(name)})
	pointOf[name] = point
	return point
}

// String returns the name.
func (point Point) String() string { return points[point].name }

func (point Point) hash() uint64 { return points[point].hash }

// A Key identifies one decision of a run: the occurrence-th time (from 0) that an actor decided about an operation.
type Key struct {
	Actor      string `json:"actor"`
	Operation  string `json:"operation"`
	Occurrence uint32 `json:"occurrence"`
}

// String returns the key as "actor operation #occurrence".
func (key Key) String() string {
	return fmt.Sprintf("%s %s #%d", key.Actor, key.Operation, key.Occurrence)
}

// An Actor is whoever decides: a process, a network link, a client. Decisions of different actors are independent of
// each other, so that one more decision here changes nothing there.
type Actor struct {
	name        string
	hash        uint64
	run         uint64   // the run that base and occurrences are for
	base        uint64   // seed and name, mixed
	occurrences []uint32 // by operation
}

// Name returns the name that the actor was made for.
func (a *Actor) Name() string { return a.name }

// actorsKept bounds the table of actors that outlives a run, should every run invent new names.
const actorsKept = 1 << 14

// Actor returns the actor of a name: the same one for the same name within a run.
func (k *Kernel) Actor(name string) *Actor {
	a := k.actors[name]
	if a == nil {
		a = &Actor{name: name, hash: hashString(name)}
		k.actors[name] = a
	}
	if a.run != k.run {
		a.run = k.run
		a.base = mix64(k.config.Seed ^ a.hash)
		if missing := len(points) - len(a.occurrences); missing > 0 {
			a.occurrences = slices.Grow(a.occurrences, missing)[:len(points)]
		}
		clear(a.occurrences)
	}
	return a
}

// Draw decides: it returns f(seed, actor, operation, occurrence), uniform over 64 bits, unless an override or the
// tape says otherwise. Each (actor, operation) pair is a SplitMix64 sequence of its own, so a decision keeps its value
// when unrelated decisions come or go. 0 is the calm value.
//
// A task that is unwinding after a crash gets 0 and consumes nothing.
func (k *Kernel) Draw(a *Actor, point Point) uint64 {
	if k.unwinding {
		return 0
	}
	occurrence := a.occurrences[point]
	a.occurrences[point] = occurrence + 1
	value := mix64(mix64(a.base^point.hash()) + (uint64(occurrence)+1)*goldenGamma)
	if k.steered || k.OnDecision != nil {
		value = k.steer(Key{Actor: a.name, Operation: point.String(), Occurrence: occurrence}, point, value)
	}
	return value
}

// steer asks overrides and tape for the value of a decision, and tells the observer.
func (k *Kernel) steer(key Key, point Point, value uint64) uint64 {
	if replacement, ok := k.overrides.find(key, point); ok {
		value = replacement
	} else if k.config.Tape != nil {
		if replacement, ok := k.config.Tape(key); ok {
			value = replacement
		}
	}
	if k.OnDecision != nil {
		k.OnDecision(key, value)
	}
	return value
}

// OverridesApplied returns how many entries of [Config].Overrides have replaced a decision of the run. Fewer than were
// given means that the run never came to the others.
func (k *Kernel) OverridesApplied() int { return k.overrides.applied }

// LastDecision returns the key of what an actor has decided last about an operation in this run. It panics when the
// actor has never decided about it.
func (k *Kernel) LastDecision(a *Actor, point Point) Key {
	if a.occurrences[point] == 0 {
		panic(fmt.Sprintf("kernel: LastDecision(%s, %s): no decision yet", a.name, point))
	}
	return Key{Actor: a.name, Operation: point.String(), Occurrence: a.occurrences[point] - 1}
}

// Chance decides whether something with a probability happens. It happens on high draws, so value 0 means no. A
// probability of 0 or less never happens, and still counts as an occurrence.
func (k *Kernel) Chance(a *Actor, point Point, probability float64) bool {
	value := k.Draw(a, point)
	return value != 0 && unit(value) >= 1-probability
}

// Pick decides on one of n alternatives, 0 to n-1; value 0 means 0. It panics when n is not positive.
func (k *Kernel) Pick(a *Actor, point Point, n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("kernel: Pick(%s, %s, %d): n must be at least 1", a.name, point, n))
	}
	high, _ := bits.Mul64(k.Draw(a, point), uint64(n))
	return int(high)
}

// Between decides on a span from low to high, both included and in whole microseconds, evenly; value 0 means low. A
// high below low counts as low.
func (k *Kernel) Between(a *Actor, point Point, low, high time.Duration) time.Duration {
	value := k.Draw(a, point)
	least := microseconds(low)
	width := max(0, microseconds(high)-least)
	offset, _ := bits.Mul64(value, uint64(width)+1)
	return duration(least + int64(offset))
}

// A Latency describes how long an operation takes. Half of the time it takes Min to Median, evenly; half of the time
// more, with the tail of a Pareto distribution of index 2 cut off at Max: 10 times the median or more in 1 of 200.
type Latency struct {
	Min, Median, Max time.Duration
}

// Latency decides how long an operation takes, in whole microseconds; value 0 means Min.
//
// The tail is the inverse of the bounded Pareto distribution on [L, H] with index 2,
// x = L·H / sqrt(H² − v·(H² − L²)) for v in [0, 1).
func (k *Kernel) Latency(a *Actor, point Point, l Latency) time.Duration {
	u := unit(k.Draw(a, point))
	median := float64(l.Median)
	var x float64
	// The conversions keep the compiler from fusing multiplication and addition, which rounds differently: a seed
	// must mean the same run on every architecture.
	if u < 0.5 {
		least := float64(l.Min)
		x = least + float64(2*u*(median-least))
	} else {
		most := max(median, float64(l.Max))
		square := float64(most * most)
		span := square - float64(median*median)
		x = float64(median*most) / math.Sqrt(square-float64((2*u-1)*span))
	}
	return duration(microseconds(time.Duration(x)))
}

// unit maps a draw to [0, 1).
func unit(value uint64) float64 { return float64(value>>11) / (1 << 53) }
