package enginetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

// brokenReviewProgress go on where [brokenReviewStores] end.
var brokenReviewProgress = []struct {
	name     string
	store    *brokenReviews
	caughtBy string
}{
	{"releases under any token", ignoresFence("Release"), "Release is Stale under an overtaken claim"},
	{"releases what is not claimed", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		err := fencedReviews(s, ctx, m, key, token, text, due, now)
		if m == "Release" && err != nil && token == peek(s, key.Review).Claim && key.Attempt == peek(s, key.Review).Attempt {
			return nil
		}
		return err
	}}, "Release is Stale for a review that is not claimed"},
	{"releases the current attempt for any other", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == "Release" {
			key.Attempt = peek(s, key.Review).Attempt
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}, "Release is Stale for any attempt but the current one"},
	{"frees the slot of a released claim", afterFenced("Release", func(r *reviewRow) { r.Status = engine.Pending }), "Release keeps the slot, and sets when the review may be claimed again"},
	{"defers under any token", ignoresFence("Defer"), "Defer is Stale under an overtaken claim"},
	{"does not count deferrals", afterFenced("Defer", func(r *reviewRow) { r.Deferrals = 0 }), "Defer postpones a pending or queued review, and counts a failed preparation"},
	{"counts any deferral of what runs", afterFenced("Defer", func(r *reviewRow) {
		if r.Status == engine.Running {
			r.Deferrals++
		}
	}), "Defer postpones a running review, and counts nothing"},
	{"counts a question about a session as a failed preparation", afterFenced("Defer", func(r *reviewRow) {
		if r.Stopping != 0 {
			r.Deferrals++
		}
	}), "Defer postpones the question whether a session is over, and counts nothing"},
	{"defers what has ended", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		err := fencedReviews(s, ctx, m, key, token, text, due, now)
		if m == "Defer" && peek(s, key.Review).Status.Terminal() {
			return nil
		}
		return err
	}}, "Defer is Stale for a review that has ended, an unknown one, and another attempt"},
	{"keeps the valid part of a reason", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		return fencedReviews(s, ctx, m, key, token, strings.ToValidUTF8(text, "?"), due, now)
	}}, "Fail ends a review that was never claimed, with the reason given"},
	{"fails under any token", ignoresFence("Fail"), "Fail is Stale under an overtaken claim"},
	{"keeps the slot of a failed review", afterFenced("Fail", func(r *reviewRow) {
		if r.Claim != 0 {
			r.Stopping = r.Attempt
		}
	}), "Fail ends a claimed review, and frees its slot"},
	{"fails what runs", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == "Fail" {
			alter(s, key.Review, func(r *reviewRow) {
				if r.Status == engine.Running {
					r.Status = engine.Queued
				}
			})
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}, "Fail is Stale for a review that runs or has ended, an unknown one, and another attempt"},
	{"notes the version of any attempt", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == "SetAgentVersion" {
			key.Attempt = peek(s, key.Review).Attempt
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}, "SetAgentVersion is Stale for an unknown review, and for another attempt"},
	{"cuts a long version off", afterFenced("SetAgentVersion", func(r *reviewRow) { r.AgentVersion = r.AgentVersion[:min(len(r.AgentVersion), 255)] }), "SetAgentVersion keeps any text, also for an attempt that has ended"},

	{"answers reports on unknown reviews", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		if peek(s, report.Key.Review).Attempt == 0 {
			return engine.Review{}, nil
		}
		return s.Apply(ctx, report)
	}}, "Apply is NotFound for an unknown review"},
	{"takes a report for one on the current attempt", beforeApply(func(r *reviewRow, report *engine.Report) { report.Key.Attempt = r.Attempt }), "Apply ignores news of an earlier attempt"},
	{"takes a report on an attempt to come", beforeApply(func(r *reviewRow, report *engine.Report) { report.Key.Attempt = min(report.Key.Attempt, r.Attempt) }), "Apply is Stale for an attempt that is still to come"},
	{"merges answers under any claim", beforeApply(func(_ *reviewRow, report *engine.Report) { report.Token = 0 }), "Apply is Stale under an overtaken claim, and takes a report under the latest one"},
	{"does not set when a review is silent", beforeApply(func(r *reviewRow, report *engine.Report) { report.DueAt = r.DueAt }), "Apply makes a queued review running, and sets when it counts as silent"},
	{"forgets the agent's version", beforeApply(func(r *reviewRow, report *engine.Report) {
		if report.AgentVersion == "" {
			r.AgentVersion = ""
		}
	}), "Apply notes the agent's version with the news that the review runs"},
	{"lets statuses go back", beforeApply(func(r *reviewRow, report *engine.Report) {
		if report.Status == engine.Queued && r.Status == engine.Running {
			r.Status = engine.Queued
		}
	}), "Apply only moves a status forward"},
	{"believes news of what was never dispatched", beforeApply(func(r *reviewRow, _ *engine.Report) {
		if r.Status == engine.Pending && r.Attempt == 1 {
			r.Status = engine.Queued
		}
	}), "Apply ignores news of an attempt that was never dispatched"},
	{"drops the reason of an end", beforeApply(func(_ *reviewRow, report *engine.Report) { report.Reason = "" }), "Apply ends a queued or running review as reported, with the reason"},
	{"takes ends back", beforeApply(func(r *reviewRow, report *engine.Report) {
		if r.Status.Terminal() && r.Stopping == 0 && report.Status == engine.Running {
			r.Status, r.ended = engine.Queued, nil
		}
	}), "Apply changes nothing about an attempt that has ended"},
	{"retries at once", beforeApply(func(_ *reviewRow, report *engine.Report) { report.RetryAt = report.Now }), "Apply begins the next attempt after a retryable failure, at the end of the queue"},
	{"does not retry what was never heard of", beforeApply(func(r *reviewRow, report *engine.Report) {
		report.Retryable = report.Retryable && r.Status == engine.Running
	}), "Apply retries an attempt that failed while it was queued"},
	{"retries without end", beforeApply(func(_ *reviewRow, report *engine.Report) { report.MaxRetries = 1_000 }), "Apply ends a review whose retries are used up"},
	{"retries a cancelled review", beforeApply(func(r *reviewRow, report *engine.Report) {
		if report.Retryable && report.Status == engine.Cancelled && r.Stopping == 0 {
			report.Status = engine.Failed
		}
	}), "Apply retries nothing but a retryable failure"},
	{"keeps the slot of a session that is over", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		stopping := peek(s, report.Key.Review).Stopping
		r, err := s.Apply(ctx, report)
		alter(s, report.Key.Review, func(row *reviewRow) { row.Stopping, r.Stopping = stopping, stopping })
		return r, err
	}}, "Apply frees the slot of a cancelled attempt when its session is over, and changes nothing else"},
	{"has an attempt wait although the session before is over", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		before := peek(s, report.Key.Review)
		r, err := s.Apply(ctx, report)
		if before.Status == engine.Pending {
			alter(s, report.Key.Review, func(row *reviewRow) { row.DueAt, r.DueAt = before.DueAt, before.DueAt })
		}
		return r, err
	}}, "Apply makes an attempt due when the session of the one before is over"},
	{"answers with the review as it was", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		before := peek(s, report.Key.Review)
		_, err := s.Apply(ctx, report)
		return before.Review, err
	}}, "Apply makes a queued review running, and sets when it counts as silent"},

	{"frees the slot with the cancellation", beforeShown("Cancel", func(r *reviewRow, _ *engine.AttemptKey) {
		if !r.Status.Terminal() {
			r.Status = engine.Pending
		}
	}), "Cancel keeps the slot of a claimed or running review until its session is over"},
	{"cuts reasons at the first NUL", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		text, _, _ = strings.Cut(text, "\x00")
		return shownReviews(s, ctx, m, key, text, now)
	}}, "Cancel ends a pending review, with the reason given"},
	{"cancels what has ended", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		if m == "Cancel" {
			alter(s, key.Review, func(r *reviewRow) {
				if r.Status.Terminal() && r.Attempt == key.Attempt {
					r.Reason = text
				}
			})
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}, "Cancel changes nothing about an attempt that has ended"},
	{"forgets a session when the attempt after it is cancelled", beforeShown("Cancel", func(r *reviewRow, _ *engine.AttemptKey) { r.Stopping = 0 }),
		"Cancel ends an attempt that waits for the session before, which is still to be stopped"},
	{"cancels any attempt", beforeShown("Cancel", func(r *reviewRow, key *engine.AttemptKey) { key.Attempt = r.Attempt }), "Cancel is Stale for another attempt, and NotFound for an unknown review"},
	{"frees no slot", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		if m == "Stopped" {
			return s.Get(ctx, key.Review)
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}, "Stopped frees the slot"},
	{"leaves the attempt that waited for a later time", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		due := peek(s, key.Review).DueAt
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Stopped" {
			alter(s, key.Review, func(row *reviewRow) { row.DueAt, r.DueAt = due, due })
		}
		return r, err
	}}, "Stopped makes the attempt due that waited for the session"},
	{"frees the slot of any attempt", beforeShown("Stopped", func(r *reviewRow, key *engine.AttemptKey) { key.Attempt = r.Stopping }), "Stopped changes nothing about any other attempt"},
	{"answers for unknown reviews", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Stopped" && engine.IsKind(err, engine.NotFound) {
			return engine.Review{}, nil
		}
		return r, err
	}}, "Stopped is NotFound for an unknown review"},
	{"keeps the reason of the attempt before", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		reason := peek(s, key.Review).Reason
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Retrigger" {
			alter(s, key.Review, func(row *reviewRow) { row.Reason, r.Reason = reason, reason })
		}
		return r, err
	}}, "Retrigger begins the next attempt after one that has ended, at the end of the queue"},
	{"goes on counting retries", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		retries := peek(s, key.Review).Retries
		r, err := shownReviews(s, ctx, m, key, text, now)
		alter(s, key.Review, func(row *reviewRow) { row.Retries, r.Retries = retries, retries })
		return r, err
	}}, "Retrigger counts retries and deferrals anew"},
	{"retriggers twice", beforeShown("Retrigger", func(r *reviewRow, key *engine.AttemptKey) {
		if key.Attempt == r.Attempt-1 && r.Status.Terminal() {
			key.Attempt = r.Attempt
		}
	}), "Retrigger changes nothing when it has happened already"},
	{"does not wait for the session before", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Retrigger" {
			alter(s, key.Review, func(row *reviewRow) { row.Stopping, r.Stopping = 0, 0 })
		}
		return r, err
	}}, "Retrigger lets the next attempt wait for a session that is being stopped"},
	{"retriggers what goes on", beforeShown("Retrigger", func(r *reviewRow, _ *engine.AttemptKey) {
		if r.Status == engine.Running {
			r.Status = engine.Failed
		}
	}), "Retrigger is Rejected for an attempt that is not over"},
	{"retriggers superseded reviews", beforeShown("Retrigger", func(r *reviewRow, _ *engine.AttemptKey) { r.SupersededBy = "" }), "Retrigger is Permanent for a superseded review"},
	{"retriggers attempts to come", beforeShown("Retrigger", func(r *reviewRow, key *engine.AttemptKey) { key.Attempt = min(key.Attempt, r.Attempt) }),
		"Retrigger is Stale for an attempt that is still to come, and NotFound for an unknown review"},

	{"finds work without end", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		search.Max = 1_000
		return s.Sweep(ctx, search)
	}}, "Sweep finds at most as many of each kind as it is asked for"},
	{"lists owners in reverse", afterSweep(func(_ *Reviews, w *engine.Work) { slices.Reverse(w.Owners) }), "Sweep lists each owner once, in the order of their names"},
	{"begins with the first owner every time", beforeSweep(func(search *engine.Search) { search.After = "" }), "Sweep begins behind an owner, and comes round to it"},
	{"begins with the owner that came last", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		search.After = engine.OwnerID(strings.TrimSuffix(string(search.After), "b"))
		return s.Sweep(ctx, search)
	}}, "Sweep begins behind an owner, and comes round to it"},
	{"finds owners whatever slots they have", beforeSweep(func(search *engine.Search) { search.Limit, search.OwnerLimits = 99, nil }), "Sweep passes over owners whose slots are all taken"},
	{"knows one limit for all owners", beforeSweep(func(search *engine.Search) { search.OwnerLimits = nil }), "Sweep passes over owners whose slots are all taken"},
	{"passes over stale claims of full owners", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		work, err := s.Sweep(ctx, search)
		work.Owners = slices.DeleteFunc(work.Owners, func(owner engine.OwnerID) bool { return search.LimitOf(owner) == 1 })
		return work, err
	}}, "Sweep finds a stale claim although the slots of its owner are all taken"},
	{"leaves the order of silent reviews to chance", afterSweep(func(_ *Reviews, w *engine.Work) { slices.Reverse(w.Silent) }), "Sweep lists reviews in the order in which they have been due for longest"},
	{"leaves ties among stopping reviews to chance", afterSweep(func(_ *Reviews, w *engine.Work) {
		slices.Reverse(w.Stopping)
		slices.SortStableFunc(w.Stopping, func(a, b engine.Review) int { return a.DueAt.Compare(b.DueAt) })
	}), "Sweep puts the lower name first when two reviews have been due equally long"},
	{"never looks for silent reviews", afterSweep(func(_ *Reviews, w *engine.Work) { w.Silent = nil }),
		"Sweep finds owners with candidates, silent reviews, and sessions that have to be stopped"},
	{"looks for what is not due", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		search.Now = search.Now.Add(time.Second)
		return s.Sweep(ctx, search)
	}}, "Sweep skips what is not due"},
	{"believes any clock", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, search engine.Search) (engine.Work, error) {
		work, err := s.Sweep(ctx, search)
		ahead := func(r engine.Review) bool { return r.DueAt.After(search.Now) }
		work.Silent, work.Stopping = slices.DeleteFunc(work.Silent, ahead), slices.DeleteFunc(work.Stopping, ahead)
		return work, err
	}}, "Sweep counts a review as due when its due time lies too far ahead"},
	{"finds what has ended", afterSweep(func(s *Reviews, w *engine.Work) {
		for _, r := range s.rows {
			if r.Status.Terminal() && r.Stopping == 0 {
				w.Stopping = append(w.Stopping, r.Review)
			}
		}
	}), "Sweep skips reviews that have ended"},
	{"finds owners whose reviews wait for a session", afterSweep(func(s *Reviews, w *engine.Work) {
		for _, r := range s.rows {
			if r.Status == engine.Pending && r.Stopping != 0 {
				w.Owners = append(w.Owners, r.Owner)
			}
		}
	}), "Sweep skips an attempt until the session of the one before is over"},
	{"finds what is not there", afterSweep(func(_ *Reviews, w *engine.Work) {
		if len(w.Owners) == 0 {
			w.Owners = []engine.OwnerID{""}
		}
	}), "Sweep finds nothing in an empty store"},

	{"does not know a review under an ended context", &brokenReviews{get: func(s *Reviews, ctx context.Context, id engine.ReviewID) (engine.Review, error) {
		if ctx.Err() != nil {
			return engine.Review{}, engine.Errorf(engine.NotFound, "store.get", "review %s", id)
		}
		return s.Get(ctx, id)
	}}, "A call under an ended context is Rejected without an effect, or Ambiguous, or succeeds"},
	{"keeps the slot of a lost attempt", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		r, err := s.Apply(ctx, report)
		if report.Status.Terminal() {
			alter(s, report.Key.Review, func(row *reviewRow) { row.Status = engine.Running })
		}
		return r, err
	}}, "An owner at the limit goes on with the oldest review when a slot becomes free"},
	{"begins attempts with the number of retries", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		r, err := s.Apply(ctx, report)
		alter(s, report.Key.Review, func(row *reviewRow) {
			if row.Retries > 0 {
				row.Attempt = row.Retries
			}
		})
		return r, err
	}}, "A review is dispatched, lost, retried, cancelled, retriggered and completed"},
}
