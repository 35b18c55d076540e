package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A refusal is an answer too. After "stale" a caller stops, after "not found" it gives up what it asked about, and after
// "rejected" it tries again. All of that is right only if the refusal is true.
var refusalProperties = subject{
	name:     "Refusals",
	sentence: "What it means that a store refuses an operation.",
}

var _ = refusalProperties.add(Property{
	ID:             "refused-changes-nothing",
	Class:          Protocol,
	Sentence:       "An operation that a store refuses changes nothing.",
	Source:         "3.2: errors are typed by what the caller may do",
	NotMistakenFor: "A change by an operation whose answer was lost: the store has not refused it.",
	watches: []watching{
		on(checkRefusedWrite, JournalExecuted),
		on(checkRefusedStatement, StoreExecuted),
	},
})

const causeRefusedAndCarriedOut Cause = "refused-and-carried-out"

func checkRefusedWrite(_ *facts, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if !r.JournalResult.Failed || before == after || before != nil && after != nil && *before == *after {
		return nil
	}
	return violated(r, causeRefusedAndCarriedOut.Of(r.JournalOp.Kind.String()), "%s was changed by what was refused: at %s the journal refused to %s for host %s (%s), and did it",
		r.Key, moment(r.At), toWrite(r.JournalOp), r.Actor, r.JournalResult.Err)
}

func checkRefusedStatement(f *facts, r *Record) *Violation {
	if !r.Result.Failed || f.review == nil || !f.review.changed {
		return nil
	}
	return violated(r, causeRefusedAndCarriedOut.Of(r.Op.Kind.String()), "Review %s was changed by what was refused: at %s the store refused to %s for replica %s (%s), and did it",
		r.Key.Review, moment(r.At), toDoOn(r.Op), r.Actor, r.Result.Err)
}

// A store that refuses too much harms nobody at once: a refused holder stops and another takes over, a refused
// dispatcher leaves the review to the sweep. The check goes by the rows that were seen. A claim that is refused for lack
// of a slot is the business of refused-for-a-reason, and a head that is refused that of newest-head.
var _ = refusalProperties.add(Property{
	ID:    "refused-rightly",
	Class: Protocol,
	Sentence: "A store refuses an operation as stale, unknown, too early or superseded only if its epoch, claim or attempt is not the latest, what it is " +
		"about has ended, does not exist, has not ended, or is superseded.",
	Source:         "3.2: stale, not found; engine.ReviewStore; engine.Journal",
	NotMistakenFor: "A write that is refused because a repetition of it has been carried out before.",
	watches: []watching{
		on(checkWriteRefusedRightly, JournalExecuted),
		on(checkStatementRefusedRightly, StoreExecuted),
	},
})

const causeRefusedWithoutAReason Cause = "refused-without-a-reason"

func checkWriteRefusedRightly(_ *facts, r *Record) *Violation {
	op, row := r.JournalOp, r.RowBefore
	if !r.JournalResult.Failed {
		return nil
	}
	right := false
	switch r.JournalResult.Err {
	case engine.NotFound:
		right = row == nil
	case engine.Stale:
		right = op.Kind.Fenced() && row != nil && (op.Epoch != row.Epoch || op.Epoch == 0 || op.Kind == model.JournalAppend && row.Phase == engine.PhaseOver)
	case engine.Rejected: // nothing that the journal decides
	default: // for good: what the write carries is out of bounds, and the row does not show that
		return nil
	}
	if right {
		return nil
	}
	return violated(r, causeRefusedWithoutAReason.Of(op.Kind.String()), "%s was refused to host %s without a reason: at %s the journal would not %s, as %s, and the attempt is in epoch %d",
		r.Key, r.Actor, moment(r.At), toWrite(op), r.JournalResult.Err, r.Current)
}

func checkStatementRefusedRightly(f *facts, r *Record) *Violation {
	op, v := r.Op, f.review
	if !r.Result.Failed || v == nil || op.Kind == model.ReviewsSubmit && r.Result.Err == engine.Permanent {
		return nil
	}
	right := !v.hasRow
	if v.hasRow {
		switch row := &v.row; r.Result.Err {
		case engine.Stale:
			right = !isLatest(row, op)
		case engine.Rejected:
			right = op.Kind == model.ReviewsClaim || op.Kind == model.ReviewsRetrigger && op.Key.Attempt == row.Attempt && !row.Status.Terminal()
		case engine.Permanent:
			right = op.Kind == model.ReviewsRetrigger && row.SupersededBy != ""
		default: // it is known
		}
	}
	if right {
		return nil
	}
	return violated(r, causeRefusedWithoutAReason.Of(op.Kind.String()), "%s was refused to replica %s without a reason: at %s the store would not %s, as %s, and the review is %s at attempt %d",
		r.Key, r.Actor, moment(r.At), toDoOn(op), r.Result.Err, v.row.Status, v.row.Attempt)
}

// isLatest reports whether an operation names what a row has now, so that it is not stale.
func isLatest(row *engine.Review, op *model.ReviewsOp) bool {
	attempt, claim := op.Key.Attempt == row.Attempt, op.Token == row.Claim
	switch op.Kind {
	case model.ReviewsClaim:
		return attempt && claim && candidate(row, op.Now)
	case model.ReviewsRelease:
		return attempt && claim && row.Status == engine.Queued
	case model.ReviewsFail:
		return attempt && claim && (row.Status == engine.Pending || row.Status == engine.Queued)
	case model.ReviewsDefer:
		return claim && (attempt && !row.Status.Terminal() || row.Stopping != 0 && row.Stopping == op.Key.Attempt)
	case model.ReviewsApply:
		return op.Key.Attempt <= row.Attempt && (claim || op.Token == 0)
	case model.ReviewsRetrigger:
		return op.Key.Attempt <= row.Attempt
	case model.ReviewsCancel, model.ReviewsSetAgentVersion:
		return attempt
	default: // carries nothing that could be overtaken
		return true
	}
}
