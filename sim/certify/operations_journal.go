package certify

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Hosts of the journal: the first one starts the attempts, the others may take them over.
const (
	holder engine.HostID = "host-1"
	heir   engine.HostID = "host-2"
	third  engine.HostID = "host-3"
)

// create starts an attempt on a host.
func create(key engine.AttemptKey, host engine.HostID, second int) operation {
	request := engine.StartRequest{Key: key, Owner: owner, Token: 1, Payload: []byte("diff")}
	return onJournal(model.Create(request, host, at(second)))
}

// createFailed records an attempt that is given up before it has started.
func createFailed(key engine.AttemptKey, host engine.HostID, second int) operation {
	o := create(key, host, second)
	o.journal.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: "hopeless"}
	return o
}

// renewLease renews the lease of a host, and takes over at most limit attempts of the suspects.
func renewLease(host engine.HostID, limit int, suspects ...engine.Heartbeat) operation {
	return onJournal(model.RenewLease(host, suspects, limit))
}

// held reads what a host holds.
func held(host engine.HostID) operation { return onJournal(model.Held(host)) }

// readPayload reads the payload of an attempt.
func readPayload(key engine.AttemptKey) operation { return onJournal(model.Payload(key)) }

// fenced is a write of the host that holds an attempt under an epoch.
func fenced(kind model.JournalOpKind, key engine.AttemptKey, epoch engine.Epoch, second int) operation {
	op := model.JournalOp{Kind: kind, Key: key, Epoch: epoch, Now: at(second)}
	if kind == model.JournalDecide || kind == model.JournalFinish {
		op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseNoSession, Reason: "agent is gone", Retryable: true}
	}
	return onJournal(op)
}

// appends journals the events of a session with the sequence numbers from one to another. last makes the last of them
// the end of the session.
func appends(key engine.AttemptKey, epoch engine.Epoch, from, to int64, last bool, second int) operation {
	o := fenced(model.JournalAppend, key, epoch, second)
	events := make([]engine.Event, 0, to-from+1)
	for seq := from; seq <= to; seq++ {
		events = append(events, engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10 * seq, Text: "reading"})
	}
	if last {
		events[len(events)-1].Kind = engine.EventCompleted
	}
	o.journal.Events = events
	return o
}

// requestCancel asks for the cancellation of an attempt.
func requestCancel(key engine.AttemptKey, second int) operation {
	return onJournal(model.RequestCancel(key, at(second)))
}

// abandon ends an attempt for an operator, whoever holds it.
func abandon(key engine.AttemptKey, second int) operation {
	outcome := engine.Outcome{Status: engine.Failed, Cause: engine.CauseForced, Reason: "the agent never answers"}
	return onJournal(model.Abandon(key, outcome, at(second)))
}

// purge removes at most limit attempts that ended before a time.
func purge(before, limit int) operation {
	return onJournal(model.Purge(at(before), limit))
}

// load reads an attempt.
func load(key engine.AttemptKey) operation {
	return onJournal(model.Load(key))
}

// readEvents reads at most limit events of an attempt, those after a sequence number.
func readEvents(key engine.AttemptKey, after int64, limit int) operation {
	return onJournal(model.Events(key, after, limit))
}
