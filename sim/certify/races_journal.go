package certify

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// readAttempts reads each attempt of a round with its events.
func readAttempts(keys ...engine.AttemptKey) []operation {
	var ops []operation
	for _, key := range keys {
		ops = append(ops, load(key), readPayload(key), readEvents(key, 0, 100))
	}
	return ops
}

// startAttempts starts attempts on the first host, which then renews its lease once.
func startAttempts(keys ...engine.AttemptKey) []operation {
	var ops []operation
	for _, key := range keys {
		ops = append(ops, create(key, holder, 0), fenced(model.JournalRecordIntent, key, 1, 1), appends(key, 1, 1, 2, false, 2))
	}
	return append(ops, renewLease(holder, 0))
}

// journalScenarios are the races over the journal.
func journalScenarios() []scenario {
	journal := &port{model: model.JournalModel(), lockRows: "SELECT FROM worker.orchestrations FOR UPDATE"}
	return []scenario{
		{
			name: "takeover-against-zombie", port: journal, plan: takeoverAgainstZombie,
			sentence: "hosts take an attempt over while the host that held it goes on writing",
		},
		{
			name: "starts-of-one-attempt", port: journal, plan: startsOfOneAttempt,
			sentence: "one attempt is started on several hosts, cancelled and abandoned",
		},
		{
			name: "batches-of-one-session", port: journal, plan: batchesOfOneSession,
			sentence: "overlapping batches of events are journaled under one epoch, one of them with the end of the session",
		},
		{
			name: "cancel-against-end", port: journal, plan: cancelAgainstEnd,
			sentence: "an attempt is cancelled while it is decided, finished, settled and purged",
		},
		{
			name: "takeovers-with-little-room", port: journal, plan: takeoversWithLittleRoom,
			sentence: "hosts with room for few attempts race to take over three",
		},
		{
			name: "hosts-that-suspect-each-other", port: journal, plan: hostsThatSuspectEachOther,
			sentence: "two hosts renew their leases and take over what the other one holds, each by the heartbeat before",
		},
		{
			name: "takeovers-against-the-outbox", port: journal, plan: takeoversAgainstTheOutbox,
			sentence: "what is over is taken over while its holder, or the host that gave it up, clears the outbox",
		},
		{
			name: "any-journal", port: journal, plan: anyJournal,
			sentence: "any operations of the journal over two attempts and three hosts",
		},
	}
}

func takeoverAgainstZombie(d draw) plan {
	key := first("a")
	suspect := engine.Heartbeat{Host: holder, Count: 1}
	p := plan{before: startAttempts(key), after: readAttempts(key)}
	p.rivals = [][]operation{
		{renewLease(heir, 1, suspect), held(heir), appends(key, 2, 3, 4, false, 11)},
		{appends(key, 1, 3, 5, d.IntN(2) == 0, 10), fenced(model.JournalFinish, key, 1, 12)},
		{oneOf(d, renewLease(third, 1, suspect), renewLease(holder, 1), fenced(model.JournalReleaseLease, key, 1, 10), fenced(model.JournalDecide, key, 1, 10),
			appends(key, 2, 3, 4, false, 12))}, // under an epoch that a takeover may be about to give out
	}
	return p
}

func startsOfOneAttempt(d draw) plan {
	key := first("a")
	p := plan{after: readAttempts(key)}
	for _, host := range []engine.HostID{holder, heir, third}[:d.between(2, 3)] {
		second := d.IntN(3)
		start := create(key, host, second)
		if d.IntN(4) == 0 {
			start = createFailed(key, host, second)
		}
		p.rivals = append(p.rivals, []operation{start, fenced(model.JournalRecordIntent, key, 1, 5)})
	}
	if d.IntN(2) == 0 {
		p.rivals = append(p.rivals, []operation{requestCancel(key, 1)})
	}
	return p
}

func batchesOfOneSession(d draw) plan {
	key := first("a")
	p := plan{before: startAttempts(key), after: readAttempts(key)}
	for range d.between(2, 4) {
		from := int64(d.between(1, 4))
		p.rivals = append(p.rivals, []operation{appends(key, 1, from, from+int64(d.IntN(4)), d.IntN(3) == 0, 10+d.IntN(3))})
	}
	return p
}

func cancelAgainstEnd(d draw) plan {
	key := first("a")
	return plan{
		before: startAttempts(key),
		rivals: [][]operation{
			{requestCancel(key, 10)},
			{fenced(model.JournalDecide, key, 1, 10), fenced(model.JournalFinish, key, 1, 11), fenced(model.JournalClearOutbox, key, 1, 12)},
			{appends(key, 1, 3, 4, true, 10), fenced(model.JournalClearOutbox, key, 1, 11)},
			{purge(oneOf(d, 5, 100), oneOf(d, 1, 5))},
		},
		after: readAttempts(key),
	}
}

