package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine"
)

// Reviews is the [engine.ReviewStore] in the schema app. It is safe for concurrent use by any number of processes.
type Reviews struct {
	session
	ops map[string]*operation
}

var _ engine.ReviewStore = (*Reviews)(nil)

// NewReviews returns the review store in a database that [Migrate] has prepared.
func NewReviews(pool *pgxpool.Pool, options ...Option) *Reviews {
	s := &Reviews{session: newSession(pool, options), ops: operations(embedded, "reviews")}
	s.hints.notify = s.ops["notify"]
	return s
}

// Submit implements [engine.ReviewStore].
func (s *Reviews) Submit(ctx context.Context, submission engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	const port = "store.submit"
	if !storable(string(submission.Review), string(submission.Owner), submission.Platform, submission.Repository, submission.HeadSHA) {
		return engine.Review{}, nil, engine.Errorf(engine.Permanent, port,
			"a name of review %q, owner %q can't be stored; allowed: UTF-8 without NUL", submission.Review, submission.Owner)
	}
	answers, err := s.answers(ctx, port, "submit", pgx.NamedArgs{
		"review": string(submission.Review), "owner": string(submission.Owner), "platform": submission.Platform,
		"repository": submission.Repository, "pull_request": int64(submission.PullRequest),
		"head_sha": submission.HeadSHA, "head_order": submission.HeadOrder, "now": stored(now),
	})
	if err != nil {
		return engine.Review{}, nil, err
	}
	var r engine.Review
	var superseded []engine.Review
	for i := range answers {
		found := &answers[i]
		if found.answer == "superseded" {
			superseded = append(superseded, found.review)
		} else { // known, created
			r = found.review
		}
	}
	if !r.SameHead(&submission) {
		return engine.Review{}, nil, engine.Errorf(engine.Permanent, port, "review %s was submitted before with another head; give this submission an identifier of its own", submission.Review)
	}
	return r, superseded, nil
}

// Get implements [engine.ReviewStore].
func (s *Reviews) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	const port = "store.get"
	found, err := s.list(ctx, port, "get", pgx.NamedArgs{"review": string(id)}, storable(id))
	if err != nil {
		return engine.Review{}, err
	}
	if len(found) == 0 {
		return engine.Review{}, engine.Errorf(engine.NotFound, port, "review %s", id)
	}
	return found[0], nil
}

// Attempts implements [engine.ReviewStore].
func (s *Reviews) Attempts(ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
	const port = "store.attempts"
	var ended []engine.Attempt
	found := false
	if storable(id) {
		err := s.do(ctx, &call{
			op: s.ops["attempts"], port: port, reads: true, values: pgx.NamedArgs{"review": string(id)},
			begin: func() { ended, found = nil, false },
			read: func(rows pgx.Rows) error {
				found = true
				return scanAttempt(rows, &ended)
			},
		})
		if err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, engine.Errorf(engine.NotFound, port, "review %s", id)
	}
	return ended, nil
}

// Reserve implements [engine.ReviewStore].
func (s *Reviews) Reserve(ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
	return s.list(ctx, "store.reserve", "reserve", pgx.NamedArgs{
		"owner": string(owner), "limit": int64(limit), "now": stored(now), "horizon": horizon(now),
	}, storable(owner))
}

// Claim implements [engine.ReviewStore]. If the claim has no effect, a second statement finds out why. That is rare,
// and its answer belongs to that later moment.
func (s *Reviews) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	const port = "store.claim"
	var token int64
	refused := "" // no such review
	if storable(string(c.Key.Review), string(c.Owner)) {
		values := pgx.NamedArgs{
			"review": string(c.Key.Review), "attempt": int64(c.Key.Attempt), "owner": string(c.Owner),
			"seen": signed(c.Seen), "limit": int64(c.Limit), "now": stored(c.Now), "horizon": horizon(c.Now),
			"due": stored(c.DueAt),
		}
		for try := 0; try == 0 || refused == "overtaken" && try < maxTries; try++ {
			err := s.do(ctx, &call{
				op: s.ops["claim"], port: port, values: values,
				begin: func() { token = 0 },
				read:  func(rows pgx.Rows) error { return rows.Scan(&token) },
			})
			if err != nil {
				return 0, err
			}
			if token != 0 {
				return engine.Token(token), nil //nolint:gosec // a claim is never negative
			}
			err = s.do(ctx, &call{
				op: s.ops["claim_refused"], port: port, reads: true, values: values,
				begin: func() { refused = "" },
				read:  func(rows pgx.Rows) error { return rows.Scan(&refused) },
			})
			if err != nil {
				return 0, err
			}
		}
	}
	return 0, refusal(port, refused, c.Key, c.Seen)
}

