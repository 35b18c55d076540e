package nightly

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onceover/onceover/faults"
)

// WeightMax is the largest weight of a profile.
const WeightMax = 1000

// A Share is a profile with its weight among the others.
type Share struct {
	Profile string
	Weight  int // from 1
}

// A Mix is which profiles a night is about, and how much of it each is given.
type Mix []Share

// DefaultMix returns all profiles. Half of the night goes to the two that mix all kinds of faults, since failures that
// nobody has thought of need several; the profiles of single categories go deep where the others hardly get to.
func DefaultMix() Mix {
	var mix Mix
	for _, profile := range faults.Profiles() {
		weight := 1
		switch profile.Name {
		case "default":
			weight = 6
		case "storm":
			weight = 3
		}
		mix = append(mix, Share{profile.Name, weight})
	}
	return mix
}

// ParseMix reads a mix as people write it: default:3,storm:2,process. A profile without a weight has 1. Errors name
// what was given and what is allowed.
func ParseMix(text string) (Mix, error) {
	var mix Mix
	for part := range strings.SplitSeq(text, ",") {
		name, weight, weighted := strings.Cut(strings.TrimSpace(part), ":")
		if _, err := faults.Named(name); err != nil {
			return nil, err
		}
		share := Share{name, 1}
		if weighted {
			var err error
			if share.Weight, err = wholeNumber(weight); err != nil || share.Weight < 1 || share.Weight > WeightMax {
				return nil, fmt.Errorf("the weight of profile %s is %q: allowed are whole numbers from 1 to %d", name, weight, WeightMax)
			}
		}
		for _, other := range mix {
			if other.Profile == name {
				return nil, fmt.Errorf("profile %s is given twice: give it once, with the weight of both", name)
			}
		}
		mix = append(mix, share)
	}
	return mix, nil
}

// String returns the mix as [ParseMix] reads it.
func (m Mix) String() string {
	var parts []string
	for _, share := range m {
		text := share.Profile
		if share.Weight != 1 {
			text += ":" + strconv.Itoa(share.Weight)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ",")
}

// weight is that of all profiles together.
func (m Mix) weight() int {
	sum := 0
	for _, share := range m {
		sum += share.Weight
	}
	return sum
}

// seeds divides seeds, of which there are as many as profiles at least: one for each, and the rest by weight.
func (m Mix) seeds(all uint64) []uint64 {
	whole, rest := uint64(m.weight()), all-uint64(len(m))
	// A part that is at most the weight times rest fits into 64 bits when the remainder is divided apart.
	upTo := func(weight uint64) uint64 { return rest/whole*weight + rest%whole*weight/whole }
	parts := make([]uint64, len(m))
	var before uint64
	for i, share := range m {
		after := before + uint64(share.Weight)
		parts[i] = 1 + upTo(after) - upTo(before)
		before = after
	}
	return parts
}
