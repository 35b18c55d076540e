package enginetest

import (
	"context"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// A Script decides what a stream of a session delivers, in steps that come one after the other. Behind the last step
// nothing comes.
type Script func(o Opening) []Step

// An Opening is the opening of a stream.
type Opening struct {
	Key     engine.AttemptKey
	Payload []byte // of the session
	Number  int    // of the session's streams, from 1
	After   int64  // the sequence number behind which it begins
}

// A Step of a stream comes some time after the one before: an event, or the error that ends the stream.
type Step struct {
	After time.Duration
	Event engine.Event
	Err   error
}

// Sends is the script of sessions that all have the same events. A stream delivers those behind its position, each as soon
// as it is asked for.
func Sends(events ...engine.Event) Script {
	return func(o Opening) []Step {
		var steps []Step
		for _, event := range events {
			if event.Seq > o.After {
				steps = append(steps, Step{Event: event})
			}
		}
		return steps
	}
}

// Streams is the script of sessions whose first stream delivers the first list of steps, the second stream the second
// list, and so on: positions do not count. The last list is that of all later streams.
func Streams(lists ...[]Step) Script {
	return func(o Opening) []Step {
		if len(lists) == 0 {
			return nil
		}
		return lists[min(o.Number, len(lists))-1]
	}
}

// An agentStream delivers what is left of its steps.
type agentStream struct {
	client  *agentClient
	session *session
	steps   []Step
	due     time.Time     // of the next step, once somebody waits for it
	changed engine.Signal // the session was interrupted
}

// Recv implements [engine.EventStream]. The stream of an interrupted session ends.
func (s *agentStream) Recv(ctx context.Context) (engine.Event, error) {
	call := &AgentCall{Method: AgentReceive, Key: s.session.Key}
	if err := s.wait(ctx); err != nil {
		return engine.Event{}, err
	}
	err := s.client.answer(call, func() error {
		if s.session.Interrupted {
			return engine.Errorf(engine.Ambiguous, "agent.stream", "the session of %s was interrupted", call.Key)
		}
		step := s.steps[0]
		s.steps, s.due = s.steps[1:], time.Time{}
		if step.Err == nil && step.Event.Last() {
			s.client.agent.end(s.session)
		}
		call.Event = step.Event
		return step.Err
	})
	if err != nil {
		return engine.Event{}, err
	}
	return call.Event, nil
}

// wait returns when the next step is due, or nothing will come any more.
func (s *agentStream) wait(ctx context.Context) error {
	runtime := s.client.runtime
	for {
		s.client.agent.mutex.Lock()
		interrupted, left := s.session.Interrupted, len(s.steps)
		if left > 0 && s.due.IsZero() {
			s.due = runtime.Now().Add(s.steps[0].After)
		}
		due := s.due
		s.client.agent.mutex.Unlock()
		switch {
		case interrupted:
			return ctx.Err()
		case left > 0:
			return runtime.Sleep(ctx, due.Sub(runtime.Now()))
		}
		if err := s.changed.Wait(ctx); err != nil {
			return err
		}
	}
}

// Close implements [engine.EventStream].
func (s *agentStream) Close() {
	_ = s.client.answer(&AgentCall{Method: AgentClose, Key: s.session.Key}, func() error {
		s.session.streams = slices.DeleteFunc(s.session.streams, func(open *agentStream) bool { return open == s })
		return nil
	})
}
