package world

import (
	"strings"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A script is what the session of an attempt emits if nothing stops it.
type script struct {
	work   engine.AttemptKey
	events []engine.Event
	gaps   []time.Duration
}

// A session is one execution of a review.
type session struct {
	agent   *agent
	id      engine.SessionID
	key     engine.AttemptKey // the idempotency key that it was created with
	work    engine.AttemptKey // what it executes, according to the payload
	owner   engine.OwnerID
	actor   *kernel.Actor
	script  script
	emitted int
	// received is the latest event that a host received, for the trace.
	received int64
	hangAt   int // emits nothing from this event on; -1: never
	over     bool
	// stopping: it has been interrupted.
	stopping bool
	streams  []*eventStream
	// lost: the agent has restarted since. unknownUntil is when streams find it. forgets: events up to acknowledged are
	// not kept.
	lost         bool
	unknownUntil time.Duration
	forgets      bool
	// endless: an interrupt never ends it, and only silences it.
	endless      bool
	acknowledged int
	// oversized lists the events that exceed the limit at every delivery.
	oversized []int
}

// script decides what the session of an attempt emits. It depends on the attempt alone, so that a second execution is
// as visible as the first.
func (a *agent) script(work engine.AttemptKey, actor *kernel.Actor) script {
	for i := range a.scripts {
		if a.scripts[i].work == work {
			return a.scripts[i]
		}
	}
	k := a.world.kernel
	n := eventsMin + k.Pick(actor, opEventCount, eventsMax-eventsMin+1)
	slow := k.Chance(actor, opSlowSession, 0.3)
	s := a.blankScript()
	s.work, s.events, s.gaps = work, s.events[:n], s.gaps[:n]
	for i := range s.events {
		s.events[i] = engine.Event{Seq: int64(i) + 1, Kind: engine.EventProgress, Tokens: int64(1 + k.Draw(actor, opEventTokens)>>54)}
		s.gaps[i] = k.Latency(actor, opEventGap, eventGap)
		if slow {
			s.gaps[i] *= slowSession
		}
	}
	a.enlarge(s.events[:n-1], actor)
	last := &s.events[n-1]
	last.Kind = engine.EventCompleted
	switch outcome := k.Pick(actor, opOutcome, 20); {
	case outcome >= 18:
		last.Kind, last.Retryable, last.Text = engine.EventFailed, true, "the agent's infrastructure failed"
	case outcome == 17:
		last.Kind, last.Text = engine.EventFailed, "the change can't be reviewed"
	}
	if a.world.injectBy(actor, "agent", &sessionPoint, faults.AgentLate) {
		s.gaps[n-1] += k.Between(actor, opLateBy, time.Minute, 15*time.Minute)
	}
	a.scripts[len(a.scripts)-1] = s
	a.world.auditEvents(s.events)
	return s
}

// shareEnlarged is the share of the sessions that emit events as large as is allowed, and eventsEnlarged how many they
// emit: more than fit into a page, and few enough that a slow journal takes a batch of them in time.
const shareEnlarged, eventsEnlarged = 0.05, 4

// largestText is shared by all events that carry it, so that it is cheap.
var largestText = strings.Repeat("x", engine.EventTextBytesMax)

// enlarge makes the first events of some sessions as large as is allowed. Over HTTP the limit of an event is a small one,
// which fault agent.oversized is about.
func (a *agent) enlarge(events []engine.Event, actor *kernel.Actor) {
	if a.world.overHTTP || !a.world.kernel.Chance(actor, opEnlarged, shareEnlarged) {
		return
	}
	for i := range events[:min(len(events), eventsEnlarged)] {
		events[i].Text, events[i].Tokens = largestText, engine.EventTokensMax
	}
}

// blankScript adds a script with room for every event, in the memory of an earlier run if there is one.
func (a *agent) blankScript() script {
	if len(a.scripts) == cap(a.scripts) {
		a.scripts = append(a.scripts, script{})
	} else {
		a.scripts = a.scripts[:len(a.scripts)+1]
	}
	s := &a.scripts[len(a.scripts)-1]
	if s.events == nil {
		s.events, s.gaps = make([]engine.Event, eventsMax), make([]time.Duration, eventsMax)
	}
	return *s
}

// next schedules the next event of the session.
func (s *session) next() {
	if s.over || s.silenced() || s.emitted == s.hangAt || s.emitted == len(s.script.events) {
		return
	}
	s.agent.world.kernel.Schedule(s.script.gaps[s.emitted], labelEmit, s)
}

// Fire emits an event.
func (s *session) Fire() {
	if s.over || s.silenced() {
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

// silenced reports whether the session was interrupted, and has neither ended nor goes on.
func (s *session) silenced() bool { return s.endless && s.stopping }

func (s *session) end(status engine.Status) {
	w := s.agent.world
	s.over = true
	r := w.record(checker.SessionEnded, "agent", 0)
	r.Key, r.Owner, r.Session, r.Status, r.Events = s.work, s.owner, s.id, status, int64(s.emitted)
	w.observe(r)
}

// stop ends a session that was interrupted, unless it is over.
func (s *session) stop() {
	if s.over {
		return
	}
	s.end(engine.Cancelled)
	for _, stream := range s.streams {
		stream.wake()
	}
}
