package checker

import "github.com/onceover/onceover/engine"

var statusTruthful = Property{
	ID:       "status-truthful",
	Class:    Outcome,
	Sentence: "Completed means that the session completed, failed that none runs nor will, running that the worker intends or has a session; a session that has ended by itself gives its attempt the outcome that it told.",
	Source:   "seed.txt (a timed-out dispatch marked failed); design.md 7",
	watches: []watching{
		on(checkStatusTrue, StoreChanged),
		on(checkStatusStaysTrue, SessionStarted),
		on(checkOutcomeTrue, JournalExecuted),
	},
}

func checkStatusTrue(l *ledger, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil || before.Status.Terminal() {
		return nil
	}
	a := l.review.known(before.Attempt)
	if after.Attempt > before.Attempt { // the attempt before it has failed
		if a != nil && a.live {
			return violated(r, "failed while it runs", "review %s went on to attempt %d while session %s of attempt %d was running",
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
			return violated(r, "completed without a completed session", "review %s, attempt %d is called completed, but %s",
				r.Key.Review, after.Attempt, a.describeSession())
		}
	case engine.Failed:
		if a != nil && a.live {
			return violated(r, "failed while it runs", "review %s, attempt %d is called failed (%s) while session %s is running",
				r.Key.Review, after.Attempt, after.Reason, a.session)
		}
	case engine.Running:
		if a == nil || !a.hasRow || !a.intended {
			return violated(r, "running unknown to the worker", "review %s, attempt %d is called running, but the worker never intended to run it",
				r.Key.Review, after.Attempt)
		}
	default: // says nothing of a session
	}
	return nil
}

// checkStatusStaysTrue: a status that was true when it was written may be made a
// lie by what comes later.
func checkStatusStaysTrue(l *ledger, r *Record) *Violation {
	v := l.review
	if !v.hasRow {
		return nil
	}
	switch row := &v.row; {
	case row.Attempt > r.Key.Attempt && row.Stopping != r.Key.Attempt:
		return violated(r, "started after it was called over", "session %s of review %s, attempt %d began when the review was at attempt %d already",
			r.Session, r.Key.Review, r.Key.Attempt, row.Attempt)
	case row.Attempt == r.Key.Attempt && (row.Status == engine.Failed || row.Status == engine.Completed):
		return violated(r, "started after it was called over", "session %s of review %s, attempt %d began when the attempt was %s already",
			r.Session, r.Key.Review, r.Key.Attempt, row.Status)
	}
	return nil
}

// checkOutcomeTrue: what the last event tells is how the attempt ended, unless that
// was decided before.
func checkOutcomeTrue(l *ledger, r *Record) *Violation {
	op := r.JournalOp
	if l.appended != appendFaithful || r.RowBefore.Phase >= engine.PhaseStopping || len(op.Events) == 0 {
		return nil
	}
	last := &op.Events[len(op.Events)-1]
	if last.Kind != engine.EventCompleted && last.Kind != engine.EventFailed {
		return nil
	}
	told := engine.Outcome{Status: engine.Completed}
	if last.Kind == engine.EventFailed {
		told = engine.Outcome{Status: engine.Failed, Reason: last.Text, Retryable: last.Retryable}
	}
	if r.Row.Phase != engine.PhaseOver || r.Row.Outcome != told {
		return violated(r, "another outcome than the session told", "the last event of review %s, attempt %d tells %s, and the journal has it %s",
			r.Key.Review, r.Key.Attempt, told.Status, describeRow(r.Row))
	}
	return nil
}

// describeSession says in words what became of the attempt's session.
func (a *attemptEntry) describeSession() string {
	switch {
	case a == nil || a.sessions == 0:
		return "no session ever began"
	case a.live:
		return "session " + string(a.session) + " is running"
	}
	return "session " + string(a.session) + " ended " + a.ended.String()
}
