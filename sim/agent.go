package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// agentLatency is one way to the agent, an outside service.
var agentLatency = kernel.Latency{Min: 5 * time.Millisecond, Median: 40 * time.Millisecond, Max: 6 * time.Second}

// A session emits eventsMin to eventsMax events.
const eventsMin, eventsMax = 3, 30

// eventGap is the time between two events of a session.
var eventGap = kernel.Latency{Min: 100 * time.Millisecond, Median: 1500 * time.Millisecond, Max: time.Minute}

var (
	labelAgentRequest = kernel.NewOp("agent.request")
	labelAgentAnswer  = kernel.NewOp("agent.answer")
	labelEmit         = kernel.NewOp("agent.emit")
	opAgentLatency    = kernel.NewOp("agent.latency")
	opEventCount      = kernel.NewOp("session.events")
	opEventGap        = kernel.NewOp("session.gap")
	opEventTokens     = kernel.NewOp("session.tokens")
	opOutcome         = kernel.NewOp("session.outcome")
	opHangAt          = kernel.NewOp("session.hang")
	opLateBy          = kernel.NewOp("session.late")
	opReplay          = kernel.NewOp("stream.replay")
	opAlways          = kernel.NewOp("stream.always")
	opStopsSlowly     = kernel.NewOp("session.stops-slowly")
	opStopsAfter      = kernel.NewOp("session.stops-after")
	labelStopped      = kernel.NewOp("session.stopped")
	opErrorEffect     = kernel.NewOp("agent.error.effect")
)

var agentPoints = [...]faultOps{
	agentCreate: newFaultOps("agent.create"), agentStream: newFaultOps("agent.stream"),
	agentInterrupt: newFaultOps("agent.interrupt"),
}

type agentMethod uint8

const (
	agentCreate agentMethod = iota
	agentStream
	agentInterrupt
)

var agentMethodNames = [...]string{"agent.create", "agent.stream", "agent.interrupt"}

var pointOfAgent = [...]point{
	agentCreate: pointAgentCreate, agentStream: pointAgentStream, agentInterrupt: pointAgentInterrupt,
}

var (
	errDecode    = errors.New("malformed event")
	errOversized = errors.New("event over the limit of 1 MiB")
	errRefused   = errors.New("refused")
	errThrottled = errors.New("429 too many requests")
	errStopped   = errors.New("the session was interrupted before it was created")
)

// An agent is the faithful outside service: sessions by idempotency key, event
// streams that resume, interrupts that hold against what comes later. Its sessions
// are the ground truth of what was executed.
type agent struct {
	world    *World
	sessions []*session // in the order of their creation
	stopped  []engine.AttemptKey
	refused  []engine.AttemptKey
	free     []*agentCall
	scripts  map[engine.AttemptKey]script

	// Of calls over HTTP.
	process *kernel.Process // serves them; nothing ever happens to it
	handler http.Handler
	serving *agentCall // that is being handed to the handler
}

// A script is what a session of an attempt emits if nothing stops it.
type script struct {
	events []engine.Event
	gaps   []time.Duration
}

// A session is one execution.
type session struct {
	agent   *agent
	id      engine.SessionID
	key     engine.AttemptKey // the idempotency key that it was created with
	work    engine.AttemptKey // what it executes, according to the payload
	owner   engine.OwnerID
	actor   *kernel.Actor
	script  script
	emitted int
	hangAt  int // emits nothing from this event on; -1: never
	over    bool
	// stopping: it was interrupted.
	stopping bool
	streams  []*eventStream
	// oversized lists the events that are over the limit at every delivery.
	oversized []int
}

// An agentCall is one call under way to the agent and back.
type agentCall struct {
	agent      *agent
	method     agentMethod
	node       *node
	life       int
	key        engine.AttemptKey
	payload    []byte
	after      int64
	answering  bool
	waiting    bool
	fate       fate
	completion kernel.Completion
	exchange   *exchange // of a call over HTTP

	err     error
	session *session
	over    bool
}

// agentClient is a worker host's way to the agent.
type agentClient struct{ node *node }

func (c agentClient) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	if c.node.world.overHTTP {
		return c.overHTTP(agentCreate, key, 0).Create(ctx, key, payload)
	}
	call, err := c.call(ctx, agentCreate, key, payload, 0, nil)
	if err != nil {
		return "", err
	}
	id := call.session.id
	call.agent.put(call)
	return id, nil
}

