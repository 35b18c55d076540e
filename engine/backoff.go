package engine

import (
	"slices"
	"time"
)

// backoff is the pause before try number n (from 1) of something that concerns
// key: doubling from low to high, shortened by up to half so that reviews that
// failed together do not come back together. The jitter is a hash of the
// identity: the engine draws no random numbers.
func backoff(key AttemptKey, n int, low, high time.Duration) time.Duration {
	pause := low
	for i := 1; i < n && pause < high; i++ {
		pause *= 2
	}
	pause = min(pause, high)
	// FNV-1a, 64 bits (Fowler, Noll, Vo).
	hash := uint64(14695981039346656037)
	for i := 0; i < len(key.Review); i++ {
		hash = (hash ^ uint64(key.Review[i])) * 1099511628211
	}
	hash = (hash ^ uint64(key.Attempt)) * 1099511628211
	hash = (hash ^ uint64(n)) * 1099511628211
	// The product of half the pause and 24 bits of the hash, as a binary fraction.
	jitter := (pause / 2).Microseconds() * int64(hash>>40) >> 24
	return pause - time.Duration(jitter)*time.Microsecond
}

// sortedOwners returns the owners of a table of limits in a fixed order.
func sortedOwners(limits map[OwnerID]int) []OwnerID {
	owners := make([]OwnerID, 0, len(limits))
	for owner := range limits {
		owners = append(owners, owner)
	}
	slices.Sort(owners)
	return owners
}
