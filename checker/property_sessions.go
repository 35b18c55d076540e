package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A session costs money and posts comments, so one too many is the worst that can happen.
var sessionProperties = subject{
	name:     "Sessions",
	sentence: "Which sessions the agent is asked for, which of them run, and what may end one.",
}

var _ = sessionProperties.add(Property{
	ID:             "runs-once",
	Class:          Outcome,
	Sentence:       "The agent runs at most one session for each attempt.",
	Source:         "7; 8: start-resets-live",
	NotMistakenFor: "A second request for a session with the same idempotency key: the agent answers it with the session that it has. And a second session in place of one that the agent has lost, and of which no event was journaled: nobody can know of it.",
	watches:        []watching{on(checkRunsOnce, SessionStarted)},
})

const causeExecutedTwice Cause = "executed-twice"

func checkRunsOnce(f *facts, r *Record) *Violation {
	if a := f.attempt; a.sessions > 0 && (!a.lost || a.row.Events > 0) {
		return violated(r, causeExecutedTwice, "%s ran twice: %s", r.Key, f.secondSession(r))
	}
	return nil
}

var _ = sessionProperties.add(Property{
	ID:             "one-live-attempt",
	Class:          Outcome,
	Sentence:       "A review never has two attempts running at the same time.",
	Source:         "3.4: a slot is free only when the session is known to be over",
	NotMistakenFor: "A session that starts after the session of an earlier attempt has ended, even if the app does not know yet that it has.",
	watches:        []watching{on(checkOneLiveAttempt, SessionStarted)},
})

const causeTwoAttemptsAtOnce Cause = "two-attempts-at-once"

func checkOneLiveAttempt(f *facts, r *Record) *Violation {
	if f.review.live == 0 {
		return nil
	}
	for _, other := range f.review.attempts {
		if other != f.attempt && other.live {
			return violated(r, causeTwoAttemptsAtOnce, "Review %s ran two attempts at once: session %s of attempt %d started at %s while session %s of attempt %d was still running",
				r.Key.Review, r.Session, r.Key.Attempt, moment(r.At), other.session, other.key.Attempt)
		}
	}
	return nil
}

// A cancel promises the following, and no more. Once the agent has taken note of an interrupt, or the worker has
// journaled a tombstone, no session may start, however late the create or the start arrives. If the cancel arrives
// while a host is just beginning the attempt, the host does not know of it, so a session may still start, and end. The
// answer to the user stays true (terminal-final), the slot stays taken until the session is over (slot-held), and the
// session does end (no-stuck). But a host that was given the attempt after the cancel was journaled knows of it: it
// must not ask the agent for a session at all.
var _ = sessionProperties.add(Property{
	ID:             "cancel-wins",
	Class:          Outcome,
	Sentence:       "No session starts after its attempt was interrupted, was cancelled before it reached a worker, or was over according to a worker's answer to the cancel, and no host that was given the attempt as cancelled asks for one.",
	Source:         "3.4: cancel is durable and wins over a start that arrives later",
	NotMistakenFor: "A session that a host starts because it has not heard of the cancel yet: it is interrupted, and the review stays cancelled.",
	watches: []watching{
		on(checkNoStartAfterCancel, SessionStarted),
		on(checkNoCreateKnowingly, CreateSent),
	},
})

const (
	causeStartedAfterItsInterrupt  Cause = "started-after-its-interrupt"
	causeStartedOverATombstone     Cause = "started-over-a-tombstone"
	causeStartedAfterTheAnswer     Cause = "started-after-a-worker-answered-that-it-is-over"
	causeCreatedKnowingOfTheCancel Cause = "created-knowing-of-the-cancel"
)

func checkNoStartAfterCancel(f *facts, r *Record) *Violation {
	a := f.attempt
	switch {
	case a.interrupted:
		return violated(r, causeStartedAfterItsInterrupt, "%s started after its interrupt: session %s began at %s although the agent had already taken note that there was to be none",
			r.Key, r.Session, moment(r.At))
	case a.stopped:
		return violated(r, causeStartedAfterTheAnswer, "%s started after it was called over: session %s began at %s although a worker had answered that the cancel was done",
			r.Key, r.Session, moment(r.At))
	case a.tombstone:
		return violated(r, causeStartedOverATombstone, "%s started although it was cancelled before it reached a worker: session %s began at %s",
			r.Key, r.Session, moment(r.At))
	}
	return nil
}

