package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var journalProperties = subject{
	name:     "Journal",
	sentence: "How the row of an attempt in the worker's journal begins and ends, which writes it takes, and how its outcome reaches the app.",
}

var _ = journalProperties.add(Property{
	ID:             "row-begins",
	Class:          Protocol,
	Sentence:       "An accepted start is journaled for the owner of its review and held by the host that took it; a tombstone is over at once and held by nobody.",
	Source:         "3.4",
	NotMistakenFor: "A row without a holder: a tombstone, or an attempt whose host has given its lease up.",
	watches:        []watching{on(checkRowBegins, JournalExecuted)},
})

const (
	causeJournaledForAnotherOwner Cause = "journaled-for-another-owner"
	causeTombstoneWasGivenWork    Cause = "a-tombstone-was-given-work"
	causeNewRowWasNotItsCreators  Cause = "a-new-row-was-not-its-creators"
)

func checkRowBegins(f *facts, r *Record) *Violation {
	op, row := r.JournalOp, r.Row
	if r.RowBefore != nil || row == nil {
		return nil
	}
	switch tombstone := op.Kind == model.JournalRequestCancel || op.Outcome.Status != 0; {
	case op.Kind == model.JournalCreate && f.review.hasRow && row.Owner != f.review.row.Owner:
		return violated(r, causeJournaledForAnotherOwner, "%s was journaled for the wrong owner at %s: for %s, and its owner is %s",
			r.Key, moment(r.At), row.Owner, f.review.row.Owner)
	case tombstone && (row.Phase != engine.PhaseOver || row.Holder != "" || row.CallbackPending):
		return violated(r, causeTombstoneWasGivenWork, "%s was cancelled before it reached a worker, and at %s the journal gave it work: it is %s, held by %s",
			r.Key, moment(r.At), rowState(row), holder(row))
	case !tombstone && (row.Holder != op.Host || row.Phase != engine.PhaseAccepted):
		return violated(r, causeNewRowWasNotItsCreators, "%s was accepted by host %s at %s and is not that host's: it is %s, held by %s",
			r.Key, op.Host, moment(r.At), rowState(row), holder(row))
	}
	return nil
}

var _ = journalProperties.add(Property{
	ID:             "fence-respected",
	Class:          Protocol,
	Sentence:       "No write is accepted from an old epoch, under an old claim, or for another attempt than the current one.",
	Source:         "3; 7",
	NotMistakenFor: "A report on an earlier attempt that the app answers and that changes nothing.",
	watches: []watching{
		on(checkEpochFence, JournalExecuted),
		on(checkClaimFence, StoreExecuted),
		on(checkAttemptFence, StoreChanged).store(model.ReviewsApply, model.ReviewsCancel, model.ReviewsRetrigger),
	},
})

const (
	causeJournalWriteOfAnOldEpochAccepted Cause = "journal-write-of-an-old-epoch-accepted"
	causeWriteForAnOldAttemptAccepted     Cause = "write-for-an-old-attempt-accepted"
	causeWriteOfAnOldClaimAccepted        Cause = "write-of-an-old-claim-accepted"
)

func checkEpochFence(f *facts, r *Record) *Violation {
	if op := r.JournalOp; op.Kind.Fenced() && !r.JournalResult.Failed && op.Epoch != r.Current {
		return violated(r, causeJournalWriteOfAnOldEpochAccepted.Of(op.Kind.String()), "%s was written under an old lease: at %s the journal let host %s %s in epoch %d, though epoch %d was the latest",
			r.Key, moment(r.At), r.Actor, toWrite(op), op.Epoch, r.Current)
	}
	return nil
}

