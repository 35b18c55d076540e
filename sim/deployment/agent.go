package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"sync"

	"github.com/onceover/onceover/engine"
)

// An Agent is an outside service in memory. It answers at once, its sessions say
// what [Script] has for them as fast as they are read, and it remembers what it has
// executed. A session is live from its creation until its last event was delivered,
// or until it was interrupted.
//
// Its methods may be called from several goroutines.
type Agent struct {
	mutex      sync.Mutex
	sessions   map[engine.AttemptKey]*session
	executions map[engine.AttemptKey]int
	live       map[engine.OwnerID]int
	most       map[engine.OwnerID]int
}

// A session is one execution, or, when it was interrupted before it began, none.
type session struct {
	owner   engine.OwnerID
	script  []engine.Event
	over    bool
	stopped bool
}

// work is the payload: what is to be executed, whatever the key that it comes with.
type work struct {
	Key   engine.AttemptKey `json:"key"`
	Owner engine.OwnerID    `json:"owner"`
}

var _ engine.Agent = (*Agent)(nil)

// NewAgent returns an agent without sessions.
func NewAgent() *Agent {
	return &Agent{
		sessions: make(map[engine.AttemptKey]*session), executions: make(map[engine.AttemptKey]int),
		live: make(map[engine.OwnerID]int), most: make(map[engine.OwnerID]int),
	}
}

// eventsMin and eventsMax bound the number of events in a script.
const eventsMin, eventsMax = 2, 12

// Script returns the events of an attempt's session: 2 to 12 of them, the last of
// which says that it has completed. It follows from the key alone, so that a second
// execution says the same.
func Script(key engine.AttemptKey) []engine.Event {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(key.String()))
	draw := hash.Sum64()
	events := make([]engine.Event, eventsMin+draw%(eventsMax-eventsMin+1))
	for i := range events {
		events[i] = engine.Event{
			Seq: int64(i) + 1, Kind: engine.EventProgress,
			Tokens: int64(draw>>(4*i)%1000) + 1, Text: fmt.Sprintf("step %d of %s", i+1, key),
		}
	}
	events[len(events)-1].Kind = engine.EventCompleted
	return events
}

// Executions returns how many sessions have executed an attempt.
func (a *Agent) Executions(key engine.AttemptKey) int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.executions[key]
}

// Most returns how many sessions of an owner were live at once, at most.
func (a *Agent) Most(owner engine.OwnerID) int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.most[owner]
}

// Create implements [engine.Agent].
func (a *Agent) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	s := a.sessions[key]
	switch {
	case s != nil && s.stopped:
		return "", engine.Errorf(engine.Permanent, "agent.create", "the session of %s was interrupted", key)
	case s != nil:
		return engine.SessionID(key.String()), nil
	}
	var asked work
	if err := json.Unmarshal(payload, &asked); err != nil {
		return "", engine.Errorf(engine.Permanent, "agent.create", "payload of %s: %w", key, err)
	}
	a.sessions[key] = &session{owner: asked.Owner, script: Script(asked.Key)}
	a.executions[asked.Key]++
	a.live[asked.Owner]++
	a.most[asked.Owner] = max(a.most[asked.Owner], a.live[asked.Owner])
	return engine.SessionID(key.String()), nil
}

// Interrupt implements [engine.Agent].
func (a *Agent) Interrupt(ctx context.Context, key engine.AttemptKey) (over bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	s := a.sessions[key]
	if s == nil {
		s = &session{over: true}
		a.sessions[key] = s
	}
	s.stopped = true
	a.end(s)
	return true, nil
}

// end has a session live no longer. The caller holds the mutex.
func (a *Agent) end(s *session) {
	if !s.over {
		s.over = true
		a.live[s.owner]--
	}
}

// Stream implements [engine.Agent].
func (a *Agent) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	s := a.sessions[key]
	if s == nil || s.script == nil {
		return nil, engine.Errorf(engine.NotFound, "agent.stream", "no session of %s", key)
	}
	return &stream{agent: a, session: s, next: after}, nil
}

// A stream delivers what is left of a session's script.
type stream struct {
	agent   *Agent
	session *session
	next    int64
}

// Recv implements [engine.EventStream].
func (s *stream) Recv(ctx context.Context) (engine.Event, error) {
	if err := ctx.Err(); err != nil {
		return engine.Event{}, err
	}
	s.agent.mutex.Lock()
	defer s.agent.mutex.Unlock()
	if s.session.stopped || s.next >= int64(len(s.session.script)) {
		return engine.Event{}, engine.Errorf(engine.Ambiguous, "agent.stream", "no event after %d", s.next)
	}
	event := s.session.script[s.next]
	s.next++
	if event.Last() {
		s.agent.end(s.session)
	}
	return event, nil
}

// Close implements [engine.EventStream].
func (*stream) Close() {}
