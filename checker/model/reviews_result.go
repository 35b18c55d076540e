package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/engine"
)

// A ReviewsResult is the answer to a [ReviewsOp].
type ReviewsResult struct {
	Failure
	Token    engine.Token     // claim
	Review   engine.Review    // submit, get, apply, cancel, stopped, retrigger
	Reviews  []engine.Review  // submit: superseded; reserve
	Attempts []engine.Attempt // attempts
	Work     engine.Work      // sweep
}

// Equal reports whether two results are the same to the caller. Of failures only the kind counts; times are compared as
// instants, and no list is an empty list.
func (r *ReviewsResult) Equal(other *ReviewsResult) bool {
	if r.Failed || other.Failed {
		return r.Failure == other.Failure
	}
	return r.Token == other.Token &&
		sameReview(&r.Review, &other.Review) &&
		sameReviews(r.Reviews, other.Reviews) &&
		slices.EqualFunc(r.Attempts, other.Attempts, sameAttempt) &&
		slices.Equal(r.Work.Owners, other.Work.Owners) &&
		sameReviews(r.Work.Silent, other.Work.Silent) &&
		sameReviews(r.Work.Stopping, other.Work.Stopping)
}

// Error returns the failure as a store would return it from op, or nil. The error is an [*engine.Error].
func (r *ReviewsResult) Error(op *ReviewsOp) error {
	if !r.Failed {
		return nil
	}
	return &engine.Error{
		Kind: r.Err, Op: reviewsCalls[op.Kind],
		Err: &reviewsRefusal{kind: op.Kind, key: op.Key, owner: op.Owner, token: op.Token, limit: op.Limit},
	}
}

// A reviewsRefusal keeps the arguments of an operation that failed. It becomes text only when somebody reads it,
// because most callers look at the kind alone.
type reviewsRefusal struct {
	kind  ReviewsOpKind
	key   engine.AttemptKey
	owner engine.OwnerID
	token engine.Token
	limit int
}

// Error returns the arguments that identify the operation.
func (r *reviewsRefusal) Error() string {
	switch r.kind {
	case ReviewsReserve:
		return fmt.Sprintf("owner %s, limit %d", r.owner, r.limit)
	case ReviewsClaim:
		return fmt.Sprintf("review %s, token seen %d, owner %s, limit %d", r.key, r.token, r.owner, r.limit)
	case ReviewsRelease, ReviewsDefer, ReviewsFail, ReviewsApply:
		return fmt.Sprintf("review %s, token %d", r.key, r.token)
	case ReviewsSubmit, ReviewsGet, ReviewsAttempts:
		return fmt.Sprintf("review %s", r.key.Review)
	case ReviewsSweep:
		return fmt.Sprintf("at most %d", r.limit)
	default:
		return "review " + r.key.String()
	}
}

func sameReviews(a, b []engine.Review) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameReview(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// sameReview compares times as instants: a database returns them in a zone of its own.
func sameReview(a, b *engine.Review) bool {
	if *a == *b {
		return true
	}
	if !a.DueAt.Equal(b.DueAt) || !a.EnqueuedAt.Equal(b.EnqueuedAt) || !a.UpdatedAt.Equal(b.UpdatedAt) {
		return false
	}
	c := *b
	c.DueAt, c.EnqueuedAt, c.UpdatedAt = a.DueAt, a.EnqueuedAt, a.UpdatedAt
	return *a == c
}

func sameAttempt(a, b engine.Attempt) bool {
	return a.Number == b.Number && a.Status == b.Status && a.Reason == b.Reason && a.EndedAt.Equal(b.EndedAt)
}

// String returns the answer on one line: the kind of a failure, or the values.
func (r *ReviewsResult) String() string {
	if r.Failed {
		return r.Err.String()
	}
	var parts []string
	if r.Token != 0 {
		parts = append(parts, fmt.Sprintf("token %d", r.Token))
	}
	if r.Review.Review != "" {
		parts = append(parts, describeReview(&r.Review))
	}
	parts = appendReviews(parts, "reviews", r.Reviews)
	if len(r.Attempts) != 0 {
		parts = append(parts, describeAttempts(r.Attempts))
	}
	if len(r.Work.Owners) != 0 {
		parts = append(parts, fmt.Sprintf("owners %v", r.Work.Owners))
	}
	parts = appendReviews(parts, "silent", r.Work.Silent)
	parts = appendReviews(parts, "stopping", r.Work.Stopping)
	if len(parts) == 0 {
		return "done"
	}
	return strings.Join(parts, "; ")
}

func appendReviews(parts []string, name string, reviews []engine.Review) []string {
	if len(reviews) == 0 {
		return parts
	}
	ids := make([]string, len(reviews))
	for i := range reviews {
		ids[i] = reviews[i].Key().String()
	}
	return append(parts, name+" ["+strings.Join(ids, " ")+"]")
}

// describeReview returns the fields that differ from those of an untouched review.
func describeReview(v *engine.Review) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", v.Key(), v.Status)
	if v.Reason != "" {
		fmt.Fprintf(&b, " (%s)", v.Reason)
	}
	if v.Claim != 0 {
		fmt.Fprintf(&b, ", claim %d", v.Claim)
	}
	if v.Stopping != 0 {
		fmt.Fprintf(&b, ", stopping %d", v.Stopping)
	}
	if v.SupersededBy != "" {
		fmt.Fprintf(&b, ", superseded by %s", v.SupersededBy)
	}
	if v.Retries != 0 {
		fmt.Fprintf(&b, ", retries %d", v.Retries)
	}
	if v.Deferrals != 0 {
		fmt.Fprintf(&b, ", deferrals %d", v.Deferrals)
	}
	if v.AgentVersion != "" {
		fmt.Fprintf(&b, ", agent %s", v.AgentVersion)
	}
	fmt.Fprintf(&b, ", due %s", clock(v.DueAt))
	return b.String()
}

func describeAttempts(attempts []engine.Attempt) string {
	texts := make([]string, len(attempts))
	for i, a := range attempts {
		texts[i] = fmt.Sprintf("%d %s at %s", a.Number, a.Status, clock(a.EndedAt))
		if a.Reason != "" {
			texts[i] += " (" + a.Reason + ")"
		}
	}
	return "ended [" + strings.Join(texts, ", ") + "]"
}
