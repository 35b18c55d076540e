package world_test

import (
	"math"
	"time"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// listening makes the replicas of the app listen to the database.
var listening = []kernel.Override{{Key: kernel.Key{Actor: "world", Operation: "plan.listens"}, Value: math.MaxUint64}}

// notified begins the sights of what befalls a notification.
func notified(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^database notifies the replicas of work of`},
		{is: `^{app} fault: ` + fault.String() + ` \(database.hint\)`, within: time.Microsecond},
	}, then...)
}

// lastingShowings are about faults that last, or that affect one review among many, and about notifications.
var lastingShowings = []showing{
	{
		kind: faults.NetworkOneWay, rate: 0.7,
		sees: []evidence{
			{"a start is carried out, and nobody hears that it is", sight{
				{is: `^{worker} is not heard by`},
				{is: `^{app} dispatches {key} under claim 1`, within: time.Minute},
				{is: `^{worker} receives the start of {key} under claim 1`, within: 5 * time.Second},
				{is: `^{worker} journal: create of {key}`},
				{is: `^{worker} fault: network.one-way \(worker.start\)`},
			}},
			{"a report never arrives from a host that is not heard", sight{
				{is: `^{worker} is not heard by everybody`},
				{is: `^{worker} reports that {key} is {status}`, within: time.Minute},
				{is: `^{worker} fault: network.one-way \(app.callback\)`, within: 5 * time.Second},
				{is: `^{worker} has no good answer to its report on {key}: ambiguous`, without: `receives the report that {key}`},
			}},
			{"what the journal has done is not known to the host that asked for it", sight{
				{is: `^{worker} does not hear (?:everybody|journal)`},
				{is: `^{worker} journal: \d+ events of {key}`, within: time.Minute},
				{is: `^{worker} fault: network.one-way \(journal.append\)`, within: 5 * time.Second},
			}},
		},
		never: []evidence{{"a host that hears nobody learns something", sight{
			{is: `^{worker} does not hear everybody`},
			{is: `^{worker} learns`, within: 5 * time.Second},
		}}},
	},
	{
		kind: faults.NetworkStall, rate: 0.7,
		sees: []evidence{
			{"a dispatch arrives when its connection moves on", dispatched(faults.NetworkStall,
				step{is: `receives the start of {key} under claim {number}$`, after: 10 * time.Second, within: 2 * time.Minute},
			)},
			{"events are journaled long after they were sent to be", sight{
				{is: `^{worker} has connections to journal that stand still`},
				{is: `^{worker} fault: network.stall \(journal.append\)`},
				{is: `^{worker} journal: \d+ events of {key}`, after: 10 * time.Second, within: 100 * time.Second},
			}},
		},
		never: []evidence{{"a request gets lost", dispatched(faults.NetworkStall,
			step{is: end, without: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.NetworkContent, rate: 1,
		sees: []evidence{
			{"no dispatch of one review arrives, and the others do", sight{
				{is: `^network fails each worker.start about`},
				{is: `^{app} dispatches {key} under`},
				{is: `^{app} fault: network.content \(worker.start\)`, next: true},
				{is: `receives the start of {key2} under`},
				{is: `dispatches {key} under`, after: time.Minute, without: `receives the start of {key} `},
				{is: `receives the start of {key} under`},
			}},
			{"a callback is repeated until it is carried", sight{
				{is: `^network fails each app.callback about`},
				{is: `^{worker} reports that {key} is completed`},
				{is: `^{worker} fault: network.content \(app.callback\)`, next: true},
				{is: `reports that {key} is completed`, without: `receives the report that {key}`},
				{is: `receives the report that {key} is completed`},
			}},
		},
		never: []evidence{{"a dispatch that fails arrives", dispatched(faults.NetworkContent,
			step{is: `receives the start of {key} under claim {number}$`},
		)}},
	},
	{
		kind: faults.DatabaseRowLocked, rate: 1,
		sees: []evidence{{"one review can't be claimed, and others can", prepared(faults.DatabaseRowLocked,
			step{is: `store: claim of {key2}: pending becomes queued`},
			step{is: `store: claim of {key}: pending becomes queued`, after: time.Second},
		)}},
		never: []evidence{
			{"the write has an effect", prepared(faults.DatabaseRowLocked,
				step{is: `^{app} store: claim of {key}`, within: 5 * time.Second, without: `^{app} has prepared`},
			)},
			{"a read waits", sight{{is: `fault: database.row-locked \(store.(?:get|attempts|reserve|sweep)\)`}}},
		},
	},
	{
		kind: faults.DatabaseDiskFull, rate: 1,
		sees: []evidence{{"what is due is seen and can't be claimed until there is room", sight{
			{is: `^database has a full disk`},
			{is: `^{app} has prepared {key}`},
			{is: `^{app} fault: database.disk-full \(store.claim\)`, next: true},
			{is: `store: claim of {key}: pending becomes queued`, without: `dispatches {key} `},
		}}},
		never: []evidence{
			{"something is written meanwhile", sight{
				{is: `^database has a full disk`}, {
					is: `^{app} store: `, after: time.Second, within: 29 * time.Second, without: `^world no more faults`,
				},
			}},
			{"a read is refused", sight{{is: `fault: database.disk-full \(store.(?:get|attempts|reserve|sweep)\)`}}},
		},
	},
	{
		kind: faults.DatabaseDiskFailing, rate: 1,
		sees: []evidence{
			{"a claim takes seconds", prepared(faults.DatabaseDiskFailing,
				step{is: `^{app} store: claim of {key}`, after: time.Second, within: 9 * time.Second},
			)},
			{"a claim holds though its commit reports an error", prepared(faults.DatabaseDiskFailing,
				step{is: `^{app} store: claim of {key}: pending becomes queued, claim 1`, within: 9 * time.Second},
				step{is: `store: claim of {key}.*, claim 2`, without: `dispatches {key} `},
			)},
		},
	},
	{
		kind: faults.DatabaseHintLost, overrides: listening,
		sees: []evidence{{"one replica does not hear of it, and another does", notified(faults.DatabaseHintLost,
			step{is: `^{app2} is notified of work of`, within: time.Second, without: `^{app} is notified`},
		)}},
	},
	{
		kind: faults.DatabaseHintLate, overrides: listening,
		sees: []evidence{{"a replica hears of it after the others", notified(faults.DatabaseHintLate,
			step{is: `^{app2} is notified of work of`, within: time.Second},
			step{is: `^{app} is notified of work of`, after: time.Second},
		)}},
	},
	{
		kind: faults.DatabaseHintDouble, overrides: listening,
		sees: []evidence{{"a replica hears of it twice", notified(faults.DatabaseHintDouble,
			step{is: `^{app} is notified of work of`, within: 2 * time.Second},
			step{is: `^{app} is notified of work of`, within: 2 * time.Second},
		)}},
	},
	{
		kind: faults.DatabaseReadOnly, rate: 1,
		sees: []evidence{{"what one replica may not claim, another one does", sight{
			{is: `^database is read-only for {app} `},
			{is: `^{app} has prepared {key}`},
			{is: `^{app} fault: database.read-only \(store.claim\)`, next: true},
			{is: `^{app2} store: claim of {key}: pending becomes queued`, without: `dispatches {key} `},
		}}},
		never: []evidence{
			{"the replica writes meanwhile", sight{
				{is: `^database is read-only for {app} `}, {
					is: `^{app} store: `, after: time.Second, within: 29 * time.Second, without: `^world no more faults`,
				},
			}},
			{"a read is refused", sight{{is: `fault: database.read-only \(store.(?:get|attempts|reserve|sweep)\)`}}},
		},
	},
	{
		kind: faults.DatabaseRefusedForGood, stays: true,
		sees: []evidence{{"a review whose claim is refused fails at once", sight{
			{is: `^{app} has prepared {key}`},
			{is: `^database fault: database.refused-for-good \(store.claim\)`, next: true},
			{is: `^{app} store: fail of {key}: pending becomes failed`, within: time.Second},
		}}},
		never: []evidence{{"it is dispatched all the same", sight{
			{is: `store: fail of {key}: pending becomes failed`}, {is: `^{app} dispatches {key} `},
		}}},
	},
	{
		kind: faults.JournalRefusedForGood, stays: true,
		sees: []evidence{
			{"an attempt whose intent is refused ends without a session", sight{
				{is: `^{worker} receives the start of {key} under`},
				{is: `^journal fault: journal.refused-for-good \(journal.intend\)`},
				{is: `^{worker} journal: finish of {key} \(failed\)`, within: time.Second, without: `executes {key},`},
				{is: `store: apply of {key}: queued becomes failed`},
			}},
			{"one whose event is refused is stopped, and fails", sight{
				{is: `^agent starts session {session}: executes {key},`},
				{is: `^journal fault: journal.refused-for-good \(journal.append\)`},
				{is: `^agent ends session {session} of {key}: cancelled`},
				{is: `journal: finish of {key} \(failed\)`},
			}},
		},
		never: []evidence{{"an attempt begins a session that has failed", sight{
			{is: `journal: finish of {key} \(failed\)`}, {is: `executes {key},`},
		}}},
	},
	{
		kind: faults.JournalDiskFull, rate: 1,
		sees: []evidence{
			{"a start that can't be noted is none", received(faults.JournalDiskFull,
				step{is: `receives the start of {key} `, without: `journal: create of {key}|executes {key}`},
			)},
			{"events are kept until there is room", sight{
				{is: `^journal has a full disk`},
				{is: `^{worker} fault: journal.disk-full \(journal.append\)`},
				{is: `^{worker} journal: \d+ events of {key}`, after: time.Second},
			}},
		},
		never: []evidence{
			{"something is written meanwhile", sight{
				{is: `^journal has a full disk`}, {
					is: `^{worker} journal: (?:\d+ events|create)`, after: time.Second, within: 29 * time.Second, without: `^world no more faults`,
				},
			}},
			{"a read is refused", sight{{is: `fault: journal.disk-full \(journal.(?:load|events)\)`}}},
		},
	},
	{
		kind: faults.JournalDiskFailing, rate: 1,
		sees: []evidence{
			{"a start is noted seconds after it came", received(faults.JournalDiskFailing,
				step{is: `^{worker} journal: create of {key}`, after: time.Second, within: 9 * time.Second},
			)},
			{"a start is durable though its host doubts it", received(faults.JournalDiskFailing,
				step{is: `^{worker} journal: create of {key}`, within: 9 * time.Second},
				step{is: `has no good answer to its dispatch of {key} under claim {number}: ambiguous`},
				step{is: `executes {key},`, without: `receives the start of {key} `},
			)},
		},
		never: []evidence{{"a session runs twice", sight{
			{is: `^agent starts session .* executes {key},`}, {is: `^agent starts session .* executes {key},`},
		}}},
	},
}