func (c agentClient) Interrupt(ctx context.Context, key engine.AttemptKey) (bool, error) {
	if c.node.world.overHTTP {
		return c.overHTTP(agentInterrupt, key, 0).Interrupt(ctx, key)
	}
	call, err := c.call(ctx, agentInterrupt, key, nil, 0, nil)
	if err != nil {
		return false, err
	}
	over := call.over
	call.agent.put(call)
	return over, nil
}

func (c agentClient) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	if c.node.world.overHTTP {
		stream, err := c.overHTTP(agentStream, key, after).Stream(ctx, key, after)
		if err != nil {
			return nil, err
		}
		return delivered{stream, c.node, key}, nil
	}
	call, err := c.call(ctx, agentStream, key, nil, after, nil)
	if err != nil {
		return nil, err
	}
	s := call.session
	call.agent.put(call)
	return delivered{s.open(c.node, after), c.node, key}, nil
}

// delivered is a stream as its reader sees it: it records what has arrived.
type delivered struct {
	engine.EventStream
	node *node
	key  engine.AttemptKey
}

// Recv implements [engine.EventStream].
func (d delivered) Recv(ctx context.Context) (engine.Event, error) {
	event, err := d.EventStream.Recv(ctx)
	if err == nil {
		w := d.node.world
		r := w.record(checker.EventDelivered, d.node.name, d.node.process.Incarnation())
		r.Key, r.Number = d.key, event.Seq
		w.observe(r)
	}
	return event, err
}

var agentRecords = [...]checker.Kind{
	agentCreate: checker.CreateSent, agentStream: checker.StreamSent, agentInterrupt: checker.InterruptSent,
}

// call carries one call out: what is given or, over HTTP, an exchange. Without an
// error the caller puts it back.
func (c agentClient) call(ctx context.Context, m agentMethod, key engine.AttemptKey, payload []byte, after int64, x *exchange) (*agentCall, error) {
	n := c.node
	w, a := n.world, n.world.agent
	n.faultPoint(pointOfAgent[m])
	sent := w.record(agentRecords[m], n.name, n.process.Incarnation())
	sent.Key, sent.From = key, after
	w.observe(sent)
	call := a.take()
	call.method, call.node, call.life, call.key, call.payload, call.after = m, n, n.process.Incarnation(), key, payload, after
	call.exchange = x
	call.fate = w.agentFate(n, m)
	call.waiting = true
	call.completion.Reset(w.kernel)
	w.operations++
	if call.fate.duplicate > 0 {
		again := a.take()
		again.method, again.node, again.key, again.payload, again.after = m, n, key, payload, after
		if x != nil {
			again.exchange = x.again()
		}
		again.completion.Reset(w.kernel)
		w.kernel.Schedule(call.latency()+call.fate.duplicate, labelAgentRequest, again)
	}
	w.kernel.Schedule(call.latency()+call.fate.requestDelay, labelAgentRequest, call)
	n.faultPoint(pointOfAgent[m])
	err := call.completion.Wait(ctx)
	if err != nil {
		call.waiting = false
		return nil, err
	}
	err = call.err
	if err != nil {
		a.put(call)
	}
	n.faultPoint(pointOfAgent[m])
	return call, err
}

func (c *agentCall) latency() time.Duration {
	return c.agent.world.kernel.Latency(c.node.process.Actor(), opAgentLatency, agentLatency)
}

// Fire is the arrival at the agent, or of the answer.
func (c *agentCall) Fire() {
	w := c.agent.world
	if c.answering {
		if !c.waiting || !c.node.process.Alive() || c.node.process.Incarnation() != c.life {
			c.exchange.hangUp()
			c.agent.put(c)
			return
		}
		if c.node.loses(partyAgent, agentMethodNames[c.method]) {
			c.exchange.hangUp()
			return
		}
		c.completion.Complete()
		return
	}
	c.answering = true
	if c.fate.requestLost || c.node.loses(partyAgent, agentMethodNames[c.method]) {
		return // nothing arrives, so nothing is answered
	}
	if c.method == agentCreate && c.agent.refuses(c) {
		c.fate.refuse(engine.Permanent)
	}
	if c.exchange != nil {
		c.arriveOverHTTP()
		return
	}
	if !c.fate.withoutEffect {
		c.err = c.agent.serve(c)
	}
	if c.fate.fails {
		c.err = &engine.Error{Kind: c.fate.err, Op: agentMethodNames[c.method], Err: agentFaultError(&c.fate)}
	}
	if c.fate.answerLost {
		return
	}
	w.kernel.Schedule(c.latency()+c.fate.answerDelay, labelAgentAnswer, c)
}

