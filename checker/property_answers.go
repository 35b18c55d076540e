package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var answerProperties = subject{
	name:     "Answers",
	sentence: "What clients are shown, and what the app and the worker answer each other.",
}

var _ = answerProperties.add(Property{
	ID:             "shown-as-journaled",
	Class:          Outcome,
	Sentence:       "A page of events has the journaled events that follow the position asked for, without a gap, and no more than asked for or than can be read.",
	Source:         "3.4: only journaled events are shown",
	NotMistakenFor: "A shorter page than asked for, or an empty one: no more events are journaled, or they were purged.",
	watches:        []watching{on(checkShownAsJournaled, ClientAnswered).calls(CallAppEvents)},
})

const (
	causeShownMoreThanWasAskedFor Cause = "shown-more-than-was-asked-for"
	causeShownMoreThanCanBeRead   Cause = "shown-more-than-can-be-read"
	causeShownEventsWithAGap      Cause = "shown-events-with-a-gap"
	causeShownWhatIsNotJournaled  Cause = "shown-what-is-not-journaled"
)

func checkShownAsJournaled(f *facts, r *Record) *Violation {
	a := f.attempt
	if a == nil || len(r.Script) == 0 {
		return nil
	}
	first := r.Script[0].Seq
	last := r.Script[len(r.Script)-1].Seq
	switch {
	case len(r.Script) > r.Max:
		return violated(r, causeShownMoreThanWasAskedFor, "%s was shown in too large a page: at %s a client asked for %s and got %d",
			r.Key, moment(r.At), count(r.Max, "event"), len(r.Script))
	case len(r.Script) > 1 && textBytes(r.Script) > engine.PageBytesMax:
		return violated(r, causeShownMoreThanCanBeRead, "%s was shown in too large a page: at %s a client got %s with texts of %d bytes, and no reader takes so many",
			r.Key, moment(r.At), count(len(r.Script), "event"), textBytes(r.Script))
	case first != r.From+1 || last != first+int64(len(r.Script))-1:
		return violated(r, causeShownEventsWithAGap, "%s was shown with a gap: at %s a client asked for the events after %d and got %d, from %d to %d",
			r.Key, moment(r.At), r.From, len(r.Script), first, last)
	case last > a.row.Events || last > int64(len(a.script)) || !slices.Equal(r.Script, a.script[first-1:last]):
		return violated(r, causeShownWhatIsNotJournaled, "%s was shown as it is not: at %s a client got events %d to %d, which are not those of the journal, which has %d",
			r.Key, moment(r.At), first, last, a.row.Events)
	}
	return nil
}

func textBytes(events []engine.Event) (n int) {
	for i := range events {
		n += len(events[i].Text)
	}
	return n
}

var _ = answerProperties.add(Property{
	ID:             "attempts-remembered",
	Class:          Outcome,
	Sentence:       "The list of a review's attempts has all that had ended when the client asked, in order, each with its outcome.",
	Source:         "1: attempt",
	NotMistakenFor: "A list without an attempt that ended during the call.",
	watches:        []watching{on(checkAttemptsRemembered, ClientAnswered).calls(CallAppAttempts)},
})

const (
	causeAttemptAnsweredWrongly Cause = "an-attempt-was-answered-wrongly"
	causeEndedAttemptWasLeftOut Cause = "an-ended-attempt-was-left-out"
)

func checkAttemptsRemembered(f *facts, r *Record) *Violation {
	v := f.review
	for i, reported := range r.Attempts {
		a := v.known(i + 1)
		if a == nil || a.final.Status == 0 || reported.Number != i+1 || reported.Status != a.final.Status || reported.Reason != a.final.Reason ||
			!reported.EndedAt.Equal(a.final.EndedAt) {
			return violated(r, causeAttemptAnsweredWrongly, "Review %s was shown a wrong history: at %s a client was told that attempt %d ended as %s%s",
				r.Key.Review, moment(r.At), i+1, reported.Status, because(reported.Reason))
		}
	}
	if a := v.known(len(r.Attempts) + 1); a != nil && a.final.Status != 0 && a.finalAt < r.Since {
		return violated(r, causeEndedAttemptWasLeftOut, "Review %s was shown without an attempt: at %s a client was told of %d, when attempt %d had been %s",
			r.Key.Review, moment(r.At), len(r.Attempts), a.key.Attempt, a.final.Status)
	}
	return nil
}

// Clients ask nothing that is malformed, but now and then for what does not exist.
var _ = answerProperties.add(Property{
	ID:             "refused-truly",
	Class:          Outcome,
	Sentence:       "A client gets \"not found\" if, and only if, what it asks for does not exist, \"stale\" only if the review is at another attempt, and a valid question is never refused for good.",
	Source:         "3.2: not found",
	NotMistakenFor: "A \"not found\" about a review that was submitted after the client asked, and a \"stale\" about one that has changed since.",
	watches: []watching{
		on(checkRefusedTruly, ClientRefused),
		on(checkAnsweredTruly, ClientAnswered),
	},
})

