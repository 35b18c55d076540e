package faults

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Intensity is how often and how heavily a profile uses one kind. The zero value is a kind that never happens.
type Intensity struct {
	// Probability is the probability that a seed enables the kind, from 0 (never) to 1 (always).
	Probability float64
	// Rates bounds the rate of an enabled kind. The rate of a seed is log-uniform within it, so that gentle and heavy
	// runs are equally likely.
	Rates Range
}

// Profile is the choice of faults of a campaign: for each kind, how likely a seed enables it and how heavily. It is a
// plain value. To make another profile, change the intensities of one of [Profiles].
type Profile struct {
	// Name identifies the profile, see [Named].
	Name string
	// Sentence describes the profile.
	Sentence string
	// OverHTTP makes every run of the profile carry its remote calls over HTTP. Otherwise a share of the runs does.
	OverHTTP bool
	// Intensities holds one element per kind.
	Intensities [Count]Intensity
}

// GoString returns the name of the profile. All intensities would be forty lines in the output of a property test.
func (p Profile) GoString() string { return fmt.Sprintf("faults.Profile(%q)", p.Name) }

// Swarm probabilities. One half, as in the paper on swarm testing, would give every seed about twenty kinds, which hide
// each other's effects. One third leaves each kind room to show its effect; two thirds is for many kinds on purpose.
const (
	probabilityDefault  = 1.0 / 3
	probabilityStorm    = 2.0 / 3
	probabilityCategory = 0.85
)

// Profiles returns all profiles: calm, default, storm, http, then one per category in catalogue order.
func Profiles() []Profile { return slices.Clone(profiles) }

// profiles is made once: every run of a world looks its profile up.
var profiles = func() []Profile {
	calm := Profile{Name: "calm", Sentence: "no faults at all"}
	swarm := Profile{Name: "default", Sentence: "about a third of all kinds, from gentle to heavy"}
	storm := Profile{Name: "storm", Sentence: "about two thirds of all kinds, all of them heavy"}
	for k, entry := range catalogue {
		swarm.Intensities[k] = Intensity{probabilityDefault, entry.Rates}
		storm.Intensities[k] = Intensity{probabilityStorm, entry.Rates.upperHalf()}
	}
	http := swarm
	http.Name, http.Sentence, http.OverHTTP = "http", "as default, and every call between processes goes over HTTP", true
	profiles := []Profile{calm, swarm, storm, http}
	for _, category := range Categories() {
		p := Profile{Name: string(category), Sentence: fmt.Sprintf("most kinds of category %s, and nothing else", category)}
		for k, entry := range catalogue {
			if entry.Kind.Category() == category {
				p.Intensities[k] = Intensity{probabilityCategory, entry.Rates}
			}
		}
		profiles = append(profiles, p)
	}
	return profiles
}()

// Named returns the profile with this exact name. The error is an [*UnknownProfileError].
func Named(name string) (Profile, error) {
	for i := range profiles {
		if profiles[i].Name == name {
			return profiles[i], nil
		}
	}
	unknown := &UnknownProfileError{Name: name}
	for i := range profiles {
		unknown.Allowed = append(unknown.Allowed, profiles[i].Name)
	}
	return Profile{}, unknown
}

// UnknownProfileError reports a name that no profile has.
type UnknownProfileError struct {
	// Name is the unknown name.
	Name string
	// Allowed are the names of all profiles.
	Allowed []string
}

// Error returns the name and the allowed ones.
func (e *UnknownProfileError) Error() string {
	return fmt.Sprintf("unknown fault profile %q: allowed are %s", e.Name, strings.Join(e.Allowed, ", "))
}

// A Decision is what [Profile.Draw] draws about a kind.
type Decision string

// The decisions about a kind, in the order in which they are drawn.
const (
	// Enable decides whether the kind is enabled.
	Enable Decision = "enabled"
	// SetRate decides the rate of an enabled kind.
	SetRate Decision = "rate"
)

// Draw samples the mix of one seed: each kind is enabled or not, independently, and an enabled kind gets a rate.
//
// The function draw returns 64 random bits for a decision about a kind: [Enable], then [SetRate] if it is enabled. It
// must be a pure function of the seed, the kind and the decision. High draws inject more: with 0 for Enable the kind is
// off, even at probability 1, and with 0 for SetRate it has the lowest rate of the profile. Nothing is drawn for kinds
// that the profile never enables.
func (p Profile) Draw(draw func(k Kind, decision Decision) uint64) Mix {
	var m Mix
	for i := range p.Intensities {
		k, intensity := Kind(i), &p.Intensities[i]
		if intensity.Probability <= 0 {
			continue
		}
		if !fires(chanceOf(min(intensity.Probability, 1)), draw(k, Enable)) {
			continue
		}
		m.set(k, intensity.Rates.logUniform(draw(k, SetRate)))
	}
	return m
}

// rateStep is the resolution of drawn rates: five decimals, so that they are short to read.
const rateStep = 1e5

// logUniform maps a draw onto the range, 0 to its low end, monotonically, and evenly on a logarithmic scale.
//
// The usual Low*Pow(High/Low, u) would differ in the last bit between processors, and so would the whole run. Instead,
// the range is bisected at its geometric mean, one bit of the draw at a time: products and square roots are rounded
// exactly on every machine.
func (r Range) logUniform(draw uint64) float64 {
	low, high := r.Low, r.High
	for range 16 {
		middle := math.Sqrt(low * high)
		if draw>>63 == 1 {
			low = middle
		} else {
			high = middle
		}
		draw <<= 1
	}
	// The clamp is for a caller's range with ends that are finer than the step.
	return min(max(math.Round(low*rateStep)/rateStep, r.Low), r.High)
}

// upperHalf returns the upper half of the range on a logarithmic scale.
func (r Range) upperHalf() Range {
	return Range{Low: math.Round(math.Sqrt(r.Low*r.High)*rateStep) / rateStep, High: r.High}
}
