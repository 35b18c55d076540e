package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A hostFacts is what one life of a worker host has done about an attempt.
//
// A life that was given the attempt once has one orchestrator for it, which does one
// thing after the other. One that lost it and was given it again may still have the
// first when the second epoch is its own, and from outside nobody can tell which of
// them acts: it is again, and excused from what is said about single orchestrators.
type hostFacts struct {
	actor string
	life  int
	epoch engine.Epoch // under which it was given the attempt; 0: never
	again bool         // it was given it more than once

	intended   time.Duration // when its first intention was accepted
	creates    int           // calls of the agent for a session
	streams    int           // and for its events
	interrupts bool
	delivered  int64         // events up to which it has received or skipped them
	told       time.Duration // when a renewal in the quiet phase said that it is to be cancelled; 0: never

	open int // streams that it has
	// stopped: since its latest append it has waited for an event in vain, so that a
	// batch may be short. buffers: it has events in hand, the oldest since bufferedAt.
	stopped, buffers bool
	bufferedAt       time.Duration
	// How often the event behind position could not be decoded.
	undecodable int
	position    int64

	wrote   time.Time // on its clock, when it sent the latest write that was accepted
	refused bool      // one that it sent after that was refused: its epoch is old

	appended                  time.Time // on its clock, when it sent the latest accepted append
	appendedFirst, appendedTo int64     // which events that carried

	calls hostCalls
}

// receiveEnded notes that the host got no event. What it has is journaled before it
// goes on.
func (h *hostFacts) receiveEnded(r *Record) {
	h.stopped = true
	if !r.Error.Is(engine.Permanent) {
		return
	}
	if h.position != h.delivered {
		h.undecodable, h.position = 0, h.delivered
	}
	h.undecodable++
}

// find returns what a life of a host has done about the attempt, or nil.
func (a *attemptFacts) find(actor string, life int) *hostFacts {
	for i := len(a.hosts) - 1; i >= 0; i-- {
		if h := &a.hosts[i]; h.life == life && h.actor == actor {
			return h
		}
	}
	return nil
}

// host is find for whom a record is about, made if need be.
func (a *attemptFacts) host(r *Record) *hostFacts {
	if h := a.find(r.Actor, r.Life); h != nil {
		return h
	}
	a.hosts = append(a.hosts, hostFacts{actor: r.Actor, life: r.Life, position: -1})
	return &a.hosts[len(a.hosts)-1]
}

// single returns what the one orchestrator of a host has done about an attempt; nil
// if the host has none, or may have two.
func (a *attemptFacts) single(r *Record) *hostFacts {
	if h := a.find(r.Actor, r.Life); h != nil && !h.again {
		return h
	}
	return nil
}

// given notes that a host got the attempt under a new epoch.
func (a *attemptFacts) given(r *Record) {
	h := a.host(r)
	h.again = h.epoch != 0
	h.epoch = r.Row.Epoch
}

// wrote notes a write of a holder.
func (a *attemptFacts) wrote(r *Record) {
	op, result := r.JournalOp, r.JournalResult
	h := a.host(r)
	switch {
	case result.Failed:
		if result.Err == engine.Stale && op.Epoch < r.Current && op.Now.After(h.wrote) {
			h.refused = true
		}
		return
	case op.Now.After(h.wrote):
		h.wrote = op.Now
	}
	if op.Kind == model.JournalIntend && h.intended == 0 {
		h.intended = r.At
	}
	if op.Kind == model.JournalAppend && r.RowBefore != nil && r.Row.Events > r.RowBefore.Events {
		h.stopped, h.buffers = false, false // a first try that arrives after the second says nothing new
	}
	if op.Kind == model.JournalAppend && len(op.Events) > 0 && op.Now.After(h.appended) {
		h.appended = op.Now
		h.appendedFirst, h.appendedTo = op.Events[0].Seq, op.Events[len(op.Events)-1].Seq
	}
}

// A leaseFacts is what is known of a host's lease.
type leaseFacts struct {
	beats uint64        // renewals
	at    time.Duration // of the latest sign of life: a renewal or, before the first, the first creation
	known bool
}

// leaseSeen notes that a host holds something: from then on others see its beat.
func (f *facts) leaseSeen(host engine.HostID, at time.Duration) {
	if lease := f.leases[host]; !lease.known {
		f.leases[host] = leaseFacts{at: at, known: true}
	}
}

// applyHold notes the renewal of a lease, and what the host is told by it. What it
// took over has had records of its own: see [Monitor.Observe].
func (f *facts) applyHold(r *Record) {
	lease := f.leases[r.JournalOp.Host]
	f.leases[r.JournalOp.Host] = leaseFacts{beats: lease.beats + 1, at: r.At, known: true}
	if f.phase != PhaseQuiet {
		return
	}
	for i := range r.JournalResult.Orchestrations {
		row := &r.JournalResult.Orchestrations[i]
		if !row.Cancel || row.Phase == engine.PhaseOver {
			continue
		}
		if a := f.held(row); a != nil {
			if h := a.host(r); h.told == 0 {
				h.told = r.At
			}
		}
	}
}
