package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Which head is the newest follows from what clients have submitted, and not from the orders in the rows.
var _ = reviewProperties.add(Property{
	ID:    "newest-head",
	Class: Outcome,
	Sentence: "Of the heads of a pull request only the newest is reviewed: older ones are cancelled and do not start again before they are the newest, " +
		"and other pull requests are not affected.",
	Source:         "3.5",
	NotMistakenFor: "A review that is cancelled as soon as it is submitted: a newer head came first.",
	watches: []watching{
		on(checkHeadsSuperseded, StoreExecuted).store(model.ReviewsSubmit),
		on(checkSupersededStays, StoreChanged),
		on(checkSupersededRightly, StoreChanged),
		on(checkSubmissionRefused, StoreExecuted).store(model.ReviewsSubmit),
		on(checkClientRefused, ClientRefused),
	},
})

const (
	causeOlderHeadGoesOn              Cause = "an-older-head-goes-on"
	causeSupersededReviewStartedAgain Cause = "a-superseded-review-started-again"
	causeSupersededByNoNewerHead      Cause = "superseded-by-no-newer-head"
	causeNewHeadWasRefused            Cause = "a-new-head-was-refused"
)

// checkHeadsSuperseded looks at all heads of the pull request after a submission, in any order of arrival.
func checkHeadsSuperseded(f *facts, r *Record) *Violation {
	if r.Result.Failed {
		return nil
	}
	newest := f.newestHead(&r.Op.Submission)
	for _, other := range f.reviews {
		row := &other.row
		if !other.hasRow || row.Review == newest.Review || !samePullRequest(&row.Submission, newest) {
			continue
		}
		if !row.Status.Terminal() || row.SupersededBy == "" {
			return violated(r, causeOlderHeadGoesOn, "Review %s of an older head is still %s at %s although review %s of a newer head of its pull request is there",
				row.Review, row.Status, moment(r.At), newest.Review)
		}
	}
	return nil
}

// checkSupersededStays: only a submission that makes its head the newest takes it up again.
func checkSupersededStays(f *facts, r *Record) *Violation {
	before, after := r.Before, r.After
	if before == nil || before.SupersededBy == "" {
		return nil
	}
	if after.Attempt == before.Attempt && (after.Status.Terminal() || before.Status != engine.Cancelled) && after.SupersededBy != "" {
		return nil
	}
	op := r.Op
	if op.Kind == model.ReviewsSubmit && op.Submission.Review == after.Review && f.newestHead(&op.Submission).Review == after.Review {
		return nil
	}
	return violated(r, causeSupersededReviewStartedAgain.Of(op.Kind.String()), "Review %s was made %s again at %s, when replica %s asked the store to %s, although review %s has superseded it",
		r.Key.Review, after.Status, moment(r.At), r.Actor, toDoOn(op), before.SupersededBy)
}

// checkSupersededRightly: a review is superseded by a newer head of the same pull request, submitted before or just
// now.
func checkSupersededRightly(f *facts, r *Record) *Violation {
	after := r.After
	if after.SupersededBy == "" || r.Before != nil && r.Before.SupersededBy == after.SupersededBy {
		return nil
	}
	var by, head engine.Submission
	if v := f.find(after.SupersededBy); v != nil {
		by = v.head
	}
	head = f.review.head
	if op := r.Op; op.Kind == model.ReviewsSubmit {
		if s := &op.Submission; s.Review == after.SupersededBy && (by.Review == "" || s.HeadOrder > by.HeadOrder) {
			by = *s
		} else if s.Review == after.Review {
			head = *s
		}
	}
	if by.Review != "" && head.Review != "" && samePullRequest(&by, &head) && newerHead(&by, &head) {
		return nil
	}
	return violated(r, causeSupersededByNoNewerHead, "Review %s was superseded at %s by review %s, which is no newer head of its pull request",
		after.Review, moment(r.At), after.SupersededBy)
}

