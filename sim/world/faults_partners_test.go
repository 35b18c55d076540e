package world_test

import (
	"time"

	"github.com/onceover/onceover/faults"
)

// partnerShowings are about whom a deployment talks with: a worker's refusal, the app's
// answers to callbacks, the agent, and where payloads are prepared from.
var partnerShowings = []showing{
	{
		kind: faults.WorkerRefuse,
		sees: []evidence{{"the attempt is given up, and fails with the reason", sight{
			{is: `^{app} dispatches {key} under claim {number}$`},
			{is: `^{worker} fault: worker.refuse \(worker.start\)`, within: 5 * time.Second},
			{is: `^{app} has no good answer to its dispatch of {key} under claim {number}: permanent`},
			{is: `^{app} dispatches {key} under claim {number}, as abandoned: `, within: time.Millisecond},
			{is: `store: apply of {key}: queued becomes failed \(.*too large`, without: `executes {key},`},
		}}},
		never: []evidence{
			{"what is refused is executed", sight{
				{is: `has no good answer to its dispatch of {key} under claim {number}: permanent`}, {is: `executes {key},`},
			}},
			{"an abandonment is refused", sight{
				{is: `^{app} dispatches {key} under claim {number}, as abandoned: `},
				{is: `^{app} has no good answer to its dispatch of {key} under claim {number}: permanent`},
			}},
		},
	},
	{
		kind: faults.WorkerStray,
		sees: []evidence{{"it is executed, and over when the app says that it does not know it", sight{
			{is: `^{worker} fault: worker.stray`},
			{is: `^{worker} receives the start of {key} under claim {number}`, within: time.Millisecond},
			{is: `^agent starts session {session}: executes {key},`},
			{is: `^{worker} has no good answer to its report on {key}: not found`},
			{is: `^agent ends session {session} of {key}: completed`},
			{is: `^{worker} has no good answer to its report on {key}: not found`},
			{is: `^{worker} journal: settle of {key}`, within: time.Second},
		}}},
		never: []evidence{{"it is taken for a review of this deployment", sight{
			{is: `^{worker} fault: worker.stray`},
			{is: `^{worker} receives the start of {key} under claim {number}`, within: time.Millisecond},
			{is: `^app-\d store: .* of {key}`},
		}}},
	},
	{
		kind: faults.CallbackErrorWithoutEffect,
		sees: []evidence{{"the status counts when it is sent again", reported(faults.CallbackErrorWithoutEffect,
			step{is: `^{worker} has no good answer to its report on {key}: ambiguous`, without: `store: apply of {key}`},
			step{is: `^{worker} reports that {key} is {status}`},
			step{is: `store: apply of {key}: .*becomes {status}`},
		)}},
		never: []evidence{{"it is applied", reported(faults.CallbackErrorWithoutEffect,
			step{is: `receives the report that {key} is {status}`, without: ` reports that {key} is {status}`},
		)}},
	},
	{
		kind: faults.CallbackErrorAfterEffect,
		sees: []evidence{{"the worker sends again what the app knows", reported(faults.CallbackErrorAfterEffect,
			step{is: `store: apply of {key}: .*becomes {status}`},
			step{is: `^{worker} has no good answer to its report on {key}: ambiguous`, within: 5 * time.Second},
			step{is: `^{worker} reports that {key} is {status}`},
			step{is: `^{worker} learns that its report on {key} is recorded`, without: `store: apply of {key}`},
		)}},
	},
	{
		kind: faults.CallbackUnauthorized,
		sees: []evidence{{"the worker does not give up on a 4xx", reported(faults.CallbackUnauthorized,
			step{is: `^{worker} has no good answer to its report on {key}: rejected`, without: `store: apply of {key}`},
			step{is: `^{worker} reports that {key} is {status}`},
			step{is: `store: apply of {key}: .*becomes {status}`},
		)}},
		never: []evidence{{"it is applied", reported(faults.CallbackUnauthorized,
			step{is: `receives the report that {key} is {status}`, without: ` reports that {key} is {status}`},
		)}},
	},
	{
		kind: faults.CallbackTimeout,
		sees: []evidence{{"the app acts at once, the worker waits for its whole timeout", reported(faults.CallbackTimeout,
			step{is: `store: apply of {key}: .*becomes {status}`, within: 5 * time.Second},
			step{is: `^{worker} has no good answer to its report on {key}: ambiguous`, after: 3 * time.Second},
		)}},
	},
	{
		kind: faults.CallbackDuplicate,
		sees: []evidence{{"running is reported after the end, and the end stays", sight{
			{is: `^{worker} reports that {key} is running`},
			{is: `^{worker} fault: callback.duplicate`, next: true},
			{is: `receives the report that {key} is running`},
			{is: `store: apply of {key}: running becomes completed`},
			{is: `receives the report that {key} is running`},
			{is: end, without: `store: .* of {key}`},
		}}},
		never: []evidence{{"it arrives a third time", sight{
			{is: `^{worker} reports that {key} is completed`},
			{is: `^{worker} fault: callback.duplicate`, next: true},
			{is: `receives the report that {key} is completed`, without: `reports that {key} is`},
			{is: `receives the report that {key} is completed`, without: `reports that {key} is`},
			{is: `receives the report that {key} is completed`, without: `reports that {key} is`},
		}}},
	},
	{
		kind: faults.CallbackLate,
		sees: []evidence{{"running is reported after completed, and completed stays", sight{
			{is: `^{worker} reports that {key} is running`},
			{is: `^{worker} fault: callback.late`, next: true},
			{is: `store: apply of {key}: .*becomes completed`},
			{is: `receives the report that {key} is running`},
			{is: end, without: `store: .* of {key}`},
		}}},
		never: []evidence{{"it is lost", reported(faults.CallbackLate,
			// An app that shuts down in the meantime refuses it.
			step{is: end, without: `receives the report that {key} is {status}|is asked to shut down`},
		)}},
	},
	{
		kind: faults.AgentRefuse,
		sees: []evidence{{"the attempt fails, with the reason", sight{
			{is: `asks the agent for the session of {key}`},
			{is: `^agent fault: agent.refuse`, within: 10 * time.Second},
			{is: `store: apply of {key}: .*becomes failed \(.*refused`, without: `executes {key},`},
		}}},
		never: []evidence{{"what is refused is executed", sight{
			{is: `store: apply of {key}: .*becomes failed \(.*refused`}, {is: `executes {key},`},
		}}},
	},
	{
		kind: faults.AgentThrottle,
		sees: []evidence{
			{"the session is created at a later try", created(faults.AgentThrottle,
				step{is: `^{worker} asks the agent for the session of {key}`, without: `executes {key},`},
				step{is: `executes {key},`},
			)},
			{"several times running", created(faults.AgentThrottle,
				step{is: `^{worker} asks the agent for the session of {key}`, without: `executes {key},`},
				step{is: `^{worker} fault: agent.throttle \(agent.create\)`, next: true},
			)},
			{"a stream is opened at a later try", sight{
				{is: `^{worker} opens the stream of {key} after`},
				{is: `^{worker} fault: agent.throttle \(agent.stream\)`, next: true},
				{is: `^{worker} opens the stream of {key} after`},
			}},
			{"an interrupt is sent again", sight{
				{is: `^{worker} asks the agent to end the session of {key}`},
				{is: `^{worker} fault: agent.throttle \(agent.interrupt\)`, next: true},
				{is: `^{worker} asks the agent to end the session of {key}`, without: `will not execute {key} `},
				{is: `^agent will not execute {key} `},
			}},
		},
	},
	{
		kind: faults.AgentError,
		sees: []evidence{
			{"before the effect: the session comes with the next try", created(faults.AgentError,
				step{is: `^{worker} asks the agent for the session of {key}`, without: `executes {key},`},
				step{is: `executes {key},`},
			)},
			{"after the effect: the next try finds the session", created(faults.AgentError,
				step{is: `executes {key},`},
				step{is: `^{worker} asks the agent for the session of {key}`},
				step{is: end, without: `executes {key},`},
			)},
		},
		never: []evidence{{"a second session", sight{{is: `executes {key},`}, {is: `executes {key},`}}}},
	},
	{
		kind: faults.AgentCut, rate: 0.05,
		sees: []evidence{{"the reader does not take the cut for the end", resumed(faults.AgentCut)}},
	},
	{
		kind: faults.AgentDuplicateEvents, with: []faults.Kind{faults.AgentCut},
		sees: []evidence{{"events come again and count once", sight{
			{is: `^agent starts session {session}: executes {key}, {number} events`},
			{is: `^{worker} opens the stream of {key} after event [1-9]`},
			{is: `fault: agent.duplicate-events`, within: 20 * time.Second},
			{is: `^agent begins the stream of {key} again after event \d+`, next: true},
			{is: `^agent ends session {session} of {key}: completed after {number} events`},
			{is: `store: apply of {key}: running becomes completed`},
			{is: `learns that its report on {key} is recorded`},
		}}},
		never: []evidence{{"more events than the session had are kept", sight{
			{is: `^agent ends session {session} of {key}: completed after {number} events`},
			{is: `reports that {key} is completed \({number2} events`},
		}}},
	},
	{
		kind: faults.AgentMalformed, rate: 0.05,
		sees: []evidence{{"the event is well formed when it is sent again", resumed(faults.AgentMalformed)}},
	},
	{
		kind: faults.AgentOversized, rate: 0.05,
		sees: []evidence{
			{"once: the event has its size when it is sent again", resumed(faults.AgentOversized)},
			{"each time: the attempt fails, with the reason", sight{
				{is: `^{worker} fault: agent.oversized`},
				{is: `^agent will not execute {key} `},
				{is: `store: apply of {key}: running becomes failed \(`},
			}},
		},
	},
	{
		kind: faults.AgentHang,
		sees: []evidence{{"silent until it is interrupted at the stream limit", sight{
			{is: `^agent fault: agent.hang`},
			{is: `^agent starts session {session}: executes {key},`, next: true},
			{is: `^agent is going to fall silent after \d+ events of session {session}`, next: true},
			{is: `asks the agent to end the session of {key}`, after: 19 * time.Minute, within: 21 * time.Minute},
			{is: `^agent ends session {session} of {key}: cancelled`, without: `ends session {session} of`},
		}}},
		never: []evidence{{"it ends by itself", sight{
			{is: `^agent is going to fall silent after \d+ events of session {session}`},
			{is: `^agent ends session {session} of .*: (?:completed|failed)`},
		}}},
	},
	{
		kind: faults.AgentLate,
		sees: []evidence{{"it completes after minutes without an event", sight{
			{is: `^agent fault: agent.late`},
			{is: `^agent starts session {session}: executes {key},`, next: true},
			{is: `journal: \d+ events of {key},`},
			{is: `^agent ends session {session} of {key}: completed`, after: 2 * time.Minute, within: 17 * time.Minute,
				without: `journal: \d+ events of {key},`},
			{is: `store: apply of {key}: running becomes completed`},
		}}},
	},
	{
		kind: faults.PreparationSlow,
		sees: []evidence{{"it takes longer than it ever does", preparing(faults.PreparationSlow,
			step{is: `^{app} has prepared {key}`, after: 8 * time.Second, within: 30 * time.Second},
		)}},
		never: []evidence{{"it fails", preparing(faults.PreparationSlow, step{is: `^{app} could not prepare`})}},
	},
	{
		kind: faults.PreparationRetryable,
		sees: []evidence{{"it succeeds later", preparing(faults.PreparationRetryable,
			step{is: `^{app} could not prepare {key}: rejected`, within: 6 * time.Second},
			step{is: `prepares {key}`, without: `(?:claim|fail) of {key}`},
			step{is: `has prepared {key}`},
			step{is: `store: claim of {key}`},
		)}},
	},
	{
		kind: faults.PreparationPermanent,
		sees: []evidence{{"the review fails, with the reason", preparing(faults.PreparationPermanent,
			step{is: `^{app} could not prepare {key}: permanent`, within: 6 * time.Second},
			step{is: `^{app} store: fail of {key}: .*becomes failed \(.*repository is gone`},
		)}},
		never: []evidence{{"it is dispatched by the app that knows", preparing(faults.PreparationPermanent,
			step{is: `^{app} could not prepare {key}: permanent`},
			step{is: `^{app} dispatches {key} `, without: `^{app} prepares {key}`},
		)}},
	},
	{
		kind: faults.PreparationPanic,
		sees: []evidence{
			{"the review fails, with the reason", sight{
				{is: `^{app} fault: preparation.panic`},
				{is: `^{app} could not prepare {key}: rejected`, within: 6 * time.Second},
				{is: `store: fail of {key}: .*becomes failed \(.*index out of range`},
			}},
			{"the same process goes on with others", sight{
				{is: `^{app} could not prepare {key}: rejected`},
				{is: `^{app} dispatches [^ ]+ `, without: `^{app} starts`},
			}},
		},
		never: []evidence{{"the process ends with it", sight{
			{is: `^{app} fault: preparation.panic`},
			{is: `^{app} could not prepare {key}: rejected`, within: 6 * time.Second},
			{is: `^{app} crashes`, within: time.Millisecond},
		}}},
	},
}
