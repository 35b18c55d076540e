package world

import (
	"context"
	"errors"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// A call is one call of a process to another party: what is asked, on its way there, and the answer, on its way back.
// All calls of the world are made here. What differs between methods stands in the table of methods; what differs
// between parties, in the party's answerer and the link to it.
//
// A call passes through these functions, in this order:
//
//	send       The caller makes the call, directly or over HTTP.
//	roundTrip  Faults are injected, the request leaves, the caller waits.
//	arrive     The request reaches the answerer, which carries it out.
//	reply      The answer leaves.
//	returned   The answer reaches the caller.
//
// A call outlives a caller that gives up or crashes: a request that was sent is carried out even if nobody waits for
// the answer.
type call struct {
	world *Deployment
	// task carries the call out in the process that it has reached. It is made once.
	task func(ctx context.Context)
	callState
	request  request  // of a remote method
	response response // to the request

	statement statement // of the database
	entry     entry     // of the journal
	context   serving   // the context of the task that carries it out
}

// A callState is what every call has, anew each time that its memory is used.
type callState struct {
	method *method
	key    engine.AttemptKey
	from   *node
	life   int // of from
	to     answerer
	faults callFaults
	tag    uint64 // of the tasks that carry it out: the operation of the history, plus 1

	completion kernel.Completion
	caller     caller
	exchange   *exchange // of a call over HTTP
	err        error     // for the caller
	truth      checker.Truth
	message    uint64 // the latest that was reported; 0: none

	held      bool // by its caller, who waits for the answer or reads it
	underWay  bool // it travels, or is carried out
	answering bool // it is answered
	stalled   bool // its connection stood still
	copy      bool // a second delivery: nobody waits for its answer
	refused   bool // a start that is too large
	canceled  bool // its caller stopped waiting before the deadline
	serving   int  // position among the calls that its process carries out, plus 1
}

// An answerer carries out calls: an app replica, a worker host, the database, the journal, the agent.
type answerer interface {
	// party returns its name, in messages and where a partition cuts.
	party() string
	// loses reports whether it is cut off from another party, so that a message between the two is lost now. The message
	// is leaving if the answerer sends it, and comes from the other party otherwise.
	loses(party string, leaving bool, called checker.Call) bool
	// receive is the arrival of a call. A party that cannot carry it out changes the call's faults.
	receive(c *call)
	// execute carries the call out, now or in a task, and answers it with [call.reply].
	execute(c *call)
}

// A service is an answerer that is not a process of the deployment. It accepts every call and carries it out on
// arrival.
type service string

// party implements [answerer].
func (s service) party() string { return string(s) }

// loses implements [answerer]. Processes are cut off, services are not.
func (service) loses(string, bool, checker.Call) bool { return false }

// receive implements [answerer].
func (service) receive(*call) {}

// execute implements [answerer].
func (service) execute(c *call) {
	c.err = c.method.direct(context.Background(), c)
	if !c.method.link.store {
		_ = c.decided(c.err)
	}
	c.reply()
}

// newCall returns a call about an attempt, without the operation of a store. The caller holds it until [call.release].
func (n *node) newCall(called checker.Call, key engine.AttemptKey) *call {
	c := n.world.takeCall()
	c.callState = callState{}
	c.method, c.key, c.from, c.life, c.held = &methods[called], key, n, n.process.Incarnation(), true
	return c
}

// newRemoteCall returns a call of a remote method, with an empty request.
func (n *node) newRemoteCall(called checker.Call, key engine.AttemptKey) *call {
	c := n.newCall(called, key)
	c.request = request{}
	c.response = response{}
	return c
}

func (w *Deployment) takeCall() *call {
	if n := len(w.calls); n > 0 {
		c := w.calls[n-1]
		w.calls = w.calls[:n-1]
		return c
	}
	c := &call{world: w}
	c.task = func(ctx context.Context) { c.to.(*node).serve(ctx, c) }
	return c
}

// release lets the call go; its caller does not use it afterwards. Callers defer it, so that a caller that crashes lets
// go of the call too.
func (c *call) release() {
	c.held = false
	if !c.underWay {
		c.world.calls = append(c.world.calls, c)
	}
}

// end is called when the call is on its way no more. If its caller has let it go, its memory is free.
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
		err := c.method.overHTTP(ctx, c)
		if engine.IsKind(err, engine.Ambiguous) {
			c.noteFaults(ctx.Err()) // its time may have ended while the client read the answer
		}
		return err
	}
	return c.roundTrip(ctx)
}

