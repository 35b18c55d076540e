package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

var shutdownProperties = subject{
	name:     "Shutdown",
	sentence: "A graceful shutdown begins nothing, loses nothing, gives up what the process holds, and ends.",
}

// A host that stops gracefully journals what it has received and gives its leases up. Nothing is lost if it does not:
// the agent keeps what is not acknowledged, and a lease ends. But then every deployment costs each running review the
// length of a lease. Giving up is tried once, so a host is excused if a fault occurred in the meantime. Only attempts
// that it has really run count: it cannot give up an attempt whose creation it never learned of.
var _ = shutdownProperties.add(Property{
	ID:             "shutdown-loses-nothing",
	Class:          Protocol,
	Sentence:       "A host that has shut down gracefully holds no lease of an unfinished attempt that it ran.",
	Source:         "3.5: graceful shutdown that loses nothing",
	NotMistakenFor: "A lease that is left when a fault occurred during the shutdown, or of an attempt that the host never learned it had created.",
	watches:        []watching{on(checkShutdown, ShutdownEnded)},
})

const causeStoppedHoldingALease Cause = "stopped-holding-a-lease"

func checkShutdown(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	if !p.shutdown.asked || r.Error != NoFailure || f.faults != p.shutdown.faultsInRun {
		return nil
	}
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			if !a.hasRow || !a.row.Unfinished() || a.row.Holder == "" || a.holder != r.Actor || a.holderLife != r.Life || a.acted != a.row.Epoch {
				continue
			}
			return violated(r, causeStoppedHoldingALease, "%s was left with a host that has stopped: host %s shut down in order by %s and still holds its lease, and it is %s",
				a.key, r.Actor, moment(r.At), rowState(&a.row))
		}
	}
	return nil
}

// A process that shuts down finishes what it has begun; others begin the rest without being stopped in the middle. A
// task that started at the same moment, or that a pause held back, may still make its first call.
var _ = shutdownProperties.add(Property{
	ID:             "shutdown-begins-nothing",
	Class:          Protocol,
	Sentence:       "A process that is asked to shut down begins no sweep, cycle, preparation, start, session or purge, takes nothing over, and does no more work on what it gives up.",
	Source:         "3.5: graceful shutdown",
	NotMistakenFor: "A first call of a task that began in the same moment, or that a pause had held back.",
	watches:        []watching{on(checkShutdownBegins, CallBegan), on(checkGivenUp, CallBegan)},
})

const (
	causeTookUpAgainWhatItGaveUp       Cause = "took-up-again-what-it-gave-up"
	causeBeganSomethingWhileItShutDown Cause = "began-something-while-it-shut-down"
)

// checkGivenUp: an orchestrator that gives its lease up ends with that call. The shutdown waits for it and would not
// wait for another.
func checkGivenUp(f *facts, r *Record) *Violation {
	if f.attempt == nil || !underLease(r) && (r.JournalOp == nil || r.JournalOp.Kind != model.JournalReleaseLease) {
		return nil
	}
	h := f.attempt.single(r)
	if h == nil || h.calls.gaveUpAt == 0 || r.At == h.calls.gaveUpAt {
		return nil
	}
	return violated(r, causeTookUpAgainWhatItGaveUp, "%s was taken up again by a host that was leaving: at %s host %s asked %s to %s, %s after it began to give up its lease",
		r.Key, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r), r.At-h.calls.gaveUpAt)
}

func checkShutdownBegins(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	s := &p.shutdown
	if !s.asked || r.At <= s.askedAt || p.resumed >= s.askedAt && p.resumed != 0 || !begins(r) {
		return nil
	}
	return violated(r, causeBeganSomethingWhileItShutDown.Of(r.Call.String()), "%s began something while it shut down: at %s it asked %s to %s, %s after it was asked to stop",
		caller(r), moment(r.At), partnerOf(r.Call), toDo(r), r.At-s.askedAt)
}

// begins reports whether a call is the first step of something.
func begins(r *Record) bool {
	switch {
	case r.Op != nil:
		return r.Op.Kind == model.ReviewsReserve || r.Op.Kind == model.ReviewsSweep
	case r.JournalOp != nil:
		switch r.JournalOp.Kind {
		case model.JournalCreate, model.JournalRecordIntent, model.JournalPurge:
			return true
		case model.JournalRenewLease:
			return r.JournalOp.Max > 0
		default:
			return false
		}
	}
	return r.Call == CallPrepare || r.Call == CallAgentCreate || r.Call == CallAgentStream
}

// Another host has to find out anew what this one knows, but it does so while the leaving host is already gone. A host
// that kept on trying would not finish before its platform kills it, and would give up no lease. A process that was
// paused in the meantime may still do what it was about to do.
var _ = shutdownProperties.add(Property{
	ID:             "shutdown-retries-nothing",
	Class:          Protocol,
	Sentence:       "A host that is asked to shut down repeats neither an interrupt nor a report: the next holder does.",
	Source:         "3.5: graceful shutdown",
	NotMistakenFor: "The first interrupt or report of an attempt, and a call that a pause had held back.",
	watches:        []watching{on(checkShutdownRetries, CallBegan)},
})

const causeTriedAgainWhileItShutDown Cause = "tried-again-while-it-shut-down"