func checkClaimFence(f *facts, r *Record) *Violation {
	op := r.Op
	if r.Result.Failed || !f.review.isKnown() {
		return nil
	}
	row := &f.review.row
	switch op.Kind {
	case model.ReviewsRelease, model.ReviewsFail:
		if op.Key.Attempt != row.Attempt {
			return violated(r, causeWriteForAnOldAttemptAccepted.Of(op.Kind.String()), "%s was written for an old attempt: at %s the store let replica %s %s, though attempt %d was the latest",
				op.Key, moment(r.At), r.Actor, toDoOn(op), row.Attempt)
		}
	case model.ReviewsDefer:
		if op.Key.Attempt != row.Attempt && op.Key.Attempt != row.Stopping {
			return violated(r, causeWriteForAnOldAttemptAccepted.Of(op.Kind.String()), "%s was written for an old attempt: at %s the store let replica %s %s, though attempt %d was the latest",
				op.Key, moment(r.At), r.Actor, toDoOn(op), row.Attempt)
		}
	case model.ReviewsApply:
		if op.Token == 0 {
			return nil
		}
	default:
		return nil
	}
	if op.Token != row.Claim {
		return violated(r, causeWriteOfAnOldClaimAccepted.Of(op.Kind.String()), "%s was written under an old claim: at %s the store let replica %s %s under claim %d, though claim %d was the latest",
			op.Key, moment(r.At), r.Actor, toDoOn(op), op.Token, row.Claim)
	}
	return nil
}

func checkAttemptFence(f *facts, r *Record) *Violation {
	before, after, op := r.Before, r.After, r.Op
	if before != nil && (after.Status != before.Status || after.Attempt != before.Attempt) && op.Key.Attempt != before.Attempt {
		return violated(r, causeWriteForAnOldAttemptAccepted.Of(op.Kind.String()), "%s was written for an old attempt: at %s the store let replica %s %s, though attempt %d was the latest",
			op.Key, moment(r.At), r.Actor, toDoOn(op), before.Attempt)
	}
	return nil
}

var _ = journalProperties.add(Property{
	ID:             "start-idempotent",
	Class:          Protocol,
	Sentence:       "A start of a known attempt changes nothing, and no write takes an attempt back.",
	Source:         "3.4; 8: start-resets-live",
	NotMistakenFor: "A duplicate start that is answered with the current status.",
	watches:        []watching{on(checkNothingTakenBack, JournalExecuted)},
})

const (
	causeAttemptWasForgotten       Cause = "an-attempt-was-forgotten"
	causeDuplicateStartHadAnEffect Cause = "a-duplicate-start-had-an-effect"
	causeAttemptWasTakenBack       Cause = "an-attempt-was-taken-back"
)

func checkNothingTakenBack(f *facts, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil {
		return nil
	}
	op := r.JournalOp.Kind
	if after == nil {
		return violated(r, causeAttemptWasForgotten.Of(op.String()), "%s was forgotten: at %s the journal lost its row when host %s asked it to %s",
			r.Key, moment(r.At), r.Actor, toWrite(r.JournalOp))
	}
	if op == model.JournalCreate && !sameProgress(before, after) {
		return violated(r, causeDuplicateStartHadAnEffect, "%s was changed by a second start at host %s at %s: it was %s, and is %s",
			r.Key, r.Actor, moment(r.At), describeRow(before), describeRow(after))
	}
	if after.Phase < before.Phase || after.Events < before.Events || after.Epoch < before.Epoch || before.Cancel && !after.Cancel ||
		before.Phase >= engine.PhaseStopping && after.Outcome != before.Outcome && before.Outcome.Status != 0 {
		return violated(r, causeAttemptWasTakenBack.Of(op.String()), "%s was taken back: at %s host %s asked the journal to %s, and it went from %s to %s",
			r.Key, moment(r.At), r.Actor, toWrite(r.JournalOp), describeRow(before), describeRow(after))
	}
	return nil
}

// sameProgress compares all that a start could touch.
func sameProgress(a, b *engine.Orchestration) bool {
	return a.Phase == b.Phase && a.Cancel == b.Cancel && a.Outcome == b.Outcome && a.CallbackPending == b.CallbackPending &&
		a.Events == b.Events && a.Tokens == b.Tokens && a.Holder == b.Holder && a.Epoch == b.Epoch
}

var _ = journalProperties.add(Property{
	ID:             "durable-start",
	Class:          Protocol,
	Sentence:       "A worker's answer is about the attempt that it was asked about, and that attempt is journaled.",
	Source:         "3.4: starting is durable before it is acknowledged",
	NotMistakenFor: "A journaled attempt that no caller knows of: the answer to its start was lost.",
	watches: []watching{
		on(checkDurableStart, StoreExecuted).store(model.ReviewsApply),
		on(checkStartAnswer, DispatchAnswered),
	},
})

