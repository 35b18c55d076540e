package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

// Reads reports whether operations of the kind leave the store as it is.
func (k OpKind) Reads() bool {
	return k == OpGet || k == OpAttempts || k == OpReserve || k == OpSweep
}

// refuse makes the result a failure.
func (r *Result) refuse(kind engine.ErrorKind) { r.Failed, r.Err = true, kind }

// Equal reports whether two results tell the caller the same. Of failures only
// the kind counts; times are compared as instants, and no list is an empty list.
func (r *Result) Equal(other *Result) bool {
	if r.Failed || other.Failed {
		return r.Failed == other.Failed && r.Err == other.Err
	}
	return r.Token == other.Token &&
		sameReview(&r.Review, &other.Review) &&
		sameReviews(r.Reviews, other.Reviews) &&
		slices.EqualFunc(r.Attempts, other.Attempts, sameAttempt) &&
		slices.Equal(r.Work.Owners, other.Work.Owners) &&
		sameReviews(r.Work.Silent, other.Work.Silent) &&
		sameReviews(r.Work.Stopping, other.Work.Stopping)
}

// Error returns the failure as a store would return it from op, or nil. The
// error is an [*engine.Error].
func (r *Result) Error(op *Op) error {
	if !r.Failed {
		return nil
	}
	return &engine.Error{
		Kind: r.Err, Op: op.Kind.port(),
		Err: &refusal{kind: op.Kind, key: op.Key, owner: op.Owner, token: op.Token, limit: op.Limit},
	}
}

// port is the operation as errors name it, such as store.claim.
func (k OpKind) port() string {
	if k < opKindEnd {
		return portNames[k]
	}
	return "store." + k.String()
}

var portNames = func() (names [opKindEnd]string) {
	for k := range opKindEnd {
		names[k] = "store." + k.String()
	}
	return names
}()

// A refusal remembers what was asked for; it becomes text only when somebody
// reads it, since most refusals are looked at by kind alone.
type refusal struct {
	kind  OpKind
	key   engine.AttemptKey
	owner engine.OwnerID
	token engine.Token
	limit int
}

// Error names what was asked.
func (r *refusal) Error() string {
	switch r.kind {
	case OpReserve:
		return fmt.Sprintf("owner %s, limit %d", r.owner, r.limit)
	case OpClaim:
		return fmt.Sprintf("review %s, token seen %d, owner %s, limit %d", r.key, r.token, r.owner, r.limit)
	case OpRelease, OpDefer, OpFail, OpApply:
		return fmt.Sprintf("review %s, token %d", r.key, r.token)
	case OpSubmit, OpGet, OpAttempts:
		return fmt.Sprintf("review %s", r.key.Review)
	case OpSweep:
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

// sameReview compares times as instants: a database returns them in a zone of its
// own.
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

// String is the operation on one line, times as hours to milliseconds in UTC.
func (o *Op) String() string {
	var b strings.Builder
	b.WriteString(o.Kind.String())
	switch o.Kind {
	case OpSubmit:
		s := &o.Submission
		fmt.Fprintf(&b, " %s of %s: %s %s#%d head %s, order %d", s.Review, s.Owner, s.Platform, s.Repository, s.PullRequest, s.HeadSHA, s.HeadOrder)
	case OpGet, OpAttempts:
		fmt.Fprintf(&b, " %s", o.Key.Review)
	case OpReserve:
		fmt.Fprintf(&b, " for %s, limit %d", o.Owner, o.Limit)
	case OpClaim:
		fmt.Fprintf(&b, " %s for %s, seen %d, limit %d, due %s", o.Key, o.Owner, o.Token, o.Limit, clock(o.DueAt))
	case OpRelease, OpDefer:
		fmt.Fprintf(&b, " %s, token %d, due %s", o.Key, o.Token, clock(o.DueAt))
	case OpFail:
		fmt.Fprintf(&b, " %s, token %d, %q", o.Key, o.Token, o.Text)
	case OpApply:
		fmt.Fprintf(&b, " %s %s", o.Key, o.Report.Status)
		if o.Report.Reason != "" {
			fmt.Fprintf(&b, " %q", o.Report.Reason)
		}
		if o.Report.Retryable {
			fmt.Fprintf(&b, ", retryable up to %d times, at %s", o.MaxRetries, clock(o.RetryAt))
		}
		if o.Token != 0 {
			fmt.Fprintf(&b, ", token %d", o.Token)
		}
	case OpSetAgentVersion, OpCancel:
		fmt.Fprintf(&b, " %s, %q", o.Key, o.Text)
	case OpStopped, OpRetrigger:
		fmt.Fprintf(&b, " %s", o.Key)
	case OpSweep:
		fmt.Fprintf(&b, ", at most %d", o.Limit)
	}
	if o.Kind != OpGet && o.Kind != OpAttempts {
		fmt.Fprintf(&b, ", now %s", clock(o.Now))
	}
	return b.String()
}

// String is the answer on one line: the kind of a failure, or what was returned.
func (r *Result) String() string {
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

// String is the store as text, a review per line in the order of identifiers.
func (s *Store) String() string {
	var b strings.Builder
	for i, r := range s.index {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(describeReview(&r.review))
		if len(r.attempts) != 0 {
			b.WriteString("; " + describeAttempts(r.attempts))
		}
	}
	return b.String()
}

// describeReview gives the fields that differ from those of an untouched review.
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

// clock shows the time of day; the days of a history rarely differ.
func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }
