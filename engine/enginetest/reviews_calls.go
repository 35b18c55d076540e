package enginetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// submit submits the review of [head], with changes.
func (f *reviewFixture) submit(id string, changes ...func(s *engine.Submission)) *reviewCall {
	f.Helper()
	s := head(id)
	for _, change := range changes {
		change(&s)
	}
	f.know(s.Review)
	return f.repeatable(fmt.Sprintf("Submit %q of %q, order %d", s.Review, s.Owner, s.HeadOrder), func(c *reviewCall) {
		c.review, c.reviews, c.err = f.store.Submit(context.Background(), s, f.now)
	})
}

// of makes a submission one of the heads of another review's pull request.
func of(other string, order int64) func(s *engine.Submission) {
	return func(s *engine.Submission) { s.Repository, s.HeadOrder = head(other).Repository, order }
}

func by(owner engine.OwnerID) func(s *engine.Submission) {
	return func(s *engine.Submission) { s.Owner = owner }
}

// reserve asks for an owner's candidates.
func (f *reviewFixture) reserve(owner engine.OwnerID, limit int) *reviewCall {
	f.Helper()
	return f.call(fmt.Sprintf("Reserve for %q, limit %d", owner, limit), func(c *reviewCall) {
		c.reviews, c.err = f.store.Reserve(context.Background(), owner, limit, f.now)
	})
}

// A claim goes stale, and a running review silent, after these times.
const (
	staleAfter  = 5 * time.Minute
	silentAfter = 10 * time.Minute
	retryAfter  = 30 * time.Second
)

// claim claims a review as it was read last, for an owner with twenty slots; with changes.
func (f *reviewFixture) claim(id string, changes ...func(c *engine.Claim)) *reviewCall {
	f.Helper()
	f.adopt()
	r := f.row(id)
	claim := engine.Claim{Key: attemptOf(id, r.Attempt), Owner: r.Owner, Seen: r.Claim, Limit: 20}
	return f.call(fmt.Sprintf("Claim %q", id), func(c *reviewCall) {
		claim.Now, claim.DueAt = f.now, f.now.Add(staleAfter)
		for _, change := range changes {
			change(&claim)
		}
		c.op = fmt.Sprintf("Claim %s of %q, seen %d, limit %d", claim.Key, claim.Owner, claim.Seen, claim.Limit)
		c.token, c.err = f.store.Claim(context.Background(), claim)
	})
}

func limit(n int) func(c *engine.Claim) { return func(c *engine.Claim) { c.Limit = n } }

// claims is the judgement that the claim was granted under a higher token than any before.
func (c *reviewCall) claims(id string) {
	c.f.Helper()
	if before := c.f.row(id).Claim; c.err == nil && c.token <= before {
		c.f.Fatalf("%s: token %d; want a higher one than %d", c.op, c.token, before)
	}
	c.changes(on(id, func(r *row) { r.Status, r.Claim, r.DueAt = engine.Queued, c.token, c.f.now.Add(staleAfter) }))
}

// A fence is what a call carries that must not have been overtaken.
type fence struct {
	key   engine.AttemptKey
	token engine.Token
}

func under(token engine.Token) func(c *fence) { return func(c *fence) { c.token = token } }

func as(attempt int) func(c *fence) { return func(c *fence) { c.key.Attempt = attempt } }

// fenced makes a call about the current attempt under the latest claim, with changes.
func (f *reviewFixture) fenced(name, id string, changes []func(c *fence), call func(ctx context.Context, c fence) error) *reviewCall {
	f.Helper()
	f.adopt()
	given := fence{attemptOf(id, f.row(id).Attempt), f.row(id).Claim}
	for _, change := range changes {
		change(&given)
	}
	return f.call(fmt.Sprintf("%s %s, token %d", name, given.key, given.token), func(c *reviewCall) {
		c.err = call(context.Background(), given)
	})
}

// release gives a claim up; the review may be claimed again in a minute.
func (f *reviewFixture) release(id string, changes ...func(c *fence)) *reviewCall {
	f.Helper()
	return f.fenced("Release", id, changes, func(ctx context.Context, c fence) error {
		return f.store.Release(ctx, c.key, c.token, f.now.Add(time.Minute), f.now)
	})
}

// postpone defers a review by a minute.
func (f *reviewFixture) postpone(id string, changes ...func(c *fence)) *reviewCall {
	f.Helper()
	return f.fenced("Defer", id, changes, func(ctx context.Context, c fence) error {
		return f.store.Defer(ctx, c.key, c.token, f.now.Add(time.Minute), f.now)
	})
}

func (f *reviewFixture) fail(id, reason string, changes ...func(c *fence)) *reviewCall {
	f.Helper()
	return f.fenced("Fail", id, changes, func(ctx context.Context, c fence) error {
		return f.store.Fail(ctx, c.key, c.token, reason, f.now)
	})
}

