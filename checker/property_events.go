package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var eventProperties = subject{
	name:     "Events",
	sentence: "How the agent's events get into the journal: all of them, in order, once, in batches, and not acknowledged before.",
}

var _ = eventProperties.add(Property{
	ID:             "no-lost-events",
	Class:          Outcome,
	Sentence:       "An attempt that ended with its session has all events of it, no append skips one, and events that a client has seen do not disappear.",
	Source:         "3.4; 8: reload-clobbers",
	NotMistakenFor: "A cancelled or failed attempt with fewer events than its session, and events that were purged after their time.",
	watches: []watching{
		on(checkAppendComplete, JournalExecuted).journal(model.JournalAppend),
		on(checkAllEvents, JournalExecuted),
		on(checkShownStays, ClientAnswered).calls(CallAppEvents),
	},
})

var _ = eventProperties.add(Property{
	ID:             "no-duplicate-events",
	Class:          Outcome,
	Sentence:       "No event is journaled twice.",
	Source:         "3.4",
	NotMistakenFor: "An append that repeats journaled events, which are skipped, and a stream that delivers events again.",
	watches:        []watching{on(checkNoDuplicates, JournalExecuted).journal(model.JournalAppend)},
})

var _ = eventProperties.add(Property{
	ID:             "events-in-order",
	Class:          Outcome,
	Sentence:       "Events are journaled in the order in which the agent emitted them.",
	Source:         "3.4",
	NotMistakenFor: "Appends that arrive in another order than they were sent: the journal accepts only the one that fits.",
	watches:        []watching{on(checkOrder, JournalExecuted).journal(model.JournalAppend)},
})

const (
	causeAppendSkippedEvents            Cause = "an-append-skipped-events"
	causeAcceptedEventsWereNotJournaled Cause = "accepted-events-were-not-journaled"
	causeJournaledEventWasNeverEmitted  Cause = "a-journaled-event-was-never-emitted"
	causeOverWithoutAllEvents           Cause = "over-without-all-events"
	causeShownEventsDisappeared         Cause = "shown-events-disappeared"
	causeEventWasJournaledTwice         Cause = "an-event-was-journaled-twice"
	causeEventsOutOfOrder               Cause = "events-out-of-order"
)

func checkAppendComplete(f *facts, r *Record) *Violation {
	switch f.appended {
	case appendGap:
		missing, came := skipped(r)
		return violated(r, causeAppendSkippedEvents, "%s lost event %d: at %s host %s journaled event %d in its place",
			r.Key, missing, moment(r.At), r.Actor, came)
	case appendShort:
		return violated(r, causeAcceptedEventsWereNotJournaled, "%s lost events: at %s the journal accepted %s of host %s, and stayed at %d",
			r.Key, moment(r.At), count(len(r.JournalOp.Events), "event"), r.Actor, r.Row.Events)
	case appendAltered:
		return violated(r, causeJournaledEventWasNeverEmitted, "%s has events that never happened: at %s host %s journaled some that %s did not emit",
			r.Key, moment(r.At), r.Actor, f.attempt.describeSource())
	default: // complete, whatever else is wrong with it
		return nil
	}
}

// skipped returns the first event that an append leaves out, and the one that came in its place.
func skipped(r *Record) (missing, came int64) {
	missing = r.RowBefore.Events + 1
	for i := range r.JournalOp.Events {
		switch seq := r.JournalOp.Events[i].Seq; {
		case seq == missing:
			missing++
		case seq > missing:
			return missing, seq
		}
	}
	return missing, 0
}

// checkAllEvents: an attempt that ended with its session's last event, or as completed, has every event. A cancelled or
// abandoned attempt ends where it stands. An event too many is the business of no-duplicate-events.
func checkAllEvents(f *facts, r *Record) *Violation {
	if r.Row == nil || r.Row.Phase != engine.PhaseOver || r.RowBefore == nil || r.RowBefore.Phase == engine.PhaseOver {
		return nil
	}
	if r.JournalOp.Kind != model.JournalAppend && r.Row.Outcome.Status != engine.Completed {
		return nil
	}
	if a := f.attempt; r.Row.Events < int64(len(a.script)) {
		return violated(r, causeOverWithoutAllEvents, "%s lost events: it is over as %s at %s with %d of %d events in the journal",
			r.Key, r.Row.Outcome.Status, moment(r.At), r.Row.Events, len(a.script))
	}
	return nil
}