func checkNoCreateKnowingly(f *facts, r *Record) *Violation {
	a := f.attempt
	if a.knewCancel && a.holder == r.Actor && a.holderLife == r.Life {
		return violated(r, causeCreatedKnowingOfTheCancel, "%s was to be cancelled when host %s got it, and at %s the host asked the agent for a session all the same",
			r.Key, r.Actor, moment(r.At))
	}
	return nil
}

// A worker cannot know why it is asked to cancel. The app asks for a reason that its database shows from then on: the
// user has cancelled the attempt, or a later one has followed it. There is one exception: if the worker does not know a
// running review, the app first makes sure that every later start of it is refused.
var _ = sessionProperties.add(Property{
	ID:             "cancel-was-wanted",
	Class:          Protocol,
	Sentence:       "The worker is asked to cancel an attempt only if its user cancelled it, a later attempt or head replaced it, or the worker does not know it.",
	Source:         "3.3; 3.4",
	NotMistakenFor: "A cancel of a running review that the worker turns out not to know: it makes sure that no late start runs it.",
	watches:        []watching{on(checkCancelWasWanted, JournalExecuted).journal(model.JournalRequestCancel)},
})

const causeCancelledThoughNobodyWantedIt Cause = "cancelled-though-nobody-wanted-it"

func checkCancelWasWanted(f *facts, r *Record) *Violation {
	if r.JournalResult.Failed {
		return nil
	}
	if r.RowBefore != nil && r.RowBefore.Phase == engine.PhaseOver {
		return nil // it has no effect
	}
	if f.attempt != nil && f.attempt.barred {
		return nil // nobody can claim it again
	}
	v, attempt := f.review, r.Key.Attempt
	switch row := &v.row; {
	case !v.hasRow:
	case row.Attempt > attempt, row.Stopping == attempt:
		return nil
	case row.Attempt == attempt && row.Status == engine.Cancelled:
		return nil
	case r.RowBefore == nil && row.Attempt == attempt && row.Status == engine.Running:
		return nil
	}
	status := "unknown to the app"
	if v.hasRow {
		status = v.row.Status.String()
	}
	return violated(r, causeCancelledThoughNobodyWantedIt, "%s was cancelled though nobody wanted it: at %s host %s was asked to cancel it while it is %s for its user",
		engine.AttemptKey{Review: r.Key.Review, Attempt: attempt}, moment(r.At), r.Actor, status)
}

var _ = sessionProperties.add(Property{
	ID:             "intent-before-effect",
	Class:          Protocol,
	Sentence:       "The agent is asked for a session, and a session starts, only after the intention is journaled.",
	Source:         "3.4: it records the intention before it calls the agent",
	NotMistakenFor: "A request by a later holder that journaled no intention of its own: the first one holds for the attempt.",
	watches:        []watching{on(checkIntent, CreateSent, SessionStarted)},
})

const (
	causeCalledBeforeItWasIntended Cause = "called-before-it-was-intended"
	causeBeganBeforeItWasIntended  Cause = "began-before-it-was-intended"
)

func checkIntent(f *facts, r *Record) *Violation {
	if f.attempt.intended {
		return nil
	}
	if r.Kind == CreateSent {
		return violated(r, causeCalledBeforeItWasIntended, "%s got a session too early: at %s host %s asked the agent for it before the intention to run it was journaled",
			r.Key, moment(r.At), r.Actor)
	}
	return violated(r, causeBeganBeforeItWasIntended, "%s started too early: session %s began at %s before the intention to run it was journaled",
		r.Key, r.Session, moment(r.At))
}

// The app frees a slot on the worker's word, so the word is watched by itself.
var _ = sessionProperties.add(Property{
	ID:             "over-means-over",
	Class:          Protocol,
	Sentence:       "An attempt is over in the journal only when its session has ended, and no session starts after that.",
	Source:         "3.4: a slot is free only when the session is known to be over",
	NotMistakenFor: "An attempt that is over without a session: it was cancelled or given up before it had one.",
	watches: []watching{
		on(checkOverWhenOver, JournalExecuted),
		on(checkOverStaysOver, SessionStarted),
	},
})

const (
	causeOverWhileItRuns     Cause = "over-while-it-runs"
	causeBegunAfterItWasOver Cause = "begun-after-it-was-over"
)

