package checker

import (
	"slices"
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// judgedRefusals are the refusals that the clock-free specification judges: it allows them in exactly the states in
// which the model gives them.
//
// It allows all other refusals always, which makes it weaker than the model, on purpose. A claim is refused as stale or
// rejected because of a clock or of other reviews, which the specification does not have. Any operation is rejected
// while the store is out of reach. And between the caller of an operation and the store there may be an app that reads
// before it writes, and a network that delivers twice: a refusal may be that of the second delivery, or of a state that
// has gone. A store that refuses too much is found where the clocks are known: by the lockstep tests and by
// store-as-model.
var judgedRefusals = map[engine.ErrorKind][]model.ReviewsOpKind{
	engine.NotFound: {
		model.ReviewsGet, model.ReviewsClaim, model.ReviewsApply, model.ReviewsCancel, model.ReviewsStopped, model.ReviewsRetrigger,
	},
	engine.Permanent: {model.ReviewsRetrigger},
}

// judged reports whether the clock-free specification judges a refusal.
func judged(kind model.ReviewsOpKind, refusal engine.ErrorKind) bool {
	return slices.Contains(judgedRefusals[refusal], kind)
}

// triedAttempts and triedClaims bound the states that are tried.
const triedAttempts, triedClaims, triedOrders = 3, 3, 3

// In every state that one review can reach in a few attempts and claims, and for every call, the effects that the model
// has with some clocks are those that the specification allows, and the refusals that it gives with some clocks are
// allowed.
func TestEveryStateOfOneReview(t *testing.T) {
	start := newRefinement(todays())
	seen, waiting := map[state]bool{start.shown(0): true}, []*model.Reviews{start.store}
	weaker := make(map[[2]uint8]bool)
	for len(waiting) > 0 {
		r := newRefinement(todays())
		r.store, waiting = waiting[0], waiting[1:]
		at := r.shown(0)
		for _, c := range callsIn(at) {
			given := r.outcomes(&c)
			var allowed []state
			for _, retried := range []bool{false, true} {
				branch := c
				if retried {
					branch.noteBranch(int(at.attempt) + 1)
				}
				if next, accepted := at.apply(&branch); accepted && !slices.Contains(allowed, next) {
					allowed = append(allowed, next)
				}
			}
			for next, store := range given.effects {
				if !slices.Contains(allowed, next) {
					t.Errorf("%s leads from %s to %s, which is not allowed", &c, at, next)
				}
				if !seen[next] && next.attempt <= triedAttempts && next.claim <= triedClaims {
					seen[next] = true
					waiting = append(waiting, store)
				}
			}
			for _, next := range allowed {
				if given.effects[next] == nil {
					t.Errorf("%s may lead from %s to %s, and never does", &c, at, next)
				}
			}
			for refusal := engine.Ambiguous + 1; refusal <= engine.Permanent; refusal++ {
				switch may := !conclusive(c.kind, refusal) || at.refuses(&c, refusal); {
				case !may && given.refusals[refusal]:
					t.Errorf("%s is refused as %s in the state %s, which is not allowed", &c, refusal, at)
				case may && !given.refusals[refusal]:
					weaker[[2]uint8{uint8(c.kind), uint8(refusal)}] = true
				}
			}
		}
	}
	for _, kind := range recordedKinds {
		for refusal := engine.Ambiguous + 1; refusal <= engine.Permanent; refusal++ {
			if exact := !weaker[[2]uint8{uint8(kind), uint8(refusal)}]; exact != judged(kind, refusal) {
				t.Errorf("refusals of %s as %s are allowed only where the model gives them: %t; the list of judged refusals has the opposite", kind, refusal, exact)
			}
		}
	}
	t.Logf("%d states", len(seen))
}

// callsIn returns every call about a review in a state.
func callsIn(at state) (calls []call) {
	for _, kind := range recordedKinds {
		for attempt := int32(1); attempt <= at.attempt+1; attempt++ {
			for token := engine.Token(0); token <= at.claim+1; token++ {
				c := call{kind: kind, attempt: attempt, token: token}
				if kind == model.ReviewsSubmit {
					for c.order = 1; c.order <= triedOrders; c.order++ {
						calls = append(calls, c)
					}
					continue
				}
				if kind != model.ReviewsApply {
					calls = append(calls, c)
					continue
				}
				for c.status = engine.Pending; c.status <= engine.Cancelled; c.status++ {
					c.retryable = false
					calls = append(calls, c)
					c.retryable = true
					calls = append(calls, c)
				}
			}
		}
	}
	for order := int64(1); order <= triedOrders; order++ {
		calls = append(calls, call{kind: opSupersede, order: order, wins: true})
	}
	return calls
}

// outcomes are what the model makes of one call with various clocks, limits and numbers of retries.
type outcomes struct {
	effects  map[state]*model.Reviews
	refusals map[engine.ErrorKind]bool
}

// outcomes executes a call about the first review.
func (r *refinement) outcomes(c *call) outcomes {
	o := outcomes{effects: make(map[state]*model.Reviews), refusals: make(map[engine.ErrorKind]bool)}
	op := model.ReviewsOp{
		Kind: c.kind, Key: key(heads[0].Review, int(c.attempt)), Owner: heads[0].Owner, Token: c.token, Submission: heads[0],
		Report: engine.WorkerReport{Status: c.status, Retryable: c.retryable}, DueAt: at(2), RetryAt: at(2),
	}
	op.Submission.HeadOrder = c.order
	if c.kind == opSupersede {
		op = model.Submit(heads[1], at(0))
		op.Submission.HeadOrder = c.order
	}
	for _, now := range []int{0, 3} { // before and after a claim is due
		for _, most := range []int{0, triedAttempts + 1} {
			op.Now, op.Limit, op.MaxRetries = at(now), most, most
			next, result := r.store.Step(&op)
			if result.Failed {
				o.refusals[result.Err] = true
				continue
			}
			after := refinement{store: next}
			o.effects[after.shown(0)] = next
		}
	}
	return o
}
