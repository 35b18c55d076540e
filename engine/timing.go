package engine

import "time"

// MaxPause is the most by which a process sets a due time ahead of its own clock. The ranges in [AppConfig] respect it.
const MaxPause = 30 * time.Minute

// MaxAhead is how far ahead a due time may be. One that is further ahead was set by a wrong clock. It is longer than
// [MaxPause], so that clocks may differ by the rest.
const MaxAhead = time.Hour

// Due reports whether something that is due at a time is due now. It is, if the time is not after now, or if it is more
// than [MaxAhead] after now: a clock that was wrong has set it then. Without the second rule, one process with a clock
// a week ahead would put the reviews that it touches to sleep for that week. It is safe to act too early, because the
// fences decide.
func Due(at, now time.Time) bool {
	return !at.After(now) || at.Sub(now) > MaxAhead
}

// backoff returns the pause after the n-th try (from 1) of something that concerns key. The pause doubles from low to
// high, and is shortened by up to half, so that reviews that failed together do not come back together. The jitter is a
// hash of the identity, because the engine draws no random numbers.
func backoff(key AttemptKey, n int, low, high time.Duration) time.Duration {
	pause := fullBackoff(n, low, high)
	// FNV-1a, 64 bits (Fowler, Noll, Vo).
	hash := uint64(14695981039346656037)
	for i := 0; i < len(key.Review); i++ {
		hash = (hash ^ uint64(key.Review[i])) * 1099511628211
	}
	hash = (hash ^ uint64(key.Attempt)) * 1099511628211
	hash = (hash ^ uint64(n)) * 1099511628211
	// The jitter is half the pause times 24 bits of the hash, taken as a binary fraction.
	jitter := (pause / 2).Microseconds() * int64(hash>>40) >> 24
	return pause - time.Duration(jitter)*time.Microsecond
}

// fullBackoff returns the pause after the n-th try before it is shortened.
func fullBackoff(n int, low, high time.Duration) time.Duration {
	pause := low
	for i := 1; i < n && pause < high; i++ {
		pause *= 2
	}
	return min(pause, high)
}

// A leaseWatch records the heartbeats of the other hosts. A lease has expired when its heartbeat has stood still for
// long enough on the clock of the watcher alone. A host must not compare its own time with one that another host wrote:
// two hosts with clocks that differ by more than a lease would take everything from each other for ever.
type leaseWatch struct {
	seen []sighting
}

// A sighting is a heartbeat and the time at which it was first seen.
type sighting struct {
	beat  Heartbeat
	since time.Time
}

// update records the heartbeats of a new reading. It forgets a host that is missing from it, because that host holds
// nothing.
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

// suspects returns the heartbeats that have stood still for at least the duration of a lease.
func (w *leaseWatch) suspects(now time.Time, leaseFor time.Duration) []Heartbeat {
	var suspects []Heartbeat
	for _, s := range w.seen {
		if now.Sub(s.since) >= leaseFor {
			suspects = append(suspects, s.beat)
		}
	}
	return suspects
}
