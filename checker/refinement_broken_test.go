package checker

import (
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A direction of the refinement is a comparison that fails when one of the specifications is wrong.
type direction struct {
	name    string
	compare func(draw source, s specifications) error
}

var (
	forbidden = direction{"the model does what is not allowed", modelIsAllowed}
	missing   = direction{"what is allowed is not done", specificationIsDone}
)

// brokenApply is the clock-free specification with another effect of some calls.
func brokenApply(breaks func(before state, c *call, next state, accepted bool) (state, bool)) func(s *specifications) {
	return func(s *specifications) {
		s.apply = func(before state, c *call) (state, bool) {
			next, accepted := before.apply(c)
			return breaks(before, c, next, accepted)
		}
	}
}

// refusing is the clock-free specification that accepts less.
func refusing(refuses func(before state, c *call) bool) func(s *specifications) {
	return brokenApply(func(before state, c *call, next state, accepted bool) (state, bool) {
		if refuses(before, c) {
			return before, false
		}
		return next, accepted
	})
}

// blind is the clock-free specification that does not look at all of the call, or of the state.
func blind(to func(before *state, c *call)) func(s *specifications) {
	return func(s *specifications) {
		s.apply = func(before state, c *call) (state, bool) {
			seen := *c
			to(&before, &seen)
			return before.apply(&seen)
		}
	}
}

// brokenModel is the model with something done to the row, or to the result, of an operation that has succeeded.
func brokenModel(breaks func(store *model.Reviews, op *model.ReviewsOp, row *engine.Review, result *model.ReviewsResult)) func(s *specifications) {
	return func(s *specifications) {
		s.execute = func(store *model.Reviews, op *model.ReviewsOp, result *model.ReviewsResult) {
			store.Apply(op, result)
			if row, found := store.Review(op.Key.Review); found && !result.Failed {
				breaks(store, op, row, result)
			}
		}
	}
}

// strictModel is the model that refuses some operations besides.
func strictModel(kind engine.ErrorKind, refuses func(row *engine.Review, op *model.ReviewsOp) bool) func(s *specifications) {
	return func(s *specifications) {
		s.execute = func(store *model.Reviews, op *model.ReviewsOp, result *model.ReviewsResult) {
			if row, found := store.Review(op.Key.Review); found && refuses(row, op) {
				*result = model.ReviewsResult{Failure: model.FailureOf(kind)}
				return
			}
			store.Apply(op, result)
		}
	}
}

var brokenSpecifications = []struct {
	name  string
	catch direction
	apply func(s *specifications)
}{
	// The clock-free specification allows too little.
	{"no claim of a stale claim", forbidden, refusing(func(before state, c *call) bool {
		return c.kind == model.ReviewsClaim && before.status == engine.Queued
	})},
	{"no report of an attempt that has gone", forbidden, refusing(func(before state, c *call) bool {
		return c.kind == model.ReviewsApply && c.attempt < before.attempt
	})},
	{"no second retrigger", forbidden, refusing(func(before state, c *call) bool {
		return c.kind == model.ReviewsRetrigger && c.attempt < before.attempt
	})},
	{"a cancelled session holds no slot", forbidden, brokenApply(func(_ state, c *call, next state, accepted bool) (state, bool) {
		if c.kind == model.ReviewsCancel {
			next.stopping = 0
		}
		return next, accepted
	})},
	{"an older head goes on", forbidden, blind(func(before *state, c *call) {
		if c.kind == opSupersede && before.exists {
			c.kind = model.ReviewsGet
		}
	})},
	{"what was superseded before it came is pending", forbidden, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsSubmit {
			before.newest.known = before.newest.known && before.exists
		}
	})},
	{"a head never comes back", forbidden, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsSubmit && before.exists {
			c.order = before.order
		}
	})},
	{"one order for two heads is the later one's", forbidden, blind(func(_ *state, c *call) { c.wins = true })},
	{"a refusal as not found is never true", forbidden, func(s *specifications) {
		s.refuses = func(before state, c *call, kind engine.ErrorKind) bool {
			return kind != engine.NotFound && before.refuses(c, kind)
		}
	}},
	{"a superseded review may be retriggered one day", forbidden, func(s *specifications) {
		s.refuses = func(before state, c *call, kind engine.ErrorKind) bool {
			return kind != engine.Permanent && before.refuses(c, kind)
		}
	}},

	// The clock-free specification allows too much.
	{"a claim under any token", missing, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsClaim {
			c.token = before.claim
		}
	})},
	{"a claim while a session is being stopped", missing, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsClaim {
			before.stopping = 0
		}
	})},
	{"a report under a claim that was overtaken", missing, blind(func(_ *state, c *call) {
		if c.kind == model.ReviewsApply {
			c.token = 0
		}
	})},
	{"a release by anybody", missing, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsRelease {
			c.token = before.claim
		}
	})},
	{"a failure of what runs", missing, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsFail && before.status == engine.Running {
			before.status = engine.Queued
		}
	})},
	{"a retrigger of what goes on", missing, blind(func(before *state, c *call) {
		if c.kind == model.ReviewsRetrigger {
			before.status = engine.Failed
		}
	})},
	{"a next attempt after success", missing, brokenApply(func(before state, c *call, next state, accepted bool) (state, bool) {
		if c.kind == model.ReviewsApply && c.status == engine.Completed && next.status == engine.Completed && before.status == engine.Running {
			next.status, next.attempt = engine.Pending, next.attempt+1
		}
		return next, accepted
	})},

	// The model does too much.
	{"the same token twice", forbidden, brokenModel(func(_ *model.Reviews, op *model.ReviewsOp, row *engine.Review, result *model.ReviewsResult) {
		if op.Kind == model.ReviewsClaim && row.Claim > 1 {
			row.Claim--
			result.Token = row.Claim
		}
	})},
	{"an answer with a token that nobody has", forbidden, brokenModel(func(_ *model.Reviews, op *model.ReviewsOp, _ *engine.Review, result *model.ReviewsResult) {
		if op.Kind == model.ReviewsClaim {
			result.Token++
		}
	})},
	{"an answer with a row of before", forbidden, brokenModel(func(_ *model.Reviews, op *model.ReviewsOp, _ *engine.Review, result *model.ReviewsResult) {
		if op.Kind == model.ReviewsCancel {
			result.Review.Status = engine.Running
		}
	})},
	{"a cancel that frees the slot", forbidden, brokenModel(func(_ *model.Reviews, op *model.ReviewsOp, row *engine.Review, result *model.ReviewsResult) {
		if op.Kind == model.ReviewsCancel {
			row.Stopping, result.Review.Stopping = 0, 0
		}
	})},
	{"a submit that leaves older heads pending", forbidden, brokenModel(func(store *model.Reviews, op *model.ReviewsOp, _ *engine.Review, _ *model.ReviewsResult) {
		if older, found := store.Review(heads[0].Review); found && op.Kind == model.ReviewsSubmit && older.SupersededBy != "" {
			older.Status = engine.Pending
		}
	})},
	{"a read that changes another review", forbidden, brokenModel(func(store *model.Reviews, op *model.ReviewsOp, _ *engine.Review, _ *model.ReviewsResult) {
		if other, found := store.Review(heads[3].Review); found && op.Kind == model.ReviewsGet && op.Key.Review == heads[0].Review {
			other.Stopping++
		}
	})},

	{"a head that comes back is reviewed again although it is done", forbidden, brokenModel(func(_ *model.Reviews, op *model.ReviewsOp, row *engine.Review, result *model.ReviewsResult) {
		if op.Kind == model.ReviewsSubmit && row.Status == engine.Completed && op.Submission.HeadOrder == row.HeadOrder {
			row.Status, result.Review.Status = engine.Pending, engine.Pending
		}
	})},

	// The model does too little.
	{"a head that comes back stays superseded", forbidden, func(s *specifications) {
		s.execute = func(store *model.Reviews, op *model.ReviewsOp, result *model.ReviewsResult) {
			once := *op
			if row, found := store.Review(op.Key.Review); found && op.Kind == model.ReviewsSubmit && row.SupersededBy != "" {
				once.Submission.HeadOrder = row.HeadOrder
			}
			store.Apply(&once, result)
		}
	}},
	{"no claim of what is queued", missing, strictModel(engine.Stale, func(row *engine.Review, op *model.ReviewsOp) bool {
		return op.Kind == model.ReviewsClaim && row.Status == engine.Queued
	})},
	{"no report after the end", missing, strictModel(engine.Stale, func(row *engine.Review, op *model.ReviewsOp) bool {
		return op.Kind == model.ReviewsApply && row.Status.Terminal()
	})},
	{"a stop is known already", missing, strictModel(engine.Rejected, func(row *engine.Review, op *model.ReviewsOp) bool {
		return op.Kind == model.ReviewsStopped && row.Stopping == 0
	})},
	{"no retries", missing, func(s *specifications) {
		s.execute = func(store *model.Reviews, op *model.ReviewsOp, result *model.ReviewsResult) {
			once := *op
			once.MaxRetries = 0
			store.Apply(&once, result)
		}
	}},
}

// Each broken specification is found by the direction that is there for it.
func TestBrokenSpecificationsAreFound(t *testing.T) {
	const tries = 1_000
	for _, broken := range brokenSpecifications {
		t.Run(broken.name, func(t *testing.T) {
			s := todays()
			broken.apply(&s)
			for seed := range uint64(tries) {
				if err := broken.catch.compare(fromSeed(seed), s); err != nil {
					t.Logf("%s, in history %d: %v", broken.catch.name, seed, err)
					return
				}
			}
			t.Errorf("not found in %d histories", tries)
		})
	}
}