const (
	causeKnownAnsweredAsUnknown        Cause = "something-known-was-answered-as-unknown"
	causeGoodQuestionWasRefused        Cause = "a-good-question-was-refused"
	causeLatestAnsweredAsStale         Cause = "the-latest-was-answered-as-stale"
	causeAnsweredAboutWhatDoesNotExist Cause = "answered-about-what-does-not-exist"
)

func checkRefusedTruly(f *facts, r *Record) *Violation {
	switch r.Error {
	case FailedAs(engine.NotFound):
		known := f.review != nil && f.review.hasRow && f.review.began < r.Since
		if aboutAttempt(r.Call) {
			known = f.attempt != nil && f.attempt.hasRow && f.attempt.began < r.Since
		}
		if known {
			return violated(r, causeKnownAnsweredAsUnknown.Of(r.Call.String()), "%s was called unknown: at %s a client asked the app to %s and was told that there is no such thing",
				r.Key, moment(r.At), toDo(r))
		}
	case FailedAs(engine.Stale):
		if !f.review.mayBeStale(r) {
			return violated(r, causeLatestAnsweredAsStale.Of(r.Call.String()), "%s was called overtaken: at %s a client asked the app to %s and was told that it is stale, and the review has been at attempt %d",
				r.Key, moment(r.At), toDo(r), f.review.row.Attempt)
		}
	case FailedAs(engine.Permanent):
		if r.Call != CallAppSubmit && r.Call != CallAppRetrigger {
			return violated(r, causeGoodQuestionWasRefused.Of(r.Call.String()), "%s was refused to its client: at %s the app would never %s, though the question is a good one",
				r.Key, moment(r.At), toDo(r))
		}
	default: // it may be tried again
	}
	return nil
}

// mayBeStale reports whether a client's call may have named another attempt than the review was at.
func (v *reviewFacts) mayBeStale(r *Record) bool {
	if !v.isKnown() || v.changedAt >= r.Since {
		return true
	}
	switch r.Call {
	case CallAppCancel:
		return r.Key.Attempt != v.row.Attempt
	case CallAppRetrigger, CallAppAbandon, CallAppInspect:
		return r.Key.Attempt > v.row.Attempt
	default: // concerns all attempts, or one that the app has no opinion on
		return false
	}
}

// aboutAttempt reports whether a call of a client is answered from the journal.
func aboutAttempt(call Call) bool { return call == CallAppEvents || call.Port() == PortWorker }

func checkAnsweredTruly(f *facts, r *Record) *Violation {
	known := f.review != nil && f.review.hasRow
	if aboutAttempt(r.Call) {
		known = f.attempt != nil && f.attempt.hasRow
	}
	if !known {
		return violated(r, causeAnsweredAboutWhatDoesNotExist.Of(r.Call.String()), "%s does not exist and was answered: at %s a client asked to %s and got an answer",
			r.Key, moment(r.At), toDo(r))
	}
	return nil
}

// An operator ends an attempt because nothing else does. So the answer is a promise: the slot is free.
var _ = answerProperties.add(Property{
	ID:             "abandoned-is-over",
	Class:          Outcome,
	Sentence:       "When an operator is answered that an attempt is abandoned, it is over for its user, holds no slot, and is over in the journal.",
	Source:         "3.4: every loop has a bound or an operator's way out",
	NotMistakenFor: "A later attempt of the review, which may run; and a call that failed, which the operator repeats.",
	watches:        []watching{on(checkAbandonedIsOver, ClientAnswered).calls(CallAppAbandon, CallWorkerAbandon)},
})

const (
	causeAbandonedAndGoesOn    Cause = "abandoned-and-goes-on"
	causeAbandonedAndInJournal Cause = "abandoned-and-not-over-in-the-journal"
)

func checkAbandonedIsOver(f *facts, r *Record) *Violation {
	v := f.review
	switch {
	case !f.attempt.over():
		return violated(r, causeAbandonedAndInJournal, "%s was called abandoned and is not: at %s the operator was told that it is over, and the journal has it %s",
			r.Key, moment(r.At), rowState(f.attempt.lastRow()))
	case r.Call == CallAppAbandon && v.hasRow && covers(&v.row, r.Key.Attempt):
		return violated(r, causeAbandonedAndGoesOn.Of(v.statusState()), "%s was called abandoned and goes on: at %s the operator was told that it is over, and it is %s and holds a slot",
			r.Key, moment(r.At), v.row.Status)
	}
	return nil
}

// Identity is (review, attempt), in every message. A caller that looks only at the error takes an empty answer for a
// success.
var _ = answerProperties.add(Property{
	ID:             "answer-valid",
	Class:          Protocol,
	Sentence:       "Every message between app, worker and agent names an attempt, and a worker's answer names that attempt and its status.",
	Source:         "3: identity is (review, attempt)",
	NotMistakenFor: "An answer that is an error, which carries no status.",
	watches:        []watching{on(checkNamesAttempt, CallBegan), on(checkAnswerValid, CallEnded)},
})

