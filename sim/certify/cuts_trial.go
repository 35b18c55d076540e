package certify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults/pgwire"
)

// callMax bounds one call. A call comes near it only if it hangs.
const callMax = time.Minute

// A trial is a case on a fixture. It knows the two states that the operation may leave, and the answer that it gets when
// nothing is cut.
type trial struct {
	fixture       *fixture
	subject       cutCase
	want          answer
	before, after ending
}

// An ending is one of the two states that the operation may leave, and what a retry makes of it.
type ending struct {
	model state
	rows  snapshot
	retry []operation
	final snapshot // after the retry
}

// newTrial carries the case out without a proxy, and fails if the store is not the model even then.
func newTrial(ctx context.Context, f *fixture, c cutCase) (*trial, error) {
	t := &trial{fixture: f, subject: c}
	if err := f.disconnect(ctx); err != nil {
		return nil, err
	}
	if err := f.rows.clear(ctx); err != nil {
		return nil, err
	}
	start, stored, err := f.compareAnswers(ctx, emptyState(), c.before)
	if err != nil {
		return nil, err
	}
	if err := f.rows.keepAll(ctx); err != nil {
		return nil, err
	}
	t.before = ending{model: start, rows: stored, retry: start.retry(c.operation)}
	done, want := start.step(c.operation)
	t.want = want
	if _, stored, err = f.compareAnswers(ctx, start, []operation{c.operation}); err != nil {
		return nil, err
	}
	t.after = ending{model: done, rows: stored, retry: done.retry(c.operation)}
	for _, e := range []*ending{&t.after, &t.before} { // The database is in the state after.
		if _, _, err := f.compareAnswers(ctx, e.model, e.model.reads()); err != nil {
			return nil, err
		}
		var final state
		if final, e.final, err = f.compareAnswers(ctx, e.model, e.retry); err != nil {
			return nil, fmt.Errorf("retried: %w", err)
		}
		if _, _, err := f.compareAnswers(ctx, final, final.reads()); err != nil {
			return nil, fmt.Errorf("retried: %w", err)
		}
		if err := f.rows.putBack(ctx, t.before.rows); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// retry returns what the engine does in a state when it does not know whether an operation took effect. It calls the
// same method again. A claim, however, is left alone until it is stale; then the engine claims what it can reserve.
func (s state) retry(o operation) []operation {
	if o.review == nil || o.review.Kind != model.ReviewsClaim {
		return []operation{o}
	}
	claim := o.review
	later := claim.DueAt
	reserve := onReviews(model.Reserve(claim.Owner, claim.Limit, later))
	operations := []operation{reserve}
	_, reserved := s.step(reserve)
	for i := range reserved.review.Reviews {
		r := &reserved.review.Reviews[i]
		operations = append(operations, onReviews(model.Claim(engine.Claim{
			Key: r.Key(), Owner: claim.Owner, Seen: r.Claim, Limit: claim.Limit, Now: later, DueAt: later.Add(claim.DueAt.Sub(claim.Now)),
		})))
	}
	return operations
}

// messages carries the case out through the proxy without a cut, and returns the messages.
func (t *trial) messages(ctx context.Context, cold bool) ([]pgwire.Message, error) {
	recorder := pgwire.NewRecorder(nil)
	result, err := t.run(ctx, cold, recorder)
	if err != nil {
		return nil, err
	}
	if wrong := t.judge(result); wrong != nil {
		wrong.Complaint = "without a cut: " + wrong.Complaint
		return nil, wrong
	}
	return recorder.Messages(), nil
}

// A trialResult is what one run of a case came to.
type trialResult struct {
	answer answer
	err    error       // the reason of an answer that is a failure
	rows   snapshot    // that were stored then
	retry  *CutFailure // what was wrong with the retry; nil for nothing
}

// run carries the case out once, with an injector at the proxy. Then it reads all rows and retries without the proxy.
// The error is one of the setup, not of the store.
func (t *trial) run(ctx context.Context, cold bool, injector pgwire.Injector) (trialResult, error) {
	var result trialResult
	f := t.fixture
	if err := f.reset(ctx, t.subject.operation, t.before.rows, cold); err != nil {
		return result, err
	}
	f.rows.written()
	f.proxy.Begin(injector)
	limited, cancel := context.WithTimeout(ctx, callMax)
	defer cancel()
	result.answer, result.err = f.proxied.perform(limited, t.subject.operation)
	err := f.disconnect(ctx)
	if err == nil {
		result.rows, err = f.rows.readAll(ctx)
	}
	if err != nil {
		return result, err
	}
	var left *ending
	switch {
	case result.rows.equal(t.before.rows):
		left = &t.before
	case result.rows.equal(t.after.rows):
		left = &t.after
	default:
		return result, nil // The model does not know this state, so it can't judge a retry.
	}
	if _, final, err := f.compareAnswers(ctx, left.model, left.retry); err != nil {
		result.retry = &CutFailure{Complaint: err.Error()}
	} else if !final.equal(left.final) {
		result.retry = &CutFailure{Complaint: "the state differs", Rows: left.final.diff(final)}
	}
	return result, ctx.Err()
}

// judge returns what is wrong with a result, or nil.
func (t *trial) judge(r trialResult) *CutFailure {
	isBefore, isAfter := r.rows.equal(t.before.rows), r.rows.equal(t.after.rows)
	kind, failed := r.answer.failure()
	got := r.answer.String()
	if r.err != nil {
		got = r.err.Error()
	}
	fail := func(format string, arguments ...any) *CutFailure {
		return &CutFailure{Complaint: fmt.Sprintf(format, arguments...)}
	}
	switch {
	case !isBefore && !isAfter:
		f := fail("the database holds neither the state before the operation nor the state after it; the caller got %s", got)
		f.Rows = slices.Concat([]string{"compared with before:"}, t.before.rows.diff(r.rows), []string{"compared with after:"}, t.after.rows.diff(r.rows))
		return f
	case failed && kind == engine.Ambiguous:
		// Both states are possible, and the caller knows that.
	case failed && kind == engine.Rejected && !r.answer.equal(t.want):
		if !isBefore {
			return fail("the caller got an error that means that nothing happened, but the operation took effect: %s", got)
		}
	case !r.answer.equal(t.want):
		return fail("the caller got %s, the model answers %s", got, t.want)
	case !isAfter:
		return fail("the caller got a success, but the operation had no effect: %s", got)
	}
	if r.retry != nil {
		f := fail("the caller got %s, and the retry went wrong: %s", got, r.retry.Complaint)
		f.Rows = r.retry.Rows
		return f
	}
	return nil
}
