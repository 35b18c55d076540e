package engine

import "time"

// MaxAhead is how far ahead of its own clock anybody sets a due time. The ranges
// in [AppConfig] follow from it.
const MaxAhead = time.Hour

// Due reports whether the time for something has come: at is not after now, or it
// is so far ahead that it was set by a clock that was wrong. Without the second
// half, one process whose clock jumped a week ahead would put the reviews that it
// touched to sleep for that week. Taking something for due too early is safe, as
// the fences decide.
func Due(at, now time.Time) bool {
	return !at.After(now) || at.Sub(now) > MaxAhead
}

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

// A leaseWatch is what a host has seen of the other hosts' leases. A lease has run
// out when its beat has stood still for long enough on the clock of the watcher
// alone; comparing a time that another host wrote with one's own would let two
// hosts whose clocks differ by more than a lease take everything from each other
// for ever.
type leaseWatch struct {
	seen []sighting
}

// A sighting is a beat and when it was first seen.
type sighting struct {
	beat  Heartbeat
	since time.Time
}

// update takes the beats of a new reading. A host that is missing from it holds
// nothing, and is forgotten.
func (w *leaseWatch) update(beats []Heartbeat, now time.Time) {
	seen := make([]sighting, 0, len(beats))
	for _, beat := range beats {
		this := sighting{beat, now}
		for _, before := range w.seen {
			if before.beat == beat && !before.since.After(now) {
				this = before
			}
		}
		seen = append(seen, this)
	}
	w.seen = seen
}

// suspects lists the beats that have stood still for as long as a lease holds.
func (w *leaseWatch) suspects(now time.Time, leaseFor time.Duration) []Heartbeat {
	var suspects []Heartbeat
	for _, s := range w.seen {
		if now.Sub(s.since) >= leaseFor {
			suspects = append(suspects, s.beat)
		}
	}
	return suspects
}