func takeoversWithLittleRoom(d draw) plan {
	keys := []engine.AttemptKey{first("a"), first("b"), first("c")}
	suspect := engine.Heartbeat{Host: holder, Count: 1}
	return plan{
		before: startAttempts(keys...),
		rivals: [][]operation{
			{renewLease(heir, 1, suspect), renewLease(heir, 1, suspect), held(heir)},
			{renewLease(third, d.between(1, 2), suspect), held(third)},
			{fenced(model.JournalReleaseLease, keys[d.IntN(3)], 1, 10), appends(keys[d.IntN(3)], 1, 3, 3, false, 11)},
		},
		after: readAttempts(keys...),
	}
}

// hostsThatSuspectEachOther has two hosts take over from each other. The first renewal changes the heartbeat that the
// other host suspects, so only one of them may take anything.
func hostsThatSuspectEachOther(d draw) plan {
	keys := []engine.AttemptKey{first("a"), first("b")}
	p := plan{before: startAttempts(keys[0]), after: readAttempts(keys...)}
	p.before = append(p.before, create(keys[1], heir, 0), fenced(model.JournalRecordIntent, keys[1], 1, 1), renewLease(heir, 0))
	p.rivals = [][]operation{
		{renewLease(heir, d.between(1, 2), engine.Heartbeat{Host: holder, Count: 1}), held(heir)},
		{renewLease(holder, d.between(1, 2), engine.Heartbeat{Host: heir, Count: 1}), held(holder)},
	}
	return p
}

// takeoversAgainstTheOutbox has two attempts that are over. One of them, or none, is given up, and another one is settled
// long since. With the last callback answered, nothing is left to take over.
func takeoversAgainstTheOutbox(d draw) plan {
	settled, keys := first("a"), []engine.AttemptKey{first("b"), first("c")}
	suspect := engine.Heartbeat{Host: holder, Count: 1}
	p := plan{before: startAttempts(append(keys, settled)...), after: append(readAttempts(keys...), held(heir))}
	for _, key := range append(keys, settled) {
		p.before = append(p.before, fenced(model.JournalFinish, key, 1, 5))
	}
	p.before = append(p.before, fenced(model.JournalClearOutbox, settled, 1, 6))
	if d.IntN(2) == 0 {
		p.before = append(p.before, fenced(model.JournalReleaseLease, keys[d.IntN(2)], 1, 7))
	}
	clear := d.IntN(2)
	p.rivals = [][]operation{
		{fenced(model.JournalClearOutbox, keys[clear], 1, 10)},
		{renewLease(heir, d.between(1, 2), suspect)},
	}
	if d.IntN(2) == 0 {
		p.rivals = append(p.rivals, []operation{fenced(model.JournalClearOutbox, keys[1-clear], 1, 11)})
	}
	return p
}

func anyJournal(d draw) plan {
	keys := []engine.AttemptKey{first("a"), first("b")}
	p := plan{before: startAttempts(keys[0]), after: readAttempts(keys...)}
	for range d.between(3, 4) {
		var ops []operation
		for range d.between(1, 3) {
			ops = append(ops, anyJournalOp(d, oneOf(d, keys...)))
		}
		p.rivals = append(p.rivals, ops)
	}
	return p
}

// anyJournalOp returns any operation of the journal.
func anyJournalOp(d draw, key engine.AttemptKey) operation {
	host := oneOf(d, holder, heir, third)
	epoch := engine.Epoch(oneOf(d, 1, 1, 2))
	second := d.between(10, 20)
	switch kind := model.JournalOpKind(d.between(int(model.JournalCreate), int(model.JournalPurge))); kind {
	case model.JournalCreate:
		return create(key, host, second)
	case model.JournalRenewLease:
		return renewLease(host, d.IntN(3), engine.Heartbeat{Host: oneOf(d, holder, heir, third), Count: uint64(d.IntN(3))})
	case model.JournalAppend:
		from := int64(d.between(1, 4))
		return appends(key, epoch, from, from+int64(d.IntN(3)), d.IntN(4) == 0, second)
	case model.JournalPurge:
		return purge(oneOf(d, 5, 100), d.IntN(3))
	case model.JournalEvents:
		return readEvents(key, int64(d.IntN(3)), 100)
	case model.JournalLoad:
		return load(key)
	case model.JournalPayload:
		return readPayload(key)
	case model.JournalHeld:
		return held(host)
	case model.JournalRequestCancel:
		return requestCancel(key, second)
	case model.JournalAbandon:
		return abandon(key, second)
	default:
		return fenced(kind, key, epoch, second)
	}
}
