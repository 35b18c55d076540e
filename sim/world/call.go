package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// A call is one call of a process to another party: what is asked, on its way there, and the answer, on its way back.
// All calls of the world are made here. What differs from method to method stands in the table of methods; what differs
// from party to party, in the party's answerer and in the link to it.
//
// A call goes through these functions, in this order:
//
//	send       The caller makes the call, directly or over HTTP.
//	roundTrip  The call's faults are injected, the request leaves, the caller waits.
//	arrive     The request reaches the answerer, which carries it out.
//	reply      The answer leaves.
//	returned   The answer reaches the caller.
//
// A call outlives a caller that gives up or crashes: what was sent is carried out whether or not anybody still waits.
type call struct {
	world *World
	// task carries the call out in the process that it has reached. It is made once.
	task func(ctx context.Context)
	callState
	request  request  // of a remote method
	response response // to the request

	statement statement // of the database
	entry     entry     // of the journal
}

// A callState is what every call has, anew each time that its memory is used.
type callState struct {
	method *method
	key    engine.AttemptKey
	from   *node
	life   int // of from
	to     answerer
	faults callFaults
	tag    uint64 // of the tasks that carry the call out: the operation of the history, plus 1

	completion kernel.Completion
	exchange   *exchange // of a call over HTTP
	err        error     // that the caller gets
	message    uint64    // the latest that was sent of it, if somebody listens

	held      bool // by the caller, who waits for the answer or looks at it
	underWay  bool // it travels, or is carried out
	answering bool // it is on its way back
	copy      bool // it is delivered a second time: nobody waits for its answer
	refused   bool // it is a start that is too large
	serving   int  // its position among the calls that its answerer carries out, plus 1
}

// An answerer carries out calls: an app replica, a worker host, the database, the journal, the agent.
type answerer interface {
	// party returns its name, in messages and where a partition cuts.
	party() string
	// loses reports whether a message between it and another party is lost now, because it is cut off.
	loses(party string, called checker.Call) bool
	// receive is the arrival of a call. A party that can't carry it out changes the call's faults.
	receive(c *call)
	// execute carries the call out, now or in a task, and then has it answered by [call.reply].
	execute(c *call)
}

// A service is an answerer that is no process of the deployment. It takes every call, and carries it out as it arrives.
type service string

// party implements [answerer].
func (s service) party() string { return string(s) }

// loses implements [answerer]: processes are cut off from a service, and never the service.
func (service) loses(string, checker.Call) bool { return false }

// receive implements [answerer].
func (service) receive(*call) {}

// execute implements [answerer].
func (service) execute(c *call) {
	c.err = c.method.direct(context.Background(), c)
	c.reply()
}

// newCall returns a call about an attempt, held by its caller until [call.release]. What is asked is not filled in.
func (n *node) newCall(called checker.Call, key engine.AttemptKey) *call {
	c := n.world.takeCall()
	c.callState = callState{method: &methods[called], key: key, from: n, life: n.process.Incarnation(), held: true}
	return c
}

// newRemoteCall is newCall for a remote method. Its request is empty.
func (n *node) newRemoteCall(called checker.Call, key engine.AttemptKey) *call {
	c := n.newCall(called, key)
	c.request, c.response = request{}, response{}
	return c
}

func (w *World) takeCall() *call {
	if n := len(w.calls); n > 0 {
		c := w.calls[n-1]
		w.calls = w.calls[:n-1]
		return c
	}
	c := &call{world: w}
	c.task = func(ctx context.Context) { c.to.(*node).serve(ctx, c) }
	return c
}

// release is the caller's last look at the call. It is deferred, so that a caller that crashes lets the call go too.
func (c *call) release() {
	c.held = false
	if !c.underWay {
		c.world.calls = append(c.world.calls, c)
	}
}

// end is the end of the call's way. From now on it belongs to its caller, if that has not let it go.
func (c *call) end() {
	c.underWay = false
	if !c.held {
		c.world.calls = append(c.world.calls, c)
	}
}