// roundTrip sends the request and waits for the answer. It returns the answer's error, or that of the context if that
// ends first.
func (c *call) roundTrip(ctx context.Context) error {
	w, link, at := c.world, c.method.link, c.method.point
	c.from.faultPoint(at)
	c.observeSent()
	if w.stormy {
		c.injectFaults()
	}
	c.completion.Reset(w.kernel)
	w.operations++
	c.caller.number = w.operations
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
	c.noteFaults(waited)
	err := waited
	switch {
	case waited != nil:
		c.canceled = errors.Is(waited, context.Canceled)
		c.abandon()
	case c.caller.left:
		err = c.errLeft()
	default:
		err = c.err
	}
	c.observeAnswer(err)
	if waited == nil || link.peers {
		c.from.faultPoint(at)
	}
	return err
}

// injectFaults decides which faults the call meets. Those that last go before others.
func (c *call) injectFaults() {
	if w := c.world; w.kernel.Now() < w.troubles.until {
		if f, hit := c.trouble(); hit {
			c.faults = f
			return
		}
	}
	c.faults = c.method.inject(c.world, c)
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

// schedule lets the request or the answer arrive after its latency and a delay.
func (c *call) schedule(delay time.Duration, arrival kernel.Point) {
	link := c.method.link
	after := c.world.kernel.Latency(c.from.process.Actor(), link.decides, link.latency) + delay
	if c.world.stalledUntil > c.world.kernel.Now() {
		held := c.heldBack()
		c.stalled = c.stalled || held > 0
		after += held
	}
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
	if c.stalled && !c.copy && !c.held {
		c.world.monitor.Goals().Add(checker.ArrivedAfterAStall)
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
	cut := link.peers && c.cutOff()
	if cut && !c.faults.withoutEffect {
		c.noteOneWay()
	}
	if c.faults.answerLost || cut {
		c.observeMessage(0, true)
		c.exchange.hangUp()
		c.end()
		return
	}
	delay := c.faults.answerDelay
	if c.world.capacity != (capacity{}) && !c.faults.withoutEffect {
		delay += c.queued()
	}
	c.schedule(delay, link.answer)
}

// returned is the arrival of the answer.
func (c *call) returned() {
	switch {
	case !c.held && !c.method.link.peers: // the caller is gone
		c.exchange.hangUp()
		c.end()
	case c.cutOff():
		c.noteOneWay()
		c.lose()
	default:
		c.completion.Complete()
		c.end()
	}
}

// lose ends the way of a request or an answer that does not arrive. The caller waits in vain.
func (c *call) lose() {
	c.observeLoss()
	c.exchange.hangUp()
	c.end()
}

// cutOff reports whether a message is lost now because its two ends cannot reach each other.
func (c *call) cutOff() bool {
	return c.from.loses(c.to.party(), !c.answering, c.method.call) || c.to.loses(c.from.name, c.answering, c.method.call)
}

// noteOneWay counts that an answer is lost while a request would arrive.
func (c *call) noteOneWay() {
	now := c.world.kernel.Now()
	to, ok := c.to.(*node)
	if c.from.oneWay.covers(now, c.to.party()) || ok && to.oneWay.covers(now, c.from.name) {
		c.world.monitor.Goals().Add(checker.AnswerLostOneWay)
	}
}

// fail answers the call with the error that its faults name.
func (c *call) fail() {
	if c.exchange != nil {
		c.exchange.breakOff()
		if c.faults.cause == errThrottled { //nolint:errorlint // it is set as it is
			c.faults.throttle.answer(c.exchange, kernel.StartTime.Add(c.world.kernel.Now()))
			return
		}
		c.err = c.exchange.fail(c.faults.cause)
		return
	}
	c.err = c.faults.error(c.method.name)
}

// handlerFails reports whether the production handler itself produces the error. Over HTTP it does where a request is
// wrong; where a connection breaks, the network does.
func (c *call) handlerFails() bool { return c.exchange != nil && c.faults.byHandler }
