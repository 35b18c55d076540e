package checker

import "github.com/onceover/onceover/checker/model"

var fenceRespected = Property{
	ID:       "fence-respected",
	Class:    Protocol,
	Sentence: "No write is accepted from an old epoch, an old claim, or for an attempt other than its own.",
	Source:   "design.md 3 and 7",
	watches: []watching{
		on(checkEpochFence, JournalExecuted),
		on(checkClaimFence, StoreExecuted),
		on(checkAttemptFence, StoreChanged),
	},
}

func checkEpochFence(l *ledger, r *Record) *Violation {
	switch op := r.JournalOp; op.Kind {
	case model.JournalYield, model.JournalIntend, model.JournalAppend,
		model.JournalDecide, model.JournalFinish, model.JournalSettle:
		if !r.JournalResult.Failed && op.Epoch != r.Current {
			return violated(r, "journal write of an old epoch accepted", "the journal accepted %s by %s, though epoch %d was the latest",
				op, r.Actor, r.Current)
		}
	default: // carries no epoch
	}
	return nil
}

func checkClaimFence(l *ledger, r *Record) *Violation {
	op := r.Op
	if r.Result.Failed || !l.review.isKnown() {
		return nil
	}
	row := &l.review.row
	switch op.Kind {
	case model.OpRelease, model.OpFail:
		if op.Key.Attempt != row.Attempt {
			return violated(r, "write for an old attempt accepted", "%s by %s was accepted, though attempt %d was the latest", op, r.Actor, row.Attempt)
		}
	case model.OpDefer:
		if op.Key.Attempt != row.Attempt && op.Key.Attempt != row.Stopping {
			return violated(r, "write for an old attempt accepted", "%s by %s was accepted, though attempt %d was the latest", op, r.Actor, row.Attempt)
		}
	case model.OpApply:
		if op.Token == 0 {
			return nil
		}
	default:
		return nil
	}
	if op.Token != row.Claim {
		return violated(r, "write of an old claim accepted", "%s by %s was accepted, though token %d was the latest", op, r.Actor, row.Claim)
	}
	return nil
}

func checkAttemptFence(l *ledger, r *Record) *Violation {
	before, after, op := r.Before, r.After, r.Op
	switch op.Kind {
	case model.OpApply, model.OpCancel, model.OpRetrigger:
	default:
		return nil
	}
	if before != nil && (after.Status != before.Status || after.Attempt != before.Attempt) && op.Key.Attempt != before.Attempt {
		return violated(r, "write for an old attempt accepted", "%s by %s changed the review, though attempt %d was the latest", op, r.Actor, before.Attempt)
	}
	return nil
}

func (v *reviewEntry) isKnown() bool { return v != nil && v.hasRow }