func agentFaultError(f *fate) error {
	switch {
	case f.reset:
		return errConnectionReset
	case f.err == engine.Permanent:
		return errRefused
	case f.err == engine.Rejected:
		return errThrottled
	}
	return errServer
}

// serve is what the agent does.
func (a *agent) serve(c *agentCall) error {
	s := a.find(c.key)
	switch c.method {
	case agentCreate:
		if s == nil && a.isStopped(c.key) {
			return &engine.Error{Kind: engine.Permanent, Op: "agent.create", Err: errStopped}
		}
		if s == nil {
			s = a.create(c)
		}
	case agentStream:
		if s == nil {
			return &engine.Error{Kind: engine.NotFound, Op: "agent.stream"}
		}
	case agentInterrupt:
		c.over = a.interrupt(c.key, s)
	}
	c.session = s
	return nil
}

// refuses decides whether the agent refuses to create a session. It never changes
// its mind about a key.
func (a *agent) refuses(c *agentCall) bool {
	if slices.Contains(a.refused, c.key) {
		return true
	}
	second := c.life == 0 // a second delivery, which nobody waits for
	if second || c.fate.fails || a.find(c.key) != nil || !a.world.strikesActor(c.node.process.Actor(), "agent", &agentPoints[agentCreate], faults.AgentRefuse) {
		return false
	}
	a.refused = append(a.refused, c.key)
	return true
}

func (a *agent) find(key engine.AttemptKey) *session {
	for _, s := range a.sessions {
		if s.key == key {
			return s
		}
	}
	return nil
}

func (a *agent) isStopped(key engine.AttemptKey) bool {
	return slices.Contains(a.stopped, key)
}

// create begins to execute what the payload says, whatever the key.
func (a *agent) create(c *agentCall) *session {
	w := a.world
	work, owner := decodePayload(c.payload)
	s := &session{agent: a, key: c.key, work: work, owner: owner, hangAt: -1}
	s.id = engine.SessionID(fmt.Sprintf("s%d", len(a.sessions)+1))
	s.actor = w.kernel.Actor("session " + work.String())
	s.script = a.script(work, s.actor)
	a.sessions = append(a.sessions, s)
	if w.strikesActor(s.actor, "agent", &sessionPoint, faults.AgentHang) {
		s.hangAt = w.kernel.Pick(s.actor, opHangAt, len(s.script.events))
	}
	r := w.record(checker.SessionStarted, "agent", 0)
	r.Key, r.Owner, r.Session, r.Script = work, owner, s.id, s.script.events
	w.observe(r)
	if s.hangAt >= 0 {
		w.say("agent", "is going to fall silent after %d events of session %s", s.hangAt, s.id)
	}
	s.next()
	return s
}

// script decides what a review is going to say. It depends on the attempt alone,
// so that a second execution would be just as visible.
func (a *agent) script(work engine.AttemptKey, actor *kernel.Actor) script {
	if made, ok := a.scripts[work]; ok {
		return made
	}
	k := a.world.kernel
	n := eventsMin + k.Pick(actor, opEventCount, eventsMax-eventsMin+1)
	s := script{events: make([]engine.Event, n), gaps: make([]time.Duration, n)}
	for i := range s.events {
		s.events[i] = engine.Event{Seq: int64(i) + 1, Kind: engine.EventProgress, Tokens: int64(1 + k.Draw(actor, opEventTokens)>>54)}
		s.gaps[i] = k.Latency(actor, opEventGap, eventGap)
	}
	last := &s.events[n-1]
	last.Kind = engine.EventCompleted
	switch outcome := k.Pick(actor, opOutcome, 20); {
	case outcome >= 18:
		last.Kind, last.Retryable, last.Text = engine.EventFailed, true, "the agent's infrastructure failed"
	case outcome == 17:
		last.Kind, last.Text = engine.EventFailed, "the change can't be reviewed"
	}
	if a.world.strikesActor(actor, "agent", &sessionPoint, faults.AgentLate) {
		s.gaps[n-1] += k.Between(actor, opLateBy, time.Minute, 15*time.Minute)
	}
	a.scripts[work] = s
	return s
}

