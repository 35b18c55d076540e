package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// progressCases are the histories of the properties in property_progress.go.
var progressCases = []propertyCase{
	{
		property: "no-stuck", cause: "review-stuck-queued",
		good: func(s *script) { s.upTo(settled, r1, r2, r3); s.end() },
		bad:  func(s *script) { s.upTo(dispatched, r1); s.end() },
	},
	{
		property: "no-stuck", cause: "review-stuck-pending",
		good: func(s *script) { s.upTo(pending, r1); s.cancel(r1); s.end() },
		bad:  func(s *script) { s.upTo(pending, r1); s.end() },
	},
	{
		property: "no-stuck", cause: "review-never-known-to-have-stopped",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.cancel(r1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.end()
		},
		bad: func(s *script) { s.upTo(claimed, r1); s.cancel(r1); s.end() },
	},
	{
		property: "no-stuck", cause: "callback-still-owed",
		good: func(s *script) { s.upTo(settled, r1); s.end() },
		bad:  func(s *script) { s.upTo(reported, r1); s.end() },
	},
	{
		property: "nothing-neglected", cause: "a-silent-review-was-neglected",
		good: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(12 * time.Minute)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(10*time.Minute), s.clock()))
			s.after(12 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(16 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
	},
	{
		property: "nothing-neglected", cause: "a-silent-review-was-neglected",
		good: func(s *script) { // the store refuses to put it off
			s.upTo(running, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(12 * time.Minute)
			s.stored("app-1", model.Defer(r1, 1, s.clock().Add(10*time.Minute), s.clock()), FailedAs(engine.Permanent))
			s.after(4 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
		bad: func(s *script) { // a refusal that may pass is no look
			s.upTo(running, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(12 * time.Minute)
			s.stored("app-1", model.Defer(r1, 1, s.clock().Add(10*time.Minute), s.clock()), FailedAs(engine.Rejected))
			s.after(4 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
	},
	{
		property: "nothing-neglected", cause: "a-stale-claim-was-neglected",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(9 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
		bad: func(s *script) { // due a week ahead is due
			s.upTo(claimed, r1)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(7*24*time.Hour), s.clock()))
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(6 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
	},
	{
		property: "nothing-neglected", cause: "an-attempt-to-be-stopped-was-neglected",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.sessionEnds(r1, engine.Cancelled, 1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.after(20 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
		bad: func(s *script) {
			s.faultAt("app-1") // so that nothing is late
			s.upTo(running, r1)
			s.cancel(r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(20 * time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
	},
	{
		property: "nothing-neglected", cause: "an-attempt-to-be-stopped-was-neglected",
		good: func(s *script) { // the only replica is down, and sweeps a minute after it is back
			s.faultAt("app-1") // so that nothing is late
			s.upTo(running, r1)
			s.cancel(r1)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
			s.record(Record{Kind: ShutdownBegan, Actor: "app-1", Life: 1})
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(20 * time.Minute)
			s.record(Record{Kind: ProcessStarted, Actor: "app-1", Life: 2})
			s.after(time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
		bad: func(s *script) { // another is there
			s.faultAt("app-1")
			s.upTo(running, r1)
			s.cancel(r1)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
			s.do("app-2", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
			s.record(Record{Kind: ShutdownBegan, Actor: "app-1", Life: 1})
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(20 * time.Minute)
			s.record(Record{Kind: ProcessStarted, Actor: "app-1", Life: 2})
			s.after(time.Minute)
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
		},
	},
	{
		property: "no-starvation", cause: "a-younger-review-was-claimed",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.after(time.Hour)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(4 * time.Minute)
			s.upTo(claimed, r2)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			s.after(6 * time.Minute)
			s.upTo(claimed, r2)
		},
	},
	{
		property: "helped-in-turn", cause: "an-owner-waits-for-its-turn",
		good: func(s *script) { // the one slot is taken
			s.faultAt("app-1") // so that nothing is late
			s.upTo(claimed, r1)
			s.upTo(pending, r2)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			for range 3 {
				s.after(time.Minute)
				s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 1}))
			}
		},
		bad: func(s *script) {
			s.faultAt("app-1") // so that nothing is late
			s.upTo(claimed, r1)
			s.upTo(pending, r2)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			for range 3 {
				s.after(time.Minute)
				s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 2}))
			}
		},
	},
	{
		property: "helped-in-turn", cause: "a-full-owner-took-a-turn",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.upTo(pending, r2)
			s.otherOwner("R3", "zoe")
			s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 1}))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.upTo(pending, r2)
			s.otherOwner("R3", "zoe")
			op := model.Sweep(engine.Search{Now: s.clock(), Max: 1, Limit: 1})
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Op: &op, Result: &model.ReviewsResult{Work: engine.Work{Owners: []engine.OwnerID{s.owner}}}})
		},
	},
	{
		property: "helped-in-turn", cause: "an-owner-waits-for-its-turn", // with a stale claim
		good: func(s *script) { // each time something is done
			s.upTo(claimed, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			for range 3 {
				s.after(time.Minute)
				s.do("app-1", model.Sweep(engine.Search{Now: s.clock().Add(time.Hour / 2), Max: 1, Limit: 1}))
				s.prepares("app-1", r1)
			}
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			for range 3 {
				s.after(time.Minute)
				s.do("app-1", model.Sweep(engine.Search{Now: s.clock().Add(time.Hour / 2), Max: 1, Limit: 1}))
			}
		},
	},
	{
		property: "helped-in-turn", cause: "an-owner-waits-for-its-turn", // with a stale claim, by a slow replica
		good: func(s *script) { // which the workers have asked for a pause of a minute: it lasts for several
			s.upTo(claimed, r1)
			s.record(Record{Kind: FaultFired, Actor: "app-1", Fault: faults.ProcessSlow})
			s.throttles("app-1", CallWorkerStart, r1, time.Minute)
			s.record(Record{Kind: CallEnded, Actor: "app-1", Call: CallWorkerStart, Key: r2, Status: engine.Running}) // it was under way
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			for range 9 {
				s.after(time.Minute)
				s.do("app-1", model.Sweep(engine.Search{Now: s.clock().Add(time.Hour / 2), Max: 1, Limit: 1}))
			}
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.record(Record{Kind: FaultFired, Actor: "app-1", Fault: faults.ProcessSlow})
			s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
			for range 3 {
				s.after(time.Minute)
				s.do("app-1", model.Sweep(engine.Search{Now: s.clock().Add(time.Hour / 2), Max: 1, Limit: 1}))
			}
		},
	},
	{
		property: "start-prompt", cause: "a-start-waited-for-a-renewal",
		good: func(s *script) {
			s.startsOn("worker-1", r1)
			s.journals("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: r1, Epoch: 1})
			s.startsOn("worker-1", r2)
			s.record(Record{Kind: FaultFired, Actor: "worker-1", Fault: faults.JournalReportedFailed})
			s.after(20 * time.Second)
			s.hold("worker-1")
		},
		bad: func(s *script) { s.startsOn("worker-1", r1); s.after(20 * time.Second); s.hold("worker-1") },
	},
	{
		property: "cancel-prompt", cause: "a-cancel-was-not-carried-out",
		good: func(s *script) { s.cancelInQuiet(); s.interrupt(r1); s.after(time.Minute); s.hold("worker-1") },
		bad:  func(s *script) { s.cancelInQuiet(); s.after(time.Minute); s.hold("worker-1") },
	},
}

// cancelInQuiet has worker-1 learn from its renewal, in the quiet phase, that what it runs is to be cancelled.
func (s *script) cancelInQuiet() {
	s.upTo(running, r1)
	s.record(Record{Kind: PhaseBegan, Phase: PhaseQuiet})
	s.cancel(r1)
	s.requestCancel("worker-2", r1)
	s.hold("worker-1")
}

// startsOn has a host receive a start, and journal it.
func (s *script) startsOn(host string, k engine.AttemptKey) {
	s.upTo(dispatched, k)
	op := model.JournalOp{Kind: model.JournalCreate, Key: k}
	s.journals(host, op)
	s.arrives(host, k)
	s.record(Record{Kind: CallEnded, Actor: host, Key: k, JournalOp: &op, JournalResult: &model.JournalResult{}, Call: JournalCall(op.Kind)})
}

// otherOwner submits a review of another owner.
func (s *script) otherOwner(review engine.ReviewID, owner engine.OwnerID) {
	submission := s.submission(review, 1)
	submission.Owner = owner
	s.do("app-1", model.Submit(submission, s.clock()))
}
