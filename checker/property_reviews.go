package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// They judge the row in the app's database, which is what a user sees.
var reviewProperties = subject{
	name:     "Reviews",
	sentence: "Which statuses a review goes through, what it is called and why, and which attempts and heads follow each other.",
}

var _ = reviewProperties.add(Property{
	ID:             "status-truthful",
	Class:          Outcome,
	Sentence:       "A review is called completed only if its session completed, failed only if no session runs, and running only if the worker intends to run it; and what it was called stays true.",
	Source:         "7; 8: dispatch-failure-is-final; 8: version-write-fails-live",
	NotMistakenFor: "A cancelled review with a session that still runs: it keeps its slot until the session ends.",
	watches: []watching{
		on(checkStatusTrue, StoreChanged),
		on(checkStatusStaysTrue, SessionStarted),
		on(checkOutcomeTrue, JournalExecuted),
	},
})

const (
	causeFailedWhileItRuns                 Cause = "failed-while-it-runs"
	causeCompletedWithoutACompletedSession Cause = "completed-without-a-completed-session"
	causeRunningUnknownToTheWorker         Cause = "running-unknown-to-the-worker"
	causeStartedAfterItWasCalledOver       Cause = "started-after-it-was-called-over"
	causeAnotherOutcomeThanReported        Cause = "another-outcome-than-the-session-reported"
)

func checkStatusTrue(f *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil || before.Status.Terminal() {
		return nil
	}
	a := f.review.known(before.Attempt)
	if after.Attempt > before.Attempt { // the attempt before it has failed
		if a != nil && a.live {
			return violated(r, causeFailedWhileItRuns.Of(r.Op.Kind.String()), "Review %s went on to attempt %d at %s although session %s of attempt %d was still running",
				r.Key.Review, after.Attempt, moment(r.At), a.session, before.Attempt)
		}
		return nil
	}
	if after.Attempt < before.Attempt || after.Status == before.Status {
		return nil
	}
	switch after.Status {
	case engine.Completed:
		if a == nil || a.ended != engine.Completed {
			return violated(r, causeCompletedWithoutACompletedSession.Of(a.sessionState()), "%s was called completed at %s, but %s",
				engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, moment(r.At), a.describeSession())
		}
	case engine.Failed:
		if a != nil && a.live {
			return violated(r, causeFailedWhileItRuns.Of(r.Op.Kind.String()), "%s was called failed at %s%s while session %s was still running",
				engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, moment(r.At), because(after.Reason), a.session)
		}
	case engine.Running:
		if a == nil || !a.hasRow || !a.intended {
			return violated(r, causeRunningUnknownToTheWorker.Of(a.journalState()), "%s was called running at %s, but no worker ever intended to run it",
				engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, moment(r.At))
		}
	default: // says nothing of a session
	}
	return nil
}

// checkStatusStaysTrue: later records may make a status false that was true when it was written.
func checkStatusStaysTrue(f *facts, r *Record) *Violation {
	v := f.review
	if !v.hasRow {
		return nil
	}
	switch row := &v.row; {
	case row.Attempt > r.Key.Attempt && row.Stopping != r.Key.Attempt:
		return violated(r, causeStartedAfterItWasCalledOver.Of(row.Status.String()), "%s ran after the review had gone on: session %s began at %s, when the review was already at attempt %d",
			r.Key, r.Session, moment(r.At), row.Attempt)
	case row.Attempt == r.Key.Attempt && (row.Status == engine.Failed || row.Status == engine.Completed):
		return violated(r, causeStartedAfterItWasCalledOver.Of(row.Status.String()), "%s ran after it was called %s: session %s began at %s",
			r.Key, row.Status, r.Session, moment(r.At))
	}
	return nil
}

// checkOutcomeTrue: the attempt ends as its last event states, unless that was decided before.
func checkOutcomeTrue(f *facts, r *Record) *Violation {
	op := r.JournalOp
	if f.appended != appendFaithful || r.RowBefore.Phase >= engine.PhaseStopping || len(op.Events) == 0 {
		return nil
	}
	last := &op.Events[len(op.Events)-1]
	if last.Kind != engine.EventCompleted && last.Kind != engine.EventFailed {
		return nil
	}
	reported := engine.Outcome{Status: engine.Completed, Cause: engine.CauseSession}
	if last.Kind == engine.EventFailed {
		reported = engine.Outcome{Status: engine.Failed, Cause: engine.CauseSession, Reason: last.Text, Retryable: last.Retryable}
	}
	if r.Row.Phase != engine.PhaseOver || r.Row.Outcome != reported {
		return violated(r, causeAnotherOutcomeThanReported, "%s got another outcome than its session reported: the last event says %s, and the journal has it %s",
			r.Key, reported.Status, rowState(r.Row))
	}
	return nil
}

