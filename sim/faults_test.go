package sim_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/kernel"
)

// A showing proves one entry of the fault catalogue: in worlds that suffer from this kind alone, what its entry says
// is seen, what its entry rules out is not, and every property holds.
type showing struct {
	kind faults.Kind
	with []faults.Kind // what it needs to happen at all
	rate float64       // what a decision is for the fault with; 0: 0.3
	// overrides help along what is too rare.
	overrides []kernel.Override
	sees      []evidence
	// never is what MayNot rules out, as far as a trace shows it.
	never []evidence
}

// An evidence is a sight with what it proves.
type evidence struct {
	what  string
	sight sight
}

// acts matches what a process does of its own accord.
const acts = `^{process} (?:dispatches|prepares|has prepared|reports|asks|opens)`

// prepared begins the sights of what befalls a claim.
func prepared(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{app} has prepared {key}`},
		{is: `^{app} fault: ` + fault.String() + ` \(store.claim\)`, next: true},
	}, then...)
}

// dispatched begins the sights of what befalls a dispatch.
func dispatched(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{app} dispatches {key} under claim {number}`},
		{is: `^{app} fault: ` + fault.String() + ` \(worker.start\)`, next: true},
	}, then...)
}

// reported begins the sights of what befalls a callback.
func reported(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{worker} reports that {key} is {status}`},
		{is: `^{worker} fault: ` + fault.String() + ` \(app.callback\)`, next: true},
	}, then...)
}

// created begins the sights of what befalls the creation of a session.
func created(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{worker} asks the agent for the session of {key}`},
		{is: `^(?:{worker}|agent) fault: ` + fault.String() + ` \(agent.create\)`, next: true},
	}, then...)
}

// preparing begins the sights of what befalls a preparation.
func preparing(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{app} prepares {key}`},
		{is: `^{app} fault: ` + fault.String() + ` \(prepare\)`, next: true},
	}, then...)
}

// received begins the sights of what befalls the journal entry of a start.
func received(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{worker} receives the start of {key} under claim {number}`},
		{is: `^{worker} fault: ` + fault.String() + ` \(journal.create\)`, next: true},
	}, then...)
}

// resumed is what a worker does when a stream broke off: it reads on behind what it has, until the session ends.
func resumed(fault faults.Kind) sight {
	return sight{
		{is: `^{worker} fault: ` + fault.String() + ` \(stream.event\)`},
		{is: `^{worker} opens the stream of {key} after event [1-9]`, within: time.Minute},
		{is: `^agent ends session {session} of {key}: completed after {number} events`},
		{is: `store: apply of {key}: running becomes completed`},
	}
}