// next schedules the next event of the session.
func (s *session) next() {
	if s.over || s.emitted == s.hangAt || s.emitted == len(s.script.events) {
		return
	}
	s.agent.world.kernel.Schedule(s.script.gaps[s.emitted], labelEmit, s)
}

// Fire emits an event.
func (s *session) Fire() {
	if s.over {
		return
	}
	event := &s.script.events[s.emitted]
	s.emitted++
	if event.Last() {
		s.end(event.Outcome().Status)
	}
	for _, stream := range s.streams {
		stream.wake()
	}
	s.next()
}

func (s *session) end(status engine.Status) {
	w := s.agent.world
	s.over = true
	r := w.record(checker.SessionEnded, "agent", 0)
	r.Key, r.Owner, r.Session, r.Status, r.Number = s.work, s.owner, s.id, status, int64(s.emitted)
	w.observe(r)
}

// interrupt ends the session of a key, now or whenever it might be created. An
// agent in the middle of something may take a while to stop; it reports whether
// the session is over.
func (a *agent) interrupt(key engine.AttemptKey, s *session) (over bool) {
	if !a.isStopped(key) {
		a.stopped = append(a.stopped, key)
	}
	r := a.world.record(checker.Interrupted, "agent", 0)
	r.Key = key
	a.world.observe(r)
	if s == nil || s.over {
		return true
	}
	if s.stopping {
		return false
	}
	s.stopping = true
	w := a.world
	if w.kernel.Chance(s.actor, opStopsSlowly, 0.25) {
		w.kernel.After(w.kernel.Between(s.actor, opStopsAfter, 100*time.Millisecond, 20*time.Second), labelStopped, s.stop)
		return false
	}
	s.stop()
	return true
}

// stop ends a session that was interrupted, unless it has come to its end.
func (s *session) stop() {
	if s.over {
		return
	}
	s.end(engine.Cancelled)
	for _, stream := range s.streams {
		stream.wake()
	}
}

// disconnect breaks the streams of a process that the network has cut off.
func (a *agent) disconnect(n *node) {
	for _, s := range a.sessions {
		for _, stream := range s.streams {
			if stream.node == n {
				stream.broken = true
				stream.wake()
			}
		}
	}
}

// open begins a stream behind a sequence number.
func (s *session) open(n *node, after int64) *eventStream {
	w := s.agent.world
	stream := &eventStream{session: s, node: n, position: int(after)}
	if after > 0 && w.strikes(n, &agentPoints[agentStream], faults.AgentDuplicateEvents) {
		stream.position -= 1 + w.kernel.Pick(n.process.Actor(), opReplay, min(int(after), 5))
		w.say("agent", "begins the stream of %s again after event %d", s.work, stream.position)
	}
	s.streams = append(s.streams, stream)
	return stream
}

// An eventStream is one connection that delivers a session's events.
type eventStream struct {
	session    *session
	node       *node
	position   int // events delivered
	broken     bool
	completion kernel.Completion
	waiting    bool
	pipe       *pipe // over HTTP, what carries the events
}

// Recv implements [engine.EventStream].
func (e *eventStream) Recv(ctx context.Context) (engine.Event, error) {
	s := e.session
	w := s.agent.world
	for {
		switch {
		case ctx.Err() != nil:
			return engine.Event{}, ctx.Err()
		case e.broken || e.node.cutOffFrom(partyAgent):
			if e.pipe != nil {
				e.pipe.reset()
			}
			return engine.Event{}, &engine.Error{Kind: engine.Ambiguous, Op: "agent.stream", Err: errConnectionReset}
		case e.position < s.emitted:
			return e.deliver()
		case s.over:
			return engine.Event{}, io.EOF
		}
		e.completion.Reset(w.kernel)
		e.waiting = true
		err := e.completion.Wait(ctx)
		e.waiting = false
		if err != nil {
			return engine.Event{}, err
		}
	}
}

