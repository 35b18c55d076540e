package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// leaseCases are the histories of the properties in property_leases.go.
var leaseCases = []propertyCase{
	{
		property: "one-holder", cause: "took-over-what-has-ended",
		good: func(s *script) { s.upTo(reported, r1); s.takeover("worker-2", "worker-1") },
		bad: func(s *script) {
			s.upTo(settled, r1)
			row, _ := s.journal.Orchestration(r1)
			before := *row
			row.Holder, row.Epoch = "worker-2", row.Epoch+1
			s.spanned("worker-2", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-2", Max: 9},
				model.JournalChange{Before: before}, &model.JournalResult{})
		},
	},
	{
		property: "one-holder", cause: "two-holders-of-one-epoch",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2", "worker-1") },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.after(time.Minute)
			s.write("worker-2", model.JournalOp{Kind: model.JournalRenewLease, Key: r1, Host: "worker-2"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder, row.Epoch = "worker-2", 1 })
		},
	},
	{
		property: "one-holder", cause: "a-lease-was-taken-away",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2") },
		bad: func(s *script) {
			s.upTo(queued, r1)
			s.after(time.Minute)
			s.write("worker-2", model.JournalOp{Kind: model.JournalRenewLease, Key: r1, Host: "worker-2"},
				func(row *engine.Orchestration, _ *model.JournalResult) { row.Holder, row.Epoch = "worker-2", 2 })
		},
	},
	{
		property: "lease-respected", cause: "taken-over-too-early",
		good: func(s *script) { s.upTo(running, r1); s.takeover("worker-2", "worker-1") },
		bad:  func(s *script) { s.upTo(running, r1); s.hold("worker-2", "worker-1") },
	},
	{
		property: "suspects-named", cause: "a-dead-host-was-not-suspected",
		good: func(s *script) {
			s.boots("worker-1")
			s.renews("worker-1", nil, beat("worker-2", 3), beat("worker-3", 7))
			s.after(50 * time.Second)
			s.renews("worker-1", nil, beat("worker-2", 4), beat("worker-3", 7))
			s.after(15 * time.Second)
			s.renews("worker-1", []engine.Heartbeat{beat("worker-3", 7)}, beat("worker-2", 4), beat("worker-3", 7))
		},
		bad: func(s *script) {
			s.boots("worker-1")
			s.renews("worker-1", nil, beat("worker-2", 3), beat("worker-3", 7))
			s.after(time.Minute)
			s.renews("worker-1", []engine.Heartbeat{beat("worker-2", 3)})
		},
	},
	{
		property: "suspects-named", cause: "a-dead-host-was-not-suspected",
		good: func(s *script) { // one that held nothing meanwhile is seen anew
			s.boots("worker-1")
			s.renews("worker-1", nil, beat("worker-2", 3))
			s.after(time.Minute)
			s.renews("worker-1", []engine.Heartbeat{beat("worker-2", 3)})
			s.renews("worker-1", nil, beat("worker-2", 3))
			s.renews("worker-1", nil, beat("worker-2", 3))
		},
		bad: func(s *script) { // seen once more is not seen anew
			s.boots("worker-1")
			s.renews("worker-1", nil, beat("worker-2", 3))
			s.after(40 * time.Second)
			s.renews("worker-1", nil, beat("worker-2", 3))
			s.after(40 * time.Second)
			s.renews("worker-1", nil, beat("worker-2", 3))
		},
	},
	{
		property: "takeover-prompt", cause: "nobody-took-over",
		good: func(s *script) {
			s.dies()
			s.after(2 * time.Minute)
			s.hold("worker-2", "worker-1")
			s.after(20 * time.Minute)
			s.hold("worker-2")
		},
		bad: func(s *script) { s.dies(); s.after(4 * time.Minute); s.hold("worker-2") },
	},
	{
		property: "takeover-prompt", cause: "nobody-took-over",
		good: func(s *script) { // nobody has looked for that long
			s.dies()
			s.after(4 * time.Minute)
			s.boots("worker-3")
			s.hold("worker-3")
		},
		bad: func(s *script) { // given up, and seen with the next look
			s.boots("worker-2")
			s.upTo(running, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.write("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
			s.after(4 * time.Minute)
			s.holdsNoMore("worker-2")
		},
	},
	{
		property: "rounds-kept", cause: "worked-on-without-renewing-its-lease",
		good: func(s *script) { // what it is asked by others is no work of its own
			s.boots("worker-1")
			s.renews("worker-1", nil)
			s.after(18 * time.Second)
			s.asks("worker-1", CallAgentCreate, r1)
			s.after(time.Minute)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalLoad, Key: r1})
		},
		bad: func(s *script) {
			s.boots("worker-1")
			s.renews("worker-1", nil)
			s.after(20 * time.Second)
			s.asks("worker-1", CallAgentCreate, r1)
		},
	},
	{
		property: "rounds-kept", cause: "worked-on-without-renewing-its-lease",
		good: func(s *script) { // a process that was slow is late
			s.boots("worker-1")
			s.record(Record{Kind: FaultFired, Actor: "worker-1", Fault: faults.ProcessSlow})
			s.after(time.Minute)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalFinish, Key: r1, Epoch: 1})
		},
		bad: func(s *script) { // also while it shuts down
			s.boots("worker-1")
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(time.Minute)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalFinish, Key: r1, Epoch: 1})
		},
	},
	{
		property: "rounds-kept", cause: "did-not-clean-up",
		good: func(s *script) {
			s.boots("worker-1")
			s.after(30 * time.Minute)
			s.cleans("worker-1")
			s.after(59 * time.Minute)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1"})
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-1"})
			s.after(time.Hour)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1"})
		},
		bad: func(s *script) {
			s.boots("worker-1")
			s.cleans("worker-1")
			s.after(time.Hour)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRenewLease, Host: "worker-1"})
		},
	},
	{
		property: "one-launch", cause: "worked-on-what-a-start-was-creating",
		good: func(s *script) { // the other start still waits
			op := model.JournalOp{Kind: model.JournalCreate, Key: r1}
			s.journals("worker-1", op)
			s.journaled("worker-1", op, NoFailure)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
		},
		bad: func(s *script) {
			s.journals("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
		},
	},
	{
		property: "one-launch", cause: "worked-on-what-a-start-was-creating",
		good: func(s *script) { // the start has failed, and a renewal found that it had not
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1}, FailedAs(engine.Ambiguous))
			s.journals("worker-2", model.JournalOp{Kind: model.JournalCreate, Key: r1})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
		},
		bad: func(s *script) {
			op := model.JournalOp{Kind: model.JournalCreate, Key: r1}
			s.journals("worker-1", op)
			s.journaled("worker-1", op, FailedAs(engine.Ambiguous))
			s.asks("worker-1", CallAgentCreate, r1)
		},
	},
	{
		property: "one-launch", cause: "worked-on-what-a-start-was-creating",
		good: func(s *script) { // the lost answer of an earlier start was that it created the attempt
			s.upTo(accepted, r1)
			s.readsHeld("worker-1", r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1})
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
		},
		bad: func(s *script) { // it read of the attempt when the start had been sent
			s.upTo(accepted, r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalCreate, Key: r1})
			s.readsHeld("worker-1", r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
		},
	},
	{
		property: "zombie-stops", cause: "went-on-after-a-refusal",
		good: func(s *script) { // what is refused was sent before what was accepted
			s.upTo(running, r1)
			op := s.appendOp(r1, s.eventsOf(r1)[0])
			op.Now = epoch
			s.takeover("worker-2", "worker-1")
			s.writeSent("worker-1", op)
			s.streams("worker-1", r1, 1)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			op := s.appendOp(r1, s.eventsOf(r1)[1])
			s.takeover("worker-2", "worker-1")
			s.write("worker-1", op)
			s.streams("worker-1", r1, 1)
		},
	},
	{
		property: "refused-stops", cause: "went-on-under-an-overtaken-epoch",
		good: func(s *script) { // it knows, and is given the attempt again
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.Ambiguous))
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.Stale))
			s.takeover("worker-2", "worker-1")
			s.takeover("worker-1", "worker-2")
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 3})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.Stale))
			s.journals("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1})
		},
	},
	{
		property: "refused-stops", cause: "went-on-under-an-overtaken-epoch",
		good: func(s *script) { // it is not known whether the write was accepted
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.Rejected))
			s.after(time.Minute)
			s.asks("worker-1", CallAgentStream, r1)
		},
		bad: func(s *script) { // the journal does not know the attempt any more
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.NotFound))
			s.after(time.Minute)
			s.asks("worker-1", CallAgentStream, r1)
		},
	},
	{
		property: "refused-stops", cause: "worked-on-what-it-had-not-read",
		good: func(s *script) {
			s.upTo(accepted, r1)
			s.takeover("worker-2", "worker-1")
			s.journaled("worker-2", model.JournalOp{Kind: model.JournalLoad, Key: r1}, FailedAs(engine.Ambiguous))
			s.loads("worker-2", r1, 2)
			s.journals("worker-2", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 2})
		},
		bad: func(s *script) { // the answer is that there is no such attempt
			s.upTo(accepted, r1)
			s.takeover("worker-2", "worker-1")
			s.journaled("worker-2", model.JournalOp{Kind: model.JournalLoad, Key: r1}, FailedAs(engine.NotFound))
			s.journals("worker-2", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 2})
		},
	},
	{
		property: "refused-stops", cause: "worked-on-what-it-had-not-read",
		good: func(s *script) { // what it has created it need not read, and what it gives up neither
			s.upTo(accepted, r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
			s.takeover("worker-2", "worker-1")
			s.record(Record{Kind: ShutdownBegan, Actor: "worker-2"})
			s.journals("worker-2", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 2})
		},
		bad: func(s *script) { // the answer carries a newer epoch, or rather the next of an older one
			s.upTo(accepted, r1)
			s.takeover("worker-2", "worker-1")
			s.loads("worker-2", r1, 1)
			s.asks("worker-2", CallAgentCreate, r1)
		},
	},
	{
		property: "refused-stops", cause: "went-on-under-an-overtaken-epoch",
		good: func(s *script) { // others are not concerned
			s.upTo(running, r1, r2)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.Stale))
			s.asks("worker-1", CallAgentStream, r2)
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.journaled("worker-1", model.JournalOp{Kind: model.JournalAppend, Key: r1, Epoch: 1}, FailedAs(engine.Stale))
			s.asks("worker-1", CallAgentStream, r1)
		},
	},
}

