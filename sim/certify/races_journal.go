package certify

import (
	"math/rand/v2"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

type journalOp = model.JournalOp

// Hosts of the rounds: the first holds what the preparation starts.
const (
	holder engine.HostID = "host-1"
	heir   engine.HostID = "host-2"
	other  engine.HostID = "host-3"
)

func create(key engine.AttemptKey, host engine.HostID, second int) journalOp {
	return journalOp{Kind: model.JournalCreate, Key: key, Owner: owner, Token: 1, Payload: []byte("diff"), Host: host, Now: at(second)}
}

func hold(host engine.HostID, max int, suspects ...engine.Beat) journalOp {
	return journalOp{Kind: model.JournalHold, Host: host, Suspects: suspects, Max: max}
}

// fenced is a write of whoever holds the attempt under an epoch.
func fenced(kind model.JournalOpKind, key engine.AttemptKey, epoch engine.Epoch, second int) journalOp {
	op := journalOp{Kind: kind, Key: key, Epoch: epoch, Now: at(second)}
	if kind == model.JournalDecide || kind == model.JournalFinish {
		op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseNoSession, Reason: "agent is gone", Retryable: true}
	}
	return op
}

// appends journals the events from one sequence number to another; the last of them may be the session's.
func appends(key engine.AttemptKey, epoch engine.Epoch, from, to int64, last bool, second int) journalOp {
	op := fenced(model.JournalAppend, key, epoch, second)
	for seq := from; seq <= to; seq++ {
		op.Events = append(op.Events, engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10 * seq, Text: "reading"})
	}
	if last {
		op.Events[len(op.Events)-1].Kind = engine.EventCompleted
	}
	return op
}

// readBack reads every attempt of a round with its events.
func readBack(keys ...engine.AttemptKey) []journalOp {
	var ops []journalOp
	for _, key := range keys {
		ops = append(ops,
			journalOp{Kind: model.JournalLoad, Key: key},
			journalOp{Kind: model.JournalEvents, Key: key, Max: 100})
	}
	return ops
}

// orchestrated is a preparation: attempts under way on the first host, which has renewed its lease once.
func orchestrated(keys ...engine.AttemptKey) []journalOp {
	var ops []journalOp
	for _, key := range keys {
		ops = append(ops, create(key, holder, 0), fenced(model.JournalIntend, key, 1, 1), appends(key, 1, 1, 2, false, 2))
	}
	return append(ops, hold(holder, 0))
}

func journalScenarios() []Scenario {
	return []Scenario{
		{
			Name:     "takeover-against-zombie",
			Sentence: "hosts take an attempt over while the one that held it goes on writing",
			journal:  takeoverAgainstZombie,
		},
		{
			Name:     "starts-of-one-attempt",
			Sentence: "one attempt is started on several hosts, cancelled and abandoned",
			journal:  startsOfOneAttempt,
		},
		{
			Name:     "batches-of-one-session",
			Sentence: "batches of events that overlap are journaled under one epoch, one of them the session's last",
			journal:  batchesOfOneSession,
		},
		{
			Name:     "cancel-against-end",
			Sentence: "an attempt is cancelled while it is decided, finished, settled and purged",
			journal:  cancelAgainstEnd,
		},
		{
			Name:     "takeovers-with-little-room",
			Sentence: "hosts that take over one attempt each race for three",
			journal:  takeoversWithLittleRoom,
		},
		{
			Name:     "any-journal",
			Sentence: "any operations of the journal over two attempts and three hosts",
			journal:  anyJournal,
		},
	}
}

func takeoverAgainstZombie(random *rand.Rand) plan[journalOp] {
	d := draw{random}
	key := first("a")
	suspect := engine.Beat{Host: holder, Count: 1}
	p := plan[journalOp]{before: orchestrated(key), after: readBack(key)}
	p.rivals = [][]journalOp{
		{hold(heir, 1, suspect), appends(key, 2, 3, 4, false, 11)},
		{appends(key, 1, 3, 5, d.IntN(2) == 0, 10), fenced(model.JournalFinish, key, 1, 12)},
		{oneOf(d, hold(other, 1, suspect), hold(holder, 1), fenced(model.JournalYield, key, 1, 10), fenced(model.JournalDecide, key, 1, 10))},
	}
	return p
}