// checkShownStays compares answers to the same client only. A client asks for one page at a time; answers to different
// clients may overtake each other.
func checkShownStays(f *facts, r *Record) *Violation {
	a := f.attempt
	if a == nil || a.purged {
		return nil
	}
	for i := range a.shown {
		if s := &a.shown[i]; s.client == r.Actor && r.Events < int64(r.Max) && r.From+r.Events < s.number && r.From < s.number {
			return violated(r, causeShownEventsDisappeared, "%s lost events that a client had seen: it was shown %d of them, and at %s only %d",
				r.Key, s.number, moment(r.At), r.From+r.Events)
		}
	}
	return nil
}

func checkNoDuplicates(f *facts, r *Record) *Violation {
	if f.appended == appendTwice {
		return violated(r, causeEventWasJournaledTwice, "%s has an event twice: at %s host %s journaled %s after the first %d, which made %d",
			r.Key, moment(r.At), r.Actor, count(len(r.JournalOp.Events), "event"), r.RowBefore.Events, r.Row.Events)
	}
	return nil
}

func checkOrder(f *facts, r *Record) *Violation {
	if f.appended == appendShuffled {
		return violated(r, causeEventsOutOfOrder, "%s has events out of order: at %s host %s journaled those after the first %d in another order than %s emitted them",
			r.Key, moment(r.At), r.Actor, r.RowBefore.Events, f.attempt.describeSource())
	}
	return nil
}

func (a *attemptFacts) describeSource() string {
	if a.sessions == 0 {
		return "the agent, which has no session,"
	}
	return "session " + string(a.session)
}

var _ = eventProperties.add(Property{
	ID:             "usage-exact",
	Class:          Outcome,
	Sentence:       "The token usage in the journal and in the terminal callback is the sum over the journaled events.",
	Source:         "3.4; 8: reload-clobbers",
	NotMistakenFor: "Less usage than the session had, if the attempt ended before all its events were journaled.",
	watches: []watching{
		on(checkUsageJournaled, JournalExecuted),
		on(checkUsageReported, CallbackSent),
	},
})

const (
	causeJournaledUsageIsWrong Cause = "journaled-usage-is-wrong"
	causeReportedUsageIsWrong  Cause = "reported-usage-is-wrong"
)

func checkUsageJournaled(f *facts, r *Record) *Violation {
	if r.Row == nil || f.appended > appendFaithful {
		return nil // what is wrong with the events has violations of its own
	}
	if used := f.attempt.tokens(r.Row.Events); r.Row.Tokens != used {
		return violated(r, causeJournaledUsageIsWrong, "%s has the wrong usage: since %s the journal has %d tokens for its first %s, which used %d",
			r.Key, moment(r.At), r.Row.Tokens, count(r.Row.Events, "event"), used)
	}
	return nil
}

func checkUsageReported(f *facts, r *Record) *Violation {
	a := f.attempt
	if !r.Status.Terminal() || !a.over() {
		return nil
	}
	if used := a.tokens(a.row.Events); r.Tokens != used || r.Events != a.row.Events {
		return violated(r, causeReportedUsageIsWrong, "%s was reported with the wrong usage: at %s host %s reported %s and %d tokens, and the journal has %s, which used %d",
			r.Key, moment(r.At), r.Actor, count(r.Events, "event"), r.Tokens, count(a.row.Events, "event"), used)
	}
	return nil
}

var _ = eventProperties.add(Property{
	ID:             "journal-before-ack",
	Class:          Protocol,
	Sentence:       "An event is acknowledged to the agent, reported or shown only after it is journaled.",
	Source:         "3.4",
	NotMistakenFor: "Events that a host has received and not journaled yet: the agent keeps them until they are acknowledged.",
	watches:        []watching{on(checkJournalBeforeAck, StreamSent, CallbackSent, ClientAnswered)},
})

const (
	causeAcknowledgedBeforeItWasJournaled Cause = "acknowledged-before-it-was-journaled"
	causeReportedBeforeItWasJournaled     Cause = "reported-before-it-was-journaled"
	causeShownBeforeItWasJournaled        Cause = "shown-before-it-was-journaled"
)

