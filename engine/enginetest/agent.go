package enginetest

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/onceover/onceover/engine"
)

// An Agent is an [engine.Agent] in memory whose sessions follow a [Script]. It keeps what the port promises: the key of
// an attempt is the key of its session, a session that was interrupted is never created, and a stream goes on behind the
// position that it was opened with, if the script does. It remembers every session.
//
// Any number of goroutines, or of a simulator's tasks, may use it. Its fields must be set before the first call.
type Agent struct {
	// Latency is how long a call takes before it has its effect. It does not apply to the events of a stream, whose
	// times the script sets.
	Latency time.Duration
	// Interrupts is how many interrupts a session takes before it is known to be over. Default 1.
	Interrupts int
	// Before, unless nil, sees every call but Close before it has its effect. If it returns an error, that is the answer,
	// and there is no effect.
	Before func(c *AgentCall) error
	// After, unless nil, sees every call with its answer. Neither may call the agent, or wait.
	After func(c *AgentCall)

	runtime engine.Runtime
	script  Script
	// hooks guards Before and After, mutex all below. Neither is held while a call waits.
	hooks    sync.Mutex
	mutex    sync.Mutex
	sessions map[engine.AttemptKey]*session
	begun    []*session // in the order of their beginnings
	calls    [methodEnd]int
	moment   int // beginnings and ends of sessions so far
}

// An AgentMethod is a method of [engine.Agent] or of its streams.
type AgentMethod uint8

// The methods, in the order in which a session sees them.
const (
	AgentCreate AgentMethod = iota + 1
	AgentStream
	AgentReceive
	AgentClose
	AgentInterrupt
	methodEnd
)

// An AgentCall is one call of an agent with its answer.
type AgentCall struct {
	Method AgentMethod
	Number int            // of the calls of this method, from 1
	Client engine.Runtime // of the process that calls
	Key    engine.AttemptKey
	// Payload is that of a Create, Position the sequence number behind which a Stream begins.
	Payload  []byte
	Position int64
	// Found: Create found the session. Over: it is, according to Interrupt. Event is what Receive delivers.
	Found bool
	Over  bool
	Event engine.Event
	Err   error
}

// A Session is what an agent remembers of one. Began and Ended number the beginnings and ends of all sessions, from 1, in
// the order in which they came; Ended is 0 as long as the session is live. It ends when its last event was delivered, or
// when it is interrupted.
type Session struct {
	Key          engine.AttemptKey
	Payload      []byte
	Began, Ended int
	Interrupted  bool
}

// A session that was interrupted before it was created never began.
type session struct {
	Session
	interrupts int
	opened     int            // streams so far
	streams    []*agentStream // that are open
}

// NewAgent returns an agent without sessions, which waits by means of runtime.
func NewAgent(runtime engine.Runtime, script Script) *Agent {
	return &Agent{runtime: runtime, script: script, sessions: make(map[engine.AttemptKey]*session)}
}

// Through returns the agent as a process with another runtime reaches it.
func (a *Agent) Through(runtime engine.Runtime) engine.Agent { return &agentClient{a, runtime} }

// Sessions returns the sessions that have begun, in the order of their beginnings. Payloads must not be written to.
func (a *Agent) Sessions() []Session {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	sessions := make([]Session, len(a.begun))
	for i, s := range a.begun {
		sessions[i] = s.Session
	}
	return sessions
}

// Create implements [engine.Agent].
func (a *Agent) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	return a.Through(a.runtime).Create(ctx, key, payload)
}

// Stream implements [engine.Agent].
func (a *Agent) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	return a.Through(a.runtime).Stream(ctx, key, after)
}

// Interrupt implements [engine.Agent].
func (a *Agent) Interrupt(ctx context.Context, key engine.AttemptKey) (over bool, err error) {
	return a.Through(a.runtime).Interrupt(ctx, key)
}

// session returns the session of an attempt, as it is or as one that has not begun. The caller holds the mutex.
func (a *Agent) session(key engine.AttemptKey) *session {
	s := a.sessions[key]
	if s == nil {
		s = &session{Session: Session{Key: key}}
		a.sessions[key] = s
	}
	return s
}

// next numbers a beginning or an end.
func (a *Agent) next() int {
	a.moment++
	return a.moment
}

// end has a session live no longer.
func (a *Agent) end(s *session) {
	if s.Began != 0 && s.Ended == 0 {
		s.Ended = a.next()
	}
}

// An agentClient is an agent as one process reaches it.
type agentClient struct {
	agent   *Agent
	runtime engine.Runtime
}

// do makes a call that takes the agent's latency.
func (c *agentClient) do(ctx context.Context, call *AgentCall, effect func() error) error {
	if err := c.runtime.Sleep(ctx, c.agent.Latency); err != nil {
		return err
	}
	return c.answer(call, effect)
}

// answer gives a call its number and its effect, unless Before answers it.
func (c *agentClient) answer(call *AgentCall, effect func() error) error {
	a := c.agent
	a.mutex.Lock()
	a.calls[call.Method]++
	call.Number, call.Client = a.calls[call.Method], c.runtime
	a.mutex.Unlock()
	a.hooks.Lock()
	defer a.hooks.Unlock()
	if a.Before != nil && call.Method != AgentClose {
		call.Err = a.Before(call)
	}
	if call.Err == nil {
		a.mutex.Lock()
		call.Err = effect()
		a.mutex.Unlock()
	}
	if a.After != nil {
		a.After(call)
	}
	return call.Err
}

// Create implements [engine.Agent].
func (c *agentClient) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	a := c.agent
	call := &AgentCall{Method: AgentCreate, Key: key, Payload: payload}
	err := c.do(ctx, call, func() error {
		s := a.session(key)
		if s.Interrupted {
			return engine.Errorf(engine.Permanent, "agent.create", "the session of %s is over", key)
		}
		if call.Found = s.Began != 0; !call.Found {
			s.Began, s.Payload = a.next(), bytes.Clone(payload)
			a.begun = append(a.begun, s)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return engine.SessionID(key.String()), nil
}

// Interrupt implements [engine.Agent].
func (c *agentClient) Interrupt(ctx context.Context, key engine.AttemptKey) (over bool, err error) {
	a := c.agent
	call := &AgentCall{Method: AgentInterrupt, Key: key}
	err = c.do(ctx, call, func() error {
		s := a.session(key)
		s.interrupts++
		if call.Over = s.interrupts >= a.Interrupts; call.Over {
			s.Interrupted = true
			a.end(s)
			for _, open := range s.streams {
				open.changed.Notify()
			}
		}
		return nil
	})
	return call.Over, err
}

// Stream implements [engine.Agent].
func (c *agentClient) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	a := c.agent
	var opened *agentStream
	err := c.do(ctx, &AgentCall{Method: AgentStream, Key: key, Position: after}, func() error {
		s := a.session(key)
		if s.Began == 0 {
			return engine.Errorf(engine.NotFound, "agent.stream", "no session of %s", key)
		}
		opened = &agentStream{client: c, session: s, changed: c.runtime.NewSignal()}
		s.streams = append(s.streams, opened)
		if s.opened++; a.script != nil {
			opened.steps = a.script(Opening{Key: key, Payload: s.Payload, Number: s.opened, After: after})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return opened, nil
}
