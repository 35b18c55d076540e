package kernel

import "math/bits"

// goldenGamma is the odd constant nearest to 2^64 divided by the golden ratio: the step of SplitMix64.
const goldenGamma = 0x9e3779b97f4a7c15

// hashStart is the initial value of every rolling hash: the first 64 bits of the fraction of pi.
const hashStart = 0x243f6a8885a308d3

// mix64 is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
// 2014; constants of Stafford's variant 13). It is a bijection in which each input bit flips each output bit with
// probability one half.
func mix64(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// fold adds two words to a rolling hash with one 64×64→128 bit multiplication, the "mum" step of wyhash (Wang Yi et
// al., "Modern Non-Cryptographic Hash Function and Pseudorandom Number Generator").
func fold(hash, first, second uint64) uint64 {
	high, low := bits.Mul64(hash^first^0xa0761d6478bd642f, second^0xe7037ed1a0b428db)
	return bits.RotateLeft64(hash, 23) ^ high ^ low
}

// hashString returns the 64-bit hash of a name in draws and traces. It is the same in every process and on every
// architecture, because replay files and golden hashes are used after the program that wrote them ends.
func hashString(s string) uint64 {
	hash := hashStart ^ uint64(len(s))*goldenGamma
	for len(s) >= 8 {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		hash = fold(hash, word, goldenGamma)
		s = s[8:]
	}
	var word uint64
	for i := range len(s) {
		word |= uint64(s[i]) << (8 * i)
	}
	return mix64(fold(hash, word, goldenGamma))
}
