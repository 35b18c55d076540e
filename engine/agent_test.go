package engine_test

import (
	"context"
	"errors"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// A fakeAgent holds one session per attempt and plays the streams that a test has
// written for it.
type fakeAgent struct {
	fixture  *fixture
	sessions map[engine.AttemptKey]*fakeSession
	// create and interrupt, when not nil, answer before the session is touched; try
	// counts from 1.
	create    func(try int) error
	interrupt func(try int) (over bool, err error)
	// streams are what the streams deliver, one after the other; the last one is
	// played again.
	streams    [][]item
	creates    int
	opened     int
	interrupts int
}

type fakeSession struct {
	payload string
	over    bool
}

// An item of a stream comes some time after the one before: an event, or why the
// stream ends. Behind the last item nothing comes.
type item struct {
	after time.Duration
	event engine.Event
	err   error
}

var (
	errCut       = engine.Errorf(engine.Ambiguous, "agent.stream", "connection lost")
	errMalformed = engine.Errorf(engine.Permanent, "agent.stream", "malformed event")
)

func newFakeAgent(f *fixture, streams ...[]item) *fakeAgent {
	return &fakeAgent{fixture: f, sessions: make(map[engine.AttemptKey]*fakeSession), streams: streams}
}

// progress are events of ten tokens each, a second apart.
func progress(from, to int64) (items []item) {
	for seq := from; seq <= to; seq++ {
		items = append(items, item{time.Second, engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10}, nil})
	}
	return items
}

// completed is progress whose last event is the session's last.
func completed(from, to int64) []item {
	items := progress(from, to)
	items[len(items)-1].event.Kind = engine.EventCompleted
	return items
}

// thenFails ends a stream a second after its last item.
func thenFails(items []item, err error) []item {
	return append(items, item{time.Second, engine.Event{}, err})
}

// agentClient is the agent as a host reaches it.
type agentClient struct {
	*fakeAgent
	process *kernel.Process
}

func (c agentClient) reach(ctx context.Context) error { return c.process.Sleep(ctx, agentTakes) }

// Create implements [engine.Agent].
func (c agentClient) Create(ctx context.Context, key engine.AttemptKey, payload []byte) (engine.SessionID, error) {
	if err := c.reach(ctx); err != nil {
		return "", err
	}
	c.creates++
	answer, err := "created", error(nil)
	if c.create != nil {
		err = c.create(c.creates)
	}
	session, known := c.sessions[key]
	switch {
	case err != nil:
		answer = failureText(err)
	case known && session.over:
		err = engine.Errorf(engine.Permanent, "agent.create", "the session is over")
		answer = failureText(err)
	case known:
		answer = "found"
	default:
		c.sessions[key] = &fakeSession{payload: string(payload)}
	}
	c.fixture.log(c.process.Name(), "agent.create %s -> %s", key, answer)
	return engine.SessionID("session of " + key.String()), err
}

// Interrupt implements [engine.Agent].
func (c agentClient) Interrupt(ctx context.Context, key engine.AttemptKey) (bool, error) {
	if err := c.reach(ctx); err != nil {
		return false, err
	}
	c.interrupts++
	if c.interrupt != nil {
		if over, err := c.interrupt(c.interrupts); err != nil || !over {
			answer := "not over yet"
			if err != nil {
				answer = failureText(err)
			}
			c.fixture.log(c.process.Name(), "agent.interrupt %s -> %s", key, answer)
			return false, err
		}
	}
	if c.sessions[key] == nil {
		c.sessions[key] = &fakeSession{}
	}
	c.sessions[key].over = true
	c.fixture.log(c.process.Name(), "agent.interrupt %s -> over", key)
	return true, nil
}

// Stream implements [engine.Agent].
func (c agentClient) Stream(ctx context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	if err := c.reach(ctx); err != nil {
		return nil, err
	}
	c.fixture.log(c.process.Name(), "agent.stream %s after %d -> open", key, after)
	items := c.streams[min(c.opened, len(c.streams)-1)]
	c.opened++
	return &fakeStream{client: c, items: items}, nil
}

type fakeStream struct {
	client agentClient
	items  []item
	due    time.Time // of the next item, once somebody waits for it
}

// Recv implements [engine.EventStream].
func (f *fakeStream) Recv(ctx context.Context) (engine.Event, error) {
	p := f.client.process
	if len(f.items) == 0 {
		err := p.NewSignal().Wait(ctx)
		return engine.Event{}, err
	}
	if f.due.IsZero() {
		f.due = p.Now().Add(f.items[0].after)
	}
	if err := p.Sleep(ctx, f.due.Sub(p.Now())); err != nil {
		return engine.Event{}, err
	}
	next := f.items[0]
	f.items, f.due = f.items[1:], time.Time{}
	if next.err != nil {
		f.client.fixture.log(p.Name(), "agent.receive -> %s", errors.Unwrap(next.err))
		return engine.Event{}, next.err
	}
	f.client.fixture.log(p.Name(), "agent.receive -> event %d, %s", next.event.Seq, next.event.Kind)
	return next.event, nil
}

// Close implements [engine.EventStream].
func (f *fakeStream) Close() {}
