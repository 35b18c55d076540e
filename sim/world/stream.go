package world

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// open begins a stream after a sequence number.
func (s *session) open(n *node, after int64) *eventStream {
	w := s.agent.world
	stream := &eventStream{session: s, node: n, position: int(after)}
	if s.forgets {
		s.acknowledged = max(s.acknowledged, int(after))
		stream.position = s.acknowledged
	}
	if after > 0 && !s.forgets && w.inject(n, &methods[checker.CallAgentStream].faults, faults.AgentDuplicateEvents) {
		stream.position -= 1 + w.kernel.Pick(n.process.Actor(), opReplay, min(int(after), 5))
		w.traceAttempt(partyAgent, s.work, "begins the stream of %s again after event %d", s.work, stream.position)
	}
	s.streams = append(s.streams, stream)
	if !w.overHTTP { // there the handler sends signs of life
		stream.beats = w.kernel.Schedule(httpapi.Keepalive, labelBeat, (*streamBeat)(stream))
	}
	return stream
}

// A streamBeat is a sign of life of a stream.
type streamBeat eventStream

// Fire sends the sign of life to a reader that waits, and schedules the next one.
func (b *streamBeat) Fire() {
	e := (*eventStream)(b)
	if e.stalled || e.broken {
		return
	}
	if e.waiting {
		e.beat = true
		e.completion.Complete()
	}
	e.beats = e.session.agent.world.kernel.Schedule(httpapi.Keepalive, labelBeat, b)
}

var labelBeat = kernel.NewPoint("stream.beat")

// An eventStream is one connection that delivers a session's events.
type eventStream struct {
	session    *session
	node       *node
	position   int // events delivered
	broken     bool
	stalled    bool // nothing arrives any more
	beat       bool // a sign of life has arrived
	beats      kernel.Timer
	completion kernel.Completion
	waiting    bool
	pipe       *pipe // carries the events, over HTTP
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
			return engine.Event{}, &engine.Error{Kind: engine.Ambiguous, Op: checker.CallAgentStream.String(), Err: errConnectionReset}
		case e.stalled && e.pipe == nil: // waits in vain
		case e.position < s.emitted:
			event, err := e.deliver()
			if err == errStalled { //nolint:errorlint // it never leaves this function
				continue
			}
			return event, err
		case e.beat:
			e.beat = false
			return engine.Event{}, nil
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

// deliver returns the next event, unless a fault hits it on the wire.
func (e *eventStream) deliver() (engine.Event, error) {
	if kind, hit := e.eventFault(); hit {
		if kind == faults.AgentStall {
			e.stall()
			return engine.Event{}, errStalled
		}
		e.broken = true
		if e.pipe != nil {
			return engine.Event{}, e.failOverHTTP(kind)
		}
		return engine.Event{}, streamErrors[kind]
	}
	event := e.session.script.events[e.position]
	e.position++
	return event, nil
}

// errStalled is the error of an event that does not arrive because its stream has fallen silent.
var errStalled = errors.New("stalled")

// stall lets the stream fall silent. Over HTTP what is written from now on gets lost.
func (e *eventStream) stall() {
	e.stalled = true
	if e.pipe != nil {
		e.pipe.stalled = true
	}
	w := e.session.agent.world
	r := w.record(checker.StreamSilent, e.node.name, e.node.process.Incarnation())
	r.Key = e.session.work
	w.observe(r)
	w.traceAttempt(partyAgent, e.session.work, "is not heard any more on the stream of %s to %s", e.session.work, e.node.name)
}

// streamErrors are the errors of a reader whose event a fault has hit.
var streamErrors = [faults.Count]error{
	faults.AgentCut:       io.EOF,
	faults.NetworkReset:   &engine.Error{Kind: engine.Ambiguous, Op: checker.CallAgentStream.String(), Err: errConnectionReset},
	faults.AgentMalformed: &engine.Error{Kind: engine.Permanent, Op: checker.CallAgentStream.String(), Err: errDecode},
	faults.AgentOversized: &engine.Error{Kind: engine.Permanent, Op: checker.CallAgentStream.String(), Err: errOversized},
}

// eventFault decides which fault hits the next event on the wire, if any does.
func (e *eventStream) eventFault() (kind faults.Kind, hit bool) {
	w := e.session.agent.world
	if w.stormy && !e.stalled {
		for _, kind := range [...]faults.Kind{faults.AgentCut, faults.NetworkReset, faults.AgentMalformed, faults.AgentOversized, faults.AgentStall} {
			if !w.inject(e.node, &streamPoint, kind) {
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
	e.beats.Stop()
	for i, other := range e.session.streams {
		if other == e {
			e.session.streams = append(e.session.streams[:i], e.session.streams[i+1:]...)
			return
		}
	}
}
