package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// Both rounds are what others rely on: a lease that is not renewed is taken over from
// a host that works, and events that nobody forgets pile up. The pause begins when the
// call has ended. What a host does about an attempt it does under its lease, so that is
// when the renewal is looked at; only what is given up before anything was done about
// it needs none. A process that was slow or paused is late with everything, and one
// with an older configuration keeps other rounds.
var roundsKept = Property{
	ID:       "rounds-kept",
	Class:    Protocol,
	Sentence: "A host renews its lease each time that the configured pause has passed, for as long as it works on anything, and cleans up for as long as it is not asked to shut down.",
	Source:   "design.md 3.4: leases; engine.WorkerConfig.RenewEvery and PurgeEvery",
	watches:  []watching{on(checkRoundsKept, CallBegan)},
}

// A roundsEntry is when a life of a host has last made its rounds: at the latest when
// it started.
type roundsEntry struct {
	renewal, cleanUp roundEntry
}

// A roundEntry is when the latest call of a round has ended, if none is under way.
type roundEntry struct {
	underWay bool
	at       time.Duration
}

// of returns the round that a call of the journal is one of, or nil.
func (e *roundsEntry) of(r *Record) *roundEntry {
	switch {
	case isHold(r):
		return &e.renewal
	case r.JournalOp != nil && r.JournalOp.Kind == model.JournalPurge:
		return &e.cleanUp
	}
	return nil
}

// missed returns for how long a round has been due that is to be made with such a pause.
func (e *roundEntry) missed(at, pause time.Duration) time.Duration {
	if e.underWay {
		return 0
	}
	return max(at-e.at-pause-leaseGrain, 0)
}

func checkRoundsKept(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	if p.slow || p.halted || p.life == 0 {
		return nil
	}
	config := &l.config.Worker
	if isHold(r) {
		if missed := p.rounds.cleanUp.missed(r.At, config.PurgeEvery); missed > 0 && !p.shutdown.asked {
			return violated(r, "did not clean up", "%s is to clean up every %s, and has not for %s longer", r.Actor, config.PurgeEvery, missed)
		}
		return nil
	}
	if missed := p.rounds.renewal.missed(r.At, config.RenewEvery); missed > 0 && p.life > p.old && (underLease(r) || l.givesUp(r)) {
		return violated(r, "worked on without renewing its lease", "%s calls %s about review %s, attempt %d, is to renew its lease every %s, and has not for %s longer",
			r.Actor, r.Text, r.Key.Review, r.Key.Attempt, config.RenewEvery, missed)
	}
	return nil
}

// givesUp reports whether a host gives up what it has worked on.
func (l *ledger) givesUp(r *Record) bool {
	if l.attempt == nil || r.JournalOp == nil || r.JournalOp.Kind != model.JournalYield {
		return false
	}
	h := l.attempt.single(r)
	return h != nil && !h.wrote.IsZero()
}

// underLease reports whether a call is one of an orchestrator that goes on.
func underLease(r *Record) bool {
	if r.JournalOp != nil {
		return r.JournalOp.Kind.Fenced() && r.JournalOp.Kind != model.JournalYield
	}
	switch r.Text {
	case callCreate, callStream, callInterrupt:
		return true
	}
	return r.Text == callCallback && r.Status.Terminal()
}
