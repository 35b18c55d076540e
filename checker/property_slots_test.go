package checker

import (
	"math"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// slotCases are the histories of the properties in property_slots.go.
var slotCases = []propertyCase{
	{
		property: "owner-limit", cause: "more-sessions-than-slots",
		good: func(s *script) { s.upTo(running, r1, r2); s.upTo(settled, r1); s.upTo(running, r3) },
		bad: func(s *script) {
			s.owner = "other" // whose slots were counted for it
			s.upTo(intended, r3)
			s.owner = "acme"
			s.upTo(started, r1, r2, r3)
		},
	},
	{
		property: "slot-held", cause: "started-without-a-slot",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.cancel(r1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.session(r1, "s1")
		},
	},
	{
		property: "slot-held", cause: "started-without-a-slot",
		good: func(s *script) { s.elsewhere("other"); s.strays(r1, "other") },
		bad:  func(s *script) { s.elsewhere("other"); s.strays(r1, "acme") },
	},
	{
		property: "slot-held", cause: "slot-freed-under-a-session",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.sessionEnds(r1, engine.Cancelled, 1)
			s.do("app-1", model.Stopped(r1, s.clock()))
		},
		bad: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.do("app-1", model.Stopped(r1, s.clock())) },
	},
	{
		property: "fifo-claim", cause: "claimed-without-a-free-slot",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.upTo(claimed, r1, r2, r3) },
		bad: func(s *script) {
			s.upTo(pending, r1, r2, r3)
			s.upTo(claimed, r1, r2)
			s.grant("app-2", r3)
		},
	},
	{
		property: "fifo-claim", cause: "claimed-before-an-older-one",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.upTo(claimed, r2) },
		bad:  func(s *script) { s.upTo(pending, r1, r2, r3); s.grant("app-2", r3) },
	},
	{
		property: "reserve-complete", cause: "reserved-with-a-wrong-limit",
		good: func(s *script) { s.upTo(pending, r1); s.do("app-1", model.Reserve("acme", 2, s.clock())) },
		bad:  func(s *script) { s.upTo(pending, r1); s.do("app-1", model.Reserve("acme", 3, s.clock())) },
	},
	{
		property: "reserve-complete", cause: "reserved-the-wrong-reviews",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.after(time.Hour / 2)
			s.upTo(pending, r2, r3)
			s.do("app-1", model.Reserve("acme", 2, s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1, r2)
			op := model.Reserve("acme", 2, s.clock())
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Owner: "acme", Op: &op, Result: &model.ReviewsResult{}})
		},
	},
	{
		property: "refused-for-a-reason", cause: "refused-though-there-was-a-slot",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.claims("app-1", r3) },
		bad: func(s *script) {
			s.upTo(prepared, r1)
			op := s.claimOp(r1)
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: r1, Op: &op, Result: &model.ReviewsResult{Failure: model.FailureOf(engine.Rejected)}})
		},
	},
}

// elsewhere makes an owner one of another deployment.
func (s *script) elsewhere(owner engine.OwnerID) {
	here := s.config.Limit
	s.config.Limit = func(o engine.OwnerID) int {
		if o == owner {
			return math.MaxInt
		}
		return here(o)
	}
}

// strays has worker-1 execute an attempt that no app here has sent.
func (s *script) strays(k engine.AttemptKey, owner engine.OwnerID) {
	s.owner = owner
	s.arrives("worker-1", k)
	s.write("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: k, Epoch: s.epochOf(k)})
	s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: k})
	s.record(Record{Kind: SessionStarted, Actor: "agent", Key: k, Owner: owner, Session: "s1", Script: s.eventsOf(k)})
}

// grant grants a claim that the store would refuse.
func (s *script) grant(actor string, k engine.AttemptKey) {
	s.prepares(actor, k)
	s.change(actor, s.claimOp(k), func(r *engine.Review) { r.Status, r.Claim = engine.Queued, r.Claim+1 })
}
