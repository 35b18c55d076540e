package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// failWhenUnclaimed: to call a claimed attempt failed that has not been heard of is
// what the seed's third fix did. What has been claimed is failed by the worker alone,
// which an app that gives it up has to tell so.
var failWhenUnclaimed = Property{
	ID:       "fail-when-unclaimed",
	Class:    Protocol,
	Sentence: "The app calls an attempt failed by itself only if it was never claimed.",
	Source:   "seed.txt (a timed-out dispatch marked failed); design.md 3.3",
	watches:  []watching{on(checkFailWhenUnclaimed, StoreChanged)},
}

func checkFailWhenUnclaimed(_ *ledger, r *Record) *Violation {
	before := r.Before
	if r.Op.Kind != model.OpFail || before == nil || before.Status == engine.Pending || before.Status.Terminal() {
		return nil
	}
	return violated(r, "failed though claimed", "%s called review %s, attempt %d failed, which was %s and may have reached a worker",
		r.Actor, r.Key.Review, r.Op.Key.Attempt, before.Status)
}
