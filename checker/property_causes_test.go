package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// causeCases are the histories of causes that the other cases of their properties leave out.
var causeCases = []propertyCase{
	{
		property: "one-claimant", cause: "a-token-without-a-claim",
		good: func(s *script) { s.upTo(running, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.change("app-1", model.SetAgentVersion(r1, "v2", s.clock()), func(after *engine.Review) { after.Claim++ })
		},
	},
	{
		property: "one-claimant", cause: "claimed-what-was-no-candidate",
		good: func(s *script) { s.upTo(claimed, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.change("app-1", s.claimOp(r1), func(after *engine.Review) { after.Claim++ })
		},
		also: []string{"claim-after-prepare"},
	},
	{
		property: "start-idempotent", cause: "an-attempt-was-forgotten",
		good: func(s *script) { s.upTo(running, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			row, _ := s.journal.Orchestration(r1)
			before, op := *row, model.JournalOp{Kind: model.JournalSpend, Key: r1, Epoch: row.Epoch}
			s.record(Record{
				Kind: JournalExecuted, Actor: "worker-1", Key: r1, JournalOp: &op, JournalResult: &model.JournalResult{},
				RowBefore: &before, Current: before.Epoch,
			})
		},
	},
	becomes("no-status", running, 0, "slot-held"),
	becomes("pending-became-completed", pending, engine.Completed, "status-truthful"),
	becomes("pending-became-running", pending, engine.Running, "status-truthful"),
	becomes("running-became-pending", running, engine.Pending, "slot-held"),
	becomes("running-became-queued", running, engine.Queued),
	{
		property: "no-stuck", cause: "review-stuck-running",
		good: func(s *script) { s.upTo(settled, r1); s.end() },
		bad:  func(s *script) { s.faultAt("worker-1"); s.upTo(running, r1); s.after(39 * time.Hour); s.end() },
	},
	{
		property: "no-stuck", cause: "session-still-running", alone: true,
		also: []string{"runs-once", "status-truthful", "over-means-over", "slot-held"},
		good: func(s *script) { s.upTo(settled, r1); s.end() },
		bad: func(s *script) {
			s.upTo(settled, r1)
			s.session(r1, "s2")
			s.end()
		},
	},
	{
		property: "no-stuck", cause: "orchestration-unfinished",
		good: func(s *script) { s.upTo(settled, r1); s.end() },
		bad: func(s *script) {
			s.faultAt("worker-1")
			s.upTo(claimed, r1)
			s.cancel(r1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.upTo(accepted, r1)
			s.record(Record{Kind: ProcessCrashed, Actor: "worker-1"})
			s.end()
		},
	},
}

// becomes has a review at a stage get a status that it must not have.
func becomes(cause Cause, at stage, status engine.Status, also ...string) propertyCase {
	return propertyCase{
		property: "valid-transitions", cause: cause, also: also, alone: true,
		good: func(s *script) { s.upTo(at, r1) },
		bad: func(s *script) {
			s.upTo(at, r1)
			s.change("app-1", model.SetAgentVersion(r1, "v2", s.clock()), func(after *engine.Review) { after.Status = status })
		},
	}
}
