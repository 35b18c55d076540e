package checker

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// The property linearizable runs on the clock-free specification, the type state, and the simulated database on the
// model, [model.Reviews]. These tests hold the two together, in both directions and step by step:
//
//   - the specification allows every step of the model, with any clocks, limits and counts of retries;
//   - the model makes every effect that the specification allows, with some of them.
//
// Where the specification is weaker than the model, which is about refusals only, TestEveryStateOfOneReview has all of
// it.

// Two specifications of one store. Tests break one of them to show that the comparison finds it.
type specifications struct {
	apply   func(s state, c *call) (next state, accepted bool)
	refuses func(s state, c *call, kind engine.ErrorKind) bool
	execute func(store *model.Reviews, op *model.ReviewsOp, result *model.ReviewsResult)
}

// todays returns the specifications as they are.
func todays() specifications {
	return specifications{apply: state.apply, refuses: state.refuses, execute: (*model.Reviews).Apply}
}

// A source draws a number from low to high, both included. It is rapid where a failure has to be made small, and a
// generator with a fixed seed where a failure is what is wanted.
type source func(label string, low, high int) int

func fromRapid(t *rapid.T) source {
	return func(label string, low, high int) int { return rapid.IntRange(low, high).Draw(t, label) }
}

func fromSeed(seed uint64) source {
	r := rand.New(rand.NewPCG(seed, 0))
	return func(_ string, low, high int) int { return low + r.IntN(high-low+1) }
}

// heads are all reviews that are ever submitted: three heads of one pull request, two other pull requests of the same
// owner, who has a limit, and one of another owner.
var heads = func() (list []engine.Submission) {
	for _, h := range []struct {
		review, owner string
		pullRequest   int
		order         int64
	}{{"R1", "acme", 1, 1}, {"R2", "acme", 1, 2}, {"R3", "acme", 1, 3}, {"R4", "acme", 4, 1}, {"R5", "acme", 5, 1}, {"R6", "bits", 1, 1}} {
		list = append(list, engine.Submission{
			Review: engine.ReviewID(h.review), Owner: engine.OwnerID(h.owner), Platform: "github", Repository: "app",
			PullRequest: h.pullRequest, HeadSHA: "sha-" + h.review, HeadOrder: h.order,
		})
	}
	return list
}()

// A refinement is a store according to both specifications.
type refinement struct {
	specifications
	store  *model.Reviews
	states []state // of heads
	orders []int64 // with which they were submitted last
}

func newRefinement(s specifications) *refinement {
	r := &refinement{specifications: s, store: model.NewReviews(), states: make([]state, len(heads))}
	for i := range heads {
		r.orders = append(r.orders, heads[i].HeadOrder)
	}
	return r
}

// shown returns what the model's store shows of the state of a review. The specification knows of other heads before the
// review is there.
func (r *refinement) shown(review int) state {
	s := state{}
	if row, ok := r.store.Review(heads[review].Review); ok {
		s = stateOf(row)
	}
	r.store.Each(func(other *engine.Review) {
		if isHead(other.Review, review) {
			s.newest = s.newest.higher(rank{true, other.HeadOrder, other.Review > heads[review].Review})
		}
	})
	return s
}

// isHead reports whether a review is of another head of the pull request of heads[review].
func isHead(id engine.ReviewID, review int) bool {
	for i := range heads {
		if heads[i].Review == id {
			return i != review && heads[i].SamePullRequest(&heads[review])
		}
	}
	return false
}

// do has the model execute an operation, and the specification follow. The error is the first difference.
func (r *refinement) do(review int, op *model.ReviewsOp) (result model.ReviewsResult, err error) {
	before := r.states[review]
	c := callOf(op)
	r.execute(r.store, op, &result)
	after := r.shown(review)
	switch {
	case result.Failed && conclusive(c.kind, result.Err) && !r.refuses(before, &c, result.Err):
		return result, fmt.Errorf("%s is refused as %s in the state %s", op, result.Err, before)
	case !result.Failed:
		c.noteBranch(int(after.attempt))
		next, accepted := r.apply(before, &c)
		switch {
		case !accepted:
			return result, fmt.Errorf("%s is accepted in the state %s", op, before)
		case c.kind == model.ReviewsClaim && result.Token != next.claim:
			return result, fmt.Errorf("%s is granted token %d in the state %s", op, result.Token, before)
		case result.Review.Review != "" && !next.shows(stateOf(&result.Review)):
			return result, fmt.Errorf("%s is answered %s in the state %s", op, stateOf(&result.Review), before)
		}
		r.states[review] = next
		for other := range heads {
			if c.kind == model.ReviewsSubmit && isHead(heads[review].Review, other) {
				r.states[other], _ = r.apply(r.states[other], &call{
					kind: opSupersede, order: c.order, wins: heads[review].Review > heads[other].Review,
				})
			}
		}
	}
	for i := range heads {
		if found := r.shown(i); found != r.states[i] {
			return result, fmt.Errorf("after %s -> %s review %s is %s; the specification has %s", op, &result, heads[i].Review, found, r.states[i])
		}
	}
	return result, nil
}

// callOf returns an operation as the history notes it.
func callOf(op *model.ReviewsOp) call {
	h := NewHistory()
	return h.operations[h.Call(OperationOf("caller", op))].call
}

