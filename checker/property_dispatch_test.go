package checker

import (
	"math"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// dispatchCases are about slots, claims and dispatches.
var dispatchCases = []propertyCase{
	{
		property: "owner-limit", cause: "more sessions than slots",
		good: func(s *script) { s.upTo(running, r1, r2); s.upTo(settled, r1); s.upTo(running, r3) },
		bad: func(s *script) {
			s.owner = "other" // whose slots were counted for it
			s.upTo(intended, r3)
			s.owner = "acme"
			s.upTo(started, r1, r2, r3)
		},
	},
	{
		property: "slot-held", cause: "started without a slot",
		good: func(s *script) { s.upTo(intended, r1); s.cancel(r1); s.session(r1, "s1") },
		bad: func(s *script) {
			s.upTo(intended, r1)
			s.cancel(r1)
			s.do("app-1", model.Stopped(r1, s.clock()))
			s.session(r1, "s1")
		},
	},
	{
		property: "slot-held", cause: "started without a slot",
		good: func(s *script) { s.elsewhere("other"); s.strays(r1, "other") },
		bad:  func(s *script) { s.elsewhere("other"); s.strays(r1, "acme") },
	},
	{
		property: "slot-held", cause: "slot freed under a session",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.sessionEnds(r1, engine.Cancelled, 1)
			s.do("app-1", model.Stopped(r1, s.clock()))
		},
		bad: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.do("app-1", model.Stopped(r1, s.clock())) },
	},
	{
		property: "one-claimant", cause: "a fresh claim was taken away",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.strikes("app-1")
			s.after(5 * time.Minute)
			s.claims("app-2", r1)
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.strikes("app-1")
			s.prepares("app-2", r1)
			s.change("app-2", s.claimOp(r1), func(r *engine.Review) { r.Claim = 2 })
		},
	},
	{
		property: "one-claimant", cause: "a claim by one who saw an older one",
		good: func(s *script) {
			s.upTo(pending, r1)
			op := s.claimOp(r1)
			s.upTo(claimed, r1)
			s.do("app-2", op)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			op := s.claimOp(r1)
			s.upTo(claimed, r1)
			s.strikes("app-1")
			op.Now = op.Now.Add(time.Hour)
			s.prepares("app-2", r1)
			s.change("app-2", op, func(r *engine.Review) { r.Claim = 2 })
		},
	},
	{
		property: "one-claimant", cause: "a token given out again",
		good: func(s *script) { s.upTo(claimed, r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			op := s.claimOp(r1)
			s.tell(Record{Kind: StoreExecuted, Actor: "app-2", Key: r1, Op: &op, Result: &model.Result{Token: 1}})
		},
	},
	{
		property: "claim-after-prepare", cause: "claimed before it was prepared",
		good: func(s *script) {
			s.upTo(prepared, r1)
			s.claims("app-2", r1)
			s.strikes("app-2")
			s.after(5 * time.Minute)
			s.do("app-1", s.claimOp(r1)) // which took long since it was prepared
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.strikes("app-1")
			s.after(5 * time.Minute)
			s.do("app-1", s.claimOp(r1))
		},
	},
	{
		property: "fifo-claim", cause: "claimed without a free slot",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.upTo(claimed, r1, r2, r3) },
		bad: func(s *script) {
			s.upTo(pending, r1, r2, r3)
			s.upTo(claimed, r1, r2)
			s.grant("app-2", r3)
		},
	},
	{
		property: "fifo-claim", cause: "claimed before an older one",
		good: func(s *script) { s.upTo(pending, r1, r2, r3); s.upTo(claimed, r2) },
		bad:  func(s *script) { s.upTo(pending, r1, r2, r3); s.grant("app-2", r3) },
	},
	{
		property: "no-starvation", cause: "a younger review was claimed",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.after(time.Hour)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(4 * time.Minute)
			s.upTo(claimed, r2)
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.tell(Record{Kind: PhaseBegan, Text: "quiet"})
			s.after(6 * time.Minute)
			s.upTo(claimed, r2)
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched without a claim",
		good: func(s *script) { s.upTo(dispatched, r1, r2) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched under a foreign claim",
		good: func(s *script) { s.upTo(dispatched, r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Life: 2, Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched twice under one claim",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.claims("app-1", r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched under a claim given up",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.do("app-1", model.Release(r1, 1, s.clock(), s.clock()))
			s.upTo(dispatched, r1)
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched twice under one claim",
		good: func(s *script) { s.unstartable(r1); s.abandons(r1) },
		bad: func(s *script) {
			s.unstartable(r1)
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1}) // as it was
		},
	},
	{
		property: "claim-used", cause: "nothing came of a claim",
		good: func(s *script) { // the process ended
			s.upTo(prepared, r1)
			s.granted(r1)
			s.tell(Record{Kind: ProcessCrashed, Actor: "app-1"})
			s.reclaim(r1)
		},
		bad: func(s *script) { s.upTo(prepared, r1); s.granted(r1); s.reclaim(r1) },
	},
	{
		property: "claim-used", cause: "nothing came of a claim",
		good: func(s *script) { s.upTo(claimed, r1); s.reclaim(r1) }, // it never learned of it
		bad: func(s *script) { // nor of the one after
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.prepares("app-1", r1)
			s.granted(r1)
			s.reclaim(r1)
		},
	},
	{
		property: "abandoned-when-refused", cause: "a refused start was left to go stale",
		good: func(s *script) { s.unstartable(r1); s.abandons(r1); s.reclaim(r1) },
		bad:  func(s *script) { s.unstartable(r1); s.reclaim(r1) },
	},
	{
		property: "abandoned-when-refused", cause: "abandoned without need",
		good: func(s *script) { // it can't be prepared any more
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.unprepared(r1, 0, "permanent")
			s.do("app-1", s.claimOp(r1))
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2, Text: "preparation: gone"})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.unprepared(r1, 0, "rejected")
			s.do("app-1", s.claimOp(r1))
			s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2, Text: "preparation: 502"})
		},
	},
	{
		property: "dispatch-parallel", cause: "one after the other",
		good: func(s *script) {
			s.burst()
			s.inCycle(PrepareStarted, r1, r2)
			s.inCycle(PrepareEnded, r1, r2)
		},
		bad: func(s *script) {
			s.upTo(pending, r1, r2)
			s.inCycle(PrepareStarted, r2) // so that it may still be in its hands
			s.burst()
			s.inCycle(PrepareStarted, r1)
			s.inCycle(PrepareEnded, r1)
			s.inCycle(PrepareStarted, r2)
		},
	},
	{
		property: "dispatch-parallel", cause: "left out of a cycle",
		good: func(s *script) {
			s.upTo(pending, r1, r2)
			s.inCycle(PrepareStarted, r2)
			s.burst()
			s.inCycle(PrepareStarted, r1)
			s.inCycle(PrepareEnded, r1)
		},
		bad: func(s *script) { s.burst(); s.inCycle(PrepareStarted, r1); s.inCycle(PrepareEnded, r1) },
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
	s.write("worker-1", model.JournalOp{Kind: model.JournalIntend, Key: k, Epoch: s.epochOf(k)})
	s.tell(Record{Kind: CreateSent, Actor: "worker-1", Key: k})
	s.tell(Record{Kind: SessionStarted, Actor: "agent", Key: k, Owner: owner, Session: "s1", Script: s.eventsOf(k)})
}