func checkOverWhenOver(f *facts, r *Record) *Violation {
	if a := f.attempt; a.live && r.Row != nil && r.Row.Phase == engine.PhaseOver && (r.RowBefore == nil || r.RowBefore.Phase != engine.PhaseOver) {
		return violated(r, causeOverWhileItRuns.Of(r.JournalOp.Kind.String()), "%s was called over while it ran: at %s host %s ended it in the journal, and session %s was still running",
			r.Key, moment(r.At), r.Actor, a.session)
	}
	return nil
}

func checkOverStaysOver(f *facts, r *Record) *Violation {
	if a := f.attempt; a.over() && !a.tombstone { // a tombstone is the business of cancel-wins
		return violated(r, causeBegunAfterItWasOver, "%s started after it was over: session %s began at %s, when the journal already had it as %s",
			r.Key, r.Session, moment(r.At), a.row.Outcome.Status)
	}
	return nil
}

// An attempt that its host gives up is lost for its user, or costs another attempt. A host may give up as
// infrastructure only after it has asked the agent for a session as often as configured and got none. It may give up
// for good only for a reason that is visible from outside: the agent refuses the attempt for good or was asked to
// interrupt it before, an event could not be decoded as often as configured, or the time is up. The record of the fault
// does not show which attempt was refused, so it excuses every attempt that it may have hit. Each holder counts tries
// and time from its own intention on. And it tries no more often than that: an event that cannot be decoded would keep
// it busy until its time is up.
var _ = sessionProperties.add(Property{
	ID:             "retries-used",
	Class:          Protocol,
	Sentence:       "A host gives an attempt up only when its tries for a session or an event are used up, its time is up, or no other attempt could succeed; and it tries no longer than that.",
	Source:         "3.4",
	NotMistakenFor: "An attempt that ends early because the agent refused it for good, or was asked to interrupt it.",
	watches: []watching{
		on(checkRetriesUsed, JournalExecuted).journal(model.JournalDecide),
		on(checkTriesEnd, StreamSent),
	},
})

const (
	causeTriedWithoutEnd              Cause = "tried-without-end"
	causeGivenUpTooEarly              Cause = "given-up-too-early"
	causeGivenUpForGoodWithoutAReason Cause = "given-up-for-good-without-a-reason"
)

func checkTriesEnd(f *facts, r *Record) *Violation {
	h := f.attempt.single(r)
	if h == nil || h.position != h.delivered || h.undecodable < f.config.workerOf(r).DecodeTries {
		return nil
	}
	return violated(r, causeTriedWithoutEnd, "%s has an event that can't be decoded, and host %s asked for it again at %s after %s; %d are allowed",
		r.Key, r.Actor, moment(r.At), count(h.undecodable, "failure"), f.config.workerOf(r).DecodeTries)
}

func checkRetriesUsed(f *facts, r *Record) *Violation {
	op, a := r.JournalOp, f.attempt
	if !givesUp(r) {
		return nil
	}
	h, config := a.single(r), f.config.workerOf(r)
	if h == nil {
		return nil
	}
	early := func(format string, args ...any) *Violation {
		return violated(r, causeGivenUpTooEarly.Of(op.Outcome.Cause.String()), "%s was given up too early at %s: host %s ended it%s "+format, append([]any{r.Key, moment(r.At), r.Actor, because(op.Outcome.Reason)}, args...)...)
	}
	switch w := config; op.Outcome.Cause {
	case engine.CauseNoSession:
		if h.creates < w.CreateTries || h.calls.created {
			return early("after it had asked for a session %d of %d times", h.creates, w.CreateTries)
		}
	case engine.CauseSessionLost:
		if h.unknownSince == 0 || r.At-h.unknownSince < w.UnknownFor {
			return early("before the agent had answered for %s that it does not know the session", w.UnknownFor)
		}
	case engine.CauseThrottled:
		if t := &f.process(r.Actor).throttle.agent; !t.ever || r.At-a.intendedAt+w.RetryAfterMax < w.ThrottleLimit {
			return early("after %s, and for %s the agent may throttle it", r.At-a.intendedAt, w.ThrottleLimit)
		}
	case engine.CauseTakeovers:
		if uint64(r.Row.Epoch) <= uint64(w.MaxTakeovers)+1 {
			return early("in epoch %d, and it may be taken over %d times", r.Row.Epoch, w.MaxTakeovers)
		}
	default:
		if r.At >= a.intendedAt+w.StreamLimit || a.interrupted || a.hopeless || a.barred || h.undecodable >= w.DecodeTries {
			return nil
		}
		return violated(r, causeGivenUpForGoodWithoutAReason, "%s was given up for good without a reason: host %s ended it%s %s after it was intended",
			r.Key, r.Actor, because(op.Outcome.Reason), r.At-a.intendedAt)
	}
	return nil
}