// Release implements [engine.ReviewStore].
func (s *Reviews) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return s.fenced(ctx, "store.release", "release", key, token, pgx.NamedArgs{"due": stored(due), "now": stored(now)})
}

// Defer implements [engine.ReviewStore].
func (s *Reviews) Defer(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	return s.fenced(ctx, "store.defer", "defer", key, token, pgx.NamedArgs{"due": stored(due), "now": stored(now)})
}

// Fail implements [engine.ReviewStore].
func (s *Reviews) Fail(ctx context.Context, key engine.AttemptKey, token engine.Token, reason string, now time.Time) error {
	return s.fenced(ctx, "store.fail", "fail", key, token, pgx.NamedArgs{"reason": []byte(reason), "now": stored(now)})
}

// Apply implements [engine.ReviewStore].
func (s *Reviews) Apply(ctx context.Context, report engine.Report) (engine.Review, error) {
	return s.one(ctx, "store.apply", "apply", report.Key, report.Token, pgx.NamedArgs{
		"token": signed(report.Token), "status": report.Status.String(), "reason": []byte(report.Reason),
		"retryable": report.Retryable, "version": []byte(report.AgentVersion), "max_retries": int64(report.MaxRetries),
		"due": stored(report.DueAt), "retry": stored(report.RetryAt), "now": stored(report.Now),
	})
}

// SetAgentVersion implements [engine.ReviewStore].
func (s *Reviews) SetAgentVersion(ctx context.Context, key engine.AttemptKey, version string, now time.Time) error {
	return s.fenced(ctx, "store.set-agent-version", "set_agent_version", key, 0, pgx.NamedArgs{"version": []byte(version), "now": stored(now)})
}

// Cancel implements [engine.ReviewStore].
func (s *Reviews) Cancel(ctx context.Context, key engine.AttemptKey, reason string, now time.Time) (engine.Review, error) {
	return s.one(ctx, "store.cancel", "cancel", key, 0, pgx.NamedArgs{"reason": []byte(reason), "now": stored(now)})
}

// Stopped implements [engine.ReviewStore].
func (s *Reviews) Stopped(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return s.one(ctx, "store.stopped", "stopped", key, 0, pgx.NamedArgs{"now": stored(now)})
}

// Retrigger implements [engine.ReviewStore].
func (s *Reviews) Retrigger(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Review, error) {
	return s.one(ctx, "store.retrigger", "retrigger", key, 0, pgx.NamedArgs{"now": stored(now)})
}

// Sweep implements [engine.ReviewStore].
func (s *Reviews) Sweep(ctx context.Context, search engine.Search) (engine.Work, error) {
	owners, limits := slots(search.OwnerLimits)
	var work engine.Work
	err := s.do(ctx, &call{
		op: s.ops["sweep"], port: "store.sweep", reads: true,
		values: pgx.NamedArgs{
			"now": stored(search.Now), "horizon": horizon(search.Now), "max": int64(max(search.Max, 0)),
			"limit": int64(search.Limit), "owners": owners, "limits": limits, "after": after(search.After),
		},
		begin: func() { work = engine.Work{} },
		read: func(rows pgx.Rows) error {
			var kind string
			var r engine.Review
			if err := scanReview(rows, &r, &kind); err != nil {
				return err
			}
			switch kind {
			case "owner":
				work.Owners = append(work.Owners, r.Owner)
			case "silent":
				work.Silent = append(work.Silent, r)
			default:
				work.Stopping = append(work.Stopping, r)
			}
			return nil
		},
	})
	if err != nil {
		return engine.Work{}, err
	}
	return work, nil
}