// granted has app-1 claim an attempt that it has prepared, and learn that it holds it.
func (s *script) granted(k engine.AttemptKey) {
	op := s.claimOp(k)
	s.do("app-1", op)
	s.tell(Record{Kind: CallEnded, Actor: "app-1", Key: k, Op: &op, Text: "store.claim"})
}

// unstartable has a worker refuse the start of an attempt for good.
func (s *script) unstartable(k engine.AttemptKey) {
	s.upTo(dispatched, k)
	s.tell(Record{Kind: DispatchAnswered, Actor: "app-1", Key: k, Token: s.tokens[k.Review], Text: "permanent"})
}

// abandons has app-1 tell a worker that an attempt is given up.
func (s *script) abandons(k engine.AttemptKey) {
	s.tell(Record{Kind: DispatchSent, Actor: "app-1", Key: k, Token: s.tokens[k.Review], Text: "the payload is too large"})
}

// grant grants a claim that the store would refuse.
func (s *script) grant(actor string, k engine.AttemptKey) {
	s.prepares(actor, k)
	s.change(actor, s.claimOp(k), func(r *engine.Review) { r.Status, r.Claim = engine.Queued, r.Claim+1 })
}

// burst reserves two reviews in one cycle of app-1.
func (s *script) burst() {
	s.upTo(pending, r1, r2)
	s.do("app-1", model.Reserve("acme", 2, s.clock()))
}

func (s *script) inCycle(kind Kind, keys ...engine.AttemptKey) {
	for _, k := range keys {
		s.tell(Record{Kind: kind, Actor: "app-1", Key: k})
	}
}
