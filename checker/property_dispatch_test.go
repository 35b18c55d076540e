package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// dispatchCases are the histories of the properties in property_dispatch.go.
var dispatchCases = []propertyCase{
	{
		property: "one-claimant", cause: "a-fresh-claim-was-taken-away",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.faultAt("app-1")
			s.after(5 * time.Minute)
			s.claims("app-2", r1)
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.faultAt("app-1")
			s.prepares("app-2", r1)
			s.change("app-2", s.claimOp(r1), func(r *engine.Review) { r.Claim = 2 })
		},
	},
	{
		property: "one-claimant", cause: "a-claim-by-one-who-saw-an-older-one",
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
			s.faultAt("app-1")
			op.Now = op.Now.Add(time.Hour)
			s.prepares("app-2", r1)
			s.change("app-2", op, func(r *engine.Review) { r.Claim = 2 })
		},
	},
	{
		property: "one-claimant", cause: "a-token-given-out-again",
		good: func(s *script) { s.upTo(claimed, r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			op := s.claimOp(r1)
			s.record(Record{Kind: StoreExecuted, Actor: "app-2", Key: r1, Op: &op, Result: &model.ReviewsResult{Token: 1}})
		},
	},
	{
		property: "claim-after-prepare", cause: "claimed-before-it-was-prepared",
		good: func(s *script) {
			s.upTo(prepared, r1)
			s.claims("app-2", r1)
			s.faultAt("app-2")
			s.after(5 * time.Minute)
			s.do("app-1", s.claimOp(r1)) // which took long since it was prepared
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.faultAt("app-1")
			s.after(5 * time.Minute)
			s.do("app-1", s.claimOp(r1))
		},
	},
	{
		property: "claim-used", cause: "nothing-came-of-a-claim",
		good: func(s *script) { // the process ended
			s.upTo(prepared, r1)
			s.granted(r1)
			s.record(Record{Kind: ProcessCrashed, Actor: "app-1"})
			s.reclaim(r1)
		},
		bad: func(s *script) { s.upTo(prepared, r1); s.granted(r1); s.reclaim(r1) },
	},
	{
		property: "claim-used", cause: "nothing-came-of-a-claim",
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
		property: "dispatch-under-claim", cause: "dispatched-without-a-claim",
		good: func(s *script) { s.upTo(dispatched, r1, r2) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched-under-a-foreign-claim",
		good: func(s *script) { s.upTo(dispatched, r1) },
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Life: 2, Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched-twice-under-one-claim",
		good: func(s *script) {
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.claims("app-1", r1)
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1})
		},
	},
	{
		property: "dispatch-under-claim", cause: "dispatched-under-a-claim-given-up",
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
		property: "dispatch-under-claim", cause: "dispatched-twice-under-one-claim",
		good: func(s *script) { s.unstartable(r1); s.abandons(r1) },
		bad: func(s *script) {
			s.unstartable(r1)
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 1}) // as it was
		},
	},
	{
		property: "dispatch-parallel", cause: "one-after-the-other",
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
		property: "dispatch-parallel", cause: "one-after-the-other",
		good: func(s *script) { // the answer takes longer than a preparation of the cycle before
			s.upTo(pending, r1, r2)
			op := model.Reserve("acme", 2, s.clock())
			found := s.do("app-1", op)
			s.inCycle(PrepareStarted, r1)
			s.inCycle(PrepareEnded, r1)
			s.record(Record{Kind: CallEnded, Actor: "app-1", Call: StoreCall(op.Kind), Op: &op, Result: &found})
			s.inCycle(PrepareStarted, r2)
		},
		bad: func(s *script) {
			s.upTo(pending, r1, r2)
			s.inCycle(PrepareStarted, r2)
			s.burst()
			s.inCycle(PrepareStarted, r1)
			s.inCycle(PrepareEnded, r1)
			s.inCycle(PrepareStarted, r2)
		},
	},
	{
		property: "dispatch-parallel", cause: "left-out-of-a-cycle",
		good: func(s *script) {
			s.upTo(pending, r1, r2)
			s.inCycle(PrepareStarted, r2)
			s.burst()
			s.inCycle(PrepareStarted, r1)
			s.inCycle(PrepareEnded, r1)
		},
		bad: func(s *script) { s.burst(); s.inCycle(PrepareStarted, r1); s.inCycle(PrepareEnded, r1) },
	},
	{
		property: "deferrals-used", cause: "failed-too-early",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", model.Fail(r1, 0, "preparation: gone", s.clock()))
			s.upTo(pending, r2)
			s.unprepared(r2, 0, FailedAs(engine.Permanent))
			fail := model.Fail(r2, 0, "preparation: gone", s.clock())
			s.stores("app-1", fail)
			s.record(Record{Kind: PrepareStarted, Actor: "app-1", Key: r2})
			s.do("app-1", fail) // it was late
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 3, FailedAs(engine.Rejected))
			op := model.Fail(r1, 0, "preparation: 502", s.clock())
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: r1, Op: &op, Result: &model.ReviewsResult{}})
		},
	},
	{
		property: "deferrals-used", cause: "put-off-too-often",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 6, FailedAs(engine.Rejected))
			s.do("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 7, FailedAs(engine.Rejected))
			s.do("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
		},
	},
	{
		property: "deferrals-used", cause: "nothing-was-done-about-a-failure",
		good: func(s *script) { // the statement may get lost
			s.upTo(pending, r1)
			s.unprepared(r1, 0, FailedAs(engine.Rejected))
			s.stores("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
			s.unprepared(r1, 0, FailedAs(engine.Rejected))
			s.record(Record{Kind: PrepareStarted, Actor: "app-2", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.unprepared(r1, 0, FailedAs(engine.Rejected))
			s.unprepared(r1, 0, FailedAs(engine.Rejected))
		},
	},
	{
		property: "release-when-refused", cause: "released-without-a-refusal",
		good: func(s *script) { s.upTo(dispatched, r1); s.do("app-1", model.Release(r1, 1, s.clock(), s.clock())) },
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Error: FailedAs(engine.Ambiguous)})
			op := model.Release(r1, 1, s.clock(), s.clock())
			s.record(Record{Kind: StoreExecuted, Actor: "app-1", Key: r1, Op: &op, Result: &model.ReviewsResult{}})
		},
	},
	{
		property: "release-when-refused", cause: "a-refused-dispatch-was-left-to-go-stale",
		good: func(s *script) {
			s.refusedAndStale()
			s.record(Record{Kind: FaultFired, Actor: "app-1", Fault: faults.DatabaseLostBefore})
			s.claims("app-2", r1)
		},
		bad: func(s *script) { s.refusedAndStale(); s.claims("app-2", r1) },
	},
	{
		property: "abandoned-when-refused", cause: "a-refused-start-was-left-to-go-stale",
		good: func(s *script) { s.unstartable(r1); s.abandons(r1); s.reclaim(r1) },
		bad:  func(s *script) { s.unstartable(r1); s.reclaim(r1) },
	},
	{ // It can't be sent that the attempt is abandoned.
		property: "abandoned-when-refused", cause: "a-refused-start-was-left-to-go-stale",
		good: func(s *script) {
			s.unstartable(r1)
			s.throttles("app-1", CallWorkerCancel, r2, time.Minute)
			s.reclaim(r1)
		},
		bad: func(s *script) {
			s.unstartable(r1)
			s.throttles("app-1", CallAppCallback, r2, time.Minute)
			s.reclaim(r1)
		},
	},
	{
		property: "abandoned-when-refused", cause: "abandoned-without-need",
		good: func(s *script) { // it can't be prepared any more
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.unprepared(r1, 0, FailedAs(engine.Permanent))
			s.do("app-1", s.claimOp(r1))
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2, Abandoned: true, Reason: "preparation: gone"})
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.after(5 * time.Minute)
			s.unprepared(r1, 0, FailedAs(engine.Rejected))
			s.do("app-1", s.claimOp(r1))
			s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: r1, Token: 2, Abandoned: true, Reason: "preparation: 502"})
		},
	},
	{
		property: "fail-when-unclaimed", cause: "failed-though-claimed",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", model.Fail(r1, 0, "preparation: gone", s.clock()))
		},
		bad: func(s *script) {
			s.upTo(dispatched, r1)
			s.do("app-1", model.Fail(r1, s.tokens["R1"], "dispatch timed out", s.clock()))
		},
	},
	{
		property: "fail-when-unclaimed", cause: "failed-though-claimed",
		good: func(s *script) { // the worker can't record the failure either
			s.unstartable(r1)
			s.abandons(r1)
			s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Error: FailedAs(engine.Permanent)})
			s.do("app-1", model.Fail(r1, s.tokens["R1"], "refused", s.clock()))
		},
		bad: func(s *script) { // it has not said so
			s.unstartable(r1)
			s.abandons(r1)
			s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Error: FailedAs(engine.Ambiguous)})
			s.do("app-1", model.Fail(r1, s.tokens["R1"], "refused", s.clock()))
		},
	},
	{
		property: "fence-carried", cause: "written-without-its-claim",
		good: func(s *script) { // a silent review
			s.upTo(journaled, r1)
			s.after(time.Hour)
			s.do("app-2", model.Sweep(engine.Search{Now: s.clock(), Max: 100, Limit: 20}))
			s.unannounced("app-2", s.reportOp(r1, 0))
		},
		bad: func(s *script) { s.upTo(accepted, r1); s.unannounced("app-1", s.reportOp(r1, 0)) },
	},
	{
		property: "fence-carried", cause: "written-under-a-foreign-claim",
		good: func(s *script) { s.upTo(queued, r1) },
		bad:  func(s *script) { s.upTo(accepted, r1); s.do("app-2", s.reportOp(r1, 1)) },
	},
	{
		property: "fence-carried", cause: "written-under-a-claim-that-was-not-seen",
		good: func(s *script) {
			s.upTo(claimed, r1)
			s.do("app-1", model.Defer(r1, 1, s.clock().Add(time.Minute), s.clock()))
		},
		bad: func(s *script) {
			s.upTo(claimed, r1)
			s.do("app-2", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
		},
	},
}

