package kernel

import "context"

// A Completion is where a task waits for the answer of a simulated service. It is meant to be a field, by value, of
// the service's pooled request: Reset before use, Wait in the task that asks, Complete in the event that answers. One
// task may wait at a time. It must not be reset or copied while one does; when Wait returns an error the answer is
// still to come, so the request goes back to its pool in Complete's event and not in the task.
type Completion struct {
	kernel *Kernel
	waiter *task
	done   bool
}

// Reset prepares the completion for a request in a run of a kernel.
func (c *Completion) Reset(k *Kernel) { *c = Completion{kernel: k} }

// Done reports whether Complete was called.
func (c *Completion) Done() bool { return c.done }

// Waiting reports whether a task is blocked in Wait.
func (c *Completion) Waiting() bool { return c.waiter != nil }

// Wait blocks the running task until Complete is called, and returns at once if it was. It returns early with the
// error of the context if that is cancelled first; a completion that is done goes before a cancelled context.
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

// Complete lets the waiter go on: in the same step when called by an event, else now and in drawn order. On a slow
// process (see [Process.SetSlowdown]) the waiter goes on later. A second call does nothing.
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
		// The answer has arrived, the process has not got to it yet: a deadline may still come first.
		waited := k.now - t.blockedSince
		c.waiter, t.completion = nil, nil
		t.sleep(t.process.slowed(waited)-waited, pointCompletion)
		return
	}
	t.wake(nil, pointCompletion)
}
