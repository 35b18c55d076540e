package pgwire

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
)

// A Decider draws the decisions of [Random]. Decide returns 64 bits for a kind of message (the point) and how many
// messages of that kind came before. It must return equal bits for equal arguments. High draws inject a fault and the
// draw 0 does not, so overriding one decision with 0 removes that one fault.
type Decider interface {
	Decide(point string, occurrence int) uint64
}

// Rates are the probabilities of actions. Each is from 0 to 1, and those per message add up to at most 1.
type Rates struct {
	// CutBefore, CutMiddle, CutAfter and Hang are per message.
	CutBefore, CutMiddle, CutAfter, Hang float64
	// Delay is per message. The message is forwarded after the delay.
	Delay float64
	// Refuse is per connection.
	Refuse float64
}

// Random is an injector that draws the action of each message. It counts messages from its creation.
type Random struct {
	decider Decider
	rates   Rates
	delay   func(ctx context.Context) error
	seen    map[string]int
}

// NewRandom returns an injector that draws from a decider at the given rates. Delayed messages wait for delay to
// return. The error names a rate that is not a probability.
func NewRandom(decider Decider, rates Rates, delay func(ctx context.Context) error) (*Random, error) {
	sum := 0.0
	for _, rate := range []float64{rates.CutBefore, rates.CutMiddle, rates.CutAfter, rates.Hang, rates.Delay} {
		if !(rate >= 0) {
			return nil, fmt.Errorf("pgwire: a rate of %v is not a probability from 0 to 1", rate)
		}
		sum += rate
	}
	if !(sum <= 1) || !(rates.Refuse >= 0 && rates.Refuse <= 1) {
		return nil, fmt.Errorf("pgwire: rates %+v: those per message may add up to 1, and refuse may be up to 1", rates)
	}
	if rates.Delay > 0 && delay == nil {
		return nil, fmt.Errorf("pgwire: a delay at rate %v needs a function that delays", rates.Delay)
	}
	return &Random{decider: decider, rates: rates, delay: delay, seen: map[string]int{}}, nil
}

// Point returns the name of the decision about a message: "wire.client.Parse".
func Point(m Message) string { return "wire." + m.Direction.String() + "." + m.Type }

// Decide draws the message's action.
func (r *Random) Decide(m Message) Decision {
	point := Point(m)
	draw := r.decider.Decide(point, r.seen[point])
	r.seen[point]++
	// The distance of the draw from the highest, as a fraction: faults come first.
	fraction := float64((^uint64(0)-draw)>>11) / (1 << 53)
	if m.Type == Connect {
		if fraction < r.rates.Refuse {
			return Decision{Action: CutBefore}
		}
		return Decision{}
	}
	for _, one := range []struct {
		rate     float64
		decision Decision
	}{
		{r.rates.Hang, Decision{Action: Hang}},
		{r.rates.CutAfter, Decision{Action: CutAfter}},
		{r.rates.CutMiddle, Decision{Action: CutMiddle}},
		{r.rates.CutBefore, Decision{Action: CutBefore}},
		{r.rates.Delay, Decision{Delay: r.delay}},
	} {
		if fraction < one.rate {
			return one.decision
		}
		fraction -= one.rate
	}
	return Decision{}
}

// Seeded is a [Decider] that depends only on its seed: FNV-1a over the point and its occurrence, then the finalizer of
// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
type Seeded uint64

// Decide returns the bits of one decision.
func (s Seeded) Decide(point string, occurrence int) uint64 {
	hash := fnv.New64a()
	hash.Write([]byte(point + "#" + strconv.Itoa(occurrence)))
	z := hash.Sum64() + uint64(s)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
