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

// NewPoint returns the point with a name, the same point for the same name. By convention a name has the form
// "part.verb.aspect", for example "db.claim.latency".
//
// Call it to initialise package-level variables. Every kernel reads the table of points without a lock, so NewPoint
// must not be called while a kernel runs.
func NewPoint(name string) Point {
	if point, ok := pointOf[name]; ok {
		return point
	}
	point := Point(len(points))
	points = append(points, pointEntry{name: name, hash: hashString(name)})
	pointOf[name] = point
	return point
}

// String returns the name of the point.
func (point Point) String() string { return points[point].name }

func (point Point) hash() uint64 { return points[point].hash }

// A Key identifies one decision of a run. As part of an [Override] it may stand for a class of decisions.
type Key struct {
	Actor      string `json:"actor"`      // name of the [Actor]
	Operation  string `json:"operation"`  // name of the [Point]
	Occurrence uint32 `json:"occurrence"` // number of earlier decisions of the actor at the point
}

// String returns the key as "actor operation #occurrence".
func (key Key) String() string {
	return fmt.Sprintf("%s %s #%d", key.Actor, key.Operation, key.Occurrence)
}

// An Actor makes decisions: it is a process, a network link or a client. Decisions of different actors are independent,
// so one more decision of one actor changes none of another. [Kernel.Actor] makes it.
type Actor struct {
	name        string
	hash        uint64
	run         uint64   // of base and occurrences
	base        uint64   // seed and name, mixed
	occurrences []uint32 // by point
}

// Name returns the name of the actor.
func (a *Actor) Name() string { return a.name }

// actorsKept limits the number of actors that are kept for the next run, in case every run uses new names.
const actorsKept = 1 << 14

// Actor returns the actor with a name. Within a run it returns the same actor for the same name.
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

// Draw makes a decision: it returns a value that depends on the seed, the actor, the point and the occurrence, uniform
// over 64 bits. An override or the tape may replace it. 0 is the calm value.
//
// Each pair of actor and point has its own SplitMix64 sequence (Steele, Lea and Flood, "Fast Splittable Pseudorandom
// Number Generators", OOPSLA 2014), so a decision keeps its value when other decisions are added or removed.
//
// In a task that unwinds after a crash, Draw returns 0 and counts no occurrence.
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

// steer returns the final value of a decision, after overrides and tape, and passes it to the observer.
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

// OverridesApplied returns how many of [Config].Overrides have replaced a decision of the run so far. The run has made
// no decision that the others apply to.
func (k *Kernel) OverridesApplied() int { return k.overrides.applied }

// LastDecision returns the key of the latest decision of an actor at a point in this run. It panics if there is none.
func (k *Kernel) LastDecision(a *Actor, point Point) Key {
	if a.occurrences[point] == 0 {
		panic(fmt.Sprintf("kernel: LastDecision(%s, %s): no decision yet", a.name, point))
	}
	return Key{Actor: a.name, Operation: point.String(), Occurrence: a.occurrences[point] - 1}
}

// Chance decides whether something with a probability from 0 to 1 happens. It happens on high draws, so value 0 means
// no. With a probability of 0 or less it never happens, but the decision still counts as an occurrence.
func (k *Kernel) Chance(a *Actor, point Point, probability float64) bool {
	value := k.Draw(a, point)
	return value != 0 && unit(value) >= 1-probability
}

// Pick decides on one of n alternatives, from 0 to n-1. Value 0 means alternative 0. It panics if n is not positive.
func (k *Kernel) Pick(a *Actor, point Point, n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("kernel: Pick(%s, %s, %d): n must be at least 1", a.name, point, n))
	}
	high, _ := bits.Mul64(k.Draw(a, point), uint64(n))
	return int(high)
}

// Between decides on a duration from low to high, both included, in whole microseconds and with equal probability.
// Value 0 means low. A high below low counts as low.
func (k *Kernel) Between(a *Actor, point Point, low, high time.Duration) time.Duration {
	value := k.Draw(a, point)
	least := microseconds(low)
	width := max(0, microseconds(high)-least)
	offset, _ := bits.Mul64(value, uint64(width)+1)
	return duration(least + int64(offset))
}

// A Latency describes how long an operation takes. Half of the operations take from Min to Median, with equal
// probability. The other half takes longer, with the tail of a Pareto distribution of index 2, cut off at Max: 1 of 200
// operations takes 10 times the median or more.
type Latency struct {
	Min, Median, Max time.Duration
}

// Latency decides how long an operation takes, in whole microseconds. Value 0 means Min.
//
// The tail is the inverse of the bounded Pareto distribution on [L, H] with index 2, for v in [0, 1):
//
//	x = L·H / sqrt(H² − v·(H² − L²))
func (k *Kernel) Latency(a *Actor, point Point, l Latency) time.Duration {
	u := unit(k.Draw(a, point))
	median := float64(l.Median)
	var x float64
	// The conversions prevent the compiler from fusing a multiplication and an addition, which rounds differently. A
	// seed must give the same run on every architecture.
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