func checkJournalBeforeAck(f *facts, r *Record) *Violation {
	a := f.attempt
	if a == nil {
		return nil
	}
	journaled := int64(0)
	if a.hasRow {
		journaled = a.row.Events
	}
	switch {
	case r.Kind == StreamSent && r.From > journaled:
		return violated(r, causeAcknowledgedBeforeItWasJournaled, "%s had events acknowledged too early: at %s host %s told the agent that it has all up to %d, and the journal has %d",
			r.Key, moment(r.At), r.Actor, r.From, journaled)
	case r.Kind == CallbackSent && r.Events > journaled:
		return violated(r, causeReportedBeforeItWasJournaled, "%s had events reported too early: at %s host %s reported %s to the app, and the journal has %d",
			r.Key, moment(r.At), r.Actor, count(r.Events, "event"), journaled)
	case r.Kind == ClientAnswered && r.Call == CallAppEvents && r.Events > 0 && r.From+r.Events > journaled:
		return violated(r, causeShownBeforeItWasJournaled, "%s had events shown too early: at %s a client was shown them up to %d, and the journal has %d",
			r.Key, moment(r.At), r.From+r.Events, journaled)
	}
	return nil
}

// Received events that are not journaled exist only in the host's memory. Losing them does no lasting harm, because the
// agent keeps what is not acknowledged and delivers it again; no-lost-events does not notice, so the loss is a property
// of its own. A host that asks again for events which it had received has lost its buffer, or continues after a write
// without knowing its outcome. A host that ends the attempt or gives it up with events in hand has dropped them. A
// crash, or the loss of the lease, ends the buffer.
var _ = eventProperties.add(Property{
	ID:             "buffer-kept",
	Class:          Protocol,
	Sentence:       "A holder keeps the events that it has received until they are journaled: it asks for none of them again, and ends nothing before.",
	Source:         "3.4; 8: reload-clobbers",
	NotMistakenFor: "Events that are delivered again after a crash or a takeover: the memory of a host ends with its process or its lease.",
	watches: []watching{
		on(checkNotAskedAgain, StreamSent),
		on(checkNothingInHand, JournalExecuted),
	},
})

const (
	causeAskedAgainForWhatItHadReceived Cause = "asked-again-for-what-it-had-received"
	causeEndedWithEventsInHand          Cause = "ended-with-events-in-hand"
)

func checkNotAskedAgain(f *facts, r *Record) *Violation {
	if h := f.attempt.single(r); h != nil && r.From < h.delivered {
		return violated(r, causeAskedAgainForWhatItHadReceived, "%s had its events asked for again: at %s host %s asked for those after %d, having received all up to %d",
			r.Key, moment(r.At), r.Actor, r.From, h.delivered)
	}
	return nil
}

func checkNothingInHand(f *facts, r *Record) *Violation {
	op := r.JournalOp
	switch op.Kind {
	case model.JournalDecide, model.JournalFinish, model.JournalReleaseLease:
	default:
		return nil
	}
	if r.JournalResult.Failed || r.RowBefore == nil || op.Epoch != r.Current || r.RowBefore.Phase == engine.PhaseOver {
		return nil
	}
	if h := f.attempt.single(r); h != nil && h.epoch == op.Epoch && r.RowBefore.Events < h.delivered && !f.attempt.barred {
		return violated(r, causeEndedWithEventsInHand.Of(op.Kind.String()), "%s was let go with events in hand: at %s host %s asked the journal to %s, having received %d and journaled %d",
			r.Key, moment(r.At), r.Actor, toWrite(op), h.delivered, r.RowBefore.Events)
	}
	return nil
}

// The journal skips events that it has, so an append with too many does no harm; it shows that its sender does not know
// what is journaled. Two such appends are right: one that repeats a write with a lost answer, with the same events, and
// a first try that arrives after the second was accepted. The latter was sent earlier by its sender's clock, unless
// that clock jumped.
var _ = eventProperties.add(Property{
	ID:             "appended-once",
	Class:          Protocol,
	Sentence:       "An append begins right after the journaled events, unless it repeats an earlier one of its sender.",
	Source:         "3.4",
	NotMistakenFor: "A repeated append whose first answer was lost, and a first try that arrives after the second.",
	watches:        []watching{on(checkAppendedOnce, JournalExecuted).journal(model.JournalAppend)},
})

const (
	causeAppendLeftEventsOut     Cause = "an-append-left-events-out"
	causeEventsWereAppendedAgain Cause = "events-were-appended-again"
)

func checkAppendedOnce(f *facts, r *Record) *Violation {
	op := r.JournalOp
	if len(op.Events) == 0 || r.RowBefore == nil || op.Epoch != r.Current {
		return nil
	}
	first, next := op.Events[0].Seq, r.RowBefore.Events+1
	switch h := f.attempt.single(r); {
	case first == next || h == nil || h.epoch != op.Epoch || f.clockJumped:
	case first > next:
		return violated(r, causeAppendLeftEventsOut, "%s had events left out: at %s host %s appended from event %d on, when %d were journaled",
			r.Key, moment(r.At), r.Actor, first, r.RowBefore.Events)
	case first == h.appendedFirst && op.Events[len(op.Events)-1].Seq == h.appendedTo:
	case op.Now.Before(h.lastAppend):
	default:
		return violated(r, causeEventsWereAppendedAgain, "%s had events appended again: at %s host %s appended from event %d on, when %d were journaled, and its append before was another",
			r.Key, moment(r.At), r.Actor, first, r.RowBefore.Events)
	}
	return nil
}

