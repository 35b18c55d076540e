package engine_test

import (
	"errors"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/kernel"
)

var (
	errCut       = engine.Errorf(engine.Ambiguous, "agent.stream", "connection lost")
	errMalformed = engine.Errorf(engine.Permanent, "agent.stream", "malformed event")
)

// progress returns events of ten tokens each, a second apart.
func progress(from, to int64) (steps []enginetest.Step) {
	for seq := from; seq <= to; seq++ {
		steps = append(steps, enginetest.Step{After: time.Second, Event: engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10}})
	}
	return steps
}

// completed returns the same, with the last event as the session's last.
func completed(from, to int64) []enginetest.Step {
	steps := progress(from, to)
	steps[len(steps)-1].Event.Kind = engine.EventCompleted
	return steps
}

// thenFails appends the failure of the stream, a second after the last step.
func thenFails(steps []enginetest.Step, err error) []enginetest.Step {
	return append(steps, enginetest.Step{After: time.Second, Err: err})
}

// creating applies answer to the calls that create a session, numbered from 1, before they have an effect.
func creating(answer func(number int) error) func(c *enginetest.AgentCall) error {
	return func(c *enginetest.AgentCall) error {
		if c.Method != enginetest.AgentCreate {
			return nil
		}
		return answer(c.Number)
	}
}

// newAgent returns an agent with streams that deliver these steps. Its calls are logged.
func newAgent(f *fixture, streams [][]enginetest.Step) *enginetest.Agent {
	agent := enginetest.NewAgent(nil, enginetest.Streams(streams...))
	agent.Latency = agentTakes
	agent.After = f.logAgentCall
	return agent
}

func (f *fixture) logAgentCall(c *enginetest.AgentCall) {
	who := ""
	if process, is := c.Client.(*kernel.Process); is {
		who = process.Name()
	}
	answer := failureText(c.Err)
	switch c.Method {
	case enginetest.AgentCreate:
		if c.Err == nil {
			answer = map[bool]string{true: "found", false: "created"}[c.Found]
		}
		f.log(who, "agent.create %s -> %s", c.Key, answer)
	case enginetest.AgentInterrupt:
		if c.Err == nil {
			answer = map[bool]string{true: "over", false: "not over yet"}[c.Over]
		}
		f.log(who, "agent.interrupt %s -> %s", c.Key, answer)
	case enginetest.AgentStream:
		if c.Err == nil {
			answer = "open"
		}
		f.log(who, "agent.stream %s after %d -> %s", c.Key, c.Position, answer)
	case enginetest.AgentReceive:
		if c.Err != nil {
			f.log(who, "agent.receive -> %s", errors.Unwrap(c.Err))
			return
		}
		f.log(who, "agent.receive -> event %d, %s", c.Event.Seq, c.Event.Kind)
	case enginetest.AgentClose: // not logged
	}
}
