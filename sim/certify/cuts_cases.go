package certify

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A cutCase is one operation in one state.
type cutCase struct {
	// name names the method and what is special about the case, such as "store.claim of a stale claim".
	name string
	// before are the operations that make the state, from empty tables.
	before []operation
	// operation is the one that is cut.
	operation operation
}

// newCase returns a case with the name of its method before the given one.
func newCase(name string, before []operation, o operation) cutCase {
	return cutCase{o.method() + " " + name, before, o}
}

// then returns the operations with more of them at the end. It leaves the operations as they are.
func then(operations []operation, more ...operation) []operation {
	return slices.Concat(operations, more)
}

// cutCases returns every method of both ports: where it does its work, and where it is refused or has nothing to do.
func cutCases() []cutCase { return append(reviewCases(), journalCases()...) }

// oneOfEach returns the first case of each method, in which it does its work.
func oneOfEach(cases []cutCase) []cutCase {
	var firsts []cutCase
	seen := map[string]bool{}
	for _, c := range cases {
		if method := c.operation.method(); !seen[method] {
			seen[method] = true
			firsts = append(firsts, c)
		}
	}
	return firsts
}

// reviewCases are the cases of [engine.ReviewStore].
func reviewCases() []cutCase {
	const limit, unknown = 2, engine.ReviewID("x")
	a, second := first("a"), engine.AttemptKey{Review: "a", Attempt: 2}
	pending := []operation{submit("a", 0), submit("b", 1*minute), submit("c", 2*minute)}
	claimed := then(pending, claim(a, 0, limit, 3*minute))
	running := then(claimed, report(a, 1, engine.Running, 4*minute))
	completed := then(running, report(a, 1, engine.Completed, 5*minute))
	stopping := then(running, cancel(a, 5*minute))
	full := then(claimed, claim(first("b"), 0, limit, 4*minute))
	superseded := then(completed, submitHead("d", "a", 2, 6*minute))
	retrying := then(running, report(a, 1, engine.Failed, 5*minute))
	return []cutCase{
		newCase("of a first head", pending, submit("d", 5*minute)),
		newCase("of a newer head", running, submitHead("d", "a", 2, 5*minute)),
		newCase("of an older head", running, submitHead("d", "a", 0, 5*minute)),
		newCase("of a known review", pending, submit("a", 0)),
		newCase("of a head with the order of another", pending, submitHead("d", "a", 1, 5*minute)),
		newCase("of a head that comes back", then(running, submitHead("d", "a", 2, 5*minute)), submitHead("a", "a", 3, 6*minute)),
		newCase("of a review", running, onReviews(model.Get("a"))),
		newCase("of an unknown review", running, onReviews(model.Get(unknown))),
		newCase("of a retried review", retrying, onReviews(model.Attempts("a"))),
		newCase("of an unknown review", running, onReviews(model.Attempts(unknown))),
		newCase("with a stale claim", claimed, onReviews(model.Reserve(owner, limit, at(30*minute)))),
		newCase("without a free slot", full, onReviews(model.Reserve(owner, limit, at(5*minute)))),
		newCase("of a pending review", pending, claim(a, 0, limit, 3*minute)),
		newCase("of a stale claim", claimed, claim(a, 1, limit, 30*minute)),
		newCase("with an old token", claimed, claim(a, 0, limit, 30*minute)),
		newCase("without a free slot", full, claim(first("c"), 0, limit, 5*minute)),
		newCase("of an unknown review", pending, claim(first(unknown), 0, limit, 3*minute)),
		newCase("of a claim", claimed, onReviews(model.Release(a, 1, at(6*minute), at(4*minute)))),
		newCase("with another token", claimed, onReviews(model.Release(a, 2, at(6*minute), at(4*minute)))),
		newCase("of a pending review", pending, onReviews(model.Defer(a, 0, at(6*minute), at(4*minute)))),
		newCase("with an old token", claimed, onReviews(model.Defer(a, 0, at(6*minute), at(4*minute)))),
		newCase("of a pending review", pending, onReviews(model.Fail(a, 0, "hopeless", at(4*minute)))),
		newCase("with an old token", claimed, onReviews(model.Fail(a, 0, "hopeless", at(4*minute)))),
		newCase("of a start", claimed, report(a, 1, engine.Running, 4*minute)),
		newCase("of a completion", running, report(a, 1, engine.Completed, 5*minute)),
		newCase("of a failure that may be retried", running, report(a, 1, engine.Failed, 5*minute)),
		newCase("of an outdated report", completed, report(a, 1, engine.Running, 6*minute)),
		newCase("with another token", claimed, report(a, 7, engine.Running, 4*minute)),
		newCase("of an unknown review", claimed, report(first(unknown), 1, engine.Running, 4*minute)),
		newCase("of a running review", running, onReviews(model.SetAgentVersion(a, "v2", at(5*minute)))),
		newCase("of another attempt", running, onReviews(model.SetAgentVersion(second, "v2", at(5*minute)))),
		newCase("of a pending review", pending, cancel(a, 4*minute)),
		newCase("of a running review", running, cancel(a, 5*minute)),
		newCase("of a completed review", completed, cancel(a, 6*minute)),
		newCase("of another attempt", running, cancel(second, 5*minute)),
		newCase("of an unknown review", running, cancel(first(unknown), 5*minute)),
		newCase("of a cancelled review", stopping, onReviews(model.Stopped(a, at(6*minute)))),
		newCase("of a running review", running, onReviews(model.Stopped(a, at(6*minute)))),
		newCase("of an unknown review", running, onReviews(model.Stopped(first(unknown), at(6*minute)))),
		newCase("of a completed review", completed, onReviews(model.Retrigger(a, at(6*minute)))),
		newCase("of a running review", running, onReviews(model.Retrigger(a, at(6*minute)))),
		newCase("of a superseded review", superseded, onReviews(model.Retrigger(a, at(7*minute)))),
		newCase("of an unknown review", running, onReviews(model.Retrigger(first(unknown), at(6*minute)))),
		newCase("with work", stopping, onReviews(model.Sweep(engine.Search{Now: at(60 * minute), Max: 10, Limit: 20}))),
		newCase("without work", stopping, onReviews(model.Sweep(engine.Search{Now: at(0), Max: 0, Limit: 20}))),
	}
}

