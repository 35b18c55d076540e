package checker

import (
	"github.com/onceover/onceover/engine"
)

// An operator has nothing to go by but the log and inspections: that a loop waits for somebody who never comes is seen
// from these numbers. What changed while the question was under way may be shown or not.
var _ = answerProperties.add(Property{
	ID:             "inspected-truly",
	Class:          Outcome,
	Sentence:       "An operator who inspects an attempt is shown how often its review was dispatched, how many holders the attempt has lost, whether a callback is owed, no more tries than were made, and that it waits for nothing only if it is over.",
	Source:         "3.4: every loop has a bound or an operator's way out, and both are visible",
	NotMistakenFor: "Numbers as they were at any moment of the call, and an answer without the worker's numbers: no worker answered, or none knows the attempt.",
	watches:        []watching{on(checkInspectedTruly, ClientAnswered)},
})

const (
	causeDispatchesShownWrongly Cause = "dispatches-were-shown-wrongly"
	causeTakeoversShownWrongly  Cause = "takeovers-were-shown-wrongly"
	causeTriesMadeUp            Cause = "tries-were-made-up"
	causeOutboxShownWrongly     Cause = "the-outbox-was-shown-wrongly"
	causeUnfinishedShownAsOver  Cause = "something-unfinished-was-shown-as-over"
)

func checkInspectedTruly(f *facts, r *Record) *Violation {
	v, a, seen := f.review, f.attempt, r.Inspection
	if seen == nil || a == nil {
		return nil
	}
	if least, most := v.dispatches(r); r.Call == CallAppInspect && (seen.Dispatches < least || seen.Dispatches > most) {
		return violated(r, causeDispatchesShownWrongly, "%s was shown wrongly to the operator: dispatched %d times by %s, and there were %d when the question was asked, and are %d", r.Key, seen.Dispatches, moment(r.At), least, most)
	}
	if seen.Waiting == engine.WaitNothing {
		return v.shownAsOver(a, r)
	}
	if !workerShows(r) {
		return nil
	}
	switch lost := int(max(a.row.Epoch, 1) - 1); {
	case seen.Takeovers > lost, seen.Takeovers < lost && a.takenAt < r.Since:
		return violated(r, causeTakeoversShownWrongly, "%s was shown wrongly to the operator: at %s as lost by %s, and it was lost by %d", r.Key, moment(r.At), count(seen.Takeovers, "host"), lost)
	case seen.Interrupts > a.interruptsSent, seen.Callbacks > a.callbacks:
		return violated(r, causeTriesMadeUp, "%s was shown wrongly to the operator: at %s with %s and %s, and there were %d and %d", r.Key, moment(r.At), count(int64(seen.Interrupts), "interrupt"), count(int64(seen.Callbacks), "callback"), a.interruptsSent, a.callbacks)
	case seen.Undelivered != a.row.CallbackPending && a.journaledAt < r.Since:
		return violated(r, causeOutboxShownWrongly, "%s was shown wrongly to the operator: at %s as %s a callback, and it is %s one in the journal", r.Key, moment(r.At), owing(seen.Undelivered), owing(a.row.CallbackPending))
	}
	return nil
}

// workerShows reports whether an inspection has what the journal shows: a worker answers it, and the app passes that on.
// The app by itself never says that an attempt waits for one of these.
func workerShows(r *Record) bool {
	switch r.Inspection.Waiting {
	case engine.WaitHost, engine.WaitSession, engine.WaitInterrupt, engine.WaitCallback:
		return true
	default:
		return r.Call == CallWorkerInspect
	}
}

// shownAsOver checks an answer that an attempt waits for nothing. A worker speaks of its journal alone, in which it may be
// over before the app knows. The app speaks of what its user sees: as long as that has not ended, somebody has to see to
// it, and an operator who is told otherwise goes home.
func (v *reviewFacts) shownAsOver(a *attemptFacts, r *Record) *Violation {
	inApp := r.Call == CallAppInspect && v.hasRow && v.changedAt < r.Since &&
		(covers(&v.row, r.Key.Attempt) || v.row.Attempt == r.Key.Attempt && !v.row.Status.Terminal())
	inJournal := a.hasRow && a.journaledAt < r.Since && (!a.over() || a.row.CallbackPending)
	if inApp || inJournal && r.Call == CallWorkerInspect {
		return violated(r, causeUnfinishedShownAsOver.Of(r.Call.Method()), "%s was shown wrongly to the operator: at %s as waiting for nothing, and it is %s for its user, and the journal has it %s", r.Key, moment(r.At), v.row.Status, rowState(a.lastRow()))
	}
	return nil
}

// dispatches returns how often the review had been claimed when a question was asked, and has been claimed.
func (v *reviewFacts) dispatches(r *Record) (least, most uint64) {
	for i := range v.claims {
		if v.claims[i].grantedAt < r.Since {
			least++
		}
	}
	return least, uint64(len(v.claims))
}