const (
	causeAnswerAboutSomethingElse       Cause = "an-answer-about-something-else"
	causeAcknowledgedBeforeItWasDurable Cause = "acknowledged-before-it-was-durable"
)

// checkStartAnswer looks at the answer itself, which the app may not write.
func checkStartAnswer(f *facts, r *Record) *Violation {
	reported := r.Report
	switch {
	case r.Error != NoFailure || reported == nil:
		return nil
	case reported.Key != r.Key || reported.Status < engine.Queued || reported.Status > engine.Cancelled:
		return violated(r, causeAnswerAboutSomethingElse, "%s was started by %s, and at %s the worker's answer to that said %s",
			r.Key, r.Actor, moment(r.At), f.told(r.Key, reported))
	case !f.attempt.hasRow:
		return violated(r, causeAcknowledgedBeforeItWasDurable, "%s learned that review %s, attempt %d is %s, which no journal knows",
			r.Actor, r.Key.Review, r.Key.Attempt, reported.Status)
	}
	return nil
}

func checkDurableStart(f *facts, r *Record) *Violation {
	if r.Op.Token == 0 || f.attempt == nil || f.attempt.hasRow {
		return nil
	}
	return violated(r, causeAcknowledgedBeforeItWasDurable, "%s was called %s to replica %s at %s, and no journal knows it",
		r.Key, r.Op.Report.Status, r.Actor, moment(r.At))
}

var _ = journalProperties.add(Property{
	ID:             "report-after-decision",
	Class:          Protocol,
	Sentence:       "A host reports what the journal has: running once the intention is journaled, an outcome once it is decided.",
	Source:         "3: decide first, act after",
	NotMistakenFor: "A report that arrives late or twice.",
	watches:        []watching{on(checkReport, CallbackSent)},
})

const (
	causeReportedAnOutcomeThatIsNotJournaled Cause = "reported-an-outcome-that-is-not-journaled"
	causeReportedBeforeItWasIntended         Cause = "reported-before-it-was-intended"
)

func checkReport(f *facts, r *Record) *Violation {
	a := f.attempt
	if r.Status.Terminal() {
		if !a.over() || a.row.Outcome.Status != r.Status {
			return violated(r, causeReportedAnOutcomeThatIsNotJournaled, "%s was reported %s by host %s at %s, which is not in the journal",
				r.Key, r.Status, r.Actor, moment(r.At))
		}
		return nil
	}
	if !a.hasRow || !a.intended {
		return violated(r, causeReportedBeforeItWasIntended, "%s was reported %s by host %s at %s before the intention to run it was journaled",
			r.Key, r.Status, r.Actor, moment(r.At))
	}
	return nil
}

// A tombstone needs no callback: the caller that requested the cancel has its answer.
var _ = journalProperties.add(Property{
	ID:             "outbox-until-answered",
	Class:          Protocol,
	Sentence:       "Every outcome goes into the outbox and stays there until the app has answered its callback, or an operator gives it up.",
	Source:         "3.4",
	NotMistakenFor: "A tombstone without a callback: its caller has the answer. A callback that the app refuses as stale or not found: that is an answer, too.",
	watches:        []watching{on(checkOutbox, JournalExecuted)},
})

const (
	causeOutcomeIsNotOwed               Cause = "an-outcome-is-not-owed"
	causeOutboxWasEmptiedByAnotherWrite Cause = "the-outbox-was-emptied-by-another-write"
	causeSettledWithoutAnAnswer         Cause = "settled-without-an-answer"
)

