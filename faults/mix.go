package faults

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Mix is the set of kinds that are enabled in one run, each with its rate. The zero value is calm: nothing is enabled.
// It is a plain value of a few hundred bytes. Copies are independent, and == compares them.
type Mix struct {
	// chances[k] is how many of the 2^64 draws fire, derived from rates[k] for the hot path.
	chances [Count]uint64
	// rates[k] is the exact rate that was given, which Rate returns.
	rates [Count]float64
}

// Rate returns the probability that one decision about k injects the fault, 0 when the kind is off. The [Unit] of the
// kind's entry is how often that is decided. Rate panics when k is no kind.
func (m *Mix) Rate(k Kind) float64 { return m.rates[k] }

// Fires reports whether a fault of kind k happens at a fault point, given the 64 random bits drawn for that point. High
// draws fire; the higher the rate, the lower a draw may be. The draw 0 never fires, not even at rate 1. Fires panics
// when k is no kind.
func (m *Mix) Fires(k Kind, draw uint64) bool { return fires(m.chances[k], draw) }

// Set gives k a rate, from 0 (off) to 1 (each time). The error is a [*RateError], and leaves m unchanged. Set panics
// when k is no kind.
func (m *Mix) Set(k Kind, rate float64) error {
	if !(rate >= 0 && rate <= 1) { // written so that NaN fails
		return &RateError{Kind: k, Rate: rate}
	}
	m.set(k, rate)
	return nil
}

func (m *Mix) set(k Kind, rate float64) {
	m.rates[k], m.chances[k] = rate, chanceOf(rate)
	if rate == 0 {
		m.rates[k] = 0 // not minus zero
	}
}

// Enabled returns the kinds that may happen, in catalogue order.
func (m *Mix) Enabled() []Kind {
	var enabled []Kind
	for k, rate := range m.rates {
		if rate > 0 {
			enabled = append(enabled, Kind(k))
		}
	}
	return enabled
}

// fires reports whether draw is among the highest draws, chance of them. One comparison is enough: the complement of a
// draw counts from the top, and that of 0 is below no chance.
func fires(chance, draw uint64) bool { return ^draw < chance }

// chanceOf returns how many of the 2^64 draws fire at a rate from 0 to 1.
func chanceOf(rate float64) uint64 {
	switch {
	case rate <= 0:
		return 0
	case rate >= 1:
		return math.MaxUint64 // all draws but 0
	default:
		return max(uint64(math.Ldexp(rate, 64)), 1)
	}
}

// String returns the enabled kinds with their rates in catalogue order, for example "process.crash 0.3, network.delay
// 0.01", or "calm". It has a value receiver, so that fields of type Mix print too.
func (m Mix) String() string {
	var s strings.Builder
	for _, k := range m.Enabled() {
		if s.Len() > 0 {
			s.WriteString(", ")
		}
		s.WriteString(k.String() + " " + formatRate(m.rates[k]))
	}
	if s.Len() == 0 {
		return "calm"
	}
	return s.String()
}

// formatRate formats a rate with as many digits as are needed to read back the same number.
func formatRate(rate float64) string { return strconv.FormatFloat(rate, 'g', -1, 64) }

// RateError reports a rate that is not a probability.
type RateError struct {
	Kind Kind
	Rate float64
}

// Error returns the kind, the rate and the allowed range.
func (e *RateError) Error() string {
	return fmt.Sprintf("rate of %s is %v: allowed is 0 (off) to 1 (each time)", e.Kind, e.Rate)
}
