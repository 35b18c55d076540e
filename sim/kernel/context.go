package kernel

import (
	"context"
	"fmt"
	"time"
)

// A simulatedContext is a context on virtual time. It needs no goroutine: children of its own type and blocked tasks
// are linked to it, and children of the standard library register with AfterFunc.
type simulatedContext struct {
	kernel     *Kernel
	process    *Process
	parent     *simulatedContext // nearest one of this type
	values     context.Context   // where Value looks next, nil for none
	generation uint32            // counts uses of this memory
	root       bool              // of an incarnation: never cancelled
	limited    bool              // has a deadline, of its own or inherited
	deadline   int64             // microseconds since the start of the run
	skew       time.Duration     // of the clock that the deadline was read from
	timer      Timer             // for a deadline of its own
	err        error
	//deterministic:allow context.Context requires it; made by the first call of Done, nothing is ever sent
	done chan struct{}

	firstChild, lastChild       *simulatedContext
	nextSibling, previous       *simulatedContext
	firstWaiter, lastWaiter     *task
	firstFunction, lastFunction *contextFunction
}

// A contextFunction is a function registered with AfterFunc.
type contextFunction struct {
	function       func()
	context        *simulatedContext // nil once it has run or was stopped
	next, previous *contextFunction
}

// contextKey is the key for which Value returns the nearest simulatedContext.
type contextKey struct{}

// contextsKept is the number of contexts that a kernel keeps in memory for its next run. The garbage collector takes
// the others.
const (
	contextsKept     = 4096
	contextsPerChunk = 64
)

// A contextArena allocates contexts. Within a run it returns none twice, because code under simulation may keep one.
// The next run reuses them all.
type contextArena struct {
	chunks []*[contextsPerChunk]simulatedContext
	used   int
}

// next returns a cleared context.
func (a *contextArena) next() *simulatedContext {
	if a.used == contextsKept {
		return &simulatedContext{}
	}
	if a.used == len(a.chunks)*contextsPerChunk {
		a.chunks = append(a.chunks, new([contextsPerChunk]simulatedContext))
	}
	c := &a.chunks[a.used/contextsPerChunk][a.used%contextsPerChunk]
	a.used++
	return c
}

// clear takes back every context and clears its references.
func (a *contextArena) clear() {
	for index := range a.used {
		c := &a.chunks[index/contextsPerChunk][index%contextsPerChunk]
		*c = simulatedContext{generation: c.generation + 1}
	}
	a.used = 0
}

// newRoot returns the root context of an incarnation of a process. It is never cancelled: a crash kills the tasks
// instead.
func (k *Kernel) newRoot(p *Process) *simulatedContext {
	c := k.contexts.next()
	c.kernel = k
	c.process = p
	c.root = true
	return c
}

// newContext returns a context that ends with its parent. A nil parent never ends.
func (k *Kernel) newContext(p *Process, parent *simulatedContext, values context.Context) *simulatedContext {
	k.called()
	c := k.contexts.next()
	c.kernel = k
	c.process = p
	c.parent = parent
	c.values = values
	if parent == nil {
		return c
	}
	c.limited, c.deadline, c.skew = parent.limited, parent.deadline, parent.skew
	if parent.err != nil {
		c.err = parent.err
		return c
	}
	c.previous = parent.lastChild
	if parent.lastChild != nil {
		parent.lastChild.nextSibling = c
	} else {
		parent.firstChild = c
	}
	parent.lastChild = c
	return c
}

// contextOf returns the context that a blocking call must watch, or nil if ctx is never cancelled. It panics if ctx
// could be cancelled without the kernel.
func (k *Kernel) contextOf(ctx context.Context) *simulatedContext {
	c, ok := ctx.(*simulatedContext)
	if !ok {
		if ctx == nil {
			panic("kernel: nil context")
		}
		if ctx.Done() == nil {
			return nil
		}
		c, ok = ctx.Value(contextKey{}).(*simulatedContext)
		// A context of another type in between has its own channel.
		if !ok || ctx.Done() != c.Done() {
			panic(fmt.Sprintf("kernel: a blocking call got a context that is cancelled outside virtual time (%T); "+
				"derive it from the task's context with WithTimeout or WithCancel of the Runtime", ctx))
		}
	}
	if c.kernel != k {
		panic("kernel: a blocking call got a context of another kernel or of a run that is over")
	}
	if c.root {
		return nil
	}
	return c
}

// WithCancel is [context.WithCancel] for tasks of the process.
func (p *Process) WithCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	c := p.kernel.newContext(p, p.kernel.contextOf(ctx), ctx)
	return c, c.cancelFunc()
}

// WithTimeout is [context.WithTimeout] on virtual time. The context ends with [context.DeadlineExceeded] after the
// duration, rounded up to whole microseconds, unless its parent ends earlier. Its Deadline is a time of the clock of
// the process.
func (p *Process) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	k := p.kernel
	c := k.newContext(p, k.contextOf(ctx), ctx)
	deadline := k.now + microseconds(d)
	if d < 0 {
		deadline = k.now + d.Microseconds()
	}
	if !c.limited || deadline < c.deadline {
		c.limited, c.deadline, c.skew = true, deadline, p.skew
		switch {
		case c.err != nil:
		case d <= 0:
			c.cancel(context.DeadlineExceeded)
		case !k.unwinding:
			c.schedule(deadline)
		}
	}
	return c, c.cancelFunc()
}

