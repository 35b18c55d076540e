package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// What enters the system is audited where it does: once for each submission, call, event, dispatch and report.

// key counts which attempt a message names.
func (w *Deployment) auditKey(row rowID, key engine.AttemptKey) {
	class := keyCurrent
	switch r, known := w.database.state.Review(key.Review); {
	case key.Review == "" || key.Attempt < 1:
		class = keyNone
	case !known:
		class = keyUnknown
	case key.Attempt < r.Attempt:
		class = keyOlder
	case key.Attempt > r.Attempt:
		class = keyNewer
	}
	w.audit.count(row, class)
}

// auditSubmission counts the classes of a submission. Others of the run may name the same.
func (w *Deployment) auditSubmission(s *engine.Submission) {
	a := &w.audit
	countText(a, rowSubmissionReview, s.Review)
	countText(a, rowSubmissionOwner, s.Owner)
	countText(a, rowSubmissionRepository, s.Repository)
	countText(a, rowSubmissionHeadSHA, s.HeadSHA)
	a.number(rowSubmissionPullRequest, int64(s.PullRequest))
	a.number(rowSubmissionHeadOrder, s.HeadOrder)
	switch s.Platform {
	case "github":
		a.count(rowSubmissionPlatform, 0)
	case "gitlab":
		a.count(rowSubmissionPlatform, 1)
	default:
		a.count(rowSubmissionPlatform, 2)
	}
	for i := range w.plan.reviews {
		other := &w.plan.reviews[i].submission
		if other.Review == s.Review {
			if *other != *s {
				a.count(rowSubmissionReview, textRepeated)
			}
			continue
		}
		if other.Owner == s.Owner {
			a.count(rowSubmissionOwner, textRepeated)
		}
		if other.Repository == s.Repository {
			a.count(rowSubmissionRepository, textRepeated)
		}
		if other.HeadSHA == s.HeadSHA {
			a.count(rowSubmissionHeadSHA, textRepeated)
		}
		if other.PullRequest == s.PullRequest {
			a.count(rowSubmissionPullRequest, numberRepeated)
		}
		if other.HeadOrder == s.HeadOrder && other.SamePullRequest(s) {
			a.count(rowSubmissionHeadOrder, numberRepeated)
		}
	}
}

// auditCall counts the classes of what a user asks of the app.
func (w *Deployment) auditCall(c *call) {
	switch c.method.call {
	case checker.CallAppSubmit:
		w.auditSubmission(&c.request.submission)
	case checker.CallAppGet:
		w.auditKey(rowGetID, engine.AttemptKey{Review: c.key.Review, Attempt: w.attemptOf(c.key.Review)})
	case checker.CallAppAttempts:
		w.auditKey(rowAttemptsID, engine.AttemptKey{Review: c.key.Review, Attempt: w.attemptOf(c.key.Review)})
	case checker.CallAppEvents:
		w.auditKey(rowEventsKey, c.key)
		w.audit.number(rowEventsAfter, c.request.after)
		w.audit.number(rowEventsMax, int64(c.request.max))
	case checker.CallAppCancel:
		w.auditKey(rowCancelKey, c.key)
		countText(&w.audit, rowCancelReason, c.request.text)
	case checker.CallAppRetrigger:
		w.auditKey(rowRetriggerKey, c.key)
	case checker.CallAppAbandon:
		w.auditKey(rowAbandonKey, c.key)
		countText(&w.audit, rowAbandonReason, c.request.text)
	case checker.CallAppInspect:
		w.auditKey(rowInspectKey, c.key)
	default: // users ask for nothing else
	}
}

// attemptOf returns the attempt that a review is at; 1 if it is not known.
func (w *Deployment) attemptOf(id engine.ReviewID) int {
	if r, known := w.database.state.Review(id); known {
		return r.Attempt
	}
	return 1
}

// auditStart counts the classes of a dispatch.
func (w *Deployment) auditStart(s *engine.StartRequest) {
	a := &w.audit
	w.auditKey(rowStartKey, s.Key)
	countText(a, rowStartOwner, s.Owner)
	a.number(rowStartToken, int64(s.Token))
	countText(a, rowStartPayload, s.Payload)
	countText(a, rowStartAbandon, s.Abandon)
}

// auditReport counts the classes of a report.
func (w *Deployment) auditReport(r *engine.WorkerReport) {
	a := &w.audit
	w.auditKey(rowReportKey, r.Key)
	a.count(rowReportStatus, int(r.Status))
	countText(a, rowReportReason, r.Reason)
	a.toggle(rowReportRetryable, r.Retryable)
	countText(a, rowReportAgentVersion, r.AgentVersion)
	a.number(rowReportEvents, r.Events)
	a.number(rowReportTokens, r.Tokens)
}

// auditEvents counts the classes of what a session is going to emit.
func (w *Deployment) auditEvents(events []engine.Event) {
	a := &w.audit
	for i := range events {
		e := &events[i]
		a.number(rowEventSeq, e.Seq)
		a.count(rowEventKind, min(int(e.Kind), len(kinds.classes)-1))
		a.number(rowEventTokens, e.Tokens)
		countText(a, rowEventText, e.Text)
		a.toggle(rowEventRetryable, e.Retryable)
	}
}

