package kernel

import "context"

// A Completion lets a task wait for the answer of a simulated service. Make it a field, by value, of the service's
// pooled request. Call Reset before each use, Wait in the task that asks, and Complete in the event that answers.
//
// Only one task may wait at a time. Do not reset or copy a completion while a task waits. When Wait returns an error
// the answer is still to come, so return the request to its pool in the event of Complete and not in the task.
type Completion struct {
	kernel *Kernel
	waiter *task
	done   bool
}

// Reset prepares the completion for a request in the current run of a kernel.
func (c *Completion) Reset(k *Kernel) { *c = Completion{kernel: k} }

// Wait blocks the running task until Complete is called, and returns nil. It returns at once if Complete was called
// before. It returns the error of the context if the context ends first; if both are the case at the call, it returns
// nil. It panics before Reset, outside a task, and while another task waits.
func (c *Completion) Wait(ctx context.Context) error {
	k := c.kernel
	if k == nil {
		panic("kernel: Wait on a Completion that was not Reset")
	}
	t := k.blocking("Completion.Wait")
	if c.done {
		return nil
	}
	if c.waiter != nil {
		panic("kernel: task " + t.String() + " waits on a Completion that " + c.waiter.String() + " waits on")
	}
	parent := k.contextOf(ctx)
	if parent != nil {
		if parent.err != nil {
			return parent.err
		}
		parent.addWaiter(t)
	}
	c.waiter = t
	t.linked = true
	t.completion = c
	return t.block()
}

// Complete wakes the waiting task. Called by an event, the task continues in the same step; called by a task, it
// continues at the same moment, in drawn order. On a slow process (see [Process.SetSlowdown]) it continues a little later.
// Further calls do nothing. Complete panics before Reset.
func (c *Completion) Complete() {
	k := c.kernel
	if k == nil {
		panic("kernel: Complete on a Completion that was not Reset")
	}
	if c.done || k.unwinding {
		return
	}
	c.done = true
	t := c.waiter
	if t == nil {
		return
	}
	if t.process.slowdown > 0 {
		// The answer has arrived, but the slow process has not read it yet. A deadline may still come first.
		c.waiter, t.completion = nil, nil
		t.sleep(t.process.late(k.now-t.blockedSince), pointCompletion)
		return
	}
	t.wake(nil, pointCompletion)
}
