package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// Whoever fails is given time: tried again at once, and by every host, it would not
// come up again. Of the pause up to one half is left to chance, so that not all try
// at the same time. An append may follow one that failed at once, when the attempt is
// cancelled or the host leaves in between.
var retryPaced = Property{
	ID:       "retry-paced",
	Class:    Protocol,
	Sentence: "A host tries what has failed again no sooner than its configuration allows.",
	Source:   "design.md 3.4; engine.WorkerConfig.BackoffMin",
	watches:  []watching{on(checkRetryPaced, CallBegan)},
}

// Another host has to find out anew what this one knows, but it finds it out while the
// leaving one is gone. A host that tried on would not be done before its platform
// kills it, and give no lease up. A process that was paused meanwhile may still do
// what it was about to.
var shutdownRetriesNothing = Property{
	ID:       "shutdown-retries-nothing",
	Class:    Protocol,
	Sentence: "A host that is asked to shut down tries neither an interrupt nor a report again: the next holder does.",
	Source:   "design.md 3.5: graceful shutdown",
	watches:  []watching{on(checkShutdownRetries, CallBegan)},
}

// A triedKind is a call that an orchestrator repeats until it has its answer.
type triedKind uint8

const (
	triedNone triedKind = iota
	triedCreate
	triedStream
	triedInterrupt
	triedReport
	triedIntend
	triedDecide
	triedFinish
	triedSettle
	triedKinds
)

// A triedEntry is how such a call of an orchestrator has ended the last time.
type triedEntry struct {
	ended  bool
	failed bool
	at     time.Duration
}

// triedBy tells which of them a call is.
func triedBy(r *Record) triedKind {
	if r.JournalOp != nil {
		switch r.JournalOp.Kind {
		case model.JournalIntend:
			return triedIntend
		case model.JournalDecide:
			return triedDecide
		case model.JournalFinish:
			return triedFinish
		case model.JournalSettle:
			return triedSettle
		default:
			return triedNone
		}
	}
	switch r.Text {
	case callCreate:
		return triedCreate
	case callStream:
		return triedStream
	case callInterrupt:
		return triedInterrupt
	case callCallback:
		if r.Status.Terminal() {
			return triedReport
		}
	}
	return triedNone
}

// tried returns how the same call of the orchestrator has ended before, or nil.
func (l *ledger) tried(r *Record) *triedEntry {
	kind := triedBy(r)
	if kind == triedNone || l.attempt == nil {
		return nil
	}
	h := l.attempt.single(r)
	if h == nil || !h.calls.tried[kind].ended {
		return nil
	}
	return &h.calls.tried[kind]
}

func checkRetryPaced(l *ledger, r *Record) *Violation {
	before := l.tried(r)
	if before == nil || !before.failed {
		return nil
	}
	if pause := r.At - before.at; pause < l.config.Worker.BackoffMin/2 {
		return violated(r, "tried again at once", "%s calls %s about review %s, attempt %d again %s after that has failed; pauses last %s at least, less what is left to chance",
			r.Actor, r.Text, r.Key.Review, r.Key.Attempt, pause, l.config.Worker.BackoffMin)
	}
	return nil
}

func checkShutdownRetries(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	s := &p.shutdown
	if !s.asked || r.At <= s.askedAt || p.resumed >= s.askedAt && p.resumed != 0 {
		return nil
	}
	if kind := triedBy(r); kind != triedInterrupt && kind != triedReport || l.tried(r) == nil {
		return nil
	}
	return violated(r, "tried again while it shut down", "%s calls %s about review %s, attempt %d again %s after it was asked to shut down",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt, r.At-s.askedAt)
}
