package model

import (
	"context"
	"fmt"

	"github.com/onceover/onceover/engine"
)

// Execute calls the method of a real store that op stands for and returns its
// answer as a [Result]. A failure keeps its kind only; one that nobody classified
// is [engine.Ambiguous].
//
// It panics on a kind that is not one of the constants.
func Execute(ctx context.Context, store engine.ReviewStore, op *Op) Result {
	r, _ := Perform(ctx, store, op)
	return r
}

// Perform is [Execute] for those who also want to know why an operation failed: the
// error is the store's, nil unless the result is a failure.
func Perform(ctx context.Context, store engine.ReviewStore, op *Op) (r Result, err error) {
	switch op.Kind {
	case OpSubmit:
		r.Review, r.Reviews, err = store.Submit(ctx, op.Submission, op.Now)
	case OpGet:
		r.Review, err = store.Get(ctx, op.Key.Review)
	case OpAttempts:
		r.Attempts, err = store.Attempts(ctx, op.Key.Review)
	case OpReserve:
		r.Reviews, err = store.Reserve(ctx, op.Owner, op.Limit, op.Now)
	case OpClaim:
		r.Token, err = store.Claim(ctx, engine.Claim{
			Key: op.Key, Owner: op.Owner, Seen: op.Token, Limit: op.Limit,
			Now: op.Now, DueAt: op.DueAt,
		})
	case OpRelease:
		err = store.Release(ctx, op.Key, op.Token, op.DueAt, op.Now)
	case OpDefer:
		err = store.Defer(ctx, op.Key, op.Token, op.DueAt, op.Now)
	case OpFail:
		err = store.Fail(ctx, op.Key, op.Token, op.Text, op.Now)
	case OpApply:
		report := op.Report
		report.Key = op.Key
		r.Review, err = store.Apply(ctx, engine.Report{
			WorkerReport: report, Token: op.Token, Now: op.Now, DueAt: op.DueAt,
			RetryAt: op.RetryAt, MaxRetries: op.MaxRetries,
		})
	case OpSetAgentVersion:
		err = store.SetAgentVersion(ctx, op.Key, op.Text, op.Now)
	case OpCancel:
		r.Review, err = store.Cancel(ctx, op.Key, op.Text, op.Now)
	case OpStopped:
		r.Review, err = store.Stopped(ctx, op.Key, op.Now)
	case OpRetrigger:
		r.Review, err = store.Retrigger(ctx, op.Key, op.Now)
	case OpSweep:
		r.Work, err = store.Sweep(ctx, op.Now, op.Limit)
	default:
		panic(fmt.Sprintf("model: operation kind %d is none of submit (%d) to sweep (%d)", op.Kind, OpSubmit, OpSweep))
	}
	if err != nil {
		return Result{Failed: true, Err: engine.KindOf(err)}, err
	}
	return r, nil
}
