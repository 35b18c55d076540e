package nightly

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// ShardsMax is how many machines may share a night.
const ShardsMax = 10_000

// A Shard is the part of a night that one machine does.
type Shard struct {
	Index int // from 1
	Of    int // how many there are
}

// Whole is the shard of a night that is not shared.
var Whole = Shard{1, 1}

// String returns the shard as [ParseShard] reads it: 2/4.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// ParseShard reads a shard as people write it: 2/4 is the second of four. The error names what was given and what is
// allowed.
func ParseShard(text string) (Shard, error) {
	index, of, found := strings.Cut(text, "/")
	i, errIndex := wholeNumber(index)
	n, errOf := wholeNumber(of)
	if s := (Shard{i, n}); found && errIndex == nil && errOf == nil && s.valid() {
		return s, nil
	}
	return Shard{}, fmt.Errorf("%q is no shard: allowed are 1/N to N/N with N up to %d, such as 2/4 for the second of four", text, ShardsMax)
}

func (s Shard) valid() bool { return 1 <= s.Index && s.Index <= s.Of && s.Of <= ShardsMax }

// wholeNumber reads digits, and nothing else: no sign, no space.
func wholeNumber(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err
}

// MarshalText returns the shard as [Shard.String] does.
func (s Shard) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is [ParseShard].
func (s *Shard) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShard(string(text))
	return err
}

// FirstSeed returns the seed that a shard of a run begins with under a profile; the others follow one by one. It is a
// hash: SplitMix64's output function (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
// 2014) over the number of the run, then the index of the shard, then the 64-bit FNV-1a hash of the profile's name.
//
// How many shards there are has no part in it, so a night with one more keeps the seeds of the others. Two ranges of n
// seeds overlap with a probability of 2n/2^64: with a million seeds each, in ten years of nights with 4 shards and 11
// profiles, that any two do is less likely than one in a thousand.
func FirstSeed(run uint64, shard Shard, profile string) uint64 {
	name := fnv.New64a()
	_, _ = name.Write([]byte(profile)) // never fails
	seed := mix(run)
	seed = mix(seed ^ uint64(shard.Index))
	return mix(seed ^ name.Sum64())
}

// mix is a step of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