// describeSession describes what became of the attempt's session.
func (a *attemptFacts) describeSession() string {
	switch {
	case a == nil || a.sessions == 0:
		return "no session ever began"
	case a.live:
		return "session " + string(a.session) + " is still running"
	}
	return "session " + string(a.session) + " has " + hasEnded(a.ended)
}

var _ = reviewProperties.add(Property{
	ID:             "terminal-final",
	Class:          Outcome,
	Sentence:       "An attempt that is completed, failed or cancelled stays so.",
	Source:         "1; 7",
	NotMistakenFor: "A retry or a retrigger: it is a new attempt, with a status of its own.",
	watches:        []watching{on(checkTerminalFinal, StoreChanged)},
})

const (
	causeEndedAttemptCameBack  Cause = "an-ended-attempt-came-back"
	causeTerminalStatusChanged Cause = "a-terminal-status-changed"
)

func checkTerminalFinal(f *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil {
		return nil
	}
	switch {
	case after.Attempt < before.Attempt:
		return violated(r, causeEndedAttemptCameBack.Of(r.Op.Kind.String()), "Review %s went back from attempt %d to attempt %d at %s, when replica %s asked the store to %s",
			r.Key.Review, before.Attempt, after.Attempt, moment(r.At), r.Actor, toDoOn(r.Op))
	case after.Attempt == before.Attempt && before.Status.Terminal() && after.Status != before.Status:
		return violated(r, causeTerminalStatusChanged.Of(r.Op.Kind.String()), "%s went from %s to %s at %s, when replica %s asked the store to %s, and what has ended stays so",
			engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, before.Status, after.Status, moment(r.At), r.Actor, toDoOn(r.Op))
	}
	return nil
}

// A queued attempt never becomes pending again: somebody may be running it.
var _ = reviewProperties.add(Property{
	ID:             "valid-transitions",
	Class:          Outcome,
	Sentence:       "Statuses follow each other as designed: pending, queued, running, then a terminal status, then the next attempt.",
	Source:         "1; 8: ambiguous-reverts",
	NotMistakenFor: "A status that is skipped because a report was lost, such as queued to completed.",
	watches:        []watching{on(checkValidTransition, StoreChanged)},
})

const (
	causeBornInTheMiddle        Cause = "born-in-the-middle"
	causePendingBecameRunning   Cause = "pending-became-running"
	causePendingBecameCompleted Cause = "pending-became-completed"
	causeQueuedBecamePending    Cause = "queued-became-pending"
	causeRunningBecamePending   Cause = "running-became-pending"
	causeRunningBecameQueued    Cause = "running-became-queued"
	causeNoStatus               Cause = "no-status"
	causeNextAttemptOutOfOrder  Cause = "a-next-attempt-out-of-order"
)

// allowed[from] is the set of statuses that may follow within an attempt. What a terminal status may become is the
// business of terminal-final.
var allowed = [engine.Cancelled + 1]uint8{
	engine.Pending: setOf(engine.Pending, engine.Queued, engine.Failed, engine.Cancelled),
	engine.Queued:  setOf(engine.Queued, engine.Running, engine.Completed, engine.Failed, engine.Cancelled),
	engine.Running: setOf(engine.Running, engine.Completed, engine.Failed, engine.Cancelled),
}

func setOf(statuses ...engine.Status) (set uint8) {
	for _, s := range statuses {
		set |= 1 << s
	}
	return set
}

// badTransition is the class of a transition that is not allowed.
func badTransition(from, to engine.Status) Cause {
	switch {
	case from == engine.Pending && to == engine.Running:
		return causePendingBecameRunning
	case from == engine.Pending && to == engine.Completed:
		return causePendingBecameCompleted
	case from == engine.Queued && to == engine.Pending:
		return causeQueuedBecamePending
	case from == engine.Running && to == engine.Pending:
		return causeRunningBecamePending
	case from == engine.Running && to == engine.Queued:
		return causeRunningBecameQueued
	}
	return causeNoStatus
}

func checkValidTransition(f *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	switch {
	case before == nil:
		born := after.Status == engine.Pending || after.Status == engine.Cancelled && after.SupersededBy != ""
		if after.Attempt != 1 || !born {
			return violated(r, causeBornInTheMiddle, "Review %s came into being as %s of attempt %d at %s, where only pending of attempt 1 is allowed, or cancelled when a newer head is there",
				r.Key.Review, after.Status, after.Attempt, moment(r.At))
		}
	case after.Attempt == before.Attempt:
		if before.Status <= engine.Running && (after.Status > engine.Cancelled || allowed[before.Status]&(1<<after.Status) == 0) {
			return violated(r, badTransition(before.Status, after.Status), "%s went from %s to %s at %s, which is not allowed, when replica %s asked the store to %s",
				engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, before.Status, after.Status, moment(r.At), r.Actor, toDoOn(r.Op))
		}
	case after.Attempt > before.Attempt:
		retried := r.Op.Kind == model.ReviewsApply && (before.Status == engine.Queued || before.Status == engine.Running)
		triggered := r.Op.Kind == model.ReviewsRetrigger && before.Status.Terminal()
		cameBack := r.Op.Kind == model.ReviewsSubmit && before.Status == engine.Cancelled
		if after.Attempt != before.Attempt+1 || after.Status != engine.Pending || !retried && !triggered && !cameBack {
			return violated(r, causeNextAttemptOutOfOrder, "Review %s got a next attempt out of order: at %s replica %s took it from attempt %d, %s, to attempt %d, %s",
				r.Key.Review, moment(r.At), r.Actor, before.Attempt, before.Status, after.Attempt, after.Status)
		}
	}
	return nil
}