// checkSubmissionRefused: a submission is refused for good only if its identifier stands for another head.
func checkSubmissionRefused(f *facts, r *Record) *Violation {
	op := r.Op
	if !r.Result.Failed || r.Result.Err != engine.Permanent || f.review.contradicts(&op.Submission) {
		return nil
	}
	return violated(r, causeNewHeadWasRefused, "Review %s was refused for good by the store at %s, though its identifier stands for no other head",
		op.Submission.Review, moment(r.At))
}

// checkClientRefused is the same for what the client is answered, wherever that was decided.
func checkClientRefused(f *facts, r *Record) *Violation {
	if r.Submission == nil || r.Error != FailedAs(engine.Permanent) || f.review.contradicts(r.Submission) {
		return nil
	}
	return violated(r, causeNewHeadWasRefused, "Review %s was refused for good at %s, though its identifier stands for no other head",
		r.Submission.Review, moment(r.At))
}

// contradicts reports whether the review's identifier was submitted for another head.
func (v *reviewFacts) contradicts(s *engine.Submission) bool {
	return v != nil && v.head.Review != "" && (v.head.HeadSHA != s.HeadSHA || !samePullRequest(&v.head, s))
}

var _ = reviewProperties.add(Property{
	ID:    "newest-head-reviewed",
	Class: Outcome,
	Sentence: "In the end the newest head of each pull request, of all that clients have submitted, is reviewed: its review has completed or failed, " +
		"or a user has cancelled it since.",
	Source:         "3.5",
	NotMistakenFor: "A head whose submission was never accepted, because its client gave up.",
	watches:        []watching{on(checkComesBack, StoreExecuted).store(model.ReviewsSubmit)},
	ending:         checkNewestReviewed,
})

const (
	causeNewestHeadSuperseded   Cause = "the-newest-head-is-superseded"
	causeNewestHeadNotTakenUp   Cause = "the-newest-head-was-not-taken-up-again"
	causeNewestHeadNeverStarted Cause = "the-newest-head-was-left-cancelled"
)

// checkComesBack: a submission that makes a head newer than before takes it up, if it is the newest.
func checkComesBack(f *facts, r *Record) *Violation {
	op := r.Op
	if r.Result.Failed || !f.review.hasRow {
		return nil
	}
	again := f.review.head.Review != "" && f.review.head.HeadOrder >= op.Submission.HeadOrder
	if again || f.newestHead(&op.Submission).Review != op.Submission.Review {
		return nil
	}
	switch row := &f.review.row; {
	case row.SupersededBy != "":
		return violated(r, causeNewestHeadSuperseded, "Review %s is of the newest head of its pull request and stays superseded by review %s after it was submitted again at %s",
			row.Review, row.SupersededBy, moment(r.At))
	case row.Status == engine.Cancelled:
		return violated(r, causeNewestHeadNotTakenUp, "Review %s stays cancelled although its pull request has its head again, submitted at %s",
			row.Review, moment(r.At))
	}
	return nil
}

func checkNewestReviewed(f *facts, r *Record) *Violation {
	for _, v := range f.reviews {
		if !v.hasRow || v.head.Review == "" || f.newestHead(&v.head).Review != v.id {
			continue
		}
		key := engine.AttemptKey{Review: v.id, Attempt: max(v.row.Attempt, 1)}
		switch row := &v.row; {
		case row.SupersededBy != "":
			return violatedAbout(r, key, causeNewestHeadSuperseded, "Review %s is of the newest head of its pull request and was never run: it is superseded by review %s to the end",
				v.id, row.SupersededBy)
		case row.Status == engine.Cancelled && v.endedBy == model.ReviewsSubmit:
			return violatedAbout(r, key, causeNewestHeadNeverStarted, "Review %s is of the newest head of its pull request and was never run: the submission of another head left it cancelled",
				v.id)
		}
	}
	return nil
}
