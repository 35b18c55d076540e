package nightly

import "hash/fnv"

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
