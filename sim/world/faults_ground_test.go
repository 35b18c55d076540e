package world_test

import (
	"math"
	"time"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// groundShowings are about what a deployment stands on: processes, network, database,
// journal and clocks.
var groundShowings = []showing{
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
			{is: `^{worker2} takes over {key} from {worker}.`, within: 10 * time.Minute},
			{is: `^{worker} resumes, as if no time had passed`, without: `^{worker} (?:crashes|starts)`},
			{is: `^{worker} is refused by the journal: .* of {key} in epoch 1 \(now \d\): stale`},
		}}},
		never: []evidence{{"the paused act", sight{
			{is: `^{process} is paused`}, {is: acts, without: `^{process} (?:resumes|starts)`},
		}}},
	},
	{
		kind: faults.ProcessSlow,
		sees: []evidence{
			{"what takes 5 s at most takes longer", sight{
				{is: `^{app} fault: process.slow`},
				{is: `^{app} is \d+ times slower in this life`, next: true},
				{is: `^{app} prepares {key}`},
				{is: `^{app} has prepared {key}`, after: 6 * time.Second},
			}},
			{"a host hears in time of the end of a session that took minutes", sight{
				{is: `^{worker} is (?:1\d|20) times slower in this life`},
				{is: `^{worker} opens the stream of {key}`},
				{is: `^agent ends session {session} of {key}: completed`, after: time.Minute},
				{is: `^{worker} journal: \d+ events of {key}`, within: 20 * time.Second},
			}},
		},
	},
	{
		kind: faults.ProcessOldConfig, with: []faults.Kind{faults.ProcessCrash}, rate: 0.7,
		sees: []evidence{
			{"batches are smaller than anywhere else", sight{
				{is: `^{worker} starts, life [2-9]`},
				{is: `^{worker} fault: process.old-config`, next: true},
				{is: `^{worker} runs an old configuration: leases of .*, batches of 1 events,`, next: true},
				{is: `^{worker} journal: 1 events of {key}, {number} in all`},
				{is: `^{worker} journal: 1 events of {key}`, without: `^{worker} (?:journal: (?:[2-9]|\d\d)\d* events|crashes)`},
				{is: `^{worker} journal: 1 events of {key}`, without: `^{worker} (?:journal: (?:[2-9]|\d\d)\d* events|crashes)`},
			}},
			{"a claim is stale earlier", sight{
				{is: `store: claim of {key}: pending becomes queued`},
				{is: `^{app} runs an old configuration: a claim is stale after 1 min`},
				{is: `^{app} store: claim of {key}: queued becomes|^{app} store: claim of {key}, claim`, within: 4 * time.Minute},
			}},
		},
	},
	{
		kind: faults.ProcessPoison, rate: 1, stays: true,
		sees: []evidence{
			{"one host after the other dies of it, until it fails", sight{
				{is: `^{worker} fault: process.poison`},
				{is: `^{worker} crashes: its memory is gone`, next: true},
				{is: `^worker-\d takes over {key} from {worker}.`},
				{is: `^worker-\d fault: process.poison`},
				{is: `\d hosts have lost the attempt`},
				{is: `store: apply of {key}: .*becomes failed`},
			}},
			{"a host dies that takes the last look", sight{
				{is: `^worker-\d fault: process.poison \(agent.stream\)`},
				{is: `[6-9] hosts have lost the attempt`},
			}},
			{"each start kills its host, until an operator ends what no worker ever journaled", sight{
				{is: `^{worker} fault: process.poison \(worker.start\)`},
				{is: `store: claim of {key}, claim [2-9]`},
				{is: `^worker-\d crashes`},
				{is: `store: claim of {key}, claim [3-9]`},
				{is: `^worker-\d crashes`},
				{is: `journal: abandon of {key}`},
				{is: `store: apply of {key}: .*becomes failed`},
			}},
			{"what the dead host ran goes on at another one", crashTakenOver},
		},
		never: []evidence{{"it kills a process that does not work on it", sight{{is: `^app-\d fault: process.poison`}}}},
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
			step{is: `^{worker} learns that its report on {key} is recorded`},
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
				step{is: `journal: a second start of {key}: .* stays as it is`},
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
				{is: `^{worker2} takes over {key} from {worker}.`, without: `^{worker} (?:crashes|starts|is asked)`},
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
			{is: `^{worker} (?:learns|journal:)`, within: 5 * time.Second},
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
		kind: faults.NetworkHangUp,
		sees: []evidence{
			{"a start whose caller has left begins all the same", sight{
				{is: `^{app} fault: network.hang-up \(worker.start\)`},
				{is: `^{worker} is left by the caller of worker.start about {key}`, within: 5 * time.Second},
				{is: `^{worker} journal: create of {key}`, within: time.Second},
				{is: `^{worker} asks the agent for the session of {key}`, within: 5 * time.Second},
			}},
			{"a submission whose caller has left is recorded", sight{
				{is: `^{app} is left by the caller of app.submit about {key}`},
				{is: `store: submit of {key}`, within: time.Second},
			}},
		},
		never: []evidence{{"a caller that has left is answered", sight{
			{is: `^{worker} is left by the caller of worker.start about {key}`},
			{is: `learns that its dispatch of {key} under claim {number} has arrived`, without: `dispatches {key} `},
		}}},
	},
	{
		kind:      faults.ProcessNewerVersion,
		overrides: []kernel.Override{{Key: kernel.Key{Actor: "world", Operation: "plan.http"}, Value: math.MaxUint64}},
		sees: []evidence{
			{"a worker of this version executes a start of the next one", sight{
				{is: `^{app} speaks the next version in this life`},
				{is: `^{app} dispatches {key} under claim {number}`},
				{is: `^agent starts session {session}: executes {key},`, without: `^{app} speaks`},
				{is: `store: apply of {key}: running becomes completed`},
			}},
			{"an app of this version records what a worker of the next one reports", sight{
				{is: `^{worker} speaks the next version in this life`},
				{is: `^{worker} reports that {key} is completed`},
				{is: `^{worker} learns that its report on {key} is recorded`, within: 5 * time.Second},
			}},
		},
		never: []evidence{{"anything is refused for it", sight{{is: `has no good answer .*: permanent`}}}},
	},
	{
		kind: faults.NetworkGateway,
		sees: []evidence{
			{"a dispatcher is in doubt about a start that was carried out", dispatched(faults.NetworkGateway,
				step{is: `^{worker} journal: create of {key}`, within: 5 * time.Second},
				step{is: `^{app} has no good answer to its dispatch of {key} under claim {number}: ambiguous`, within: 5 * time.Second},
			)},
			{"and about one that was not", dispatched(faults.NetworkGateway,
				step{is: `^{app} has no good answer to its dispatch of {key} under claim {number}: ambiguous`, within: 5 * time.Second,
					without: `receives the start of {key}`},
			)},
		},
		never: []evidence{{"a report is taken for delivered", reported(faults.NetworkGateway,
			step{is: `^{worker} learns that its report on {key} is recorded`, within: 5 * time.Second, without: `^{worker} reports that {key}`},
		)}},
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
			{"a statement under way is committed, and nobody learns it", sight{
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
			step{is: `takes over {key} from {worker}.`, without: `asks the agent for the session of {key}`},
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
		kind: faults.ClockSkew, with: []faults.Kind{faults.NetworkRequestLost},
		sees: []evidence{
			{"a claim looks stale to an app whose clock is ahead", sight{
				{is: `^{app} fault: clock.skew`},
				{is: `^{app} has a clock that is .* ahead`, next: true},
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
				{is: `^{worker} has a clock that is 8 days ahead`, next: true},
				{is: `^{worker} journal: purge of the \d+ events of`},
			}},
			{"a claim looks stale to an app whose clock is ahead now", sight{
				{is: `^{app} fault: clock.jump`},
				{is: `^{app} has a clock that is .* ahead`, next: true},
				{is: `store: claim of {key}: pending becomes queued, claim 1`},
				{is: `^{app} store: claim of {key}.*, claim 2`, within: 4 * time.Minute},
			}},
			{"a clock goes back", sight{
				{is: `^{process} fault: clock.jump`},
				{is: `^{process} has a clock that is .* behind`, next: true},
			}},
		},
	},
}