// send makes the call and waits for its answer, or for the end of the context.
func (c *call) send(ctx context.Context) error {
	c.to = c.method.link.to(c.world, c.from)
	if c.world.overHTTP && c.method.overHTTP != nil {
		return c.method.overHTTP(ctx, c)
	}
	return c.roundTrip(ctx)
}

// roundTrip sends the request and waits for the answer, or for the end of the context, whose error it then returns.
func (c *call) roundTrip(ctx context.Context) error {
	w, link, at := c.world, c.method.link, c.method.point
	c.from.faultPoint(at)
	c.observeSent()
	if w.stormy {
		c.faults = c.method.inject(w, c)
	}
	c.completion.Reset(w.kernel)
	w.operations++
	if c.faults.duplicate > 0 {
		c.duplicate()
	}
	if c.faults.requestLost && link.peers {
		c.observeMessage(0, true)
	} else {
		c.underWay = true
		c.schedule(c.faults.requestDelay, link.request)
	}
	if !link.store {
		c.from.faultPoint(at)
	}
	waited := c.completion.Wait(ctx)
	err := waited
	if err == nil {
		err = c.err
	}
	c.observeAnswer(err)
	if waited == nil || link.peers {
		c.from.faultPoint(at)
	}
	return err
}

// duplicate has the request delivered a second time, later.
func (c *call) duplicate() {
	again := c.world.takeCall()
	again.callState = callState{method: c.method, key: c.key, from: c.from, to: c.to, tag: c.tag, copy: true, underWay: true}
	again.request, again.response = c.request, response{}
	if c.exchange != nil {
		again.exchange = c.exchange.again()
	}
	again.completion.Reset(c.world.kernel)
	again.schedule(c.faults.duplicate, c.method.link.request)
}

// schedule lets the request, or the answer, arrive: after its latency and a delay.
func (c *call) schedule(delay time.Duration, arrival kernel.Point) {
	link := c.method.link
	after := c.world.kernel.Latency(c.from.process.Actor(), link.decides, link.latency) + delay
	c.observeMessage(after, false)
	c.world.kernel.Schedule(after, arrival, c)
}

// Fire is the arrival of the request at the answerer, or of the answer at the caller.
func (c *call) Fire() {
	if c.answering {
		c.returned()
	} else {
		c.arrive()
	}
}

// arrive is the arrival of the request.
func (c *call) arrive() {
	if c.faults.requestLost || c.cutOff() {
		c.lose()
		return
	}
	c.to.receive(c)
	if c.faults.withoutEffect && !c.handlerFails() {
		c.reply()
		return
	}
	c.to.execute(c)
}

// reply sends the answer, unless it gets lost.
func (c *call) reply() {
	link := c.method.link
	if c.faults.fails && !c.handlerFails() {
		c.fail()
	}
	c.answering = true
	if c.faults.answerLost || link.peers && c.cutOff() {
		c.observeMessage(0, true)
		c.exchange.hangUp()
		c.end()
		return
	}
	c.schedule(c.faults.answerDelay, link.answer)
}

// returned is the arrival of the answer.
func (c *call) returned() {
	switch {
	case !c.held && !c.method.link.peers: // nobody is there any more
		c.exchange.hangUp()
		c.end()
	case c.cutOff():
		c.lose()
	default:
		c.completion.Complete()
		c.end()
	}
}

// lose ends the way of a request or an answer that does not arrive: the caller waits in vain.
func (c *call) lose() {
	c.observeLoss()
	c.exchange.hangUp()
	c.end()
}

// cutOff reports whether a message is lost now, because its two ends can't reach each other.
func (c *call) cutOff() bool {
	return c.from.loses(c.to.party(), c.method.call) || c.to.loses(c.from.name, c.method.call)
}

// fail makes the answer what the faults of the call say.
func (c *call) fail() {
	if c.exchange != nil {
		c.exchange.breakOff()
		c.err = c.exchange.fail(c.faults.cause)
		return
	}
	c.err = &engine.Error{Kind: c.faults.kind, Op: c.method.name, Err: c.faults.cause}
}

// handlerFails reports whether it is the production handler that makes the call fail: it refuses what is wrong with a
// request, and the network breaks connections.
func (c *call) handlerFails() bool { return c.exchange != nil && c.faults.byHandler }