func checkOutbox(f *facts, r *Record) *Violation {
	before, after, a := r.RowBefore, r.Row, f.attempt
	if before == nil || after == nil {
		return nil
	}
	if r.JournalOp.Kind == model.JournalAbandon && before.Phase == engine.PhaseOver {
		return nil // an operator gives it up, and the app asks instead
	}
	switch {
	case after.Phase == engine.PhaseOver && before.Phase != engine.PhaseOver && !after.CallbackPending:
		return violated(r, causeOutcomeIsNotOwed.Of(r.JournalOp.Kind.String()), "%s has ended and its outcome is owed to nobody: at %s host %s asked the journal to %s, and no callback went into the outbox",
			r.Key, moment(r.At), r.Actor, toWrite(r.JournalOp))
	case before.CallbackPending && !after.CallbackPending && r.JournalOp.Kind != model.JournalClearOutbox:
		return violated(r, causeOutboxWasEmptiedByAnotherWrite.Of(r.JournalOp.Kind.String()), "%s lost its callback: at %s it left the outbox when host %s asked the journal to %s",
			r.Key, moment(r.At), r.Actor, toWrite(r.JournalOp))
	case before.CallbackPending && !after.CallbackPending && !a.reported && !a.answered:
		return violated(r, causeSettledWithoutAnAnswer, "%s had its callback settled by host %s at %s, and the app has never answered it",
			r.Key, r.Actor, moment(r.At))
	}
	return nil
}

// The other half of outbox-until-answered. An answered outcome is settled in the journal, which is repeated until it is
// known to have happened; the same holder does not report it again. The next holder cannot know of the answer and
// reports it once more.
var _ = journalProperties.add(Property{
	ID:             "settled-once",
	Class:          Protocol,
	Sentence:       "A holder does not report an outcome again that the app has answered.",
	Source:         "3.4: callbacks",
	NotMistakenFor: "A report by the next holder, which cannot know of the answer.",
	watches:        []watching{on(checkSettledOnce, CallBegan).calls(CallAppCallback)},
})

const causeAnsweredOutcomeWasReportedAgain Cause = "an-answered-outcome-was-reported-again"

func checkSettledOnce(f *facts, r *Record) *Violation {
	if !r.Status.Terminal() || f.attempt == nil {
		return nil
	}
	h := f.attempt.single(r)
	if h == nil || !h.calls.reported {
		return nil
	}
	return violated(r, causeAnsweredOutcomeWasReportedAgain, "%s was reported %s again by host %s at %s, though the app had answered that",
		r.Key, r.Status, r.Actor, moment(r.At))
}

// A host removes a report from its outbox if the app refuses it for good, as stale, or as one about a review that it does
// not know: nobody reports it again. So the app must not do that to a valid report about an attempt that it has begun.
var _ = journalProperties.add(Property{
	ID:             "callback-taken",
	Class:          Protocol,
	Sentence:       "The app never refuses a valid report on an attempt that it knows for good, as stale or as unknown.",
	Source:         "3.4: the outbox",
	NotMistakenFor: "A refusal of a report on an attempt that the app has not begun, or with a status that no report has.",
	watches:        []watching{on(checkCallbackTaken, CallbackAnswered)},
})

const (
	causeValidReportWasRefusedForGood Cause = "a-valid-report-was-refused-for-good"
	causeKnownWasReportedInVain       Cause = "a-known-attempt-was-reported-in-vain"
)

func checkCallbackTaken(f *facts, r *Record) *Violation {
	v := f.review
	if r.Error == NoFailure || !isAnswer(r.Error) || !v.hasRow || r.Key.Attempt > v.row.Attempt ||
		r.Status < engine.Queued || r.Status > engine.Cancelled {
		return nil
	}
	if !r.Error.Is(engine.Permanent) {
		return violated(r, causeKnownWasReportedInVain, "%s was reported %s in vain: at %s the app answered host %s as if there were no such attempt (%s)",
			r.Key, r.Status, moment(r.At), r.Actor, r.Error)
	}
	return violated(r, causeValidReportWasRefusedForGood, "%s was reported %s in vain: at %s host %s was answered that no app will ever take that",
		r.Key, r.Status, moment(r.At), r.Actor)
}

// Its outcome is the business of start-idempotent.
var _ = journalProperties.add(Property{
	ID:             "row-ends",
	Class:          Protocol,
	Sentence:       "Once a row is over, nothing changes but the host that delivers its callback, and the delivery itself.",
	Source:         "3: decide first, act after",
	NotMistakenFor: "A new holder of a row that is over: it takes over the callback.",
	watches:        []watching{on(checkRowEnds, JournalExecuted)},
})

const causeRowChangedThatWasOver Cause = "a-row-changed-that-was-over"

