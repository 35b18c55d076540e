package explain

import (
	"fmt"
	"math"
	"time"
)

// threshold is the share of failing continuations from which on a failure counts as inevitable. It is below one because
// a stormy continuation may hide a failure by chance, for example by ending the run before it is seen.
const threshold = 0.9

// A Continuation is a kind of time after a branch.
type Continuation uint8

const (
	// Stormy: faults are injected as the profile says.
	Stormy Continuation = iota
	// Calm: no fault begins any more, and all processes come up.
	Calm
)

var continuationNames = [...]string{"stormy", "calm"}

// String returns the kind in a word.
func (f Continuation) String() string { return continuationNames[f] }

// MarshalText writes the kind as [Continuation.String] does.
func (f Continuation) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (f *Continuation) UnmarshalText(text []byte) error {
	for i, name := range continuationNames {
		if name == string(text) {
			*f = Continuation(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no kind of continuation: allowed are stormy and calm", text)
}

// A Curve is how likely a failure was in the course of a run.
type Curve struct {
	Continuation Continuation `json:"continuation"`
	Branches     int          `json:"branches"` // continuations per moment
	Points       []Point      `json:"points"`   // by step; the last is the step of the failure
	// Jump is the index of the first point from which on the failure is inevitable, -1 if there is none.
	Jump int `json:"jump"`
}

// A Point is one moment of a curve: the run is kept up to and including a step, and is continued in other ways after
// it.
type Point struct {
	Step uint64        `json:"step"`
	At   time.Duration `json:"at"` // of the step, in virtual time, in nanoseconds
	// Same and Any are how many continuations fail with the signature of the run, and in any way.
	Same int `json:"same"`
	Any  int `json:"any"`
	// Low and High are the Wilson score interval of the share that fails with the same signature, at 95 %.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// What Actor did at the step. Exactly is false when that was at an earlier step, the last one with a line or a
	// message.
	Actor   string `json:"actor"`
	What    string `json:"what"`
	Exactly bool   `json:"exactly"`
}

// Share returns the part of the continuations that fail with the signature of the run.
func (c *Curve) Share(p *Point) float64 { return share(p.Same, c.Branches) }

// After returns the point at which the failure became inevitable, nil if there is none.
func (c *Curve) After() *Point {
	if c.Jump < 0 {
		return nil
	}
	return &c.Points[c.Jump]
}

// Before returns the last point before that, nil if there is none: one step earlier when the search has come to its
// end.
func (c *Curve) Before() *Point {
	if c.Jump < 1 {
		return nil
	}
	return &c.Points[c.Jump-1]
}

// findJump returns the index of the first point from which on all have at least the threshold, -1 if there is none.
func (c *Curve) findJump() int {
	jump := -1
	for i := len(c.Points) - 1; i >= 0 && c.Share(&c.Points[i]) >= threshold; i-- {
		jump = i
	}
	return jump
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// wilson returns the Wilson score interval of a share at 95 %.
func wilson(part, whole int) (low, high float64) {
	if whole == 0 {
		return 0, 1
	}
	const z = 1.959964 // the quantile of the normal distribution
	n, p := float64(whole), share(part, whole)
	centre := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return max(0, (centre-spread)/scale), min(1, (centre+spread)/scale)
}