func beat(host engine.HostID, count uint64) engine.Heartbeat {
	return engine.Heartbeat{Host: host, Count: count}
}

// boots starts the first life of a process.
func (s *script) boots(actor string) { s.record(Record{Kind: ProcessStarted, Actor: actor, Life: 1}) }

// cleans has a host forget what was finished long ago.
func (s *script) cleans(actor string) {
	op := model.JournalOp{Kind: model.JournalPurge, Before: s.clock().Add(-7 * 24 * time.Hour), Max: 1000}
	s.journals(actor, op)
	s.record(Record{Kind: CallEnded, Actor: actor, JournalOp: &op, JournalResult: &model.JournalResult{}, Call: JournalCall(model.JournalPurge)})
}

// renews has a host renew its lease, and get the heartbeats of others.
func (s *script) renews(actor string, suspects []engine.Heartbeat, others ...engine.Heartbeat) {
	s.journals(actor, model.JournalOp{Kind: model.JournalRenewLease, Host: engine.HostID(actor), Suspects: suspects})
	op := model.Held(engine.HostID(actor))
	s.record(Record{
		Kind: CallEnded, Actor: actor, JournalOp: &op, JournalResult: &model.JournalResult{Others: others}, Call: JournalCall(model.JournalHeld),
	})
}

// readsHeld has a host learn that it holds an attempt.
func (s *script) readsHeld(actor string, key engine.AttemptKey) {
	op := model.Held(engine.HostID(actor))
	s.record(Record{
		Kind: CallEnded, Actor: actor, JournalOp: &op, Call: JournalCall(model.JournalHeld),
		JournalResult: &model.JournalResult{Leases: []engine.Lease{{Key: key, Epoch: 1}}},
	})
}

// holdsNoMore has a host renew its lease without taking anything over.
func (s *script) holdsNoMore(actor string) {
	op := model.JournalOp{Kind: model.JournalRenewLease, Host: engine.HostID(actor)}
	var result model.JournalResult
	s.journal.Apply(&op, &result)
	s.record(Record{Kind: JournalExecuted, Actor: actor, JournalOp: &op, JournalResult: &result})
}

// dies has one host crash in the quiet phase that works on something, and another live.
func (s *script) dies() {
	s.boots("worker-1")
	s.boots("worker-2")
	s.upTo(running, r1)
	s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
	s.record(Record{Kind: ProcessCrashed, Actor: "worker-1"})
}