// journalCases are the cases of [engine.Journal].
func journalCases() []cutCase {
	const limit, now, old = 5, 5 * minute, engine.Epoch(9)
	a, b, c, unknown := first("a"), first("b"), first("c"), first("x")
	created := []operation{renewLease(holder, limit), create(a, holder, now), create(b, holder, now)}
	intended := then(created, fenced(model.JournalRecordIntent, a, 1, now))
	streaming := then(intended, appends(a, 1, 1, 2, false, now))
	finished := then(streaming, fenced(model.JournalFinish, a, 1, now))
	settled := then(finished, fenced(model.JournalClearOutbox, a, 1, now))
	suspect := engine.Heartbeat{Host: holder, Count: 1}
	return []cutCase{
		newCase("of an attempt", created, create(c, holder, now)),
		newCase("of a known attempt", created, create(a, heir, now)),
		newCase("of an attempt that is given up", created, createFailed(c, holder, now)),
		newCase("of an attempt", streaming, load(a)),
		newCase("of an unknown attempt", streaming, load(unknown)),
		newCase("by a new host", created, renewLease(heir, limit)),
		newCase("with a takeover", streaming, renewLease(heir, limit, suspect)),
		newCase("under a lease", streaming, fenced(model.JournalReleaseLease, a, 1, now)),
		newCase("under an old lease", streaming, fenced(model.JournalReleaseLease, a, old, now)),
		newCase("under a lease", created, fenced(model.JournalRecordIntent, a, 1, now)),
		newCase("under an old lease", created, fenced(model.JournalRecordIntent, a, old, now)),
		newCase("of new events", streaming, appends(a, 1, 3, 5, false, now)),
		newCase("of known and new events", streaming, appends(a, 1, 2, 3, false, now)),
		newCase("of the last event", streaming, appends(a, 1, 3, 3, true, now)),
		newCase("with a gap", streaming, appends(a, 1, 4, 4, false, now)),
		newCase("under an old lease", streaming, appends(a, old, 3, 3, false, now)),
		newCase("under a lease", streaming, fenced(model.JournalDecide, a, 1, now)),
		newCase("under an old lease", streaming, fenced(model.JournalDecide, a, old, now)),
		newCase("under a lease", streaming, fenced(model.JournalFinish, a, 1, now)),
		newCase("under an old lease", streaming, fenced(model.JournalFinish, a, old, now)),
		newCase("under a lease", finished, fenced(model.JournalClearOutbox, a, 1, now)),
		newCase("under an old lease", finished, fenced(model.JournalClearOutbox, a, old, now)),
		newCase("of an attempt", streaming, requestCancel(a, now)),
		newCase("before the start", streaming, requestCancel(unknown, now)),
		newCase("of an attempt", streaming, readEvents(a, 0, 10)),
		newCase("of an unknown attempt", streaming, readEvents(unknown, 0, 10)),
		newCase("of an old attempt", settled, purge(30*minute, limit)),
		newCase("with nothing to remove", settled, purge(0, limit)),
	}
}