// auditAppConfig counts the classes of a configuration of the app.
func (w *Deployment) auditAppConfig(c *engine.AppConfig) {
	a, usual := &w.audit, engine.AppConfig{}.WithDefaults()
	setting(a, rowAppLimit, c.Limit, usual.Limit, 1, 10_000)
	for i := range w.plan.owners {
		setting(a, rowAppOwnerLimits, c.LimitOf(w.plan.owners[i].id), usual.Limit, 1, 10_000)
	}
	setting(a, rowAppStaleAfter, c.StaleAfter, usual.StaleAfter, 10*time.Second, engine.MaxPause)
	setting(a, rowAppDispatchTimeout, c.DispatchTimeout, usual.DispatchTimeout, 100*time.Millisecond, 10*time.Minute)
	setting(a, rowAppPrepareTimeout, c.PrepareTimeout, usual.PrepareTimeout, 100*time.Millisecond, time.Hour)
	setting(a, rowAppStoreTimeout, c.StoreTimeout, usual.StoreTimeout, 10*time.Millisecond, 10*time.Minute)
	setting(a, rowAppSweepEvery, c.SweepEvery, usual.SweepEvery, 100*time.Millisecond, time.Hour)
	setting(a, rowAppSweepBatch, c.SweepBatch, usual.SweepBatch, 1, 10_000)
	setting(a, rowAppSilentAfter, c.SilentAfter, usual.SilentAfter, 10*time.Second, engine.MaxPause)
	setting(a, rowAppStopEvery, c.StopEvery, usual.StopEvery, 100*time.Millisecond, engine.MaxPause)
	setting(a, rowAppMaxRetries, c.MaxRetries, usual.MaxRetries, -1, 100)
	setting(a, rowAppMaxDeferrals, c.MaxDeferrals, usual.MaxDeferrals, 1, 1_000)
	setting(a, rowAppBackoffMin, c.BackoffMin, usual.BackoffMin, 10*time.Millisecond, engine.MaxPause)
	setting(a, rowAppBackoffMax, c.BackoffMax, usual.BackoffMax, 10*time.Millisecond, engine.MaxPause)
	a.toggle(rowAppLog, c.Log != nil)
	setting(a, rowAppRetryAfterMax, c.RetryAfterMax, usual.RetryAfterMax, time.Second, 30*time.Minute)
}

// auditWorkerConfig counts the classes of a configuration of a worker.
func (w *Deployment) auditWorkerConfig(c *engine.WorkerConfig) {
	a, usual := &w.audit, engine.WorkerConfig{}.WithDefaults()
	const day = 24 * time.Hour
	countText(a, rowWorkerAgentVersion, c.AgentVersion)
	setting(a, rowWorkerLeaseFor, c.LeaseFor, usual.LeaseFor, time.Second, time.Hour)
	setting(a, rowWorkerRenewEvery, c.RenewEvery, usual.RenewEvery, 100*time.Millisecond, time.Hour/2)
	setting(a, rowWorkerTakeoverBatch, c.TakeoverBatch, usual.TakeoverBatch, 1, 10_000)
	setting(a, rowWorkerBatch, c.Batch, usual.Batch, 1, 10_000)
	setting(a, rowWorkerFlushAfter, c.FlushAfter, usual.FlushAfter, 10*time.Millisecond, 10*time.Minute)
	setting(a, rowWorkerStreamLimit, c.StreamLimit, usual.StreamLimit, time.Second, day)
	setting(a, rowWorkerStreamSilence, c.StreamSilence, usual.StreamSilence, time.Second, time.Hour)
	setting(a, rowWorkerEventSilence, c.EventSilence, usual.EventSilence, time.Minute, day)
	setting(a, rowWorkerUnknownFor, c.UnknownFor, usual.UnknownFor, time.Millisecond, time.Hour)
	setting(a, rowWorkerGoneAfter, c.GoneAfter, usual.GoneAfter, time.Millisecond, time.Hour)
	setting(a, rowWorkerThrottleLimit, c.ThrottleLimit, usual.ThrottleLimit, time.Minute, 30*day)
	setting(a, rowWorkerRetryAfterMax, c.RetryAfterMax, usual.RetryAfterMax, time.Second, day)
	setting(a, rowWorkerMaxTakeovers, c.MaxTakeovers, usual.MaxTakeovers, 1, 10_000)
	setting(a, rowWorkerCreateTries, c.CreateTries, usual.CreateTries, 1, 1_000)
	setting(a, rowWorkerDecodeTries, c.DecodeTries, usual.DecodeTries, 1, 1_000)
	setting(a, rowWorkerAgentTimeout, c.AgentTimeout, usual.AgentTimeout, 10*time.Millisecond, 10*time.Minute)
	setting(a, rowWorkerCallbackTimeout, c.CallbackTimeout, usual.CallbackTimeout, 10*time.Millisecond, 10*time.Minute)
	setting(a, rowWorkerJournalTimeout, c.JournalTimeout, usual.JournalTimeout, 10*time.Millisecond, 10*time.Minute)
	setting(a, rowWorkerBackoffMin, c.BackoffMin, usual.BackoffMin, 10*time.Millisecond, day)
	setting(a, rowWorkerBackoffMax, c.BackoffMax, usual.BackoffMax, 10*time.Millisecond, day)
	setting(a, rowWorkerKeepFor, c.KeepFor, usual.KeepFor, time.Minute, 10*365*day)
	setting(a, rowWorkerPurgeEvery, c.PurgeEvery, usual.PurgeEvery, time.Second, day)
	setting(a, rowWorkerPurgeBatch, c.PurgeBatch, usual.PurgeBatch, 1, 10_000)
	a.toggle(rowWorkerLog, c.Log != nil)
}
