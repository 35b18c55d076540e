package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// What lease-respected says about taking over too early, this says about too late: a
// watcher that forgets a beat, or takes another one for it, leaves what the dead host
// held to others, and they may forget it as well. A host that is missing from a reading
// holds nothing, and is seen anew when it does again. A clock that jumps makes the wait
// longer or shorter.
var suspectsNamed = Property{
	ID:       "suspects-named",
	Class:    Protocol,
	Sentence: "A renewal names every host whose beat the watcher has seen stand still for as long as a lease holds.",
	Source:   "design.md 3.4: leases; engine.Beat",
	watches:  []watching{on(checkSuspectsNamed, CallBegan)},
}

// A sightingEntry is a beat that a watcher was told of, and when it was the first time.
type sightingEntry struct {
	beat  engine.Beat
	since time.Duration
}

func checkSuspectsNamed(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	if !isHold(r) || l.clockJumped || p.life <= p.old {
		return nil
	}
	for _, s := range p.sightings {
		if stood := r.At - s.since; stood > l.config.Worker.LeaseFor+leaseGrain && !slices.Contains(r.JournalOp.Suspects, s.beat) {
			return violated(r, "a dead host was not suspected", "%s renews its lease and does not suspect %s, whose beat %d it saw for the first time %s ago; a lease holds for %s",
				r.Actor, s.beat.Host, s.beat.Count, stood, l.config.Worker.LeaseFor)
		}
	}
	return nil
}

// sees takes a reading of the other hosts' beats.
func (p *processEntry) sees(beats []engine.Beat, at time.Duration) {
	known := len(p.sightings)
	for _, beat := range beats {
		since := at
		for _, s := range p.sightings[:known] {
			if s.beat == beat {
				since = s.since
			}
		}
		p.sightings = append(p.sightings, sightingEntry{beat, since})
	}
	p.sightings = slices.Delete(p.sightings, 0, known)
}
