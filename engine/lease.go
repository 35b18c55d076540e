package engine

import "time"

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
	beat  Beat
	since time.Time
}

// update takes the beats of a new reading. A host that is missing from it holds
// nothing, and is forgotten.
func (w *leaseWatch) update(beats []Beat, now time.Time) {
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
func (w *leaseWatch) suspects(now time.Time, leaseFor time.Duration) []Beat {
	var suspects []Beat
	for _, s := range w.seen {
		if now.Sub(s.since) >= leaseFor {
			suspects = append(suspects, s.beat)
		}
	}
	return suspects
}