const (
	causeMessageNamesNoAttempt Cause = "a-message-names-no-attempt"
	causeAnswerThatSaysNothing Cause = "an-answer-that-says-nothing"
)

func checkNamesAttempt(_ *facts, r *Record) *Violation {
	if r.Op != nil || r.JournalOp != nil || r.Key.Review != "" && r.Key.Attempt >= 1 {
		return nil
	}
	return violated(r, causeMessageNamesNoAttempt.Of(r.Call.String()), "Review %s was asked about under attempt %d: at %s %s asked %s to %s, and attempts count from 1",
		r.Key.Review, r.Key.Attempt, moment(r.At), caller(r), partnerOf(r.Call), toDo(r))
}

func checkAnswerValid(f *facts, r *Record) *Violation {
	if r.Error != NoFailure || r.Report == nil || r.Call == CallAppCallback {
		return nil
	}
	answer := r.Report
	if answer.Key == r.Key && answer.Status >= engine.Queued && answer.Status <= engine.Cancelled {
		return nil
	}
	return violated(r, causeAnswerThatSaysNothing.Of(r.Call.String()), "%s got an answer that says nothing: at %s %s asked %s to %s and was told %s",
		r.Key, moment(r.At), caller(r), partnerOf(r.Call), toDo(r), f.told(r.Key, answer))
}

// A callback may be lost for good, so a dispatcher that learns the outcome when it asks must not wait for the callback.
// The task that asked does nothing else first. After a crash in between, the next process that asks records the
// outcome.
var _ = answerProperties.add(Property{
	ID:             "answer-used",
	Class:          Protocol,
	Sentence:       "A dispatcher that learns that an attempt is over records it before it does anything else, and one that learns that the worker does not know an attempt has it refused from then on.",
	Source:         "3.3: ambiguous",
	NotMistakenFor: "An outcome that is not recorded because the process crashed: the next process that asks records it. And a call that is not made because the workers throttle the process.",
	watches:        []watching{on(checkAnswerUsed, CallBegan), on(checkUnknownBuried, CallBegan)},
})

const (
	causeOutcomeWasNotRecorded Cause = "an-outcome-was-not-recorded"
	causeUnknownWasNotBuried   Cause = "an-unknown-attempt-was-not-buried"
)

// checkUnknownBuried: "not found" is an answer, too. A start may still arrive, so the worker is asked to cancel what it
// does not know. If that is what it could not record, no start can be recorded either, and the stop is over.
func checkUnknownBuried(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	unknown := p.learnedUnknown
	if unknown.Review == "" || p.mayAskNoWorker(r.At, f.config.App.BackoffMax) ||
		r.Key == unknown && (r.Call == CallWorkerCancel || r.Call == StoreCall(model.ReviewsStopped)) {
		return nil
	}
	return violated(r, causeUnknownWasNotBuried, "%s is unknown to the worker, and nobody made sure that it stays so: at %s replica %s asked %s to %s first",
		unknown, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r))
}

func checkAnswerUsed(f *facts, r *Record) *Violation {
	reported := f.process(r.Actor).learnedOver
	if reported.Review == "" || r.Op != nil && r.Op.Kind == model.ReviewsApply && r.Key == reported {
		return nil
	}
	return violated(r, causeOutcomeWasNotRecorded, "%s is over and was not recorded: at %s replica %s, which knows it, asked %s to %s first",
		reported, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r))
}

// Any host answers such questions, from the journal. (The host that runs the attempt answers a start, from memory,
// which follows the journal.)
var _ = answerProperties.add(Property{
	ID:             "answer-forward",
	Class:          Protocol,
	Sentence:       "A worker that is asked about an attempt answers with no less progress than was journaled when the call began.",
	Source:         "3.4",
	NotMistakenFor: "An answer that is behind the journal when it arrives: the attempt has gone on since. And a \"not found\" about an attempt that was journaled during the call.",
	watches:        []watching{on(checkAnswerForward, CallEnded)},
})

const causeAnswerWentBack Cause = "an-answer-went-back"

func checkAnswerForward(f *facts, r *Record) *Violation {
	switch {
	case !asks(r.Call):
		return nil
	case r.Error.Is(engine.NotFound): // says that nothing was journaled
		if !f.asking.knew(r) {
			return nil
		}
		return violated(r, causeKnownAnsweredAsUnknown.Of(r.Call.String()), "%s was called unknown: at %s %s asked %s to %s and was told that there is no such thing, which was journaled before",
			r.Key, moment(r.At), caller(r), partnerOf(r.Call), toDo(r))
	case r.Error != NoFailure: // says nothing of the attempt
		return nil
	}
	least := f.asking.least(r)
	if r.Status >= least || least == engine.Cancelled && r.Status.Terminal() {
		return nil
	}
	return violated(r, causeAnswerWentBack.Of(r.Call.String()), "%s went back in an answer: at %s %s learned that it is %s, and before the question it was already %s",
		r.Key, moment(r.At), caller(r), r.Status, least)
}
