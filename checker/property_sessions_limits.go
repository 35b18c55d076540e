package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// An agent that is slow, silent, overloaded or forgetful for a while is no reason to call a review failed. These
// properties look at it from outside, whatever a host counts by itself.
var _ = sessionProperties.add(Property{
	ID:             "agent-waited-for",
	Class:          Outcome,
	Sentence:       "An attempt does not fail because its session was throttled, or was unknown for a while to an agent that has it.",
	Source:         "3.4: throttled is not failed",
	NotMistakenFor: "An attempt that fails after as many tries as configured that failed in another way, or whose session the agent has lost.",
	watches:        []watching{on(checkAgentWaitedFor, JournalExecuted).journal(model.JournalDecide)},
})

const (
	causeFailedWhileThrottled  Cause = "failed-while-throttled"
	causeCalledLostThoughThere Cause = "called-lost-though-it-is-there"
)

func checkAgentWaitedFor(f *facts, r *Record) *Violation {
	if !givesUp(r) {
		return nil
	}
	a := f.attempt
	h := a.single(r)
	switch cause := r.JournalOp.Outcome.Cause; {
	case h == nil:
	case cause == engine.CauseNoSession && h.creates < f.config.workerOf(r).CreateTries && f.process(r.Actor).throttle.agent.ever:
		return violated(r, causeFailedWhileThrottled, "%s failed because the agent throttled it: host %s gave it up after %d tries that met no throttling, and %d are allowed",
			r.Key, r.Actor, h.creates, f.config.workerOf(r).CreateTries)
	case cause == engine.CauseSessionLost && a.sessions > 0 && !a.lost:
		return violated(r, causeCalledLostThoughThere, "%s was called lost by host %s at %s although the agent has its session: %s",
			r.Key, r.Actor, moment(r.At), a.describeSession())
	}
	return nil
}

// A session that has ended can be read by opening another stream, unless something keeps the host from that. Whoever
// calls its attempt failed has not looked.
var _ = sessionProperties.add(Property{
	ID:             "ended-is-read",
	Class:          Outcome,
	Sentence:       "An attempt is not called failed by a host that could have read for minutes that its session has ended.",
	Source:         "3.4: one last look before a limit fails an attempt",
	NotMistakenFor: "A session that ends when its time is up, one with an event that can't be read, and a host that something has kept from reading.",
	watches:        []watching{on(checkEndedIsRead, JournalExecuted).journal(model.JournalDecide)},
})

const causeFailedThoughItHadEnded Cause = "failed-though-it-had-ended"

// readableFor is for how long a session has ended that a host must have read. A last look takes a minute.
const readableFor = 3 * time.Minute

func checkEndedIsRead(f *facts, r *Record) *Violation {
	a := f.attempt
	if !givesUp(r) || a.lost || a.live || a.ended == 0 || a.ended == engine.Cancelled || r.JournalOp.Outcome.Cause == engine.CauseBadEvent {
		return nil
	}
	since := r.At - readableFor
	h, p := a.single(r), f.process(r.Actor)
	if h == nil || a.endedAt > since || h.intended > since || p.slow || p.resumed > since || p.faults > 0 && p.faultAt > since ||
		f.process("agent").faultAt > since || p.throttle.agent.lately(since, 0) {
		return nil
	}
	return violated(r, causeFailedThoughItHadEnded, "%s was called failed although its session had %s: host %s had %s to read that, and nothing kept it from reading",
		r.Key, hasEnded(a.ended), r.Actor, r.At-a.endedAt)
}

// A session that goes on and on keeps a slot of its owner. Each takeover would give it as much time again if the next
// holder did not know how much was spent. A holder that is lost may take a minute with it, and one that was disturbed
// does not count.
var _ = sessionProperties.add(Property{
	ID:             "time-kept",
	Class:          Outcome,
	Sentence:       "All holders of an attempt together follow its session no longer than the stream limit.",
	Source:         "3.4: streams have a time limit",
	NotMistakenFor: "The time between two holders, for which nobody follows the session, and up to a minute that each lost holder has not journaled.",
	watches:        []watching{on(checkTimeKept, StreamClosed)},
})

const causeFollowedForTooLong Cause = "followed-for-too-long"

// What a host may follow a session for on top of the limit: the last look, and the slice of time that its predecessor
// had not journaled.
const (
	lastLookTakes  = 3 * time.Minute
	sliceOfAHolder = time.Minute
)

func checkTimeKept(f *facts, r *Record) *Violation {
	a := f.attempt
	h := a.find(r.Actor, r.Life)
	if !a.hasRow || h == nil || h.open == 0 {
		return nil
	}
	followed := a.followed + h.undisturbed(f.process(r.Actor), r.At)
	limit := f.config.Worker.StreamLimit
	for i := range a.hosts {
		if c := f.config.WorkerOf; c != nil {
			limit = max(limit, c(a.hosts[i].actor, a.hosts[i].life).StreamLimit)
		}
	}
	allowed := limit + lastLookTakes + time.Duration(a.row.Epoch)*sliceOfAHolder
	if followed <= allowed {
		return nil
	}
	return violated(r, causeFollowedForTooLong, "%s was followed for too long: its hosts followed the session for %s in all, in epoch %d, and the limit is %s",
		r.Key, followed, a.row.Epoch, limit)
}

var _ = sessionProperties.add(Property{
	ID:             "throttle-obeyed",
	Class:          Protocol,
	Sentence:       "A process makes no call of a partner that has asked it to wait, until the time is over or the limit for that is reached.",
	Source:         "3.4: throttled is not failed",
	NotMistakenFor: "A call that was under way already, and one of another process, which does not know.",
	watches:        []watching{on(checkThrottleObeyed, CallBegan)},
})

const causeCalledWhileAskedToWait Cause = "called-while-asked-to-wait"

func checkThrottleObeyed(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	if partner := p.throttle.by(r.Call); partner != nil && r.At < partner.until {
		return violated(r, causeCalledWhileAskedToWait.Of(r.Call.String()), "%s was not left waiting: at %s %s asked %s to %s although it had been told to wait for %s more",
			r.Key, moment(r.At), caller(r), partnerOf(r.Call), toDo(r), partner.until-r.At)
	}
	return nil
}
