package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// A process that shuts down waits for calls in flight and for what follows from their
// answers. Unless something keeps it from that which lasts, 30 s are enough for both:
// a call takes 15 s at most, and then a few steps on a network and stores that are
// well. What struck others is felt as a call that takes its time.
//
// Requests that others have made are answered to the end, also after that; but a start
// is waited for, since what it launches has to give its lease up.
var shutdownEnds = Property{
	ID:       "shutdown-ends",
	Class:    Protocol,
	Sentence: "A shutdown that nothing disturbs comes to its end in time, the process does nothing by itself afterwards, and no task of it is left waiting for more.",
	Source:   "design.md 3.5: graceful shutdown",
	watches: []watching{
		on(checkShutdownEnds, ShutdownEnded),
		on(checkShutdownEnded, CallBegan),
		on(checkNobodyLeft, ProcessLeft),
	},
}

// shutdownLeast is how long a process needs that its platform does not kill in the
// middle of it.
const shutdownLeast = 30 * time.Second

func checkShutdownEnds(l *ledger, r *Record) *Violation {
	p := l.process(r.Actor)
	s := &p.shutdown
	if r.Text == "" || !s.asked || r.At-s.askedAt < shutdownLeast || p.slow || p.resumed >= s.askedAt && p.resumed != 0 || s.struck != l.struck(r.Actor) ||
		s.askedAt < max(s.troubled, l.process("database").shutdown.troubled) {
		return nil
	}
	return violated(r, "a shutdown was cut short", "%s was asked to shut down %s ago, nothing has disturbed it, and it has not ended: %s",
		r.Actor, r.At-s.askedAt, r.Text)
}

func checkShutdownEnded(l *ledger, r *Record) *Violation {
	s := &l.process(r.Actor).shutdown
	if !s.ended || r.At <= s.endedAt || serves(r) {
		return nil
	}
	return violated(r, "went on after its end", "%s calls %s about review %q %s after it had shut down", r.Actor, r.Text, r.Key.Review, r.At-s.endedAt)
}

// checkNobodyLeft: whoever sleeps wakes up, finds that the end has come and ends too;
// whoever waits to be woken does not.
func checkNobodyLeft(_ *ledger, r *Record) *Violation {
	if r.Number == 0 {
		return nil
	}
	return violated(r, "a task was left behind", "%s has shut down and is about to go, and %d of its tasks still wait to be woken", r.Actor, r.Number)
}

// serves reports whether a call may be made to answer somebody's request.
func serves(r *Record) bool {
	switch {
	case r.Op != nil:
		switch r.Op.Kind {
		case model.OpSubmit, model.OpGet, model.OpAttempts, model.OpCancel, model.OpRetrigger, model.OpApply:
			return true
		default:
			return false
		}
	case r.JournalOp != nil:
		switch r.JournalOp.Kind {
		case model.JournalLoad, model.JournalEvents, model.JournalRequestCancel:
			return true
		default:
			return false
		}
	}
	return r.Text == callEvents
}