func startsOfOneAttempt(random *rand.Rand) plan[journalOp] {
	d := draw{random}
	key := first("a")
	p := plan[journalOp]{after: readBack(key)}
	for _, host := range []engine.HostID{holder, heir, other}[:d.between(2, 3)] {
		start := create(key, host, d.IntN(3))
		if d.IntN(4) == 0 {
			start.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: "hopeless"}
		}
		p.rivals = append(p.rivals, []journalOp{start, fenced(model.JournalIntend, key, 1, 5)})
	}
	if d.IntN(2) == 0 {
		p.rivals = append(p.rivals, []journalOp{{Kind: model.JournalRequestCancel, Key: key, Now: at(1)}})
	}
	return p
}

func batchesOfOneSession(random *rand.Rand) plan[journalOp] {
	d := draw{random}
	key := first("a")
	p := plan[journalOp]{before: orchestrated(key), after: readBack(key)}
	for range d.between(2, 4) {
		from := int64(d.between(1, 4))
		p.rivals = append(p.rivals, []journalOp{appends(key, 1, from, from+int64(d.IntN(4)), d.IntN(3) == 0, 10+d.IntN(3))})
	}
	return p
}

func cancelAgainstEnd(random *rand.Rand) plan[journalOp] {
	d := draw{random}
	key := first("a")
	return plan[journalOp]{
		before: orchestrated(key),
		rivals: [][]journalOp{
			{{Kind: model.JournalRequestCancel, Key: key, Now: at(10)}},
			{fenced(model.JournalDecide, key, 1, 10), fenced(model.JournalFinish, key, 1, 11), fenced(model.JournalSettle, key, 1, 12)},
			{appends(key, 1, 3, 4, true, 10), fenced(model.JournalSettle, key, 1, 11)},
			{{Kind: model.JournalPurge, Before: at(oneOf(d, 5, 100)), Max: oneOf(d, 1, 5)}},
		},
		after: readBack(key),
	}
}

func takeoversWithLittleRoom(random *rand.Rand) plan[journalOp] {
	d := draw{random}
	keys := []engine.AttemptKey{first("a"), first("b"), first("c")}
	suspect := engine.Beat{Host: holder, Count: 1}
	return plan[journalOp]{
		before: orchestrated(keys...),
		rivals: [][]journalOp{
			{hold(heir, 1, suspect), hold(heir, 1, suspect)},
			{hold(other, d.between(1, 2), suspect)},
			{fenced(model.JournalYield, keys[d.IntN(3)], 1, 10), appends(keys[d.IntN(3)], 1, 3, 3, false, 11)},
		},
		after: readBack(keys...),
	}
}

func anyJournal(random *rand.Rand) plan[journalOp] {
	d := draw{random}
	keys := []engine.AttemptKey{first("a"), first("b")}
	p := plan[journalOp]{before: orchestrated(keys[0]), after: readBack(keys...)}
	for range d.between(3, 4) {
		var ops []journalOp
		for range d.between(1, 3) {
			ops = append(ops, anyJournalOp(d, oneOf(d, keys...)))
		}
		p.rivals = append(p.rivals, ops)
	}
	return p
}

func anyJournalOp(d draw, key engine.AttemptKey) journalOp {
	host := oneOf(d, holder, heir, other)
	epoch := engine.Epoch(oneOf(d, 1, 1, 2))
	second := d.between(10, 20)
	switch kind := model.JournalOpKind(d.between(int(model.JournalCreate), int(model.JournalPurge))); kind {
	case model.JournalCreate:
		return create(key, host, second)
	case model.JournalHold:
		return hold(host, d.IntN(3), engine.Beat{Host: oneOf(d, holder, heir, other), Count: uint64(d.IntN(3))})
	case model.JournalAppend:
		from := int64(d.between(1, 4))
		return appends(key, epoch, from, from+int64(d.IntN(3)), d.IntN(4) == 0, second)
	case model.JournalPurge:
		return journalOp{Kind: kind, Before: at(oneOf(d, 5, 100)), Max: d.IntN(3)}
	case model.JournalEvents:
		return journalOp{Kind: kind, Key: key, After: int64(d.IntN(3)), Max: 100}
	case model.JournalLoad:
		return journalOp{Kind: kind, Key: key}
	case model.JournalRequestCancel:
		return journalOp{Kind: kind, Key: key, Now: at(second)}
	default:
		return fenced(kind, key, epoch, second)
	}
}
