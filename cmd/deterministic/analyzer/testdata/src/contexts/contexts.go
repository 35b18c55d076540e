// Package contexts holds contexts that end by a timer or goroutine of their own.
package contexts

import (
	"context"
	"errors"
	"time"
)

type key struct{}

func derive(ctx context.Context, d time.Duration, t time.Time) {
	_, _ = context.WithTimeout(ctx, d)                               // want `context.WithTimeout: .* use Runtime.WithTimeout`
	_, _ = context.WithTimeoutCause(ctx, d, errors.New("too slow"))  // want `context.WithTimeoutCause`
	_, _ = context.WithDeadline(ctx, t)                              // want `context.WithDeadline`
	_, _ = context.WithDeadlineCause(ctx, t, errors.New("too slow")) // want `context.WithDeadlineCause`
	_, _ = context.WithCancel(ctx)                                   // want `context.WithCancel: .* Runtime.Go passes to a task`
	_, _ = context.WithCancelCause(ctx)                              // want `context.WithCancelCause`
	_ = context.AfterFunc(ctx, func() {})                            // want `context.AfterFunc`
}

// Silent: contexts that start nothing.
func silent(ctx context.Context) error {
	ctx = context.WithValue(context.WithoutCancel(ctx), key{}, 1)
	if ctx.Err() == nil {
		ctx = context.Background()
	}
	return context.Cause(ctx)
}
