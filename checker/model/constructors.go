package model

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// Submit is the operation of [engine.ReviewStore.Submit].
func Submit(s engine.Submission, now time.Time) Op {
	return Op{Kind: OpSubmit, Key: engine.AttemptKey{Review: s.Review, Attempt: 1}, Owner: s.Owner, Submission: s, Now: now}
}

// Get is the operation of [engine.ReviewStore.Get].
func Get(id engine.ReviewID) Op {
	return Op{Kind: OpGet, Key: engine.AttemptKey{Review: id}}
}

// Attempts is the operation of [engine.ReviewStore.Attempts].
func Attempts(id engine.ReviewID) Op {
	return Op{Kind: OpAttempts, Key: engine.AttemptKey{Review: id}}
}

// Reserve is the operation of [engine.ReviewStore.Reserve].
func Reserve(owner engine.OwnerID, limit int, now time.Time) Op {
	return Op{Kind: OpReserve, Owner: owner, Limit: limit, Now: now}
}

// Claim is the operation of [engine.ReviewStore.Claim].
func Claim(c engine.Claim) Op {
	return Op{
		Kind: OpClaim, Key: c.Key, Owner: c.Owner, Token: c.Seen,
		Limit: c.Limit, Now: c.Now, DueAt: c.DueAt,
	}
}

// Release is the operation of [engine.ReviewStore.Release].
func Release(key engine.AttemptKey, token engine.Token, due, now time.Time) Op {
	return Op{Kind: OpRelease, Key: key, Token: token, DueAt: due, Now: now}
}

// Defer is the operation of [engine.ReviewStore.Defer].
func Defer(key engine.AttemptKey, token engine.Token, due, now time.Time) Op {
	return Op{Kind: OpDefer, Key: key, Token: token, DueAt: due, Now: now}
}

// Fail is the operation of [engine.ReviewStore.Fail].
func Fail(key engine.AttemptKey, token engine.Token, reason string, now time.Time) Op {
	return Op{Kind: OpFail, Key: key, Token: token, Text: reason, Now: now}
}

// Apply is the operation of [engine.ReviewStore.Apply].
func Apply(report engine.Report) Op {
	return Op{
		Kind: OpApply, Key: report.Key, Token: report.Token, Now: report.Now, DueAt: report.DueAt,
		RetryAt: report.RetryAt, MaxRetries: report.MaxRetries, Report: report.WorkerReport,
	}
}

// SetAgentVersion is the operation of [engine.ReviewStore.SetAgentVersion].
func SetAgentVersion(key engine.AttemptKey, version string, now time.Time) Op {
	return Op{Kind: OpSetAgentVersion, Key: key, Text: version, Now: now}
}

// Cancel is the operation of [engine.ReviewStore.Cancel].
func Cancel(key engine.AttemptKey, reason string, now time.Time) Op {
	return Op{Kind: OpCancel, Key: key, Text: reason, Now: now}
}

// Stopped is the operation of [engine.ReviewStore.Stopped].
func Stopped(key engine.AttemptKey, now time.Time) Op {
	return Op{Kind: OpStopped, Key: key, Now: now}
}

// Retrigger is the operation of [engine.ReviewStore.Retrigger].
func Retrigger(key engine.AttemptKey, now time.Time) Op {
	return Op{Kind: OpRetrigger, Key: key, Now: now}
}

// Sweep is the operation of [engine.ReviewStore.Sweep].
func Sweep(now time.Time, max int) Op {
	return Op{Kind: OpSweep, Limit: max, Now: now}
}