func (f *reviewFixture) setAgentVersion(id, version string, changes ...func(c *fence)) *reviewCall {
	f.Helper()
	return f.fenced("SetAgentVersion", id, changes, func(ctx context.Context, c fence) error {
		return f.store.SetAgentVersion(ctx, c.key, version, f.now)
	})
}

// apply merges a worker's report on the current attempt, with changes. The report is that of a callback.
func (f *reviewFixture) apply(id string, status engine.Status, changes ...func(r *engine.Report)) *reviewCall {
	f.Helper()
	f.adopt()
	report := engine.Report{WorkerReport: engine.WorkerReport{Key: attemptOf(id, f.row(id).Attempt), Status: status}, MaxRetries: 1}
	for _, change := range changes {
		change(&report)
	}
	return f.repeatable(fmt.Sprintf("Apply %s %s, token %d", report.Key, status, report.Token), func(c *reviewCall) {
		report.Now, report.DueAt, report.RetryAt = f.now, f.now.Add(silentAfter), f.now.Add(retryAfter)
		c.review, c.err = f.store.Apply(context.Background(), report)
	})
}

func about(attempt int) func(r *engine.Report) {
	return func(r *engine.Report) { r.Key.Attempt = attempt }
}

// retryable makes a report one of a failure of the infrastructure.
func retryable(r *engine.Report) { r.Retryable, r.Reason = true, "host lost" }

// A reviewMethod is one of the methods that name an attempt and answer with the review.
type reviewMethod func(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error)

// shown calls a method that may be repeated without an effect.
func (f *reviewFixture) shown(name string, method reviewMethod, id string, attempt int) *reviewCall {
	f.Helper()
	key := attemptOf(id, attempt)
	return f.repeatable(fmt.Sprintf("%s %s", name, key), func(c *reviewCall) {
		c.review, c.err = method(context.Background(), key, f.now)
	})
}

func (f *reviewFixture) cancel(id string, attempt int, reason string) *reviewCall {
	f.Helper()
	return f.shown("Cancel", func(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
		return f.store.Cancel(ctx, key, reason, now)
	}, id, attempt)
}

func (f *reviewFixture) stopped(id string, attempt int) *reviewCall {
	f.Helper()
	return f.shown("Stopped", f.store.Stopped, id, attempt)
}

func (f *reviewFixture) retrigger(id string, attempt int) *reviewCall {
	f.Helper()
	return f.shown("Retrigger", f.store.Retrigger, id, attempt)
}

// running submits a review, and brings it to a status that has a session.
func (f *reviewFixture) running(id string, changes ...func(s *engine.Submission)) {
	f.Helper()
	f.submit(id, changes...)
	f.claim(id)
	f.apply(id, engine.Running)
	f.adopt()
}

// sweep looks for work of owners with twenty slots each, from the first owner on; with changes.
func (f *reviewFixture) sweep(most int, changes ...func(s *engine.Search)) *reviewCall {
	f.Helper()
	return f.call("Sweep", func(c *reviewCall) {
		search := engine.Search{Now: f.now, Max: most, Limit: 20}
		for _, change := range changes {
			change(&search)
		}
		c.op = fmt.Sprintf("Sweep after %q, at most %d", search.After, search.Max)
		c.work, c.err = f.store.Sweep(context.Background(), search)
	})
}

// behind makes a sweep begin behind an owner.
func behind(owner engine.OwnerID) func(s *engine.Search) {
	return func(s *engine.Search) { s.After = owner }
}

// slots gives owners so many slots, all others one.
func slots(of map[engine.OwnerID]int) func(s *engine.Search) {
	return func(s *engine.Search) { s.Limit, s.OwnerLimits = 1, of }
}

// names are those of reviews or owners.
type names = []string

// finds is the judgement that a sweep has found these owners, silent and stopping reviews, in this order, and changed
// nothing.
func (c *reviewCall) finds(owners, silent, stopping names) {
	c.f.Helper()
	c.changes()
	var foundOwners names
	for _, owner := range c.work.Owners {
		foundOwners = append(foundOwners, string(owner))
	}
	for _, list := range []struct {
		what      string
		got, want names
	}{{"owners", foundOwners, owners}, {"silent reviews", idsOf(c.work.Silent), silent}, {"stopping reviews", idsOf(c.work.Stopping), stopping}} {
		if !slices.Equal(list.got, list.want) {
			c.f.Fatalf("%s: %s %q; want %q", c.op, list.what, list.got, list.want)
		}
	}
	clear(c.work.Owners)
	clear(c.work.Silent)
	clear(c.work.Stopping)
	c.holds(c.f.held)
}

// neverGiven is a token or an epoch that no store gives out.
const neverGiven = math.MaxUint64
