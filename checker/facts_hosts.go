package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// hostFacts are about what one life of a worker host has done about an attempt.
//
// A life that was given the attempt once has one orchestrator for it, which does one thing after the other. A life that
// lost the attempt and was given it again may still run the first orchestrator under the second epoch, and from outside
// they cannot be distinguished: again is true, and checks of single orchestrators skip it.
type hostFacts struct {
	actor string
	life  int
	epoch engine.Epoch // under which it was given the attempt; 0: never
	again bool         // it was given it more than once
	first bool         // it created the attempt in the journal

	intended      time.Duration // when its first intention was accepted
	creates       int           // calls of the agent for a session
	streams       int           // and for its events
	interrupts    bool
	delivered     int64         // events up to which it has received or skipped them
	cancelKnownAt time.Duration // when a renewal in the quiet phase said that it is to be cancelled; 0: never

	open     int           // streams that it has
	openedAt time.Duration // when it opened the latest
	// unknownSince is when the agent answered that it does not know the session, for the first time since the host had a
	// stream; 0: it has not.
	unknownSince time.Duration
	// silentSince is when its stream fell silent without breaking, since it last received an event; 0: it has not.
	silentSince time.Duration
	// stopped: since its latest append it has waited for an event in vain, so that a batch may be short. buffers: it
	// has events in hand, the oldest since bufferedAt.
	stopped, buffers bool
	bufferedAt       time.Duration
	// How often the event behind position could not be decoded.
	undecodable int
	position    int64

	lastWrite time.Time // on its clock, when it sent the latest write that was accepted
	refused   bool      // one that it sent after that was refused: its epoch is old

	lastAppend                time.Time // on its clock, when it sent the latest accepted append
	appendedFirst, appendedTo int64     // which events that carried

	calls callFacts
}

// A hostList has the lives of hosts that run an attempt, or did.
type hostList []hostFacts

// find returns what a life of a host has done about the attempt, or nil.
func (l hostList) find(actor string, life int) *hostFacts {
	for i := len(l) - 1; i >= 0; i-- {
		if h := &l[i]; h.life == life && h.actor == actor {
			return h
		}
	}
	return nil
}

// open is find for the sender of a record, made if need be.
func (l *hostList) open(r *Record) *hostFacts {
	if h := l.find(r.Actor, r.Life); h != nil {
		return h
	}
	*l = append(*l, hostFacts{actor: r.Actor, life: r.Life, position: -1})
	return &(*l)[len(*l)-1]
}

// host returns what the sender of a record has done about the attempt, made if need be.
func (a *attemptFacts) host(r *Record) *hostFacts { return a.hosts.open(r) }

// find returns what a life of a host has done about the attempt, or nil.
func (a *attemptFacts) find(actor string, life int) *hostFacts { return a.hosts.find(actor, life) }

// single returns what the one orchestrator of a host has done about an attempt; nil if the host has none, or may have
// two.
func (a *attemptFacts) single(r *Record) *hostFacts {
	if h := a.hosts.find(r.Actor, r.Life); h != nil && !h.again {
		return h
	}
	return nil
}

// apply takes what the host does with the agent.
func (h *hostFacts) apply(r *Record) {
	switch r.Kind {
	case CreateSent:
		h.creates++
	case StreamSent:
		h.streams++
		h.delivered = max(h.delivered, r.From)
	case StreamOpened:
		h.open++
		h.openedAt, h.unknownSince = r.At, 0
	case StreamClosed:
		h.open--
	case StreamSilent:
		h.silentSince = r.At
	case ReceiveEnded:
		h.receiveEnded(r)
	case EventDelivered:
		h.silentSince = 0
		if r.Seq == h.delivered+1 {
			if !h.buffers {
				h.buffers, h.bufferedAt = true, r.At
			}
			h.delivered++
		}
	case InterruptSent:
		h.interrupts = true
	default: // is about others
	}
}

// undisturbed is for how long the host has had its stream; 0 if something has disturbed it.
func (h *hostFacts) undisturbed(p *processFacts, at time.Duration) time.Duration {
	if p.slow || p.halted || p.disturbedAt != 0 && p.disturbedAt+disturbedMax >= h.openedAt {
		return 0
	}
	return at - h.openedAt
}

// streamsEnd takes that its streams end because it crashes.
func (h *hostFacts) streamsEnd() { h.open = 0 }

// answered takes the end of a call of the agent. One that was throttled is as if it had not been made.
func (h *hostFacts) answered(r *Record) {
	switch {
	case r.Throttled && r.Call == CallAgentCreate:
		h.creates--
	case r.Call == CallAgentStream && r.Error.Is(engine.NotFound) && h.unknownSince == 0:
		h.unknownSince = r.At
	}
}

// receiveEnded takes that the host got no event. What it has is journaled before it goes on.
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

// given takes that the host got the attempt under a new epoch.
func (h *hostFacts) given(r *Record) {
	h.again = h.epoch != 0
	h.epoch = r.Row.Epoch
	h.first = h.first || r.JournalOp != nil && r.JournalOp.Kind == model.JournalCreate
}

// learnCancel takes that a renewal has shown the host that the attempt is to be cancelled.
func (h *hostFacts) learnCancel(at time.Duration) {
	if h.cancelKnownAt == 0 {
		h.cancelKnownAt = at
	}
}

// quietBegins takes that a quiet phase begins: what hosts have learned in an earlier one, a storm may have kept them from.
func (l hostList) quietBegins() {
	for i := range l {
		l[i].cancelKnownAt = 0
	}
}

// wrote takes a fenced write of the host.
func (h *hostFacts) wrote(r *Record) {
	op, result := r.JournalOp, r.JournalResult
	switch {
	case result.Failed:
		if result.Err == engine.Stale && op.Epoch < r.Current && op.Now.After(h.lastWrite) {
			h.refused = true
		}
		return
	case op.Now.After(h.lastWrite):
		h.lastWrite = op.Now
	}
	if op.Kind == model.JournalRecordIntent && h.intended == 0 {
		h.intended = r.At
	}
	if op.Kind == model.JournalAppend && r.RowBefore != nil && r.Row.Events > r.RowBefore.Events {
		h.stopped, h.buffers = false, false // a first try that arrives after the second says nothing new
	}
	if op.Kind == model.JournalAppend && len(op.Events) > 0 && op.Now.After(h.lastAppend) {
		h.lastAppend = op.Now
		h.appendedFirst, h.appendedTo = op.Events[0].Seq, op.Events[len(op.Events)-1].Seq
	}
}
