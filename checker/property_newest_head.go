package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var newestHead = Property{
	ID:       "newest-head",
	Class:    Outcome,
	Sentence: "Of the heads of one pull request only the newest is reviewed: older ones are cancelled and never started again, and those of other pull requests are left alone.",
	Source:   "design.md 3.5",
	watches: []watching{
		on(checkHeadsSuperseded, StoreExecuted),
		on(checkSupersededStays, StoreChanged),
		on(checkSupersededRightly, StoreChanged),
		on(checkSubmissionRefused, StoreExecuted),
	},
}

// checkHeadsSuperseded looks at all heads of the pull request once a submission
// has had its effect, in whatever order they came.
func checkHeadsSuperseded(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpSubmit || r.Result.Failed || !l.review.hasRow {
		return nil
	}
	newest := &l.review.row
	for _, other := range l.reviews {
		if other.hasRow && samePullRequest(&other.row, newest) && other.row.HeadOrder > newest.HeadOrder {
			newest = &other.row
		}
	}
	for _, other := range l.reviews {
		row := &other.row
		if !other.hasRow || row.HeadOrder >= newest.HeadOrder || !samePullRequest(row, newest) {
			continue
		}
		if !row.Status.Terminal() || row.SupersededBy == "" {
			return violated(r, "an older head goes on", "review %s of an older head is %s although review %s of a newer head of the pull request is there",
				row.Review, row.Status, newest.Review)
		}
	}
	return nil
}

func checkSupersededStays(l *ledger, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil || before.SupersededBy == "" {
		return nil
	}
	if after.Attempt > before.Attempt || !after.Status.Terminal() && before.Status == engine.Cancelled {
		return violated(r, "a superseded review started again", "%s made review %s %s again although review %s has superseded it",
			r.Op.Kind, r.Key.Review, after.Status, before.SupersededBy)
	}
	return nil
}

// checkSupersededRightly: whoever supersedes a review is a newer head of the same pull
// request, submitted before or just now.
func checkSupersededRightly(l *ledger, r *Record) *Violation {
	after := r.After
	if after.SupersededBy == "" || r.Before != nil && r.Before.SupersededBy == after.SupersededBy {
		return nil
	}
	by := engine.Review{}
	switch v := l.find(after.SupersededBy); {
	case r.Op.Kind == model.OpSubmit && r.Op.Submission.Review == after.SupersededBy:
		by.Submission = r.Op.Submission
	case v != nil && v.hasRow:
		by = v.row
	}
	if samePullRequest(&by, after) && by.HeadOrder > after.HeadOrder {
		return nil
	}
	return violated(r, "superseded by no newer head", "review %s is superseded by review %s, which is no newer head of its pull request",
		after.Review, after.SupersededBy)
}

// checkSubmissionRefused: a submission is refused for good only where it contradicts
// another.
func checkSubmissionRefused(l *ledger, r *Record) *Violation {
	op := r.Op
	if op.Kind != model.OpSubmit || !r.Result.Failed || r.Result.Err != engine.Permanent {
		return nil
	}
	wanted := engine.Review{Submission: op.Submission}
	for _, other := range l.reviews {
		row := &other.row
		if other.hasRow && (row.Review == wanted.Review && row.Submission != wanted.Submission ||
			samePullRequest(row, &wanted) && (row.HeadSHA == wanted.HeadSHA || row.HeadOrder == wanted.HeadOrder)) {
			return nil
		}
	}
	return violated(r, "a new head was refused", "review %s was refused for good, though neither it nor its head stands for something else", wanted.Review)
}
