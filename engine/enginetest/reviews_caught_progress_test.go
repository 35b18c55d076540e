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
	{"releases under any token", ignoresFence("Release"), "Release: an overtaken claim is stale"},
	{"releases what is not claimed", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		err := fencedReviews(s, ctx, m, key, token, text, due, now)
		if m == "Release" && err != nil && token == peek(s, key.Review).Claim && key.Attempt == peek(s, key.Review).Attempt {
			return nil
		}
		return err
	}}, "Release: what is not claimed is stale"},
	{"releases the current attempt for any other", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == "Release" {
			key.Attempt = peek(s, key.Review).Attempt
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}, "Release: another attempt is stale"},
	{"frees the slot of a released claim", afterFenced("Release", func(r *reviewRow) { r.Status = engine.Pending }), "Release: the review keeps its slot and may be claimed again when asked for"},
	{"defers under any token", ignoresFence("Defer"), "Defer: an overtaken claim is stale"},
	{"does not count deferrals", afterFenced("Defer", func(r *reviewRow) { r.Deferrals = 0 }), "Defer: a pending or queued review is looked at later, and a failed preparation counted"},
	{"counts any deferral of what runs", afterFenced("Defer", func(r *reviewRow) {
		if r.Status == engine.Running {
			r.Deferrals++
		}
	}), "Defer: of a running review only the time moves"},
	{"counts a question about a session as a failed preparation", afterFenced("Defer", func(r *reviewRow) {
		if r.Stopping != 0 {
			r.Deferrals++
		}
	}), "Defer: asking later whether a session is over is no failed preparation"},
	{"defers what has ended", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		err := fencedReviews(s, ctx, m, key, token, text, due, now)
		if m == "Defer" && peek(s, key.Review).Status.Terminal() {
			return nil
		}
		return err
	}}, "Defer: what has ended, is unknown or another attempt is stale"},
	{"keeps the valid part of a reason", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		return fencedReviews(s, ctx, m, key, token, strings.ToValidUTF8(text, "?"), due, now)
	}}, "Fail: what was never claimed ends as failed, for the reason given"},
	{"fails under any token", ignoresFence("Fail"), "Fail: an overtaken claim is stale"},
	{"keeps the slot of a failed review", afterFenced("Fail", func(r *reviewRow) {
		if r.Claim != 0 {
			r.Stopping = r.Attempt
		}
	}), "Fail: a claimed review ends as failed, and its slot is free"},
	{"fails what runs", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == "Fail" {
			alter(s, key.Review, func(r *reviewRow) {
				if r.Status == engine.Running {
					r.Status = engine.Queued
				}
			})
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}, "Fail: what runs, has ended, is unknown or another attempt is stale"},
	{"notes the version of any attempt", &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == "SetAgentVersion" {
			key.Attempt = peek(s, key.Review).Attempt
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}, "SetAgentVersion: an unknown review, or another attempt, is stale"},
	{"cuts a long version off", afterFenced("SetAgentVersion", func(r *reviewRow) { r.AgentVersion = r.AgentVersion[:min(len(r.AgentVersion), 255)] }), "SetAgentVersion: it is noted, whatever it consists of, and whatever has become of the attempt"},

	{"answers reports on unknown reviews", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		if peek(s, report.Key.Review).Attempt == 0 {
			return engine.Review{}, nil
		}
		return s.Apply(ctx, report)
	}}, "Apply: an unknown review is not found"},
	{"takes a report for one on the current attempt", beforeApply(func(r *reviewRow, report *engine.Report) { report.Key.Attempt = r.Attempt }), "Apply: news of an earlier attempt changes nothing"},
	{"takes a report on an attempt to come", beforeApply(func(r *reviewRow, report *engine.Report) { report.Key.Attempt = min(report.Key.Attempt, r.Attempt) }), "Apply: an attempt that is still to come is stale"},
	{"merges answers under any claim", beforeApply(func(_ *reviewRow, report *engine.Report) { report.Token = 0 }), "Apply: an answer got under an overtaken claim is stale, and one under the latest counts"},
	{"does not set when a review is silent", beforeApply(func(r *reviewRow, report *engine.Report) { report.DueAt = r.DueAt }), "Apply: a queued review that runs is running, and counts as silent from the time given"},
	{"forgets the agent's version", beforeApply(func(r *reviewRow, report *engine.Report) {
		if report.AgentVersion == "" {
			r.AgentVersion = ""
		}
	}), "Apply: the agent's version comes with the news that it runs, if the worker knows it"},
	{"lets statuses go back", beforeApply(func(r *reviewRow, report *engine.Report) {
		if report.Status == engine.Queued && r.Status == engine.Running {
			r.Status = engine.Queued
		}
	}), "Apply: statuses only move forward"},
	{"believes news of what was never dispatched", beforeApply(func(r *reviewRow, _ *engine.Report) {
		if r.Status == engine.Pending && r.Attempt == 1 {
			r.Status = engine.Queued
		}
	}), "Apply: news of an attempt that was never dispatched can't be true"},
	{"drops the reason of an end", beforeApply(func(_ *reviewRow, report *engine.Report) { report.Reason = "" }), "Apply: a queued or running review ends as reported, and keeps the reason"},
	{"takes ends back", beforeApply(func(r *reviewRow, report *engine.Report) {
		if r.Status.Terminal() && r.Stopping == 0 && report.Status == engine.Running {
			r.Status, r.ended = engine.Queued, nil
		}
	}), "Apply: what has ended is final"},
	{"retries at once", beforeApply(func(_ *reviewRow, report *engine.Report) { report.RetryAt = report.Now }), "Apply: a retryable failure is followed by the next attempt, at the end of the queue"},
	{"does not retry what was never heard of", beforeApply(func(r *reviewRow, report *engine.Report) {
		report.Retryable = report.Retryable && r.Status == engine.Running
	}), "Apply: a queued attempt may have failed for infrastructure reasons, too"},
	{"retries without end", beforeApply(func(_ *reviewRow, report *engine.Report) { report.MaxRetries = 1_000 }), "Apply: without retries left a retryable failure is one"},
	{"retries whatever is retryable", beforeApply(func(r *reviewRow, report *engine.Report) {
		if report.Retryable && report.Status == engine.Cancelled && r.Stopping == 0 {
			report.Status = engine.Failed
		}
	}), "Apply: no other end is retried"},
	{"keeps the slot of a session that is over", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		stopping := peek(s, report.Key.Review).Stopping
		r, err := s.Apply(ctx, report)
		alter(s, report.Key.Review, func(row *reviewRow) { row.Stopping, r.Stopping = stopping, stopping })
		return r, err
	}}, "Apply: the end of a cancelled attempt's session frees the slot, and nothing else"},
	{"has an attempt wait although the session before is over", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		before := peek(s, report.Key.Review)
		r, err := s.Apply(ctx, report)
		if before.Status == engine.Pending {
			alter(s, report.Key.Review, func(row *reviewRow) { row.DueAt, r.DueAt = before.DueAt, before.DueAt })
		}
		return r, err
	}}, "Apply: the end of the session before makes the attempt that waited due"},
	{"answers with the review as it was", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		before := peek(s, report.Key.Review)
		_, err := s.Apply(ctx, report)
		return before.Review, err
	}}, "Apply: a queued review that runs is running, and counts as silent from the time given"},

	{"frees the slot with the cancellation", beforeShown("Cancel", func(r *reviewRow, _ *engine.AttemptKey) {
		if !r.Status.Terminal() {
			r.Status = engine.Pending
		}
	}), "Cancel: a claimed or running review keeps its slot until its session is over"},
	{"cuts reasons at the first NUL", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		text, _, _ = strings.Cut(text, "\x00")
		return shownReviews(s, ctx, m, key, text, now)
	}}, "Cancel: a pending review ends at once, for the reason given"},
	{"cancels what has ended", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		if m == "Cancel" {
			alter(s, key.Review, func(r *reviewRow) {
				if r.Status.Terminal() && r.Attempt == key.Attempt {
					r.Reason = text
				}
			})
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}, "Cancel: what has ended stays as it is"},
	{"forgets a session when the attempt after it is cancelled", beforeShown("Cancel", func(r *reviewRow, _ *engine.AttemptKey) { r.Stopping = 0 }),
		"Cancel: an attempt that waits for the session before ends at once, and the session is still to be stopped"},
	{"cancels any attempt", beforeShown("Cancel", func(r *reviewRow, key *engine.AttemptKey) { key.Attempt = r.Attempt }), "Cancel: another attempt is stale, and an unknown review not found"},
	{"frees no slot", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		if m == "Stopped" {
			return s.Get(ctx, key.Review)
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}, "Stopped: the slot is free"},
	{"leaves the attempt that waited for a later time", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		due := peek(s, key.Review).DueAt
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Stopped" {
			alter(s, key.Review, func(row *reviewRow) { row.DueAt, r.DueAt = due, due })
		}
		return r, err
	}}, "Stopped: the attempt that waited for that is due"},
	{"frees the slot of any attempt", beforeShown("Stopped", func(r *reviewRow, key *engine.AttemptKey) { key.Attempt = r.Stopping }), "Stopped: for any other attempt nothing changes"},
	{"answers for unknown reviews", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Stopped" && engine.IsKind(err, engine.NotFound) {
			return engine.Review{}, nil
		}
		return r, err
	}}, "Stopped: an unknown review is not found"},
	{"keeps the reason of the attempt before", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		reason := peek(s, key.Review).Reason
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Retrigger" {
			alter(s, key.Review, func(row *reviewRow) { row.Reason, r.Reason = reason, reason })
		}
		return r, err
	}}, "Retrigger: the next attempt follows an ended one, at the end of the queue"},
	{"goes on counting retries", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		retries := peek(s, key.Review).Retries
		r, err := shownReviews(s, ctx, m, key, text, now)
		alter(s, key.Review, func(row *reviewRow) { row.Retries, r.Retries = retries, retries })
		return r, err
	}}, "Retrigger: retries and deferrals are counted anew"},
	{"retriggers twice", beforeShown("Retrigger", func(r *reviewRow, key *engine.AttemptKey) {
		if key.Attempt == r.Attempt-1 && r.Status.Terminal() {
			key.Attempt = r.Attempt
		}
	}), "Retrigger: when it has happened already it changes nothing"},
	{"does not wait for the session before", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		r, err := shownReviews(s, ctx, m, key, text, now)
		if m == "Retrigger" {
			alter(s, key.Review, func(row *reviewRow) { row.Stopping, r.Stopping = 0, 0 })
		}
		return r, err
	}}, "Retrigger: the next attempt waits for a session that is being stopped"},
	{"retriggers what goes on", beforeShown("Retrigger", func(r *reviewRow, _ *engine.AttemptKey) {
		if r.Status == engine.Running {
			r.Status = engine.Failed
		}
	}), "Retrigger: an attempt that is not over is rejected"},
	{"retriggers superseded reviews", beforeShown("Retrigger", func(r *reviewRow, _ *engine.AttemptKey) { r.SupersededBy = "" }), "Retrigger: a superseded review is refused for good"},
	{"retriggers attempts to come", beforeShown("Retrigger", func(r *reviewRow, key *engine.AttemptKey) { key.Attempt = min(key.Attempt, r.Attempt) }),
		"Retrigger: an attempt that is still to come is stale, and an unknown review not found"},

	{"finds work without end", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, now time.Time, _ int) (engine.Work, error) {
		return s.Sweep(ctx, now, 1_000)
	}}, "Sweep: of each kind it finds at most as many as asked for, those first that have been due for longest"},
	{"finds work in the order of names", afterSweep(func(_ *Reviews, w *engine.Work) {
		slices.Sort(w.Owners)
		slices.SortFunc(w.Silent, func(a, b engine.Review) int { return strings.Compare(string(a.ID()), string(b.ID())) })
	}), "Sweep: owners come in the order of what has been due for longest, each once"},
	{"leaves the order of silent reviews to chance", afterSweep(func(_ *Reviews, w *engine.Work) { slices.Reverse(w.Silent) }), "Sweep: reviews come in the order in which they have been due for longest"},
	{"leaves ties among stopping reviews to chance", afterSweep(func(_ *Reviews, w *engine.Work) {
		slices.Reverse(w.Stopping)
		slices.SortStableFunc(w.Stopping, func(a, b engine.Review) int { return a.DueAt.Compare(b.DueAt) })
	}), "Sweep: of equally long due reviews the lower name in bytes comes first"},
	{"never looks for silent reviews", afterSweep(func(_ *Reviews, w *engine.Work) { w.Silent = nil }),
		"Sweep: it finds owners with candidates, silent reviews, and cancelled ones that are not known to be over"},
	{"looks for what is not due", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, now time.Time, max int) (engine.Work, error) {
		return s.Sweep(ctx, now.Add(time.Second), max)
	}}, "Sweep: what is not due is no work"},
	{"believes any clock", &brokenReviews{sweep: func(s *Reviews, ctx context.Context, now time.Time, max int) (engine.Work, error) {
		work, err := s.Sweep(ctx, now, max)
		ahead := func(r engine.Review) bool { return r.DueAt.After(now) }
		work.Silent, work.Stopping = slices.DeleteFunc(work.Silent, ahead), slices.DeleteFunc(work.Stopping, ahead)
		return work, err
	}}, "Sweep: what a wrong clock has put too far ahead is due"},
	{"finds what has ended", afterSweep(func(s *Reviews, w *engine.Work) {
		for _, r := range s.rows {
			if r.Status.Terminal() && r.Stopping == 0 {
				w.Stopping = append(w.Stopping, r.Review)
			}
		}
	}), "Sweep: what has ended is no work"},
	{"finds owners whose reviews wait for a session", afterSweep(func(s *Reviews, w *engine.Work) {
		for _, r := range s.rows {
			if r.Status == engine.Pending && r.Stopping != 0 {
				w.Owners = append(w.Owners, r.Owner)
			}
		}
	}), "Sweep: an attempt that waits for the session before is no candidate"},
	{"finds what is not there", afterSweep(func(_ *Reviews, w *engine.Work) {
		if len(w.Owners) == 0 {
			w.Owners = []engine.OwnerID{""}
		}
	}), "Sweep: an empty store has no work"},

	{"does not know a review under an ended context", &brokenReviews{get: func(s *Reviews, ctx context.Context, id engine.ReviewID) (engine.Review, error) {
		if ctx.Err() != nil {
			return engine.Review{}, engine.Errorf(engine.NotFound, "store.get", "review %s", id)
		}
		return s.Get(ctx, id)
	}}, "a call whose context has ended is rejected without an effect, unless it is ambiguous or had its effect before"},
	{"keeps the slot of a lost attempt", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		r, err := s.Apply(ctx, report)
		if report.Status.Terminal() {
			alter(s, report.Key.Review, func(row *reviewRow) { row.Status = engine.Running })
		}
		return r, err
	}}, "an owner at the limit goes on when a slot becomes free, oldest first"},
	{"begins attempts with the number of retries", &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		r, err := s.Apply(ctx, report)
		alter(s, report.Key.Review, func(row *reviewRow) {
			if row.Retries > 0 {
				row.Attempt = row.Retries
			}
		})
		return r, err
	}}, "a review's life: dispatched, lost, retried, cancelled, and retriggered"},
}
