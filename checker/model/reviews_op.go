package model

import (
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

// A ReviewsOpKind names one operation of the review store.
type ReviewsOpKind uint8

// The operations of [engine.ReviewStore], one each.
const (
	ReviewsSubmit ReviewsOpKind = iota + 1
	ReviewsGet
	ReviewsAttempts
	ReviewsReserve
	ReviewsClaim
	ReviewsRelease
	ReviewsDefer
	ReviewsFail
	ReviewsApply
	ReviewsSetAgentVersion
	ReviewsCancel
	ReviewsStopped
	ReviewsRetrigger
	ReviewsSweep
)

var (
	reviewsMethods = []string{
		"", "submit", "get", "attempts", "reserve", "claim", "release", "defer", "fail",
		"apply", "set-agent-version", "cancel", "stopped", "retrigger", "sweep",
	}
	reviewsCalls = prefixed("store.", reviewsMethods)
)

// String returns the name of the operation in lower case.
func (k ReviewsOpKind) String() string {
	if int(k) < len(reviewsMethods) {
		return reviewsMethods[k]
	}
	return "unknown"
}

// Reads reports whether operations of the kind leave the store as it is.
func (k ReviewsOpKind) Reads() bool {
	return k == ReviewsGet || k == ReviewsAttempts || k == ReviewsReserve || k == ReviewsSweep
}

// A ReviewsOp is one call of an [engine.ReviewStore] as a value: what the simulated database executes, what a history
// records, and what porcupine replays. Which fields count depends on the kind; the functions named after the operations
// ([Submit], [Claim]…) fill in just those.
type ReviewsOp struct {
	Kind       ReviewsOpKind
	Key        engine.AttemptKey // all but reserve and sweep; get and attempts use the review only
	Owner      engine.OwnerID    // submit, reserve, claim
	Submission engine.Submission // submit
	Token      engine.Token      // claim: the one seen; release, defer, fail, apply: the one held
	Limit      int               // reserve, claim: slots of the owner
	Now        time.Time
	DueAt      time.Time           // claim, release, defer, apply
	RetryAt    time.Time           // apply
	MaxRetries int                 // apply
	Report     engine.WorkerReport // apply
	Text       string              // fail, cancel: the reason; set-agent-version: the version
	Search     engine.Search       // sweep
}

// Submit is the operation of [engine.ReviewStore.Submit].
func Submit(s engine.Submission, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsSubmit, Key: engine.AttemptKey{Review: s.Review, Attempt: 1}, Owner: s.Owner, Submission: s, Now: now}
}

// Get is the operation of [engine.ReviewStore.Get].
func Get(id engine.ReviewID) ReviewsOp {
	return ReviewsOp{Kind: ReviewsGet, Key: engine.AttemptKey{Review: id}}
}

// Attempts is the operation of [engine.ReviewStore.Attempts].
func Attempts(id engine.ReviewID) ReviewsOp {
	return ReviewsOp{Kind: ReviewsAttempts, Key: engine.AttemptKey{Review: id}}
}

// Reserve is the operation of [engine.ReviewStore.Reserve].
func Reserve(owner engine.OwnerID, limit int, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsReserve, Owner: owner, Limit: limit, Now: now}
}

// Claim is the operation of [engine.ReviewStore.Claim].
func Claim(c engine.Claim) ReviewsOp {
	return ReviewsOp{
		Kind: ReviewsClaim, Key: c.Key, Owner: c.Owner, Token: c.Seen,
		Limit: c.Limit, Now: c.Now, DueAt: c.DueAt,
	}
}

// Release is the operation of [engine.ReviewStore.Release].
func Release(key engine.AttemptKey, token engine.Token, due, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsRelease, Key: key, Token: token, DueAt: due, Now: now}
}

// Defer is the operation of [engine.ReviewStore.Defer].
func Defer(key engine.AttemptKey, token engine.Token, due, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsDefer, Key: key, Token: token, DueAt: due, Now: now}
}

// Fail is the operation of [engine.ReviewStore.Fail].
func Fail(key engine.AttemptKey, token engine.Token, reason string, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsFail, Key: key, Token: token, Text: reason, Now: now}
}

// Apply is the operation of [engine.ReviewStore.Apply].
func Apply(report engine.Report) ReviewsOp {
	return ReviewsOp{
		Kind: ReviewsApply, Key: report.Key, Token: report.Token, Now: report.Now, DueAt: report.DueAt,
		RetryAt: report.RetryAt, MaxRetries: report.MaxRetries, Report: report.WorkerReport,
	}
}

// SetAgentVersion is the operation of [engine.ReviewStore.SetAgentVersion].
func SetAgentVersion(key engine.AttemptKey, version string, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsSetAgentVersion, Key: key, Text: version, Now: now}
}

// Cancel is the operation of [engine.ReviewStore.Cancel].
func Cancel(key engine.AttemptKey, reason string, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsCancel, Key: key, Text: reason, Now: now}
}

// Stopped is the operation of [engine.ReviewStore.Stopped].
func Stopped(key engine.AttemptKey, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsStopped, Key: key, Now: now}
}

// Retrigger is the operation of [engine.ReviewStore.Retrigger].
func Retrigger(key engine.AttemptKey, now time.Time) ReviewsOp {
	return ReviewsOp{Kind: ReviewsRetrigger, Key: key, Now: now}
}

// Sweep is the operation of [engine.ReviewStore.Sweep].
func Sweep(s engine.Search) ReviewsOp {
	return ReviewsOp{Kind: ReviewsSweep, Search: s, Now: s.Now}
}

// String returns the operation on one line, with times as hours to milliseconds in UTC.
func (o *ReviewsOp) String() string {
	var b strings.Builder
	b.WriteString(o.Kind.String())
	switch o.Kind {
	case ReviewsSubmit:
		s := &o.Submission
		fmt.Fprintf(&b, " %s of %s: %s %s#%d head %s, order %d", s.Review, s.Owner, s.Platform, s.Repository, s.PullRequest, s.HeadSHA, s.HeadOrder)
	case ReviewsGet, ReviewsAttempts:
		fmt.Fprintf(&b, " %s", o.Key.Review)
	case ReviewsReserve:
		fmt.Fprintf(&b, " for %s, limit %d", o.Owner, o.Limit)
	case ReviewsClaim:
		fmt.Fprintf(&b, " %s for %s, seen %d, limit %d, due %s", o.Key, o.Owner, o.Token, o.Limit, clock(o.DueAt))
	case ReviewsRelease, ReviewsDefer:
		fmt.Fprintf(&b, " %s, token %d, due %s", o.Key, o.Token, clock(o.DueAt))
	case ReviewsFail:
		fmt.Fprintf(&b, " %s, token %d, %q", o.Key, o.Token, o.Text)
	case ReviewsApply:
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
	case ReviewsSetAgentVersion, ReviewsCancel:
		fmt.Fprintf(&b, " %s, %q", o.Key, o.Text)
	case ReviewsStopped, ReviewsRetrigger:
		fmt.Fprintf(&b, " %s", o.Key)
	case ReviewsSweep:
		fmt.Fprintf(&b, " after %q, at most %d", o.Search.After, o.Search.Max)
	}
	if o.Kind != ReviewsGet && o.Kind != ReviewsAttempts {
		fmt.Fprintf(&b, ", now %s", clock(o.Now))
	}
	return b.String()
}