// givesUp reports whether a journal operation has decided that an attempt fails whose session has not ended.
func givesUp(r *Record) bool {
	return !r.JournalResult.Failed && r.Row != nil && r.RowBefore != nil &&
		r.RowBefore.Phase < engine.PhaseStopping && r.JournalOp.Outcome.Status == engine.Failed
}

// The other half of retries-used: the agent is not asked more often than needed. A host that gives its lease up and
// gets it again, or finds that it still has it, counts anew.
var _ = sessionProperties.add(Property{
	ID:             "agent-left-alone",
	Class:          Protocol,
	Sentence:       "A holder asks the agent for a session no more often than configured, and not again after an answer.",
	Source:         "3.4",
	NotMistakenFor: "A host that gave its lease up and got it back: it counts from the beginning.",
	watches:        []watching{on(checkCreateAgain, CallBegan).calls(CallAgentCreate)},
})

const (
	causeAskedAgainAfterAnAnswer Cause = "asked-again-after-an-answer"
	causeAskedTooOften           Cause = "asked-too-often"
)

func checkCreateAgain(f *facts, r *Record) *Violation {
	if f.attempt == nil {
		return nil
	}
	h := f.attempt.single(r)
	switch {
	case h == nil:
	case h.calls.created:
		return violated(r, causeAskedAgainAfterAnAnswer, "%s has its answer, and at %s host %s asked the agent again to create its session",
			r.Key, moment(r.At), r.Actor)
	case h.calls.creates >= f.config.workerOf(r).CreateTries:
		return violated(r, causeAskedTooOften, "%s was asked for too often: at %s host %s asked the agent for its session once more than the %d times that are allowed",
			r.Key, moment(r.At), r.Actor, f.config.workerOf(r).CreateTries)
	}
	return nil
}

// The agent knows an attempt by its key and answers a late request as it did before, so a request after the decision
// does no harm. But it shows that the host does not know what it has journaled.
var _ = sessionProperties.add(Property{
	ID:             "nothing-when-over",
	Class:          Protocol,
	Sentence:       "The holder of an attempt asks for no session and no events once the outcome is decided, and interrupts nothing once the attempt is over.",
	Source:         "3: decide first, act after",
	NotMistakenFor: "Calls of an earlier holder, which need not know the outcome, and an interrupt while the attempt is being stopped.",
	watches:        []watching{on(checkNothingWhenOver, CreateSent, StreamSent, InterruptSent)},
})

const causeWorkOnWhatIsDecided Cause = "work-on-what-is-decided"

func checkNothingWhenOver(f *facts, r *Record) *Violation {
	a := f.attempt
	h := a.single(r)
	if h == nil || !a.hasRow || h.epoch != a.row.Epoch || a.row.Phase < engine.PhaseStopping ||
		r.Kind == InterruptSent && a.row.Phase != engine.PhaseOver {
		return nil
	}
	return violated(r, causeWorkOnWhatIsDecided.Of(a.journalState()), "%s was worked on after it was decided: at %s host %s %s though the journal has it %s",
		r.Key, moment(r.At), r.Actor, askedAgent(r.Kind), rowState(&a.row))
}

// If a session is interrupted before the journal shows why, the next holder cannot know that it was the work of its
// predecessor. An attempt that is over is excused: an earlier holder that was asked to cancel it need not know.
var _ = sessionProperties.add(Property{
	ID:             "decision-before-interrupt",
	Class:          Protocol,
	Sentence:       "A session is interrupted only after a cancel or a failure of its attempt is journaled.",
	Source:         "3: decide first, act after",
	NotMistakenFor: "An interrupt of an attempt that is over, by an earlier holder that was asked to cancel it.",
	watches:        []watching{on(checkDecisionBeforeInterrupt, InterruptSent)},
})

const causeInterruptedBeforeItWasDecided Cause = "interrupted-before-it-was-decided"

func checkDecisionBeforeInterrupt(f *facts, r *Record) *Violation {
	a := f.attempt
	if !a.hasRow || a.row.Cancel || a.row.Phase >= engine.PhaseStopping {
		return nil
	}
	return violated(r, causeInterruptedBeforeItWasDecided.Of(a.journalState()), "%s was interrupted without a decision: at %s host %s asked the agent to end its session, and the journal has it only as %s",
		r.Key, moment(r.At), r.Actor, rowState(&a.row))
}
