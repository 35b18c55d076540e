package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

var (
	opRestartAt    = timingOp(1110, "agent.restart.at")
	opAgentDown    = timingOp(1111, "agent.restart.down")
	opOverloadAt   = timingOp(1120, "agent.overload.at")
	opOverloadFor  = timingOp(1121, "agent.overload.for")
	opOverloadLong = timingOp(1122, "agent.overload.long")

	labelAgentRestart = kernel.NewPoint("agent.restart")
	labelOverload     = kernel.NewPoint("agent.overload")
)

// An agentLife is what happens to the agent as a whole in a run.
type agentLife struct {
	life            int           // restarts so far
	downUntil       time.Duration // it accepts no call until then
	overloadedUntil time.Duration // it throttles all calls until then
	form            throttleForm  // of its answers
	takesNoNote     bool          // of interrupts of sessions that it does not know
}

// scheduleAgentLife decides what happens to the agent. It returns for how long the storm lasts, which an overload may prolong.
func (w *Deployment) scheduleAgentLife() (lasts time.Duration) {
	k, left := w.kernel, w.stormLeft()
	if w.schedule(w.actor, &runPoint, faults.AgentRestart) {
		k.After(k.Between(w.actor, opRestartAt, 0, left), labelAgentRestart, func() {
			if w.stormy {
				w.agent.restart()
			}
		})
	}
	w.agent.takesNoNote = w.injectBy(w.actor, partyAgent, &runPoint, faults.AgentNoNote)
	if !w.schedule(w.actor, &runPoint, faults.AgentOverload) {
		return left
	}
	at := k.Between(w.actor, opOverloadAt, 0, left)
	overloaded := k.Between(w.actor, opOverloadFor, time.Minute, 15*time.Minute)
	if k.Chance(w.actor, opOverloadLong, 0.1) { // hours of virtual time cost as much as a dozen other runs
		overloaded *= 8
	}
	k.After(at, labelOverload, func() {
		if w.stormy {
			w.agent.overload(overloaded)
		}
	})
	return max(left, at+overloaded)
}

// restart ends the agent and its sessions. Requests on their way to it are lost, because their connections break.
func (a *agent) restart() {
	w := a.world
	w.countFault(faults.AgentRestart, partyAgent, "run", w.plannedFault(w.actor, faults.AgentRestart))
	a.life++
	a.downUntil = w.kernel.Now() + w.kernel.Between(w.actor, opAgentDown, time.Second, 20*time.Second)
	w.traceActor(partyAgent, "restarts, has lost its sessions, and is down for %s", a.downUntil-w.kernel.Now())
	for _, s := range a.sessions {
		if s.lost {
			continue
		}
		s.lost = true
		if !s.over {
			s.end(engine.Failed)
		}
		r := w.record(checker.SessionLost, partyAgent, 0)
		r.Key, r.Session = s.work, s.id
		w.observe(r)
		for _, stream := range s.streams {
			stream.broken = true
			stream.wake()
		}
	}
}

// absent makes a call fail that reaches the agent while it is down, or was sent before it restarted.
func (a *agent) absent(c *call) bool {
	switch {
	case c.request.agentLife != a.life:
		c.faults.disconnect(engine.Ambiguous, errConnectionReset)
	case a.world.kernel.Now() < a.downUntil:
		c.faults.disconnect(engine.Rejected, errConnectionRefused)
	default:
		return false
	}
	c.faults.withoutEffect = true
	return true
}

// newAgentCall returns a call of the agent as it is now.
func (n *node) newAgentCall(called checker.Call, key engine.AttemptKey) *call {
	c := n.newRemoteCall(called, key)
	c.request.agentLife = n.world.agent.life
	return c
}

// overload makes the agent throttle all calls for a while.
func (a *agent) overload(d time.Duration) {
	w := a.world
	w.countFault(faults.AgentOverload, partyAgent, "run", w.plannedFault(w.actor, faults.AgentOverload))
	a.overloadedUntil = w.kernel.Now() + d
	a.form = throttleForm(w.kernel.Pick(w.actor, opThrottleForm, int(throttleForms)))
	w.traceActor(partyAgent, "is overloaded for %s", d)
}

// overloaded reports whether the agent throttles a call because it is overloaded.
func (a *agent) overloaded(c *call) bool {
	w := a.world
	if !w.stormy || w.kernel.Now() >= a.overloadedUntil {
		return false
	}
	w.noteFault(faults.AgentOverload, c.from.name, c.method.name, w.plannedFault(w.actor, faults.AgentOverload))
	return true
}

// retryAfter returns how an overloaded agent throttles a call.
func (a *agent) retryAfter(c *call) throttle {
	t := throttle{form: a.form}
	if t.form != throttleSilent {
		t.after = a.world.kernel.Between(c.from.process.Actor(), opRetryAfter, time.Second, 3*time.Minute).Truncate(time.Second)
	}
	return t
}
