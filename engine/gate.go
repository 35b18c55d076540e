package engine

import (
	"context"
	"time"
)

// A gate holds back the calls of one process to a party that throttles its callers. The first call that is throttled
// closes it for all, for as long as the party asks for. It works without a clock, because a clock that is wrong could
// keep it closed for days.
type gate struct {
	rt        Runtime
	low, high time.Duration // bounds of a pause that the party does not name
	most      time.Duration // bound of one that it names
	onOpen    func()        // called when the gate opens; may be nil

	mutex  Mutex
	opened Signal
	pauses int // under way; the gate is closed while there are any
	denied int // throttled calls since the last other answer
}

func newGate(rt Runtime, low, high, most time.Duration) *gate {
	return &gate{rt: rt, low: low, high: high, most: most, mutex: rt.NewMutex(), opened: rt.NewSignal()}
}

// isClosed reports whether calls have to wait.
func (g *gate) isClosed() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.pauses > 0
}

// wait returns nil once calls are let through, or the context's error if that ends first. Those that have waited come
// through one after the other, spread over a pause that grows with the number of throttled calls.
func (g *gate) wait(ctx context.Context, key AttemptKey) error {
	for waited := false; ; waited = true {
		if g.isClosed() {
			if err := g.waitOpened(ctx); err != nil {
				return err
			}
		} else if !waited {
			return nil
		}
		if g.rt.Sleep(ctx, g.spread(key)) != nil {
			return ctx.Err()
		}
		if !g.isClosed() {
			return nil
		}
	}
}

// waitOpened returns nil once the gate is open, or the context's error if that ends first.
func (g *gate) waitOpened(ctx context.Context) error {
	for g.isClosed() {
		if err := g.opened.Wait(ctx); err != nil {
			return err
		}
	}
	g.opened.Notify() // wakes the next one
	return nil
}

// spread returns how long after the opening an attempt makes its call: up to half of the pause that follows the
// throttled calls so far.
func (g *gate) spread(key AttemptKey) time.Duration {
	g.mutex.Lock()
	n := g.denied
	g.mutex.Unlock()
	full := fullBackoff(n, g.low, g.high)
	return full - backoff(key, n, g.low, g.high)
}

// pass takes how a call has ended. If the party throttles its callers, pass closes the gate and returns for how long.
func (g *gate) pass(key AttemptKey, err error) (pause time.Duration, throttled bool) {
	after, throttled := IsThrottled(err)
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if !throttled {
		g.denied = 0
		return 0, false
	}
	g.denied++
	pause = max(min(after, g.most), min(backoff(key, g.denied, g.low, g.high), g.most))
	g.pauses++
	g.rt.Go("throttled", func(ctx context.Context) {
		_ = g.rt.Sleep(ctx, pause)
		g.mutex.Lock()
		g.pauses--
		open := g.pauses == 0
		g.mutex.Unlock()
		if open {
			g.opened.Notify()
			if g.onOpen != nil {
				g.onOpen()
			}
		}
	})
	return pause, true
}
