package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// leaseFacts are about the lease of one host.
type leaseFacts struct {
	renewals  uint64
	renewedAt time.Duration // or, before the first renewal, when the host first created something
	known     bool
}

// A leaseTable has the leases by host.
type leaseTable map[engine.HostID]leaseFacts

// seen takes that a host holds something: from then on others see its heartbeat.
func (t leaseTable) seen(host engine.HostID, at time.Duration) {
	if !t[host].known {
		t[host] = leaseFacts{renewedAt: at, known: true}
	}
}

func (t leaseTable) renewed(host engine.HostID, at time.Duration) {
	t[host] = leaseFacts{renewals: t[host].renewals + 1, renewedAt: at, known: true}
}

// sightingFacts are a heartbeat that a watcher has seen, and since when it has been the same.
type sightingFacts struct {
	heartbeat engine.Heartbeat
	since     time.Duration
}

// A sightingList has the heartbeats that a watcher's latest renewal has shown it.
type sightingList []sightingFacts

// sees takes a reading of the other hosts' heartbeats.
func (l *sightingList) sees(heartbeats []engine.Heartbeat, at time.Duration) {
	known := len(*l)
	for _, heartbeat := range heartbeats {
		since := at
		for _, s := range (*l)[:known] {
			if s.heartbeat == heartbeat {
				since = s.since
			}
		}
		*l = append(*l, sightingFacts{heartbeat, since})
	}
	*l = slices.Delete(*l, 0, known)
}

// roundsFacts are about the rounds of one life of a host.
type roundsFacts struct {
	renewal, purge roundFacts
}

// roundFacts are when the latest call of a round has ended, if none is under way. At the latest that was when the host
// started.
type roundFacts struct {
	underWay bool
	at       time.Duration
}

func roundsStarted(at time.Duration) roundsFacts {
	return roundsFacts{roundFacts{at: at}, roundFacts{at: at}}
}

// of returns the round that a call of the journal is one of, or nil.
func (f *roundsFacts) of(r *Record) *roundFacts {
	switch {
	case isHold(r), isHeld(r):
		return &f.renewal
	case r.JournalOp != nil && r.JournalOp.Kind == model.JournalPurge:
		return &f.purge
	}
	return nil
}

func (f *roundsFacts) callBegan(r *Record) {
	if round := f.of(r); round != nil {
		round.underWay = true
	}
}

func (f *roundsFacts) callEnded(r *Record) {
	if round := f.of(r); round != nil {
		*round = roundFacts{at: r.At}
	}
}

// missed returns for how long a round has been due that is to be made with such a pause.
func (f *roundFacts) missed(at, pause time.Duration) time.Duration {
	if f.underWay {
		return 0
	}
	return max(at-f.at-pause-leaseGrain, 0)
}

// isHold reports whether a call of the journal renews a lease.
func isHold(r *Record) bool { return r.JournalOp != nil && r.JournalOp.Kind == model.JournalRenewLease }

// isHeld reports whether a call of the journal reads what a host holds, which is the second half of its round.
func isHeld(r *Record) bool { return r.JournalOp != nil && r.JournalOp.Kind == model.JournalHeld }