// granted has app-1 claim an attempt that it has prepared, and learn that it holds it.
func (s *script) granted(k engine.AttemptKey) {
	op := s.claimOp(k)
	s.do("app-1", op)
	s.record(Record{Kind: CallEnded, Actor: "app-1", Key: k, Op: &op, Call: StoreCall(model.ReviewsClaim)})
}

// abandons has app-1 abandon an attempt at a worker.
func (s *script) abandons(k engine.AttemptKey) {
	s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: k, Token: s.tokens[k.Review], Abandoned: true, Reason: "the payload is too large"})
}

// refusedAndStale leaves a claim of app-1 whose dispatch was refused.
func (s *script) refusedAndStale() {
	s.upTo(dispatched, r1)
	s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: r1, Token: 1, Error: FailedAs(engine.Rejected)})
	s.after(5 * time.Minute)
}

// unannounced records a report that follows from nothing.
func (s *script) unannounced(actor string, op model.ReviewsOp) {
	var result model.ReviewsResult
	s.store.Apply(&op, &result)
	s.record(Record{Kind: StoreExecuted, Actor: actor, Key: op.Key, Op: &op, Result: &result})
}

// unprepared has app-1 fail to prepare an attempt that has been put off before.
func (s *script) unprepared(k engine.AttemptKey, deferrals int, cause Failure) {
	s.record(Record{Kind: PrepareStarted, Actor: "app-1", Key: k, Deferrals: deferrals})
	s.record(Record{Kind: PrepareEnded, Actor: "app-1", Key: k, Error: cause})
}

// unstartable has a worker refuse the start of an attempt for good.
func (s *script) unstartable(k engine.AttemptKey) {
	s.upTo(dispatched, k)
	s.record(Record{Kind: DispatchAnswered, Actor: "app-1", Key: k, Token: s.tokens[k.Review], Error: FailedAs(engine.Permanent)})
}

// burst reserves two reviews in one cycle of app-1.
func (s *script) burst() {
	s.upTo(pending, r1, r2)
	op := model.Reserve("acme", 2, s.clock())
	found := s.do("app-1", op)
	s.record(Record{Kind: CallEnded, Actor: "app-1", Call: StoreCall(op.Kind), Op: &op, Result: &found})
}

func (s *script) inCycle(kind Kind, keys ...engine.AttemptKey) {
	for _, k := range keys {
		s.record(Record{Kind: kind, Actor: "app-1", Key: k})
	}
}
