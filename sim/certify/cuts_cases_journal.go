package certify

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// journalCases are the cases of [engine.Journal].
func journalCases() []cutCase {
	const limit, now, old = 5, 5 * minute, engine.Epoch(9)
	a, b, c, unknown := first("a"), first("b"), first("c"), first("x")
	created := []operation{renewLease(holder, limit), create(a, holder, now), create(b, holder, now)}
	intended := then(created, fenced(model.JournalIntend, a, 1, now))
	streaming := then(intended, appends(a, 1, 1, 2, false, now))
	finished := then(streaming, fenced(model.JournalFinish, a, 1, now))
	settled := then(finished, fenced(model.JournalSettle, a, 1, now))
	suspect := engine.Beat{Host: holder, Count: 1}
	return []cutCase{
		newCase("of an attempt", created, create(c, holder, now)),
		newCase("of a known attempt", created, create(a, heir, now)),
		newCase("of an attempt that is given up", created, createFailed(c, holder, now)),
		newCase("of an attempt", streaming, load(a)),
		newCase("of an unknown attempt", streaming, load(unknown)),
		newCase("by a new host", created, renewLease(heir, limit)),
		newCase("with a takeover", streaming, renewLease(heir, limit, suspect)),
		newCase("under a lease", streaming, fenced(model.JournalYield, a, 1, now)),
		newCase("under an old lease", streaming, fenced(model.JournalYield, a, old, now)),
		newCase("under a lease", created, fenced(model.JournalIntend, a, 1, now)),
		newCase("under an old lease", created, fenced(model.JournalIntend, a, old, now)),
		newCase("of new events", streaming, appends(a, 1, 3, 5, false, now)),
		newCase("of known and new events", streaming, appends(a, 1, 2, 3, false, now)),
		newCase("of the last event", streaming, appends(a, 1, 3, 3, true, now)),
		newCase("with a gap", streaming, appends(a, 1, 4, 4, false, now)),
		newCase("under an old lease", streaming, appends(a, old, 3, 3, false, now)),
		newCase("under a lease", streaming, fenced(model.JournalDecide, a, 1, now)),
		newCase("under an old lease", streaming, fenced(model.JournalDecide, a, old, now)),
		newCase("under a lease", streaming, fenced(model.JournalFinish, a, 1, now)),
		newCase("under an old lease", streaming, fenced(model.JournalFinish, a, old, now)),
		newCase("under a lease", finished, fenced(model.JournalSettle, a, 1, now)),
		newCase("under an old lease", finished, fenced(model.JournalSettle, a, old, now)),
		newCase("of an attempt", streaming, requestCancel(a, now)),
		newCase("before the start", streaming, requestCancel(unknown, now)),
		newCase("of an attempt", streaming, readEvents(a, 0, 10)),
		newCase("of an unknown attempt", streaming, readEvents(unknown, 0, 10)),
		newCase("of an old attempt", settled, purge(30*minute, limit)),
		newCase("with nothing to remove", settled, purge(0, limit)),
	}
}
