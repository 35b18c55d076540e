package checker

import (
	"fmt"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A state is what the clock-free specification knows of one review. It is a sequential specification of its own, beside
// the model of the store in checker/model, and the property linearizable runs on it. The package comment has the
// reasons; refinement_test.go holds the two together.
//
// It has no time, no slots, and of other reviews only the newest head of the pull request. A caller does not know the clock and the limit with which the store
// decided, so a refusal as stale, or for want of a slot, is always possible and proves nothing. A success has to fit.
// That it came at the right time is judged by one-claimant and fifo-claim, which see the clocks, and that it took a
// free slot by owner-limit.
type state struct {
	exists     bool
	superseded bool
	status     engine.Status
	attempt    int32
	stopping   int32
	claim      engine.Token
	order      int64 // of the head
	// newest is the newest of the other heads that are known; they may be before the review is. No row shows it.
	newest rank
}

// A rank is the place of another head in the order of a pull request, as seen from a review.
type rank struct {
	known bool
	order int64
	wins  bool // against the review, if both have one order
}

// above reports whether a head of that rank is newer than the review with its head at an order.
func (r rank) above(order int64) bool {
	return r.known && (r.order > order || r.order == order && r.wins)
}

// higher returns the higher of two ranks.
func (r rank) higher(other rank) rank {
	if !r.known || other.known && (other.order > r.order || other.order == r.order && other.wins) {
		return other
	}
	return r
}

// stateOf returns what a row shows of a state.
func stateOf(r *engine.Review) state {
	return state{
		exists: true, superseded: r.SupersededBy != "", status: r.Status,
		attempt: int32(r.Attempt), stopping: int32(r.Stopping), claim: r.Claim, order: r.HeadOrder,
	}
}

// shows reports whether a row may look like that in the state.
func (s state) shows(row state) bool {
	row.newest = s.newest
	return row == s
}

// String returns the state in a few words.
func (s state) String() string {
	switch {
	case !s.exists && s.newest.known:
		return fmt.Sprintf("unknown, another head is at %d", s.newest.order)
	case !s.exists:
		return "unknown"
	}
	text := fmt.Sprintf("%s, attempt %d, claim %d, head %d", s.status, s.attempt, s.claim, s.order)
	if s.stopping != 0 {
		text += fmt.Sprintf(", stopping %d", s.stopping)
	}
	if s.superseded {
		text += ", superseded"
	}
	return text
}

// opSupersede is what a submit does to the other heads of its pull request: the older ones it supersedes. It is an
// operation in the partition of each of them, and none of the store.
const opSupersede model.ReviewsOpKind = 255

// A call is an operation without who and when.
type call struct {
	kind      model.ReviewsOpKind
	attempt   int32
	token     engine.Token
	status    engine.Status
	retryable bool
	// retried: a retryable failure was followed by the next attempt. Whether it is depends on the number of retries
	// before, which is no part of the state. So it is taken from the row that the answer shows, or else the oracle. The
	// search learns from it which effect an operation had, if it had one, and never when or whether.
	retried bool
	order   int64 // of a submit's head
	wins    bool  // opSupersede: against the review, if both heads have one order
}

// noteBranch learns from the attempt of the row after a report whether a retryable failure was retried.
func (c *call) noteBranch(attempt int) {
	if c.kind == model.ReviewsApply && c.retryable && c.status == engine.Failed && int32(attempt) > c.attempt {
		c.retried = true
	}
}

func (c *call) String() string {
	text := fmt.Sprintf("another head at %d", c.order)
	if c.kind != opSupersede {
		text = fmt.Sprintf("%s of attempt %d", c.kind, c.attempt)
	}
	if c.token != 0 {
		text += fmt.Sprintf(", token %d", c.token)
	}
	if c.kind == model.ReviewsApply {
		text += ": " + c.status.String()
	}
	return text
}

// apply executes a call. accepted is false when the specification refuses it, and the model does with every clock.
func (s state) apply(c *call) (next state, accepted bool) {
	if !s.exists {
		return s.applyUnknown(c)
	}
	current := c.attempt == s.attempt
	switch c.kind {
	case model.ReviewsGet:
	case model.ReviewsSubmit:
		s.comeBack(c.order)
	case opSupersede:
		s.newest = s.newest.higher(rank{true, c.order, c.wins})
		if !s.superseded && s.newest.above(s.order) {
			s.superseded = true
			s.cancel()
		}
	case model.ReviewsClaim:
		free := s.status == engine.Pending && s.stopping == 0 || s.status == engine.Queued
		if !current || c.token != s.claim || !free {
			return s, false
		}
		s.status = engine.Queued
		s.claim++
	case model.ReviewsRelease:
		return s, current && c.token == s.claim && s.status == engine.Queued
	case model.ReviewsDefer:
		return s, c.token == s.claim && (s.stopping == c.attempt || current && !s.status.Terminal())
	case model.ReviewsFail:
		if !current || c.token != s.claim || s.status != engine.Pending && s.status != engine.Queued {
			return s, false
		}
		s.status = engine.Failed
	case model.ReviewsApply:
		return s.report(c)
	case model.ReviewsSetAgentVersion:
		return s, current
	case model.ReviewsCancel:
		if !current {
			return s, false
		}
		s.cancel()
	case model.ReviewsStopped:
		if s.stopping == c.attempt {
			s.stopping = 0
		}
	case model.ReviewsRetrigger:
		switch {
		case c.attempt < s.attempt:
		case c.attempt > s.attempt, !s.status.Terminal(), s.superseded:
			return s, false
		default:
			s.attempt++
			s.status = engine.Pending
		}
	default:
		return s, false
	}
	return s, true
}

// applyUnknown executes a call about a review that is not there yet.
func (s state) applyUnknown(c *call) (next state, accepted bool) {
	switch c.kind {
	case opSupersede:
		s.newest = s.newest.higher(rank{true, c.order, c.wins})
		return s, true
	case model.ReviewsSubmit:
		s.exists, s.attempt, s.status, s.order = true, 1, engine.Pending, c.order
		if s.newest.above(s.order) {
			s.superseded, s.status = true, engine.Cancelled
		}
		return s, true
	default:
		return s, false
	}
}

// comeBack takes a repeated submission. One with a higher order makes the head newer.
func (s *state) comeBack(order int64) {
	if order <= s.order {
		return
	}
	s.order = order
	s.superseded = s.newest.above(order)
	if !s.superseded && s.status == engine.Cancelled {
		s.attempt++
		s.status = engine.Pending
	}
}

// report merges what a worker reported.
func (s state) report(c *call) (next state, accepted bool) {
	if c.attempt > s.attempt || c.token != 0 && c.token != s.claim {
		return s, false
	}
	if c.status.Terminal() && s.stopping == c.attempt {
		s.stopping = 0
	}
	if c.attempt != s.attempt || s.status != engine.Queued && s.status != engine.Running {
		return s, true
	}
	switch {
	case c.status.Terminal() && c.retried:
		s.attempt++
		s.status = engine.Pending
	case c.status.Terminal():
		s.status = c.status
	case c.status == engine.Running:
		s.status = engine.Running
	}
	return s, true
}

// cancel ends an attempt that is not over. One that was claimed keeps its slot.
func (s *state) cancel() {
	if s.status.Terminal() {
		return
	}
	if s.status != engine.Pending {
		s.stopping = s.attempt
	}
	s.status = engine.Cancelled
}

// refuses reports whether a refusal of that kind is true in the state. Those that are not conclusive are always true.
func (s state) refuses(c *call, kind engine.ErrorKind) bool {
	switch {
	case kind == engine.NotFound:
		return !s.exists
	case kind == engine.Permanent && c.kind == model.ReviewsRetrigger:
		return s.exists && s.superseded && s.status.Terminal() && s.attempt == c.attempt
	}
	return true
}

// conclusive reports whether a refusal depends on the state alone: that the review is not there, or that a retrigger
// can never succeed. Every other refusal depends on a clock, on slots, on whether the store is out of reach, or may be
// the answer to a second delivery, after the first had its effect.
func conclusive(kind model.ReviewsOpKind, refusal engine.ErrorKind) bool {
	return refusal == engine.NotFound || refusal == engine.Permanent && kind == model.ReviewsRetrigger
}
