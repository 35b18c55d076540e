package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A retryable failure is one that the journal recorded as such, or an attempt that
// the worker buried because it had never heard of it: that is an infrastructure
// failure too, found by the sweep.
var retryBounded = Property{
	ID:       "retry-bounded",
	Class:    Outcome,
	Sentence: "An attempt follows by itself only a retryable failure, after a pause, as often as allowed since the last trigger, and not more often.",
	Source:   "design.md 3.5",
	watches:  []watching{on(checkRetryBounded, StoreChanged)},
}

func checkRetryBounded(l *ledger, r *Record) *Violation {
	before, after := r.Before, r.After
	if before != nil && r.Op.Kind == model.OpApply && after.Attempt == before.Attempt && r.Op.Key.Attempt == before.Attempt && !before.Status.Terminal() &&
		after.Status == engine.Failed && r.Op.Report.Retryable && l.review.retries < l.config.MaxRetries {
		return violated(r, "not tried again", "attempt %d of review %s failed for good after %d retries of %d, although its failure is retryable",
			after.Attempt, r.Key.Review, l.review.retries, l.config.MaxRetries)
	}
	if before == nil || after.Attempt <= before.Attempt || r.Op.Kind != model.OpApply {
		return nil
	}
	report := &r.Op.Report
	if report.Status != engine.Failed || !report.Retryable {
		return violated(r, "retried without a retryable failure", "attempt %d of review %s was followed by another although it was reported %s, not as a retryable failure",
			before.Attempt, r.Key.Review, report.Status)
	}
	if a := l.review.known(before.Attempt); a == nil || !a.over() || !a.retryable() {
		return violated(r, "retried without a retryable failure", "attempt %d of review %s was followed by another although the journal knows no retryable failure of it",
			before.Attempt, r.Key.Review)
	}
	if done := l.review.retries; done >= l.config.MaxRetries {
		return violated(r, "retried too often", "attempt %d of review %s follows by itself, the %d. in a row; allowed: %d",
			after.Attempt, r.Key.Review, done+1, l.config.MaxRetries)
	}
	if !after.DueAt.After(r.Op.Now) {
		return violated(r, "retried without a pause", "attempt %d of review %s may start at once after the failure of attempt %d",
			after.Attempt, r.Key.Review, before.Attempt)
	}
	return nil
}

func (a *attemptEntry) retryable() bool {
	return a.row.Outcome.Status == engine.Failed && a.row.Outcome.Retryable || a.row.Outcome.Status == engine.Cancelled
}