// slots returns a table of limits in two columns, in the order of the owners. A name that can't be stored has no reviews.
func slots(of map[engine.OwnerID]int) (owners []string, limits []int64) {
	owners, limits = make([]string, 0, len(of)), make([]int64, 0, len(of))
	for owner := range of {
		if storable(owner) {
			owners = append(owners, string(owner))
		}
	}
	slices.Sort(owners)
	for _, owner := range owners {
		limits = append(limits, int64(of[engine.OwnerID(owner)]))
	}
	return owners, limits
}

// after returns where a sweep begins. A name that can't be stored was found by no sweep before.
func after(owner engine.OwnerID) string {
	if !storable(owner) {
		return ""
	}
	return string(owner)
}

// A reviewAnswer is a review with the answer of a statement about it.
type reviewAnswer struct {
	answer string
	review engine.Review
}

// answers executes an operation that returns reviews, each with an answer. If a submission returns none, an equal one
// has overtaken it.
func (s *Reviews) answers(ctx context.Context, port, name string, values pgx.NamedArgs) ([]reviewAnswer, error) {
	var found []reviewAnswer
	c := &call{op: s.ops[name], port: port, values: values, begin: func() { found = nil }}
	c.read = func(rows pgx.Rows) error {
		var a reviewAnswer
		var hint string
		if err := scanReview(rows, &a.review, &a.answer, &hint); err != nil {
			return err
		}
		found = append(found, a)
		c.hint = max(c.hint, hint) // the rows are of one owner
		return nil
	}
	c.end = func() error {
		if name == "submit" && len(found) == 0 {
			return errOvertaken
		}
		return nil
	}
	err := s.do(ctx, c)
	return found, err
}

// one executes an operation that returns the review of key.
func (s *Reviews) one(ctx context.Context, port, name string, key engine.AttemptKey, token engine.Token, values pgx.NamedArgs) (engine.Review, error) {
	var only reviewAnswer
	if storable(key.Review) {
		values["review"], values["attempt"] = string(key.Review), int64(key.Attempt)
		found, err := s.answers(ctx, port, name, values)
		if err != nil {
			return engine.Review{}, err
		}
		if len(found) != 0 {
			only = found[0]
		}
	}
	if err := refusal(port, only.answer, key, token); err != nil {
		return engine.Review{}, err
	}
	return only.review, nil
}

// fenced executes a write that returns no review. If the write finds no row, its token or attempt is stale.
func (s *Reviews) fenced(ctx context.Context, port, name string, key engine.AttemptKey, token engine.Token, values pgx.NamedArgs) error {
	answer := "stale"
	if storable(key.Review) {
		values["review"], values["attempt"], values["token"] = string(key.Review), int64(key.Attempt), signed(token)
		c := &call{op: s.ops[name], port: port, values: values, begin: func() { answer = "stale" }}
		c.read = func(rows pgx.Rows) error { return rows.Scan(&answer, &c.hint) }
		if err := s.do(ctx, c); err != nil {
			return err
		}
	}
	return refusal(port, answer, key, token)
}

// list executes an operation that reads reviews. Without storable it returns none, because no row has such a name.
func (s *Reviews) list(ctx context.Context, port, name string, values pgx.NamedArgs, storable bool) ([]engine.Review, error) {
	var found []engine.Review
	if !storable {
		return nil, nil
	}
	err := s.do(ctx, &call{
		op: s.ops[name], port: port, reads: true, values: values,
		begin: func() { found = nil },
		read: func(rows pgx.Rows) error {
			var r engine.Review
			if err := scanReview(rows, &r); err != nil {
				return err
			}
			found = append(found, r)
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// refusal returns the error for the answer of a statement, or nil for "done". An empty answer means that the statement
// found no row.
func refusal(port, answer string, key engine.AttemptKey, token engine.Token) error {
	kind := engine.NotFound
	switch answer {
	case "done":
		return nil
	case "stale":
		kind = engine.Stale
	case "rejected", "overtaken":
		kind = engine.Rejected
	case "permanent":
		kind = engine.Permanent
	}
	if token == 0 {
		return engine.Errorf(kind, port, "review %s", key)
	}
	return engine.Errorf(kind, port, "review %s, token %d", key, token)
}
