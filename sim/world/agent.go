package world

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

// slowSession is the factor by which some sessions are slower. Reviewing a large change takes time: the session still
// runs when the claim of its dispatch is stale.
const slowSession = 10

var (
	labelAgentRequest = kernel.NewPoint("agent.request")
	labelAgentAnswer  = kernel.NewPoint("agent.answer")
	labelEmit         = kernel.NewPoint("agent.emit")
	opAgentLatency    = latencyOp(40, "agent.latency")
	opEventCount      = workloadOp(180, "session.events")
	opEventGap        = latencyOp(50, "session.gap")
	opSlowSession     = workloadOp(190, "session.slow")
	opEventTokens     = timingOp(60, "session.tokens")
	opEnlarged        = workloadOp(195, "session.enlarged")
	opOutcome         = workloadOp(170, "session.outcome")
	opHangAt          = timingOp(420, "session.hang")
	opLateBy          = timingOp(430, "session.late")
	opReplay          = timingOp(440, "stream.replay")
	opAlways          = timingOp(450, "stream.always")
	opStopsSlowly     = workloadOp(200, "session.stops-slowly")
	opStopsAfter      = timingOp(90, "session.stops-after")
	labelStopped      = kernel.NewPoint("session.stopped")
	opErrorEffect     = timingOp(410, "agent.error.effect")
	opUnknownFor      = timingOp(1100, "session.unknown-for")
)

var (
	errDecode    = errors.New("malformed event")
	errOversized = errors.New("event over the limit of 1 MiB")
	errRefused   = errors.New("refused")
	errThrottled = errors.New("429 too many requests")
	errStopped   = errors.New("the session was interrupted before it was created")
	errNoWork    = errors.New("the payload names no work")
)

// An agent is the outside service, without bugs of its own. It finds sessions by idempotency key, resumes event
// streams, and an interrupt also holds against a create that arrives later. Its sessions are the ground truth of what
// was executed.
type agent struct {
	service
	world    *Deployment
	sessions []*session // in the order of their creation
	stopped  []engine.AttemptKey
	refused  []engine.AttemptKey
	scripts  []script // a reset keeps the memory behind the length
	agentLife

	// For calls over HTTP.
	process *kernel.Process // serves them; no fault ever happens to it
	handler http.Handler
	serving *call // being handed to the handler
}

// receive implements [answerer].
func (a *agent) receive(c *call) {
	if a.absent(c) {
		return
	}
	if c.method.call == checker.CallAgentCreate && a.refuses(c) {
		c.faults.refuse(engine.Permanent, errRefused)
		c.faults.byHandler = true
	}
}

// execute implements [answerer].
func (a *agent) execute(c *call) {
	if c.exchange != nil {
		a.world.kernel.Spawn(a.process, c.method.name, func(ctx context.Context) { a.serveOverHTTP(ctx, c) })
		return
	}
	a.service.execute(c)
}

// serveCreate starts the session of a key, or finds it.
func (a *agent) serveCreate(c *call) error {
	s := a.find(c.key)
	if s == nil && a.isStopped(c.key) {
		return &engine.Error{Kind: engine.Permanent, Op: c.method.name, Err: errStopped}
	}
	if s == nil {
		work, owner, ok := decodePayload(c.request.payload)
		if !ok {
			return &engine.Error{Kind: engine.Permanent, Op: c.method.name, Err: errNoWork}
		}
		s = a.create(c, work, owner)
	}
	c.response.session = s.id
	return nil
}

// serveStream finds the session that a stream is asked of.
func (a *agent) serveStream(c *call) error {
	c.response.found = a.find(c.key)
	if s := c.response.found; s == nil || a.world.kernel.Now() < s.unknownUntil {
		return &engine.Error{Kind: engine.NotFound, Op: c.method.name}
	}
	return nil
}

// serveInterrupt ends the session of a key.
func (a *agent) serveInterrupt(c *call) error {
	s := a.find(c.key)
	if s == nil && a.takesNoNote && !a.isStopped(c.key) {
		return &engine.Error{Kind: engine.NotFound, Op: c.method.name}
	}
	c.response.over = a.interrupt(c.key, s)
	return nil
}

