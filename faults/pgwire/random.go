package pgwire

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
)

// A Decider draws the decisions of [Random]: 64 bits for the nth message of a kind (the point), from 0, that
// an injector is asked about. It has to give equal bits for equal arguments. High draws are misfortune and the draw 0 is
// calm, so a tape on which a decision is overridden with 0 lacks that one fault.
type Decider interface {
	Decide(point string, occurrence int) uint64
}

// Rates are the probabilities of fates, each from 0 to 1 and together at most 1.
type Rates struct {
	// CutBefore, CutMiddle, CutAfter and Hang are per message.
	CutBefore, CutMiddle, CutAfter, Hang float64
	// Delay is per message; the message is forwarded after the delay.
	Delay float64
	// Refuse is per connection.
	Refuse float64
}

// Random is an injector that draws the fate of each message. It counts messages from when it was made.
type Random struct {
	decider Decider
	rates   Rates
	delay   func(ctx context.Context) error
	seen    map[string]int
}

// NewRandom returns an injector that draws from a decider at some rates. A message whose draw says so waits for
// delay. The error names a rate that is no probability.
func NewRandom(decider Decider, rates Rates, delay func(ctx context.Context) error) (*Random, error) {
	sum := 0.0
	for _, rate := range []float64{rates.CutBefore, rates.CutMiddle, rates.CutAfter, rates.Hang, rates.Delay} {
		if !(rate >= 0) {
			return nil, fmt.Errorf("wire: a rate of %v is not a probability from 0 to 1", rate)
		}
		sum += rate
	}
	if !(sum <= 1) || !(rates.Refuse >= 0 && rates.Refuse <= 1) {
		return nil, fmt.Errorf("wire: rates %+v: those per message may add up to 1, and refuse may be up to 1", rates)
	}
	if rates.Delay > 0 && delay == nil {
		return nil, fmt.Errorf("wire: a delay at rate %v needs a function that delays", rates.Delay)
	}
	return &Random{decider: decider, rates: rates, delay: delay, seen: map[string]int{}}, nil
}

// Point returns the name of the decision about a message: "wire.client.Parse".
func Point(m Message) string { return "wire." + m.Direction.String() + "." + m.Type }

// Decide draws the message's fate.
func (r *Random) Decide(m Message) Action {
	point := Point(m)
	draw := r.decider.Decide(point, r.seen[point])
	r.seen[point]++
	// How far the draw is from the highest, as a fraction: misfortune comes first.
	fraction := float64((^uint64(0)-draw)>>11) / (1 << 53)
	if m.Type == Connect {
		if fraction < r.rates.Refuse {
			return Action{Fate: CutBefore}
		}
		return Action{}
	}
	for _, one := range []struct {
		rate   float64
		action Action
	}{
		{r.rates.Hang, Action{Fate: Hang}},
		{r.rates.CutAfter, Action{Fate: CutAfter}},
		{r.rates.CutMiddle, Action{Fate: CutMiddle}},
		{r.rates.CutBefore, Action{Fate: CutBefore}},
		{r.rates.Delay, Action{Delay: r.delay}},
	} {
		if fraction < one.rate {
			return one.action
		}
		fraction -= one.rate
	}
	return Action{}
}

// Seeded is a [Decider] that depends on nothing but its seed: FNV-1a over the point and its occurrence, then the
// finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
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