// Events are journaled in batches, because each write costs, and within seconds, because what is only in memory is lost
// in a crash and delivered again. A batch is shorter than configured only if the host waited for the next event in
// vain: the wait was too long, the stream ended, or the work was interrupted. While it journals it receives nothing, so
// at the arrival of an event the oldest one in hand is younger than the limit. A slow process is no excuse: its deadlines
// are in time, and what is sent to it arrives. One that was paused or has an older configuration is excused.
var _ = eventProperties.add(Property{
	ID:             "batched",
	Class:          Protocol,
	Sentence:       "Received events are journaled in full batches, or as soon as the first of them has waited long enough.",
	Source:         "3.4: events are buffered in memory and flushed in batches",
	NotMistakenFor: "A short batch after the host waited for the next event in vain, or at the end of a session.",
	watches: []watching{
		on(checkBatch, JournalExecuted).journal(model.JournalAppend),
		on(checkFlushed, EventDelivered),
	},
})

const (
	causeMoreThanABatch         Cause = "more-than-a-batch"
	causeLessThanABatch         Cause = "less-than-a-batch"
	causeKeptInMemoryForTooLong Cause = "kept-in-memory-for-too-long"
)

func checkBatch(f *facts, r *Record) *Violation {
	op := r.JournalOp
	if r.JournalResult.Failed || len(op.Events) == 0 || r.RowBefore == nil || f.otherPace(r) {
		return nil
	}
	h := f.attempt.single(r)
	first, last := &op.Events[0], &op.Events[len(op.Events)-1]
	if h == nil || first.Seq <= r.RowBefore.Events {
		return nil // not the first write of these
	}
	switch n := len(op.Events); {
	case n > f.config.Worker.Batch:
		return violated(r, causeMoreThanABatch, "%s had too many events journaled at once: at %s host %s wrote %d, and a batch is %d",
			r.Key, moment(r.At), r.Actor, n, f.config.Worker.Batch)
	case n < f.config.Worker.Batch && !h.stopped && !last.Last():
		return violated(r, causeLessThanABatch, "%s had its events journaled in small pieces: at %s host %s wrote %d without waiting for more, and a batch is %d",
			r.Key, moment(r.At), r.Actor, n, f.config.Worker.Batch)
	}
	return nil
}

// flushSlack is for the rounding of timers.
const flushSlack = 10 * time.Millisecond

func checkFlushed(f *facts, r *Record) *Violation {
	h := f.attempt.single(r)
	if h == nil || !h.buffers || f.otherPace(r) {
		return nil
	}
	if age := r.At - h.bufferedAt; age > f.config.Worker.FlushAfter+flushSlack {
		return violated(r, causeKeptInMemoryForTooLong, "%s had events kept in memory for too long: host %s received event %d at %s with others in hand for %s, and %s are allowed",
			r.Key, r.Actor, r.Seq, moment(r.At), age, f.config.Worker.FlushAfter)
	}
	return nil
}

// otherPace reports whether other times than those configured apply to the sender of a record: in this life it was
// paused, or it runs an older configuration.
func (f *facts) otherPace(r *Record) bool {
	p := f.process(r.Actor)
	return p.halted || p.old >= r.Life // what an earlier life had sent may arrive now
}

// A stream that is not closed stays open at the agent, and delivers to nobody.
var _ = eventProperties.add(Property{
	ID:             "one-stream",
	Class:          Protocol,
	Sentence:       "A host follows a session on one stream: it closes one before it opens the next.",
	Source:         "3.4",
	NotMistakenFor: "Two hosts with a stream of the same session: one of them has lost its lease and does not know it yet.",
	watches:        []watching{on(checkOneStream, StreamSent)},
})

const causeStreamWasLeftOpen Cause = "a-stream-was-left-open"

func checkOneStream(f *facts, r *Record) *Violation {
	if h := f.attempt.single(r); h != nil && h.open > 0 {
		return violated(r, causeStreamWasLeftOpen, "%s was followed on two streams: at %s host %s asked for another while it had %d open",
			r.Key, moment(r.At), r.Actor, h.open)
	}
	return nil
}
