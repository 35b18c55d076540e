package world

import (
	"context"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A server ends the context of a request when its client has left, as net/http does. In a run with the fault
// network.hang-up, callers leave in the middle of calls, and servers learn of it; they also learn of callers that time
// out or crash. A server that looks at the context may then stop between any two of its steps. In other runs servers
// carry every call out to its end, as behind a proxy that keeps its own connection.

// hangUpAfter is how long after the arrival of a request its caller leaves: often in the middle of the one statement
// that most requests are.
var hangUpAfter = kernel.Latency{Min: 10 * time.Microsecond, Median: 1500 * time.Microsecond, Max: 5 * time.Second}

var (
	opHangUpAfter = latencyOp(1400, "hang-up.after")
	opHangUpLag   = latencyOp(1401, "hang-up.latency")
	labelHangUp   = kernel.NewPoint("network.hang-up")
)

// A caller is what the server of a call knows of its caller.
type caller struct {
	left    bool               // it has left: nobody waits for the answer
	forsake context.CancelFunc // ends the context of the server; nil: nothing does
	number  uint64             // of the call, to recognise it when its memory has been used again
}

// noticesLeaving reports whether servers learn of callers that leave.
func (w *Deployment) noticesLeaving() bool { return w.mix.Rate(faults.NetworkHangUp) != 0 }

// attend returns the context in which a server carries a call out, and schedules that its caller leaves.
func (c *call) attend(ctx context.Context) context.Context {
	w := c.world
	if !w.noticesLeaving() || c.copy {
		return ctx
	}
	ctx, c.caller.forsake = c.to.(*node).process.WithCancel(ctx)
	if c.faults.hangUp {
		number := c.caller.number
		w.kernel.After(w.kernel.Latency(c.from.process.Actor(), opHangUpAfter, hangUpAfter), labelHangUp, func() {
			if c.caller.number == number && c.serving != 0 {
				c.leave()
				c.completion.Complete()
			}
		})
	}
	return ctx
}

// leave is that the caller leaves while the call is being carried out: the context of the server ends.
func (c *call) leave() {
	if c.caller.left || c.caller.forsake == nil {
		return
	}
	c.caller.left = true
	c.faults.answerLost = true
	r := c.world.record(checker.CallerLeft, c.to.party(), c.to.(*node).process.Incarnation())
	r.Key, r.Call = c.key, c.method.call
	c.world.observe(r)
	c.caller.forsake()
}

// abandon is called when the caller has stopped waiting. The server learns of it a little later.
func (c *call) abandon() {
	w := c.world
	if c.serving == 0 || c.caller.forsake == nil || c.caller.left {
		return
	}
	number := c.caller.number
	w.kernel.After(w.kernel.Latency(c.from.process.Actor(), opHangUpLag, networkLatency), labelHangUp, func() {
		if c.caller.number == number && c.serving != 0 {
			c.leave()
		}
	})
}

// abandonCalls is called when a process ends: the servers of its calls learn at once that nobody waits.
func (n *node) abandonCalls() {
	w := n.world
	if !w.noticesLeaving() {
		return
	}
	for _, nodes := range [...][]*node{w.apps, w.hosts} {
		for _, server := range nodes {
			for _, c := range server.serving {
				if c != nil && c.from == n && server != n {
					c.leave()
				}
			}
		}
	}
}

// errLeft is what a caller that has left is told by its own connection.
func (c *call) errLeft() error {
	if c.exchange != nil {
		return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return &engine.Error{Kind: engine.Ambiguous, Op: c.method.name, Err: io.ErrUnexpectedEOF}
}