// deliver hands out the next event, if nothing happens to it on the wire.
func (e *eventStream) deliver() (engine.Event, error) {
	if kind, struck := e.mishap(); struck {
		e.broken = true
		if e.pipe != nil {
			return engine.Event{}, e.mishapOverHTTP(kind)
		}
		return engine.Event{}, streamErrors[kind]
	}
	event := e.session.script.events[e.position]
	e.position++
	return event, nil
}

// streamErrors are what a reader is told about an event that something happened to.
var streamErrors = [faults.Count]error{
	faults.AgentCut:       io.EOF,
	faults.NetworkReset:   &engine.Error{Kind: engine.Ambiguous, Op: "agent.stream", Err: errConnectionReset},
	faults.AgentMalformed: &engine.Error{Kind: engine.Permanent, Op: "agent.stream", Err: errDecode},
	faults.AgentOversized: &engine.Error{Kind: engine.Permanent, Op: "agent.stream", Err: errOversized},
}

// mishap decides what happens to the next event on the wire.
func (e *eventStream) mishap() (kind faults.Kind, struck bool) {
	w := e.session.agent.world
	if w.stormy {
		for _, kind := range [...]faults.Kind{faults.AgentCut, faults.NetworkReset, faults.AgentMalformed, faults.AgentOversized} {
			if !w.strikes(e.node, &streamPoint, kind) {
				continue
			}
			if kind == faults.AgentOversized && w.kernel.Chance(e.session.actor, opAlways, 0.5) {
				e.session.oversized = append(e.session.oversized, e.position)
			}
			return kind, true
		}
	}
	return faults.AgentOversized, slices.Contains(e.session.oversized, e.position)
}

func (e *eventStream) wake() {
	if e.waiting {
		e.completion.Complete()
	}
}

// Close implements [engine.EventStream].
func (e *eventStream) Close() {
	for i, other := range e.session.streams {
		if other == e {
			e.session.streams = append(e.session.streams[:i], e.session.streams[i+1:]...)
			return
		}
	}
}

func (a *agent) take() *agentCall {
	if n := len(a.free); n > 0 {
		c := a.free[n-1]
		a.free = a.free[:n-1]
		return c
	}
	return &agentCall{agent: a}
}

func (a *agent) put(c *agentCall) {
	*c = agentCall{agent: a}
	a.free = append(a.free, c)
}

// agentFate decides what becomes of a call.
func (w *World) agentFate(n *node, m agentMethod) (f fate) {
	if !w.stormy {
		return f
	}
	at := &agentPoints[m]
	switch {
	case w.strikes(n, at, faults.AgentThrottle):
		f.refuse(engine.Rejected)
	case w.strikes(n, at, faults.AgentError):
		f.fails, f.err = true, engine.Ambiguous
		f.withoutEffect = !w.kernel.Chance(n.process.Actor(), opErrorEffect, 0.5)
	case w.strikes(n, at, faults.NetworkRequestLost):
		f.requestLost = true
	case w.strikes(n, at, faults.NetworkAnswerLost):
		f.answerLost = true
	case w.strikes(n, at, faults.NetworkDelay):
		f.requestDelay = w.delay(n, 15*time.Second, 2*time.Minute)
	case w.strikes(n, at, faults.NetworkReset):
		f.fails, f.err, f.reset = true, engine.Ambiguous, true
	case w.strikes(n, at, faults.NetworkReorder):
		f.requestDelay = w.delay(n, 100*time.Millisecond, 8*time.Second)
	}
	if w.strikes(n, at, faults.NetworkDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 3*time.Minute)
	}
	return f
}

// encodePayload and decodePayload carry what is to be executed past the
// idempotency key, so that the agent's log can tell when the two differ.
func encodePayload(r *engine.Review) []byte {
	return fmt.Appendf(nil, "%s\x00%d\x00%s", r.Review, r.Attempt, r.Owner)
}

func decodePayload(payload []byte) (engine.AttemptKey, engine.OwnerID) {
	parts := strings.SplitN(string(payload), "\x00", 3)
	var attempt int
	if _, err := fmt.Sscan(parts[1], &attempt); err != nil {
		panic("sim: payload " + string(payload) + " is not one of ours")
	}
	return engine.AttemptKey{Review: engine.ReviewID(parts[0]), Attempt: attempt}, engine.OwnerID(parts[2])
}