// schedule schedules the context's own deadline.
func (c *simulatedContext) schedule(at int64) {
	s, timer := c.kernel.enqueue(at)
	s.event = c
	s.process = c.process
	s.identity = c.process.actor.hash
	s.tag = c.kernel.Tag()
	s.point = pointDeadline
	s.bound = true
	c.timer = timer
}

// Fire ends the context at its deadline.
func (c *simulatedContext) Fire() {
	if c.process.paused {
		c.process.held = append(c.process.held, c)
		return
	}
	c.cancel(context.DeadlineExceeded)
}

// cancelFunc returns a function that cancels the context. After the end of the run the function does nothing.
func (c *simulatedContext) cancelFunc() context.CancelFunc {
	generation := c.generation
	return func() {
		if c.generation == generation && c.err == nil && !c.kernel.unwinding {
			c.cancel(context.Canceled)
		}
	}
}

// cancel ends the context and its children. First it wakes the waiters, then it calls the functions, then it ends the
// children, each group in the order in which it was added.
func (c *simulatedContext) cancel(err error) {
	if c.err != nil {
		return
	}
	c.err = err
	if c.done != nil {
		close(c.done) //deterministic:allow see Done
	}
	if c.timer.Pending() {
		c.kernel.queue.cancel(c.timer.slot)
	}
	if c.parent != nil {
		c.parent.removeChild(c)
	}
	for c.firstWaiter != nil {
		c.firstWaiter.wake(err, pointCancel)
	}
	for c.firstFunction != nil {
		f := c.firstFunction
		c.removeFunction(f)
		f.function()
	}
	for c.firstChild != nil {
		c.firstChild.cancel(err)
	}
}

// Deadline returns the deadline by the clock of the process, with the skew at the time when the deadline was set.
func (c *simulatedContext) Deadline() (deadline time.Time, ok bool) {
	if !c.limited {
		return time.Time{}, false
	}
	return StartTime.Add(duration(c.deadline) + c.skew), true
}

// Done returns a channel that is closed when the context ends. Neither the kernel nor a task may wait on it. It is for
// code of the standard library that polls or compares it. It is nil for the root context of a process, which never
// ends.
func (c *simulatedContext) Done() <-chan struct{} { //deterministic:allow context.Context requires it
	if c.root {
		return nil
	}
	if c.done == nil {
		// The only channel of the package: context.Context requires it. Nothing is ever sent on it.
		c.done = make(chan struct{}) //deterministic:allow see the comment above
		if c.err != nil {
			close(c.done) //deterministic:allow the context has ended
		}
	}
	return c.done
}

// Err returns nil, [context.Canceled] or [context.DeadlineExceeded].
func (c *simulatedContext) Err() error {
	if c.err != nil {
		c.kernel.called() // a loop that ignores the end of its context may make no other call
	}
	return c.err
}

// Value looks up a key in the contexts that this one was derived from.
func (c *simulatedContext) Value(key any) any {
	if key == (contextKey{}) {
		return c
	}
	for c.values != nil {
		parent, ok := c.values.(*simulatedContext)
		if !ok {
			return c.values.Value(key)
		}
		c = parent
	}
	return nil
}

// String returns the name of the context, in the form of the standard library's contexts.
func (c *simulatedContext) String() string { return "kernel.Context(" + c.process.name + ")" }

// AfterFunc calls a function once when the context ends, or at once if it has ended. The returned function stops that,
// and reports whether it did. The standard library uses this method to end its own children of the context without a
// goroutine. The function runs inside the call or event that ends the context and must not block.
func (c *simulatedContext) AfterFunc(function func()) (stop func() bool) {
	if c.err != nil {
		function()
		return func() bool { return false }
	}
	f := &contextFunction{function: function, context: c, previous: c.lastFunction}
	if c.lastFunction != nil {
		c.lastFunction.next = f
	} else {
		c.firstFunction = f
	}
	c.lastFunction = f
	generation := c.generation
	return func() bool {
		if f.context == nil || c.generation != generation {
			return false
		}
		c.removeFunction(f)
		return true
	}
}

// removeFunction unlinks a registered function.
func (c *simulatedContext) removeFunction(f *contextFunction) {
	if f.previous != nil {
		f.previous.next = f.next
	} else {
		c.firstFunction = f.next
	}
	if f.next != nil {
		f.next.previous = f.previous
	} else {
		c.lastFunction = f.previous
	}
	f.context, f.next, f.previous = nil, nil, nil
}

// removeChild unlinks a child.
func (c *simulatedContext) removeChild(child *simulatedContext) {
	if child.previous != nil {
		child.previous.nextSibling = child.nextSibling
	} else {
		c.firstChild = child.nextSibling
	}
	if child.nextSibling != nil {
		child.nextSibling.previous = child.previous
	} else {
		c.lastChild = child.previous
	}
	child.nextSibling, child.previous = nil, nil
}

// addWaiter links a task that is about to block.
func (c *simulatedContext) addWaiter(t *task) {
	t.linked = true
	t.context = c
	t.contextNext, t.contextPrevious = nil, c.lastWaiter
	if c.lastWaiter != nil {
		c.lastWaiter.contextNext = t
	} else {
		c.firstWaiter = t
	}
	c.lastWaiter = t
}

// removeWaiter unlinks a task.
func (c *simulatedContext) removeWaiter(t *task) {
	if t.contextPrevious != nil {
		t.contextPrevious.contextNext = t.contextNext
	} else {
		c.firstWaiter = t.contextNext
	}
	if t.contextNext != nil {
		t.contextNext.contextPrevious = t.contextPrevious
	} else {
		c.lastWaiter = t.contextPrevious
	}
	t.context, t.contextNext, t.contextPrevious = nil, nil, nil
}
