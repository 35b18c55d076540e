package campaign

// Combine returns what one run contributes to the trace hash of its campaign, which is the sum of all contributions
// modulo 2^64.
//
// A sum does not depend on the order of its terms or on how they are grouped, so neither the number of workers nor
// who finishes first can be seen in it, and no worker waits for another. That a sum is as good as a hash that reads
// the runs in order follows from the terms:
//
//   - The seed is mixed in, so runs that swap their hashes change the sum; with the bare hashes they would not.
//   - For a given seed the contribution is a bijection of the hash, so a campaign in which one run has changed
//     always has another sum.
//   - Where several have changed, the differences are those of unrelated 64-bit numbers and cancel out with a
//     probability of 2^-64. Exclusive or would do as well here; addition also notices a seed that ran twice.
//
// It protects against accidents, not against people: whoever chooses the hashes can aim at a sum.
func Combine(seed, hash uint64) uint64 {
	return mix(mix(seed+0x9e3779b97f4a7c15) ^ hash)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
// 2014): a bijection in which each input bit flips each output bit with a probability of one half.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
