package world_test

import (
	"time"

	"github.com/onceover/onceover/faults"
)

// agentShowings are about an agent that is silent, down, overloaded or forgetful, and about workers and an app that
// ask for fewer calls.
var agentShowings = []showing{
	{
		kind: faults.WorkerThrottle,
		sees: []evidence{
			{"the claim is released, and the review is dispatched later", dispatched(faults.WorkerThrottle,
				step{is: `^{app} store: release of {key}`, within: 5 * time.Second, without: `receives the start of {key} `},
				step{is: `receives the start of {key} under`},
			)},
			{"several times in a row", sight{
				{is: `^{app} fault: worker.throttle \(worker.start\)`},
				{is: `^{app} fault: worker.throttle \(worker.start\)`, without: `^{app} learns that its dispatch`},
			}},
			{"a cancel, too, which is sent again", sight{
				{is: `^{app} fault: worker.throttle \(worker.cancel\)`},
				{is: `asks the agent to end the session of {key}`},
			}},
			{"a question, too", sight{{is: `^{app} fault: worker.throttle \(worker.events\)`}}},
		},
		never: []evidence{{"the start has an effect", dispatched(faults.WorkerThrottle,
			step{is: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.CallbackThrottle,
		sees: []evidence{
			{"the status counts when it is sent again", reported(faults.CallbackThrottle,
				step{is: `^{worker} has no good answer to its report on {key}: rejected`, without: `store: apply of {key}`},
				step{is: `^{worker} reports that {key} is {status}`},
				step{is: `store: apply of {key}: .*becomes {status}`},
			)},
			{"several times in a row", reported(faults.CallbackThrottle,
				step{is: `^{worker} reports that {key} is {status}`, without: `receives the report that {key}`},
				step{is: `^{worker} fault: callback.throttle \(app.callback\)`, next: true},
			)},
		},
		never: []evidence{{"it is applied", reported(faults.CallbackThrottle,
			step{is: `receives the report that {key} is {status}`, without: ` reports that {key} is {status}`},
		)}},
	},
	{
		kind: faults.AgentStall, rate: 0.05,
		sees: []evidence{
			{"the reader opens another stream, and reads on behind what it has", sight{
				{is: `^{worker} fault: agent.stall \(stream.event\)`},
				{is: `^agent is not heard any more on the stream of {key} to {worker}`, next: true},
				{is: `^{worker} opens the stream of {key} after event [1-9]`, after: 30 * time.Second},
				{is: `^agent ends session {session} of {key}: completed`},
				{is: `store: apply of {key}: running becomes completed`},
			}},
			{"the session ends meanwhile", sight{
				{is: `^agent is not heard any more on the stream of {key} to {worker}`},
				{is: `^agent ends session {session} of {key}: completed`, without: `opens the stream of {key} `},
				{is: `^{worker} opens the stream of {key} after event`},
				{is: `store: apply of {key}: running becomes completed`},
			}},
		},
		never: []evidence{{"something arrives on a silent stream", sight{
			{is: `^agent is not heard any more on the stream of {key} to {worker}`},
			{
				is: `^{worker} journal: \d+ events of {key},`, after: 20 * time.Second, // what came before is journaled by then
				without: `^{worker} (?:opens the stream of {key}|is asked to shut down)|^world no more faults`,
			},
		}}},
	},
	{
		kind: faults.AgentRestart,
		sees: []evidence{
			{"a session that it has lost is over, and its review fails with a reason", sight{
				{is: `^agent restarts, has lost its sessions`},
				{is: `^agent ends session {session} of {key}: failed`, within: time.Microsecond},
				{is: `^{worker} opens the stream of {key} after event`},
				{is: `store: apply of {key}: .*becomes failed \(`, without: `executes {key},`},
			}},
			{"a session is created once it is up", sight{
				{is: `^agent restarts, has lost its sessions`},
				{is: `^{worker} asks the agent for the session of {key}`, within: 20 * time.Second},
				{is: `^{worker} asks the agent for the session of {key}`, without: `executes {key},`},
				{is: `executes {key},`},
			}},
		},
		never: []evidence{
			{"a lost session goes on", sight{
				{is: `^agent restarts, has lost its sessions`},
				{is: `^agent ends session {session} of {key}: failed`, within: time.Microsecond},
				{is: `^agent ends session {session} of {key}:`},
			}},
			{"something is executed while it is down", sight{
				{is: `^agent restarts, has lost its sessions`}, {is: `executes {key},`, within: time.Second},
			}},
		},
	},
	{
		kind: faults.AgentOverload,
		sees: []evidence{
			{"a session is created when it is over", sight{
				{is: `^agent is overloaded for`},
				{is: `^{worker} asks the agent for the session of {key}`},
				{is: `^{worker} fault: agent.overload \(agent.create\)`, next: true},
				{is: `executes {key},`, after: time.Minute},
			}},
			{"a session goes on, and so does its stream", sight{
				{is: `^agent is overloaded for`},
				{is: `^{worker} journal: \d+ events of {key},`, within: time.Minute, without: `opens the stream of {key} `},
				{is: `^agent ends session {session} of {key}: completed`, without: `opens the stream of {key} `},
			}},
			{"an interrupt is sent again", sight{
				{is: `^{worker} asks the agent to end the session of {key}`},
				{is: `^{worker} fault: agent.overload \(agent.interrupt\)`, next: true},
				{is: `^{worker} asks the agent to end the session of {key}`, without: `will not execute {key} `},
				{is: `^agent will not execute {key} `},
			}},
		},
		never: []evidence{{"a call that it throttles has an effect", sight{
			{is: `^{worker} asks the agent for the session of {key}`},
			{is: `^{worker} fault: agent.overload \(agent.create\)`, next: true},
			{is: `executes {key},`, without: `asks the agent for the session of {key}`},
		}}},
	},
	{
		kind: faults.AgentEventual,
		sees: []evidence{{"a reader asks until it is known, and misses nothing", sight{
			{is: `^agent does not show session {session} for`},
			{is: `^agent starts session {session}: executes {key}, {number} events`, next: true},
			{is: `^{worker} opens the stream of {key} after event 0`},
			{is: `^{worker} opens the stream of {key} after event 0`, without: `journal: \d+ events of {key},`},
			{is: `^agent ends session {session} of {key}: completed after {number} events`},
			{is: `^{worker} reports that {key} is completed \({number} events`},
		}}},
		never: []evidence{{"the session fails for it", sight{
			{is: `^agent does not show session {session} for`},
			{is: `^agent starts session {session}: executes {key}, {number} events`, next: true},
			{is: `^agent ends session {session} of {key}: completed after`},
			{is: `store: apply of {key}: .*becomes failed`},
		}}},
	},
	{
		kind: faults.AgentForget, with: []faults.Kind{faults.AgentCut}, rate: 0.2,
		sees: []evidence{{"a reader that has what it asked behind misses nothing", sight{
			{is: `^agent fault: agent.forget \(session\)`},
			{is: `^agent starts session {session}: executes {key}, {number} events`, next: true},
			{is: `^{worker} fault: agent.cut \(stream.event\)`},
			{is: `^{worker} opens the stream of {key} after event [1-9]`},
			{is: `^agent ends session {session} of {key}: completed after {number} events`},
			{is: `^{worker} reports that {key} is completed \({number} events`},
		}}},
		never: []evidence{{"fewer events than the session had are kept", sight{
			{is: `^agent ends session {session} of {key}: completed after {number} events`},
			{is: `reports that {key} is completed \({number2} events`},
		}}},
	},
	{
		kind: faults.AgentNoNote, with: []faults.Kind{faults.NetworkDelay}, rate: 0.5,
		sees: []evidence{
			{"a session that begins after its interrupt is interrupted again", sight{
				{is: `^{worker} asks the agent for the session of {key}`},
				{is: `^{worker} asks the agent to end the session of {key}`, without: `executes {key},`},
				{is: `^agent starts session {session}: executes {key},`, without: `will not execute {key} `},
				{is: `asks the agent to end the session of {key}`},
				{is: `^agent ends session {session} of {key}: cancelled`},
			}},
		},
		never: []evidence{{"a session that it knows goes on after an interrupt", sight{
			{is: `^agent will not execute {key} `}, {is: `executes {key},`},
		}}},
	},
	{
		kind: faults.AgentNoEnd, rate: 0.5,
		sees: []evidence{{"the host asks for its end again and again, until an operator abandons the attempt", sight{
			{is: `^agent fault: agent.no-end \(session\)`},
			{is: `^{worker} asks the agent to end the session of {key}`},
			{is: `^{worker} asks the agent to end the session of {key}`, without: `ends session {session} of {key}:`},
			{is: `^{worker} asks the agent to end the session of {key}`, without: `ends session {session} of {key}:`},
			{is: `^operator the operator inspects {key}`},
			{is: `^agent ends session {session} of {key}: cancelled`},
			{is: `journal: abandon of {key}`},
			{is: `^operator the operator has abandoned {key}:`},
		}}},
		never: []evidence{{"a session goes on that it does not end", sight{
			{is: `^agent will not execute {key} `},
			{is: `^agent fault: agent.no-end \(session\)`, next: true},
			{is: `^agent ends session {session} of {key}: (?:completed|failed)`, without: `^agent restarts`},
		}}},
	},
}
