package checker

import "github.com/onceover/onceover/checker/model"

// A process that shuts down ends what it has begun. What it would begin, others do
// without being torn out of it. A task that was started in the same moment may still
// make its first call, and one that a pause has held back.
var shutdownBeginsNothing = Property{
	ID:       "shutdown-begins-nothing",
	Class:    Protocol,
	Sentence: "A process that is asked to shut down begins no sweep, cycle, preparation, start, session or clean-up, takes nothing over, and does nothing more about what it gives up.",
	Source:   "design.md 3.5: graceful shutdown",
	watches:  []watching{on(checkShutdownBegins, CallBegan), on(checkGivenUp, CallBegan)},
}

// checkGivenUp: an orchestrator that gives its lease up ends with that, and whoever
// waits for the orchestrators would not wait for another.
func checkGivenUp(l *ledger, r *Record) *Violation {
	if l.attempt == nil || !underLease(r) && (r.JournalOp == nil || r.JournalOp.Kind != model.JournalYield) {
		return nil
	}
	h := l.attempt.single(r)
	if h == nil || h.calls.gaveUpAt == 0 || r.At == h.calls.gaveUpAt {
		return nil
	}
	return violated(r, "took up again what it gave up", "%s calls %s about review %s, attempt %d, whose lease it began to give up %s before, as it shut down",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt, r.At-h.calls.gaveUpAt)
}

func checkShutdownBegins(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	s := &p.shutdown
	if !s.asked || r.At <= s.askedAt || p.resumed >= s.askedAt && p.resumed != 0 || !begins(r) {
		return nil
	}
	return violated(r, "began something while it shut down", "%s calls %s about review %q %s after it was asked to shut down",
		r.Actor, r.Text, r.Key.Review, r.At-s.askedAt)
}

// begins reports whether a call is the first step of something.
func begins(r *Record) bool {
	switch {
	case r.Op != nil:
		return r.Op.Kind == model.OpReserve || r.Op.Kind == model.OpSweep
	case r.JournalOp != nil:
		switch r.JournalOp.Kind {
		case model.JournalCreate, model.JournalIntend, model.JournalPurge:
			return true
		case model.JournalHold:
			return r.JournalOp.Max > 0
		default:
			return false
		}
	}
	return r.Text == callPrepare || r.Text == callCreate || r.Text == callStream
}
