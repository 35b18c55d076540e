package checker

import (
	"github.com/onceover/onceover/checker/model"
)

var reasonTold = Property{
	ID:       "reason-told",
	Class:    Outcome,
	Sentence: "The reason that stands beside an outcome is the one that was given for it.",
	Source:   "design.md 3.1",
	watches:  []watching{on(checkReasonTold, StoreChanged)},
}

func checkReasonTold(_ *ledger, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil || before.Status.Terminal() || !after.Status.Terminal() || after.Attempt != before.Attempt || r.Op.Key != r.Key {
		return nil
	}
	given := r.Op.Text
	switch r.Op.Kind {
	case model.OpApply:
		given = r.Op.Report.Reason
	case model.OpCancel, model.OpFail:
	default:
		return nil
	}
	if after.Reason != given {
		return violated(r, "another reason is told", "review %s, attempt %d is %s because of %q; what was given is %q",
			r.Key.Review, after.Attempt, after.Status, after.Reason, given)
	}
	return nil
}