func checkShutdownRetries(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	s := &p.shutdown
	if !s.asked || r.At <= s.askedAt || p.resumed >= s.askedAt && p.resumed != 0 {
		return nil
	}
	if kind := triedBy(r); kind != triedInterrupt && kind != triedReport || f.tried(r) == nil {
		return nil
	}
	return violated(r, causeTriedAgainWhileItShutDown.Of(r.Call.String()), "%s was tried again by a host that was leaving: at %s host %s asked %s again to %s, %s after it was asked to stop",
		r.Key, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r), r.At-s.askedAt)
}

// A process that shuts down waits for calls in flight and for what follows from their answers. Unless something keeps
// it busy for longer, 30 s are enough for both: a call takes 15 s at most, followed by a few steps on a healthy network
// and healthy stores. Faults of other processes appear as calls that take their time.
//
// Requests of others are answered to the end, also after the shutdown. But the shutdown waits for a start, because the
// orchestrator that it launches has to give its lease up.
var _ = shutdownProperties.add(Property{
	ID:             "shutdown-ends",
	Class:          Protocol,
	Sentence:       "A shutdown that nothing disturbs ends in time, the process does nothing by itself afterwards, and none of its tasks is left waiting.",
	Source:         "3.5: graceful shutdown",
	NotMistakenFor: "Requests of others that are answered after the end, and a shutdown that a fault or a pause delays.",
	watches: []watching{
		on(checkShutdownEnds, ShutdownEnded),
		on(checkShutdownEnded, CallBegan),
		on(checkNobodyLeft, ProcessLeft),
	},
})

const (
	causeShutdownWasCutShort Cause = "a-shutdown-was-cut-short"
	causeWentOnAfterItsEnd   Cause = "went-on-after-its-end"
	causeTaskWasLeftBehind   Cause = "a-task-was-left-behind"
)

// shutdownLeast is how long a platform has to wait before it kills a process that shuts down.
const shutdownLeast = 30 * time.Second

func checkShutdownEnds(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	s := &p.shutdown
	if r.Error == NoFailure || !s.asked || r.At-s.askedAt < shutdownLeast || p.slow || p.resumed >= s.askedAt && p.resumed != 0 || s.faultsAround != f.faultsAround(r.Actor) ||
		s.askedAt < max(s.disturbedUntil, f.process("database").shutdown.disturbedUntil) {
		return nil
	}
	return violated(r, causeShutdownWasCutShort, "Process %s did not shut down in time: it was asked %s before %s, nothing has disturbed it, and it has not ended%s",
		r.Actor, r.At-s.askedAt, moment(r.At), because(r.Reason))
}

func checkShutdownEnded(f *facts, r *Record) *Violation {
	s := &f.process(r.Actor).shutdown
	if !s.ended || r.At <= s.endedAt || serves(r) {
		return nil
	}
	return violated(r, causeWentOnAfterItsEnd.Of(r.Call.String()), "%s went on after it had shut down: at %s it asked %s to %s, %s after its end",
		caller(r), moment(r.At), partnerOf(r.Call), toDo(r), r.At-s.endedAt)
}

// checkNobodyLeft: a task that sleeps wakes up, finds that the process ends, and ends too; a task that waits for a
// signal does not.
func checkNobodyLeft(_ *facts, r *Record) *Violation {
	if r.Stranded == 0 {
		return nil
	}
	return violated(r, causeTaskWasLeftBehind, "Process %s left work behind: it has shut down, and %s still waits to be woken when it goes at %s",
		r.Actor, count(r.Stranded, "task"), moment(r.At))
}

// serves reports whether a call may be made to answer somebody's request.
func serves(r *Record) bool {
	switch {
	case r.Op != nil:
		switch r.Op.Kind {
		case model.ReviewsSubmit, model.ReviewsGet, model.ReviewsAttempts, model.ReviewsCancel, model.ReviewsRetrigger, model.ReviewsApply:
			return true
		default:
			return false
		}
	case r.JournalOp != nil:
		switch r.JournalOp.Kind {
		case model.JournalLoad, model.JournalEvents, model.JournalRequestCancel, model.JournalAbandon:
			return true
		default:
			return false
		}
	}
	return r.Call == CallWorkerEvents || r.Call == CallWorkerInspect || r.Call == CallWorkerAbandon
}

// The next holder has to find out again what this one knows: how often it has tried, and what it has not journaled yet.
var _ = shutdownProperties.add(Property{
	ID:             "yield-when-leaving",
	Class:          Protocol,
	Sentence:       "A host gives a lease up only if it shuts down or the journal has refused its write for good.",
	Source:         "3.4; 3.5: graceful shutdown",
	NotMistakenFor: "A lease that ends because the host did not renew it.",
	watches:        []watching{on(checkYield, CallBegan).journal(model.JournalReleaseLease)},
})

const causeLeaseWasGivenUpWithoutNeed Cause = "a-lease-was-given-up-without-need"

func checkYield(f *facts, r *Record) *Violation {
	if f.process(r.Actor).shutdown.asked {
		return nil
	}
	if a := f.attempt; a != nil {
		if h := a.find(r.Actor, r.Life); h != nil && h.calls.barred {
			return nil
		}
	}
	return violated(r, causeLeaseWasGivenUpWithoutNeed, "%s was given up without need: at %s host %s asked the journal to end its lease, and is not shutting down",
		r.Key, moment(r.At), r.Actor)
}
