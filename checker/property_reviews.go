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
			return violated(r, causeFailedWhileItRuns.Of(r.Op.Kind.String()), "review %s went on to attempt %d while session %s of attempt %d was running",
				r.Key.Review, after.Attempt, a.session, before.Attempt)
		}
		return nil
	}
	if after.Attempt < before.Attempt || after.Status == before.Status {
		return nil
	}
	switch after.Status {
	case engine.Completed:
		if a == nil || a.ended != engine.Completed {
			return violated(r, causeCompletedWithoutACompletedSession.Of(a.sessionState()), "review %s, attempt %d is called completed, but %s",
				r.Key.Review, after.Attempt, a.describeSession())
		}
	case engine.Failed:
		if a != nil && a.live {
			return violated(r, causeFailedWhileItRuns.Of(r.Op.Kind.String()), "review %s, attempt %d is called failed (%s) while session %s is running",
				r.Key.Review, after.Attempt, after.Reason, a.session)
		}
	case engine.Running:
		if a == nil || !a.hasRow || !a.intended {
			return violated(r, causeRunningUnknownToTheWorker.Of(a.journalState()), "review %s, attempt %d is called running, but the worker never intended to run it",
				r.Key.Review, after.Attempt)
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
		return violated(r, causeStartedAfterItWasCalledOver.Of(row.Status.String()), "session %s of review %s, attempt %d began when the review was at attempt %d already",
			r.Session, r.Key.Review, r.Key.Attempt, row.Attempt)
	case row.Attempt == r.Key.Attempt && (row.Status == engine.Failed || row.Status == engine.Completed):
		return violated(r, causeStartedAfterItWasCalledOver.Of(row.Status.String()), "session %s of review %s, attempt %d began when the attempt was %s already",
			r.Session, r.Key.Review, r.Key.Attempt, row.Status)
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
		return violated(r, causeAnotherOutcomeThanReported, "the last event of review %s, attempt %d reports %s, and the journal has it %s",
			r.Key.Review, r.Key.Attempt, reported.Status, describeRow(r.Row))
	}
	return nil
}

// describeSession describes what became of the attempt's session.
func (a *attemptFacts) describeSession() string {
	switch {
	case a == nil || a.sessions == 0:
		return "no session ever began"
	case a.live:
		return "session " + string(a.session) + " is running"
	}
	return "session " + string(a.session) + " ended " + a.ended.String()
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
		return violated(r, causeEndedAttemptCameBack.Of(r.Op.Kind.String()), "%s took review %s from attempt %d back to attempt %d",
			r.Op.Kind, r.Key.Review, before.Attempt, after.Attempt)
	case after.Attempt == before.Attempt && before.Status.Terminal() && after.Status != before.Status:
		return violated(r, causeTerminalStatusChanged.Of(r.Op.Kind.String()), "%s made review %s, attempt %d %s, which was %s",
			r.Op.Kind, r.Key.Review, after.Attempt, after.Status, before.Status)
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
			return violated(r, causeBornInTheMiddle, "review %s came into being as %s of attempt %d; allowed: pending of attempt 1, or cancelled when superseded",
				r.Key.Review, after.Status, after.Attempt)
		}
	case after.Attempt == before.Attempt:
		if before.Status <= engine.Running && (after.Status > engine.Cancelled || allowed[before.Status]&(1<<after.Status) == 0) {
			return violated(r, badTransition(before.Status, after.Status), "%s made review %s, attempt %d %s, which was %s",
				r.Op.Kind, r.Key.Review, after.Attempt, after.Status, before.Status)
		}
	case after.Attempt > before.Attempt:
		retried := r.Op.Kind == model.ReviewsApply && (before.Status == engine.Queued || before.Status == engine.Running)
		triggered := r.Op.Kind == model.ReviewsRetrigger && before.Status.Terminal()
		cameBack := r.Op.Kind == model.ReviewsSubmit && before.Status == engine.Cancelled
		if after.Attempt != before.Attempt+1 || after.Status != engine.Pending || !retried && !triggered && !cameBack {
			return violated(r, causeNextAttemptOutOfOrder, "%s took review %s from %s of attempt %d to %s of attempt %d",
				r.Op.Kind, r.Key.Review, before.Status, before.Attempt, after.Status, after.Attempt)
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
	watches:        []watching{on(checkRetryBounded, StoreChanged)},
})

const (
	causeNotTriedAgain                   Cause = "not-tried-again"
	causeRetriedWithoutARetryableFailure Cause = "retried-without-a-retryable-failure"
	causeRetriedTooOften                 Cause = "retried-too-often"
	causeRetriedWithoutAPause            Cause = "retried-without-a-pause"
)

func checkRetryBounded(f *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	if before != nil && r.Op.Kind == model.ReviewsApply && after.Attempt == before.Attempt && r.Op.Key.Attempt == before.Attempt && !before.Status.Terminal() &&
		after.Status == engine.Failed && r.Op.Report.Retryable && f.review.retries < f.config.MaxRetries {
		return violated(r, causeNotTriedAgain, "attempt %d of review %s failed for good after %d retries of %d, although its failure is retryable",
			after.Attempt, r.Key.Review, f.review.retries, f.config.MaxRetries)
	}
	if before == nil || after.Attempt <= before.Attempt || r.Op.Kind != model.ReviewsApply {
		return nil
	}
	report := &r.Op.Report
	if report.Status != engine.Failed || !report.Retryable {
		return violated(r, causeRetriedWithoutARetryableFailure, "attempt %d of review %s was followed by another although it was reported %s, not as a retryable failure",
			before.Attempt, r.Key.Review, report.Status)
	}
	if a := f.review.known(before.Attempt); a == nil || !a.over() || !a.retryable() {
		return violated(r, causeRetriedWithoutARetryableFailure, "attempt %d of review %s was followed by another although the journal knows no retryable failure of it",
			before.Attempt, r.Key.Review)
	}
	if done := f.review.retries; done >= f.config.MaxRetries {
		return violated(r, causeRetriedTooOften, "attempt %d of review %s follows by itself, the %d. in a row; allowed: %d",
			after.Attempt, r.Key.Review, done+1, f.config.MaxRetries)
	}
	if !after.DueAt.After(r.Op.Now) {
		return violated(r, causeRetriedWithoutAPause, "attempt %d of review %s may start at once after the failure of attempt %d",
			after.Attempt, r.Key.Review, before.Attempt)
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
		return violated(r, causeAnotherReasonIsKept, "review %s, attempt %d is %s because of %q; what was given is %q",
			r.Key.Review, after.Attempt, after.Status, after.Reason, given)
	}
	return nil
}