func checkRowEnds(_ *facts, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil || after == nil || before.Phase != engine.PhaseOver {
		return nil
	}
	settled := before.CallbackPending && !after.CallbackPending &&
		(r.JournalOp.Kind == model.JournalClearOutbox || r.JournalOp.Kind == model.JournalAbandon)
	if after.Phase != before.Phase || after.Events != before.Events || after.Tokens != before.Tokens ||
		after.Cancel != before.Cancel || after.Owner != before.Owner || after.CallbackPending != before.CallbackPending && !settled {
		return violated(r, causeRowChangedThatWasOver.Of(r.JournalOp.Kind.String()), "%s changed after it was over: at %s host %s asked the journal to %s, and its row became %s",
			r.Key, moment(r.At), r.Actor, toWrite(r.JournalOp), describeRow(after))
	}
	return nil
}

// The journal decides by a time in its row. The check goes by what was seen: when the last progress was written, on the
// clock of its writer, and whether the app has heard of the outcome. A clock that is ahead makes a host forget too early;
// that is its clock's fault. But what runs, or is still owed to the app, is never forgotten.
var _ = journalProperties.add(Property{
	ID:             "forgotten-when-old",
	Class:          Outcome,
	Sentence:       "The events of an attempt are forgotten only when it is over, the app has answered its outcome, and nothing has been written about it for as long as events are kept.",
	Source:         "3.4: journals are cleaned up after 7 days; engine.WorkerConfig",
	NotMistakenFor: "Events that are forgotten too early by the clock of a host that is ahead, or of an attempt whose callback an operator has given up.",
	watches:        []watching{on(checkForgottenWhenOld, JournalExecuted).journal(model.JournalPurge)},
})

const (
	causeForgottenBeforeItWasOver  Cause = "forgotten-before-it-was-over"
	causeForgottenWithoutAnAnswer  Cause = "forgotten-without-an-answer"
	causeForgottenWhileItWasRecent Cause = "forgotten-while-it-was-recent"
)

func checkForgottenWhenOld(f *facts, r *Record) *Violation {
	a := f.attempt
	switch op := r.JournalOp; {
	case !a.over():
		return violated(r, causeForgottenBeforeItWasOver, "%s lost %s before it was over: host %s purged its journal at %s, when it was %s",
			r.Key, count(r.Forgotten, "event"), r.Actor, moment(r.At), rowState(r.RowBefore))
	case !a.settled():
		return violated(r, causeForgottenWithoutAnAnswer, "%s lost %s before the app had answered its outcome: host %s purged its journal at %s",
			r.Key, count(r.Forgotten, "event"), r.Actor, moment(r.At))
	case !a.progressed.Before(op.Before):
		return violated(r, causeForgottenWhileItWasRecent, "%s lost %s too early: host %s purged its journal at %s, %s after the last progress, and events are kept for %s",
			r.Key, count(r.Forgotten, "event"), r.Actor, moment(r.At), f.since(a.progressed, r), f.config.workerOf(r).KeepFor)
	}
	return nil
}

// settled reports whether no callback about the outcome is owed: the app has answered it, no app waits for it, or an
// operator has given it up.
func (a *attemptFacts) settled() bool { return a.tombstone || a.reported || a.answered || a.unowed }

// What is never forgotten fills the journal.
var _ = journalProperties.add(Property{
	ID:             "forgotten-in-time",
	Class:          Protocol,
	Sentence:       "A purge with room left forgets every attempt that is over, delivered, and older than it is to keep.",
	Source:         "3.4: journals are cleaned up after 7 days",
	NotMistakenFor: "Attempts that are left for the next purge: this one has forgotten as many as it may.",
	watches:        []watching{on(checkForgottenInTime, purgeExecuted)},
})

const causeOldAttemptWasKept Cause = "an-old-attempt-was-kept"

func checkForgottenInTime(f *facts, r *Record) *Violation {
	op := r.JournalOp
	if r.JournalResult.Failed || f.span.rows >= op.Max {
		return nil
	}
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			if a.over() && !a.row.CallbackPending && !a.purged && a.progressed.Before(op.Before) {
				return violatedAbout(r, a.key, causeOldAttemptWasKept, "%s was kept for too long: at %s host %s purged %d of at most %d attempts and left its events, whose last progress was %s before",
					a.key, moment(r.At), r.Actor, f.span.rows, op.Max, f.since(a.progressed, r))
			}
		}
	}
	return nil
}
