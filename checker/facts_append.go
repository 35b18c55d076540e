package checker

import "github.com/onceover/onceover/engine"

// An appendClass is what an accepted append did to the journaled events. Appends
// are idempotent by sequence number: events up to the last journaled one are not
// looked at, whoever sends them again.
type appendClass uint8

const (
	appendNone     appendClass = iota // no append, or refused
	appendFaithful                    // the new events are the next ones of the script
	appendGap                         // a sequence number is missing
	appendShort                       // fewer events were journaled than accepted
	appendAltered                     // an event is none that the agent emits
	appendTwice                       // more were journaled than accepted, or one again under a new number
	appendShuffled                    // the events are there, in another order
)

// classify compares an append with the script of its session, once for all
// properties about events.
func (f *facts) classify(r *Record) appendClass {
	a := f.attempt
	if a == nil || r.JournalResult.Failed || r.RowBefore == nil || r.Row == nil {
		return appendNone
	}
	last := r.RowBefore.Events
	events := r.JournalOp.Events
	for i := range events {
		e := &events[i]
		if e.Seq <= last {
			if e.Seq > r.RowBefore.Events && !containsSeq(events[:i], e.Seq) {
				return appendShuffled // it comes after a later one
			}
			continue
		}
		if e.Seq != last+1 {
			if containsSeq(events[i+1:], last+1) {
				return appendShuffled
			}
			return appendGap
		}
		last = e.Seq
		if e.Seq > int64(len(a.script)) || *e != a.script[e.Seq-1] {
			return a.misplaced(e)
		}
	}
	switch {
	case r.Row.Events < last:
		return appendShort
	case r.Row.Events > last:
		return appendTwice
	}
	return appendFaithful
}

// misplaced says what an event is that stands at the wrong place of the script.
func (a *attemptFacts) misplaced(e *engine.Event) appendClass {
	for i := range a.script {
		emitted := a.script[i]
		emitted.Seq = e.Seq
		switch {
		case emitted != *e:
		case int64(i) < e.Seq-1:
			return appendTwice
		default:
			return appendShuffled
		}
	}
	return appendAltered
}

func containsSeq(events []engine.Event, seq int64) bool {
	for i := range events {
		if events[i].Seq == seq {
			return true
		}
	}
	return false
}