var showings = []showing{
	{
		kind: faults.ProcessCrash,
		sees: []evidence{
			{"a claim dies with the dispatcher's memory and is found again when stale", sight{
				{is: `^{app} store: claim of {key}: pending becomes queued`},
				{is: `^{app} fault: process.crash `, without: `dispatches {key} `},
				{is: `^{app} crashes: its memory is gone`, next: true},
				{is: `^{app} starts, life 2`, after: time.Second, within: time.Minute + time.Second},
				{is: `store: claim of {key}.*, claim 2`},
			}},
			{"a host takes over what the dead one ran, and its session goes on", crashTakenOver},
		},
		never: []evidence{{"the dead act", sight{
			{is: `^{process} crashes`}, {is: acts, without: `^{process} starts`},
		}}},
	},
	{
		kind: faults.ProcessCrashLoop, with: []faults.Kind{faults.ProcessCrash}, rate: 0.5,
		sees: []evidence{{"it crashes, and twice more after short restarts", sight{
			{is: `^{process} fault: process.crash `},
			{is: `^{process} starts, life`, within: 6 * time.Second},
			{is: `^{process} fault: process.crash-loop`},
			{is: `^{process} crashes`, next: true},
			{is: `^{process} starts, life`},
			{is: `^{process} fault: process.crash-loop`},
			{is: `^{process} crashes`, next: true},
		}}},
		never: []evidence{{"five in a row", sight{
			{is: `^{process} fault: process.crash-loop`},
			{is: `^{process} fault: process.crash-loop`, without: `^{process} fault: process.crash `},
			{is: `^{process} fault: process.crash-loop`, without: `^{process} fault: process.crash `},
			{is: `^{process} fault: process.crash-loop`, without: `^{process} fault: process.crash `},
			{is: `^{process} fault: process.crash-loop`, without: `^{process} fault: process.crash `},
		}}},
	},
	{
		kind: faults.ProcessPause,
		sees: []evidence{{"it outlives its lease, wakes up as a zombie and is stopped by the fence", sight{
			{is: `^{worker} fault: process.pause`},
			{is: `^{worker} is paused`, next: true},
			{is: `^{worker2} takes over {key} from "{worker}.`, within: 10 * time.Minute},
			{is: `^{worker} goes on, as if no time had passed`, without: `^{worker} (?:crashes|starts)`},
			{is: `^{worker} is refused by the journal: .* of {key} in epoch 1 \(now \d\): stale`},
		}}},
		never: []evidence{{"the paused act", sight{
			{is: `^{process} is paused`}, {is: acts, without: `^{process} (?:goes on|starts)`},
		}}},
	},
	{
		kind: faults.ProcessSlow,
		sees: []evidence{{"what takes 5 s at most takes longer", sight{
			{is: `^{app} fault: process.slow`},
			{is: `^{app} is \d+ times slower in this life`, next: true},
			{is: `^{app} prepares {key}`},
			{is: `^{app} has prepared {key}`, after: 6 * time.Second},
		}}},
	},
	{
		kind: faults.ProcessOldConfig, with: []faults.Kind{faults.ProcessCrash}, rate: 0.7,
		sees: []evidence{
			{"batches are smaller than anywhere else", sight{
				{is: `^{worker} starts, life [2-9]`},
				{is: `^{worker} fault: process.old-config`, next: true},
				{is: `^{worker} runs an old configuration: leases of .*, batches of 1,`, next: true},
				{is: `^{worker} journal: 1 events of {key}, {number} in all`},
				{is: `^{worker} journal: 1 events of {key}`, without: `^{worker} (?:journal: (?:[2-9]|\d\d)\d* events|crashes)`},
				{is: `^{worker} journal: 1 events of {key}`, without: `^{worker} (?:journal: (?:[2-9]|\d\d)\d* events|crashes)`},
			}},
			{"a claim is stale earlier", sight{
				{is: `store: claim of {key}: pending becomes queued`},
				{is: `^{app} runs an old configuration: stale after 1m0s`},
				{is: `^{app} store: claim of {key}: queued becomes|^{app} store: claim of {key}, claim`, within: 4 * time.Minute},
			}},
		},
	},
	{
		kind: faults.NetworkRequestLost,
		sees: []evidence{{"nobody starts what was claimed, until the claim is found stale", dispatched(faults.NetworkRequestLost,
			step{is: `store: claim of {key}`, after: time.Minute, without: `receives the start of {key} `},
			step{is: `receives the start of {key} `},
		)}},
		never: []evidence{{"it arrives after all", dispatched(faults.NetworkRequestLost,
			step{is: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.NetworkAnswerLost,
		sees: []evidence{{"the app has applied what the worker is in doubt about, and says so when asked again", reported(faults.NetworkAnswerLost,
			step{is: `^{app} receives the report that {key} is {status}`, within: 5 * time.Second},
			step{is: `^{app} store: apply of {key}: .*becomes {status}`},
			step{is: `^{worker} has no good answer to its report on {key}: ambiguous`},
			step{is: `^{worker} reports that {key} is {status}`},
			step{is: `^{worker} is told that its report on {key} is taken note of`},
		)}},
	},
	{
		kind: faults.NetworkDelay,
		sees: []evidence{{"a dispatch arrives when the dispatcher has given up", dispatched(faults.NetworkDelay,
			step{is: `receives the start of {key} under claim {number}$`, after: 10 * time.Second, within: 95 * time.Second},
		)}},
		never: []evidence{{"it arrives twice", dispatched(faults.NetworkDelay,
			step{is: `receives the start of {key} under claim {number}$`},
			step{is: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.NetworkDuplicate,
		sees: []evidence{
			{"a start arrives twice and changes nothing the second time", dispatched(faults.NetworkDuplicate,
				step{is: `^{worker} receives the start of {key} under claim {number}$`, within: 5 * time.Second},
				step{is: `^{worker} journal: create of {key}`},
				step{is: `receives the start of {key} under claim {number}$`},
				step{is: `journal: {key} is known, and stays as it is`},
				step{is: end, without: `^agent starts session .* executes {key},`},
			)},
			{"an end is reported twice and changes nothing the second time", sight{
				{is: `^{worker} reports that {key} is completed`},
				{is: `^{worker} fault: network.duplicate \(app.callback\)`, next: true},
				{is: `receives the report that {key} is completed`},
				{is: `store: apply of {key}: running becomes completed`},
				{is: `receives the report that {key} is completed`},
				{is: end, without: `store: .* of {key}`},
			}},
		},
		never: []evidence{{"it arrives a third time", dispatched(faults.NetworkDuplicate,
			step{is: `receives the start of {key} under claim {number}$`},
			step{is: `receives the start of {key} under claim {number}$`},
			step{is: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.NetworkReorder,
		sees: []evidence{{"a start that was sent later arrives earlier", dispatched(faults.NetworkReorder,
			step{is: `^{app} dispatches {key2} under`},
			step{is: `receives the start of {key2} `, without: `receives the start of {key} `},
			step{is: `receives the start of {key} under claim {number}$`},
		)}},
		never: []evidence{{"it is lost", dispatched(faults.NetworkReorder,
			step{is: end, without: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.NetworkPartition, rate: 0.7,
		sees: []evidence{
			{"isolated: its lease runs out while it works, and a fence meets it afterwards", sight{
				{is: `^{worker} fault: network.partition \(process\)`},
				{is: `^{worker} is cut off from everybody for`, next: true},
				{is: `^{worker} fault: network.partition \(journal.hold\)`},
				{is: `^{worker2} takes over {key} from "{worker}.`, without: `^{worker} (?:crashes|starts|is asked)`},
				{is: `^{worker} is refused by the journal: .* of {key} in epoch 1 `},
			}},
			{"a pair: what passes elsewhere passes", sight{
				{is: `^{app} is cut off from {worker} for`},
				{is: `^{app} dispatches {key} under`},
				{is: `^{app} fault: network.partition \(worker.start\)`, within: 3 * time.Second},
				{is: `store: claim of {key}`, after: time.Minute, without: `receives the start of {key} `},
			}},
			{"a pair: a worker without its journal is still asked to start reviews", sight{
				{is: `^{worker} is cut off from journal for`},
				{is: `^{worker} receives the start of {key} `},
				{is: `^{worker} fault: network.partition \(journal.create\)`, within: time.Second},
			}},
		},
		never: []evidence{{"something is answered across the cut", sight{
			{is: `^{worker} is cut off from everybody for`},
			{is: `^{worker} (?:is told|journal:)`, within: 5 * time.Second},
		}}},
	},
	{
		kind: faults.NetworkReset,
		sees: []evidence{
			{"a stream breaks off and is read on behind what is known", resumed(faults.NetworkReset)},
			{"a worker is at once in doubt about a report that was applied", reported(faults.NetworkReset,
				step{is: `store: apply of {key}: .*becomes {status}`},
				step{is: `^{worker} has no good answer to its report on {key}: ambiguous`, within: 5 * time.Second},
			)},
		},
	},
	{
		kind: faults.DatabaseLostBefore,
		sees: []evidence{{"no claim, no dispatch, and the review is claimed later", prepared(faults.DatabaseLostBefore,
			step{is: `store: claim of {key}: pending becomes queued, claim 1`, after: time.Second, without: `dispatches {key} `},
		)}},
		never: []evidence{{"the statement is executed", prepared(faults.DatabaseLostBefore,
			step{is: `^{app} store: claim of {key}`, within: time.Second, without: `^{app} has prepared`},
		)}},
	},
	{
		kind: faults.DatabaseLostAfterCommit,
		sees: []evidence{{"the claim holds, nobody dispatches, and the review is claimed again", prepared(faults.DatabaseLostAfterCommit,
			step{is: `^{app} store: claim of {key}: pending becomes queued, claim 1`, within: time.Second},
			step{is: `store: claim of {key}.*, claim 2`, without: `dispatches {key} `},
		)}},
	},
	{
		kind: faults.DatabaseStatementTimeout,
		sees: []evidence{{"the claim is given up, and made later", prepared(faults.DatabaseStatementTimeout,
			step{is: `store: claim of {key}: pending becomes queued, claim 1`, after: 5 * time.Second, without: `dispatches {key} `},
		)}},
		never: []evidence{{"the statement has an effect", prepared(faults.DatabaseStatementTimeout,
			step{is: `^{app} store: claim of {key}`, within: 5 * time.Second, without: `^{app} has prepared`},
		)}},
	},
	{
		kind: faults.DatabaseSerialization,
		sees: []evidence{{"the claim is given up, and made later", prepared(faults.DatabaseSerialization,
			step{is: `store: claim of {key}: pending becomes queued, claim 1`, without: `dispatches {key} `},
		)}},
		never: []evidence{
			{"the transaction has an effect", prepared(faults.DatabaseSerialization,
				step{is: `^{app} dispatches {key} `, without: `store: claim of {key}`},
			)},
			{"a read fails so", sight{{is: `fault: database.serialization \(store.(?:get|attempts|reserve|sweep)\)`}}},
		},
	},
	{
		kind: faults.DatabaseFailover, rate: 1,
		sees: []evidence{
			{"everybody's statements fail until the database is back", sight{
				{is: `^database fault: database.failover`},
				{is: `^database fails over for`, next: true},
				{is: `^{app} fault: database.failover`},
				{is: `^{app2} fault: database.failover`, within: 30 * time.Second},
				{is: `^{app} store: `, after: time.Second},
			}},
			{"a statement under way is committed, and nobody is told", sight{
				{is: `^{app} has prepared {key}`},
				{is: `^database fails over for`, within: time.Millisecond},
				{is: `^{app} store: claim of {key}: pending becomes queued`, within: time.Second},
				{is: `store: claim of {key}`, without: `dispatches {key}`},
			}},
		},
		never: []evidence{{"something is written meanwhile", sight{
			{is: `^database fails over for`}, {is: `^{app} store: `, after: time.Second, within: 4 * time.Second},
		}}},
	},
	{
		kind: faults.DatabasePoolExhausted,
		sees: []evidence{{"the caller waits, gives the claim up and makes it later", prepared(faults.DatabasePoolExhausted,
			step{is: `store: claim of {key}: pending becomes queued, claim 1`, after: 2 * time.Second, without: `dispatches {key} `},
		)}},
		never: []evidence{{"the statement has an effect", prepared(faults.DatabasePoolExhausted,
			step{is: `^{app} store: claim of {key}`, within: 2 * time.Second, without: `^{app} has prepared`},
		)}},
	},
	{
		kind: faults.JournalRefused,
		sees: []evidence{
			{"a start that can't be noted is none", received(faults.JournalRefused,
				step{is: `receives the start of {key} `, without: `journal: create of {key}|executes {key}`},
			)},
			{"a batch of events is written when it is tried again", sight{
				{is: `^{worker} fault: journal.refused \(journal.append\)`},
				{is: `^{worker} journal: \d+ events of {key}`},
			}},
		},
		never: []evidence{
			{"a start is noted in part", received(faults.JournalRefused,
				step{is: `^{worker} journal: create of {key}`, without: `^{worker} receives the start of {key}`},
			)},
			{"a read is refused", sight{{is: `fault: journal.refused \(journal.(?:load|events)\)`}}},
		},
	},
	{
		kind: faults.JournalReportedFailed,
		sees: []evidence{{"a start is durable though its host doubts it, and somebody takes it over", received(faults.JournalReportedFailed,
			step{is: `^{worker} journal: create of {key}`},
			step{is: `takes over {key} from "{worker}.`, without: `asks the agent for the session of {key}`},
			step{is: `executes {key},`},
		)}},
		never: []evidence{{"a session runs twice", sight{
			{is: `^agent starts session .* executes {key},`}, {is: `^agent starts session .* executes {key},`},
		}}},
	},
	{
		kind: faults.JournalSlow,
		sees: []evidence{{"a start is noted seconds after it came", received(faults.JournalSlow,
			step{is: `^{worker} journal: create of {key}`, after: time.Second, within: 16 * time.Second},
		)}},
	},
	{
		kind: faults.CallbackErrorWithoutEffect,
		sees: []evidence{{"the status counts when it is sent again", reported(faults.CallbackErrorWithoutEffect,
			step{is: `^{worker} has no good answer to its report on {key}: ambiguous`, without: `store: apply of {key}`},
			step{is: `^{worker} reports that {key} is {status}`},
			step{is: `store: apply of {key}: .*becomes {status}`},
		)}},
		never: []evidence{{"it is applied", reported(faults.CallbackErrorWithoutEffect,
			step{is: `receives the report that {key} is {status}`, without: `^{worker} reports that {key} is {status}`},
		)}},
	},
	{
		kind: faults.CallbackErrorAfterEffect,
		sees: []evidence{{"the worker sends again what the app knows", reported(faults.CallbackErrorAfterEffect,
			step{is: `store: apply of {key}: .*becomes {status}`},
			step{is: `^{worker} has no good answer to its report on {key}: ambiguous`, within: 5 * time.Second},
			step{is: `^{worker} reports that {key} is {status}`},
			step{is: `^{worker} is told that its report on {key} is taken note of`, without: `store: apply of {key}`},
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
			step{is: `receives the report that {key} is {status}`, without: `^{worker} reports that {key} is {status}`},
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
			{is: `is told that its report on {key} is taken note of`},
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
		kind: faults.ClockSkew, with: []faults.Kind{faults.NetworkRequestLost},
		sees: []evidence{
			{"a claim looks stale to an app whose clock is ahead", sight{
				{is: `^{app} fault: clock.skew`},
				{is: `^{app} has a clock that is off by \d`, next: true},
				{is: `store: claim of {key}: pending becomes queued, claim 1`},
				{is: `^{app} store: claim of {key}.*, claim 2`, within: 4 * time.Minute},
			}},
		},
	},
	{
		kind: faults.ClockJump, with: []faults.Kind{faults.NetworkRequestLost}, rate: 0.5,
		overrides: []kernel.Override{ // eight days are rare, and hosts clean up when they start
			{Key: kernel.Key{Actor: "worker-1", Operation: "clock.jump.far"}, Value: math.MaxUint64},
			{Key: kernel.Key{Actor: "worker-1", Operation: "clock.jump"}, Value: math.MaxUint64},
			{Key: kernel.Key{Actor: "worker-1", Operation: "plan.deploy"}, Value: math.MaxUint64},
		},
		sees: []evidence{
			{"journals look old enough to be cleaned up", sight{
				{is: `^{worker} fault: clock.jump`},
				{is: `^{worker} has a clock that is off by 192h`, next: true},
				{is: `^{worker} journal: purge of the events of \d+ attempts`},
			}},
			{"a claim looks stale to an app whose clock is ahead now", sight{
				{is: `^{app} fault: clock.jump`},
				{is: `^{app} has a clock that is off by \d`, next: true},
				{is: `store: claim of {key}: pending becomes queued, claim 1`},
				{is: `^{app} store: claim of {key}.*, claim 2`, within: 4 * time.Minute},
			}},
			{"a clock goes back", sight{
				{is: `^{process} fault: clock.jump`},
				{is: `^{process} has a clock that is off by -`, next: true},
			}},
		},
	},
}

// alone returns a profile with nothing but the kind and what it needs.
func (s *showing) alone() faults.Profile {
	rate := s.rate
	if rate == 0 {
		rate = 0.3
	}
	p := faults.Profile{Name: s.kind.String(), Sentence: "nothing but this kind"}
	for _, kind := range append([]faults.Kind{s.kind}, s.with...) {
		p.Intensities[kind] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: rate, High: rate}}
	}
	return p
}

// TestEveryFaultHappens looks at every entry of the catalogue, in readable traces: at its effect and not only at its
// being drawn. Run it with -v to see where, and with what.
func TestEveryFaultHappens(t *testing.T) {
	const (
		fewest = 20  // seeds that every kind is watched in, also when all was seen
		most   = 400 // seeds in which everything has to be seen
	)
	w := sim.NewWorld()
	defer w.Close()
	for i := range faults.Count {
		kind := faults.Kind(i)
		var s *showing
		for j := range showings {
			if showings[j].kind == kind {
				s = &showings[j]
			}
		}
		if s == nil {
			t.Errorf("%s: nothing shows that it happens; add a row to showings", kind)
			continue
		}
		t.Run(kind.String(), func(t *testing.T) {
			compiled := newPatterns()
			seen := make([]bool, len(s.sees))
			unseen := len(s.sees)
			for seed := uint64(1); seed <= most && (seed <= fewest || unseen > 0); seed++ {
				lines, outcome := traced(w, sim.Spec{Seed: seed, Profile: s.alone(), Overrides: s.overrides})
				if outcome.Verdict != checker.Pass {
					t.Fatalf("seed %d is %s: %v%s\n%s", seed, outcome.Verdict, outcome.Violation, outcome.Unknown, quote(lines, nil))
				}
				s.strikesAlone(t, seed, lines, &outcome)
				o := watch(lines, compiled)
				for _, e := range s.never {
					if found := o.sees(e.sight); found != nil {
						t.Fatalf("seed %d: %s:\n%s", seed, e.what, quote(lines, found))
					}
				}
				for j, e := range s.sees {
					if seen[j] {
						continue
					}
					if found := o.sees(e.sight); found != nil {
						seen[j] = true
						unseen--
						t.Logf("seed %d: %s:\n%s", seed, e.what, quote(lines, found))
					}
				}
			}
			for j, e := range s.sees {
				if !seen[j] {
					t.Errorf("in %d seeds it was not seen that: %s", most, e.what)
				}
			}
		})
	}
}

// strikesAlone checks that no other kind has struck, and that none strikes once the storm is over.
func (s *showing) strikesAlone(t *testing.T, seed uint64, lines []sim.Line, outcome *sim.Outcome) {
	t.Helper()
	allowed := map[faults.Kind]bool{s.kind: true}
	for _, kind := range s.with {
		allowed[kind] = true
	}
	for i, n := range outcome.Faults {
		if kind := faults.Kind(i); n > 0 && !allowed[kind] {
			t.Fatalf("seed %d: %s has struck %d times", seed, kind, n)
		}
	}
	noFaultAfterStorm(t, seed, lines)
}

func noFaultAfterStorm(t *testing.T, seed uint64, lines []sim.Line) {
	t.Helper()
	healing := false
	for i, line := range lines {
		if line.Fault != strings.HasPrefix(line.Text, "fault: ") {
			t.Fatalf("seed %d: fault or not?\n%s", seed, quote(lines, []int{i}))
		}
		if healing && line.Fault {
			t.Fatalf("seed %d: a fault after the storm:\n%s", seed, quote(lines, []int{i}))
		}
		healing = healing || line.Text == "the heal phase begins"
	}
}

// TestCalmIsCalm runs worlds without any fault.
func TestCalmIsCalm(t *testing.T) {
	w := sim.NewWorld()
	defer w.Close()
	for seed := range uint64(100) {
		lines, outcome := traced(w, sim.Spec{Seed: seed, Profile: named(t, "calm")})
		if outcome.Verdict != checker.Pass || outcome.Faults != (faults.Counts{}) {
			t.Fatalf("seed %d is %s: %v\n%v", seed, outcome.Verdict, outcome.Violation, outcome.Faults)
		}
		for i, line := range lines {
			if line.Fault || strings.Contains(line.Text, "fault") {
				t.Fatalf("seed %d: a fault:\n%s", seed, quote(lines, []int{i}))
			}
		}
	}
}
