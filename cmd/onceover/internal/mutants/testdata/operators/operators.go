// Package operators has one function for each operator, named after it. The
// mutants of it all stand in mutants.txt.
package operators

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/onceover/onceover/engine"
)

type store interface {
	Claim(ctx context.Context, key engine.AttemptKey, token engine.Token, limit int) error
	Close()
}

type request struct {
	key    engine.AttemptKey
	Limit  int
	wiring store
}

type component struct {
	mutex sync.Mutex
	store store
	rt    engine.Runtime
	count int
	limit int
	live  bool
}

func dropCall(c *component, key engine.AttemptKey) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	name := key.String()
	dropAssignment(c, name)
	if c.live {
		panic("locks and panics stay")
	}
}

func dropAssignment(c *component, _ string) {
	c.count++
	c.live = true
}

func dropDefer(c *component) {
	defer c.store.Close()
}

func swapEffects(c *component) {
	c.store.Close()
	c.live = false
}

func loopOnce(c *component, all []int) {
	for range all {
		c.store.Close()
	}
}

func skipRetry(ctx context.Context, c *component) error {
	for {
		if c.rt.Sleep(ctx, time.Second) != nil {
			return ctx.Err()
		}
	}
}

func ignoreError(err error) int {
	if err != nil {
		return 1
	}
	return 2
}

func acknowledgeFailure(c *component) (int, error) {
	return c.count, errors.New("failed")
}

func acknowledgeUnwritten(ctx context.Context, c *component) error {
	return c.rt.Sleep(ctx, time.Second)
}

func dropGuard(c *component) int {
	if c.live {
		return 1
	}
	return 2
}

func dropCondition(c *component) {
	if c.live {
		c.store.Close()
	}
}

func dropConjunct(c *component, other bool) bool { return c.live && other }

func dropDisjunct(c *component, other bool) bool { return c.live || other || c.count == 0 }

func negateResult(c *component) bool { return c.live }

func dropCase(status engine.Status) int {
	switch status {
	case engine.Pending:
		return 1
	case engine.Queued, engine.Running:
		return 2
	default:
		return 3
	}
}

func dropField(c *component, key engine.AttemptKey) request {
	return request{key: key, wiring: c.store}
}

func dropFenceAndKey(ctx context.Context, c *component, key engine.AttemptKey, token engine.Token) {
	_ = c.store.Claim(ctx, key, token, 1)
}

func dropTimeout(ctx context.Context, c *component) {
	_, cancel := c.rt.WithTimeout(ctx, time.Second)
	cancel()
}

func dropPause(now time.Time) time.Time { return now.Add(time.Minute) }

func offByOne(ctx context.Context, c *component, key engine.AttemptKey) request {
	for try := 1; ; try++ {
		if try == c.limit || c.count > c.limit {
			break
		}
	}
	_ = c.store.Claim(ctx, key, 1, max(c.limit-1, 0))
	return request{Limit: c.limit}
}