// recorded are the kinds of operations that have a place in a history.
var recordedKinds = func() (kinds []model.ReviewsOpKind) {
	for kind := model.ReviewsSubmit; kind <= model.ReviewsSweep; kind++ {
		if Records(kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}()

// at is a time of the tests, in quarters of an hour: what is due more than four of them ahead is not believed.
func at(quarters int) time.Time { return epoch.Add(time.Duration(quarters) * 15 * time.Minute) }

// draw draws an operation with any clocks. It fits the state of the review more often than not. Claims name the owner
// of the review: no dispatcher claims for another one, and a history has no owners.
func (r *refinement) draw(draw source) (review int, op model.ReviewsOp) {
	review = []int{3, 3, 3, 3, 0, 0, 1, 2, 4, 5}[draw("review", 0, 9)] // some get far
	submission := heads[review]
	row, found := r.store.Review(submission.Review)
	if !found {
		row = &engine.Review{Attempt: 1}
	}
	kind := recordedKinds[draw("kind", 0, len(recordedKinds)-1)]
	straight := draw("straight on", 0, 1) == 1
	if further := furtherOps(row); straight {
		kind = further[draw("next", 0, len(further)-1)]
	}
	op = model.ReviewsOp{
		Kind: kind, Key: row.Key(), Owner: submission.Owner, Submission: submission, Token: row.Claim,
		Limit: draw("limit", 0, 4), Now: at(draw("now", 0, 9)), DueAt: at(draw("due", 0, 9)), RetryAt: at(draw("retry", 0, 9)),
		MaxRetries: draw("retries", 0, 2),
		Report: engine.WorkerReport{
			Status: engine.Status(draw("status", int(engine.Pending), int(engine.Cancelled))), Retryable: draw("retryable", 0, 1) == 1,
		},
	}
	op.Key.Review = submission.Review
	twist := -1
	if !straight {
		twist = draw("twist", 0, 9)
	}
	switch twist {
	case 0:
		op.Key.Attempt = max(1, row.Attempt-1)
	case 1:
		op.Key.Attempt++
	case 2:
		op.Key.Attempt = max(1, row.Stopping)
	case 3:
		op.Token--
	case 4:
		op.Token++
	case 5:
		op.Token = 0
	case 6:
		op.Submission.HeadSHA = "another" // another review under the same name
	}
	if kind == model.ReviewsSubmit {
		op.Submission.HeadOrder = r.orders[review] + int64(draw("later", -1, 2))*int64(draw("comes back", 0, 1))
		r.orders[review] = op.Submission.HeadOrder
		op = model.Submit(op.Submission, op.Now)
	}
	return review, op
}

// furtherOps are the operations that take a review further.
func furtherOps(row *engine.Review) []model.ReviewsOpKind {
	switch {
	case row.Status == 0:
		return []model.ReviewsOpKind{model.ReviewsSubmit}
	case row.SupersededBy != "":
		return []model.ReviewsOpKind{model.ReviewsSubmit, model.ReviewsApply, model.ReviewsStopped}
	case row.Status == engine.Pending:
		return []model.ReviewsOpKind{model.ReviewsClaim, model.ReviewsClaim, model.ReviewsStopped, model.ReviewsCancel}
	case row.Status == engine.Queued || row.Status == engine.Running:
		return []model.ReviewsOpKind{model.ReviewsApply, model.ReviewsApply, model.ReviewsClaim, model.ReviewsCancel}
	default:
		return []model.ReviewsOpKind{model.ReviewsRetrigger, model.ReviewsRetrigger, model.ReviewsApply, model.ReviewsStopped}
	}
}

// modelIsAllowed has the model do what comes, with any clocks. The error names what the specification does not allow.
func modelIsAllowed(draw source, s specifications) error {
	r := newRefinement(s)
	for range draw("operations", 1, 60) {
		review, op := r.draw(draw)
		if _, err := r.do(review, &op); err != nil {
			return err
		}
	}
	return nil
}

// specificationIsDone chooses what the specification allows, and then clocks with which the model has to do it. The
// error names what it does not do.
func specificationIsDone(draw source, s specifications) error {
	r := newRefinement(s)
	for range draw("operations", 1, 60) {
		review, op := r.draw(draw)
		op.Submission.HeadSHA = heads[review].HeadSHA
		before, c := r.states[review], callOf(&op)
		if draw("retried", 0, 1) == 1 {
			c.noteBranch(int(before.attempt) + 1)
		}
		next, accepted := r.apply(before, &c)
		if !accepted {
			continue // the other direction is about those
		}
		r.allow(&op, c.retried)
		result, err := r.do(review, &op)
		switch {
		case err != nil:
			return err
		case result.Failed:
			return fmt.Errorf("%s is allowed in the state %s, and refused as %s", &op, before, result.Err)
		case r.states[review] != next:
			return fmt.Errorf("%s may lead from %s to %s, and leads to %s", &op, before, next, r.states[review])
		}
	}
	return nil
}

// allow gives an operation the clock, the limit and the number of retries with which it has its effect.
func (r *refinement) allow(op *model.ReviewsOp, retried bool) {
	row, found := r.store.Review(op.Key.Review)
	if !found {
		return
	}
	op.MaxRetries = row.Retries
	if retried {
		op.MaxRetries++
	}
	if op.Kind == model.ReviewsClaim {
		op.Now, op.Limit = row.DueAt, len(heads)
	}
}

// inManyHistories compares the specifications of today in as many histories as it takes to find the broken ones of
// TestBrokenSpecificationsAreFound, and more.
func inManyHistories(t *testing.T, compare func(draw source, s specifications) error) {
	for range 20 {
		rapid.Check(t, func(t *rapid.T) {
			if err := compare(fromRapid(t), todays()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestModelIsAllowedByClockFreeSpecification(t *testing.T) {
	inManyHistories(t, modelIsAllowed)
}

func TestClockFreeSpecificationIsDoneByModel(t *testing.T) {
	inManyHistories(t, specificationIsDone)
}