// refuses decides whether the agent refuses to create a session. Once refused, a key stays refused.
func (a *agent) refuses(c *call) bool {
	if slices.Contains(a.refused, c.key) {
		return true
	}
	if c.copy || c.faults.fails || a.find(c.key) != nil || !a.world.injectBy(c.from.process.Actor(), partyAgent, &c.method.faults, faults.AgentRefuse) {
		return false
	}
	a.refused = append(a.refused, c.key)
	return true
}

func (a *agent) find(key engine.AttemptKey) *session {
	for _, s := range a.sessions {
		if s.key == key && !s.lost {
			return s
		}
	}
	return nil
}

func (a *agent) isStopped(key engine.AttemptKey) bool {
	return slices.Contains(a.stopped, key)
}

// create starts a session for what the payload names, whether or not the key agrees.
func (a *agent) create(c *call, work engine.AttemptKey, owner engine.OwnerID) *session {
	w := a.world
	countText(&w.audit, rowPayload, c.request.payload)
	s := &session{agent: a, key: c.key, work: work, owner: owner, hangAt: -1}
	s.id = engine.SessionID(fmt.Sprintf("s%d", len(a.sessions)+1))
	s.actor = w.kernel.Actor("session " + work.String())
	s.script = a.script(work, s.actor)
	a.sessions = append(a.sessions, s)
	if w.injectBy(s.actor, "agent", &sessionPoint, faults.AgentHang) {
		s.hangAt = w.kernel.Pick(s.actor, opHangAt, len(s.script.events))
	}
	if w.injectBy(s.actor, partyAgent, &sessionPoint, faults.AgentEventual) {
		s.unknownUntil = w.kernel.Now() + w.kernel.Between(s.actor, opUnknownFor, time.Second, 20*time.Second)
		w.traceAttempt(partyAgent, work, "does not show session %s for %s", s.id, s.unknownUntil-w.kernel.Now())
	}
	s.forgets = w.injectBy(s.actor, partyAgent, &sessionPoint, faults.AgentForget)
	s.endless = w.schedule(s.actor, &sessionPoint, faults.AgentNoEnd)
	r := w.record(checker.SessionStarted, "agent", 0)
	r.Key, r.Owner, r.Session, r.Script, r.Caller = work, owner, s.id, s.script.events, c.from.process.Name()
	w.observe(r)
	if s.hangAt >= 0 {
		w.traceAttempt(partyAgent, work, "is going to fall silent after %d events of session %s", s.hangAt, s.id)
	}
	s.next()
	return s
}

// interrupt ends the session of a key, and prevents one that would be created later. It reports whether the session is
// over: an agent in the middle of something may take a while to stop.
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
	if s.endless {
		w.countFault(faults.AgentNoEnd, partyAgent, sessionPoint.operation, w.plannedFault(s.actor, faults.AgentNoEnd))
		w.callOperator(key)
		return false
	}
	if w.kernel.Chance(s.actor, opStopsSlowly, 0.25) {
		w.kernel.After(w.kernel.Between(s.actor, opStopsAfter, 100*time.Millisecond, 20*time.Second), labelStopped, s.stop)
		return false
	}
	s.stop()
	return true
}

// endForOperator ends the session of a key, or prevents that one begins: its operator has made sure.
func (a *agent) endForOperator(key engine.AttemptKey) {
	s := a.find(key)
	if s != nil {
		s.endless = false
	}
	a.interrupt(key, s)
	if s != nil {
		s.stop() // at once, however slow it is
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

// encodePayload and decodePayload carry what is to be executed beside the idempotency key, so that the agent's log
// shows when the two differ. The agent refuses any other payload for good.
func encodePayload(r *engine.Review) []byte {
	return fmt.Appendf(nil, "%s\x00%d\x00%s", r.Review, r.Attempt, r.Owner)
}

func decodePayload(payload []byte) (work engine.AttemptKey, owner engine.OwnerID, ok bool) {
	parts := strings.SplitN(string(payload), "\x00", 3)
	if len(parts) < 3 {
		return engine.AttemptKey{}, "", false
	}
	attempt, err := strconv.Atoi(parts[1])
	return engine.AttemptKey{Review: engine.ReviewID(parts[0]), Attempt: attempt}, engine.OwnerID(parts[2]), err == nil
}