// A retryable failure is one that the journal recorded as retryable, or an attempt that the worker never knew and
// buried: that is a failure of the infrastructure too, found by the sweep.
var _ = reviewProperties.add(Property{
	ID:             "retry-bounded",
	Class:          Outcome,
	Sentence:       "An attempt is retried only after a retryable failure, after a pause, and until the retries that are allowed since the last trigger are used up.",
	Source:         "3.5",
	NotMistakenFor: "A retrigger by a user, after which retries count from the beginning, and a retry of an attempt that the worker never knew.",
	watches:        []watching{on(checkRetryBounded, StoreChanged).store(model.ReviewsApply)},
})

const (
	causeNotTriedAgain                   Cause = "not-tried-again"
	causeRetriedWithoutARetryableFailure Cause = "retried-without-a-retryable-failure"
	causeRetriedTooOften                 Cause = "retried-too-often"
	causeRetriedWithoutAPause            Cause = "retried-without-a-pause"
)

func checkRetryBounded(f *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	if before != nil && after.Attempt == before.Attempt && r.Op.Key.Attempt == before.Attempt && !before.Status.Terminal() &&
		after.Status == engine.Failed && r.Op.Report.Retryable && f.review.retries < f.config.MaxRetries {
		return violated(r, causeNotTriedAgain, "%s failed for good at %s after %d of %d retries, although its failure is one to be tried again",
			engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, moment(r.At), f.review.retries, f.config.MaxRetries)
	}
	if before == nil || after.Attempt <= before.Attempt {
		return nil
	}
	report := &r.Op.Report
	if report.Status != engine.Failed || !report.Retryable {
		return violated(r, causeRetriedWithoutARetryableFailure, "Review %s was tried again at %s although attempt %d was reported %s, which is no failure to be tried again",
			r.Key.Review, moment(r.At), before.Attempt, report.Status)
	}
	if a := f.review.known(before.Attempt); a == nil || !a.over() || !a.retryable() {
		return violated(r, causeRetriedWithoutARetryableFailure, "Review %s was tried again at %s although the journal has no failure of attempt %d that is to be tried again",
			r.Key.Review, moment(r.At), before.Attempt)
	}
	if done := f.review.retries; done >= f.config.MaxRetries {
		return violated(r, causeRetriedTooOften, "Review %s was tried again too often: attempt %d at %s is the %s retry in a row, and %d are allowed",
			r.Key.Review, after.Attempt, moment(r.At), ordinal(done+1), f.config.MaxRetries)
	}
	if !after.DueAt.After(r.Op.Now) {
		return violated(r, causeRetriedWithoutAPause, "Review %s was tried again without a pause: attempt %d may start at once, at %s, after attempt %d failed",
			r.Key.Review, after.Attempt, moment(r.At), before.Attempt)
	}
	return nil
}

func (a *attemptFacts) retryable() bool {
	return a.row.Outcome.Status == engine.Failed && a.row.Outcome.Retryable || a.row.Outcome.Status == engine.Cancelled
}

var _ = reviewProperties.add(Property{
	ID:             "reason-kept",
	Class:          Outcome,
	Sentence:       "A review that has ended shows the reason that was given for its outcome.",
	Source:         "3.3",
	NotMistakenFor: "An empty reason, if none was given.",
	watches:        []watching{on(checkReasonKept, StoreChanged)},
})

const causeAnotherReasonIsKept Cause = "another-reason-is-kept"

func checkReasonKept(_ *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil || before.Status.Terminal() || !after.Status.Terminal() || after.Attempt != before.Attempt || r.Op.Key != r.Key {
		return nil
	}
	given := r.Op.Text
	switch r.Op.Kind {
	case model.ReviewsApply:
		given = r.Op.Report.Reason
	case model.ReviewsCancel, model.ReviewsFail:
	default:
		return nil
	}
	if after.Reason != given {
		return violated(r, causeAnotherReasonIsKept, "%s is %s and shows another reason than was given: %s instead of %s",
			engine.AttemptKey{Review: r.Key.Review, Attempt: after.Attempt}, after.Status, quoted(after.Reason), quoted(given))
	}
	return nil
}
