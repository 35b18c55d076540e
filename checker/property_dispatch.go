package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var dispatchProperties = subject{
	name:     "Dispatch",
	sentence: "From the claim of a review over its preparation to the worker's answer, and what is recorded when a step fails.",
}

// The check decides itself when something is due and does not ask the engine, because a mistake in the engine would
// hide itself.
var _ = dispatchProperties.add(Property{
	ID:             "one-claimant",
	Class:          Protocol,
	Sentence:       "A claim is granted only to a caller that saw the latest one, and only when the review is due, and each claim has a token of its own.",
	Source:         "3.3; 8: stale-claim-unfenced",
	NotMistakenFor: "Two dispatchers that prepare the same review, of which one is refused the claim.",
	watches: []watching{
		on(checkClaimGranted, StoreChanged),
		on(checkTokenUnique, StoreExecuted).store(model.ReviewsClaim),
	},
})

const (
	causeTokenWithoutAClaim         Cause = "a-token-without-a-claim"
	causeTokenGivenOutAgain         Cause = "a-token-given-out-again"
	causeClaimByOneWhoSawAnOlderOne Cause = "a-claim-by-one-who-saw-an-older-one"
	causeFreshClaimWasTakenAway     Cause = "a-fresh-claim-was-taken-away"
	causeClaimedWhatWasNoCandidate  Cause = "claimed-what-was-no-candidate"
)

func checkClaimGranted(f *facts, r *Record) *Violation {
	before, after, op := r.Before, r.After, r.Op
	if before == nil {
		return nil
	}
	if op.Kind != model.ReviewsClaim {
		if after.Claim != before.Claim {
			return violated(r, causeTokenWithoutAClaim.Of(op.Kind.String()), "Review %s got another claim at %s without having been claimed: asking the store to %s changed claim %d to %d",
				r.Key.Review, moment(r.At), toDoOn(op), before.Claim, after.Claim)
		}
		return nil
	}
	switch {
	case after.Claim <= before.Claim:
		return violated(r, causeTokenGivenOutAgain, "Review %s was claimed twice under one number: at %s replica %s got claim %d, which is not higher than the claim before, %d",
			r.Key.Review, moment(r.At), r.Actor, after.Claim, before.Claim)
	case op.Token != before.Claim || op.Key.Attempt != before.Attempt:
		return violated(r, causeClaimByOneWhoSawAnOlderOne, "%s was claimed twice: at %s replica %s claimed it again, having seen claim %d of attempt %d, when it was under claim %d of attempt %d",
			r.Key, moment(r.At), r.Actor, op.Token, op.Key.Attempt, before.Claim, before.Attempt)
	case before.Status == engine.Queued && !due(before.DueAt, op.Now):
		return violated(r, causeFreshClaimWasTakenAway, "%s was taken away from its claimant: at %s replica %s claimed it %s before the claim of another was stale",
			r.Key, moment(r.At), r.Actor, before.DueAt.Sub(op.Now))
	case !candidate(before, op.Now):
		return violated(r, causeClaimedWhatWasNoCandidate, "%s was claimed at %s by replica %s when it was %s and not to be claimed",
			r.Key, moment(r.At), r.Actor, before.Status)
	}
	return nil
}

func checkTokenUnique(f *facts, r *Record) *Violation {
	if r.Result.Failed {
		return nil
	}
	if c := f.review.claim(r.Result.Token); c != nil {
		return violated(r, causeTokenGivenOutAgain, "Review %s was claimed twice under one number: at %s replica %s got claim %d, which %s has had since %s",
			r.Key.Review, moment(r.At), r.Actor, r.Result.Token, c.actor, moment(c.grantedAt))
	}
	return nil
}

// A review that is claimed before its preparation stays claimed for as long as the preparation takes, and after a crash
// until the claim is stale. The stale claim is found in the end, so no user is harmed; therefore the order is a
// property of its own. A failed preparation counts too, because the attempt is then ended under a claim.
var _ = dispatchProperties.add(Property{
	ID:             "claim-after-prepare",
	Class:          Protocol,
	Sentence:       "A process claims a review only after it has prepared it, so that a crash leaves no review claimed for longer than a call takes.",
	Source:         "3.3; 8: claim-before-prepare",
	NotMistakenFor: "A claim after a failed preparation: the attempt is given up under it.",
	watches:        []watching{on(checkClaimAfterPrepare, StoreChanged).store(model.ReviewsClaim)},
})

const causeClaimedBeforeItWasPrepared Cause = "claimed-before-it-was-prepared"

func checkClaimAfterPrepare(f *facts, r *Record) *Violation {
	if r.Before == nil || f.attempt.preparedBy(r) >= 0 {
		return nil
	}
	return violated(r, causeClaimedBeforeItWasPrepared, "%s was claimed before it was prepared: at %s replica %s claimed it without having prepared it since its last claim",
		r.Key, moment(r.At), r.Actor)
}

// An unused claim is found when it is stale, so all that a user loses is the minutes until then. A crash between claim
// and dispatch leaves one behind. A process that lives on and knows that it holds the claim has to send something to
// the worker.
var _ = dispatchProperties.add(Property{
	ID:             "claim-used",
	Class:          Protocol,
	Sentence:       "A process that learns that it holds a claim sends a dispatch under it, unless the process ends first or the workers throttle it.",
	Source:         "3.3: prepare, then claim, then dispatch",
	NotMistakenFor: "An unused claim whose holder never got the answer, released it, crashed, was paused or is shutting down.",
	watches:        []watching{on(checkClaimUsed, StoreChanged).store(model.ReviewsClaim)},
})

const causeNothingCameOfAClaim Cause = "nothing-came-of-a-claim"

func checkClaimUsed(f *facts, r *Record) *Violation {
	c := f.staleClaim(r)
	if c == nil || !c.confirmed || c.used || c.released {
		return nil
	}
	if f.process(c.actor).throttle.workers.ever {
		return nil // it may have given the claim up, because it was asked to make no call
	}
	return violated(r, causeNothingCameOfAClaim, "%s was claimed by %s at %s and never dispatched, though the replica lived on; at %s %s claimed it anew",
		r.Key, c.actor, moment(c.grantedAt), moment(r.At), r.Actor)
}

// staleClaim returns the claim that a new one replaces, if its holder is still alive, or nil.
func (f *facts) staleClaim(r *Record) *claimFacts {
	if r.Before == nil || r.Before.Status != engine.Queued {
		return nil
	}
	c := f.review.claim(r.Before.Claim)
	if c == nil || !f.livesOn(c.actor, c.life) {
		return nil
	}
	return c
}

// The claim need not be the latest one when the dispatch is sent: the process may have been paused after the grant
// until the claim was stale, and no check before the dispatch would be newer than such a pause. But the token must have
// been granted to this life of this process for this attempt, no other dispatch may have been sent under it, and its
// holder must not have given it up. If a worker refuses a dispatch for good, a second message under the same claim
// records that the attempt is abandoned; if it refuses that for good, too, another one follows that says less.
var _ = dispatchProperties.add(Property{
	ID:             "dispatch-under-claim",
	Class:          Protocol,
	Sentence:       "Each dispatch carries a claim that was granted to its sender for that attempt, and that was neither used nor given up before.",
	Source:         "7; 8: dispatch-before-claim",
	NotMistakenFor: "A dispatch under a claim that has gone stale since it was granted, and the message under the same claim that abandons a start which was refused for good.",
	watches:        []watching{on(checkDispatchUnderClaim, DispatchSent)},
})

const (
	causeDispatchedWithoutAClaim      Cause = "dispatched-without-a-claim"
	causeDispatchedUnderAForeignClaim Cause = "dispatched-under-a-foreign-claim"
	causeDispatchedTwiceUnderOneClaim Cause = "dispatched-twice-under-one-claim"
	causeDispatchedUnderAClaimGivenUp Cause = "dispatched-under-a-claim-given-up"
)

func checkDispatchUnderClaim(f *facts, r *Record) *Violation {
	c := f.review.claim(r.Token)
	switch {
	case c == nil:
		return violated(r, causeDispatchedWithoutAClaim, "%s was dispatched without a claim: at %s replica %s sent it to the worker under claim %d, which was never granted",
			r.Key, moment(r.At), r.Actor, r.Token)
	case c.actor != r.Actor || c.life != r.Life || c.attempt != r.Key.Attempt:
		return violated(r, causeDispatchedUnderAForeignClaim, "%s was dispatched under the claim of another: at %s %s (life %d) used claim %d, which was granted to %s (life %d) for attempt %d",
			r.Key, moment(r.At), r.Actor, r.Life, r.Token, c.actor, c.life, c.attempt)
	case c.used && !(r.Abandoned && c.unstartable && (!c.abandoned || c.unrecordable)):
		return violated(r, causeDispatchedTwiceUnderOneClaim, "%s was dispatched twice under one claim: at %s replica %s sent it to the worker again under claim %d",
			r.Key, moment(r.At), r.Actor, r.Token)
	case c.givenUp:
		return violated(r, causeDispatchedUnderAClaimGivenUp, "%s was dispatched under a claim that was given up: at %s replica %s sent it to the worker under claim %d, which it had given up",
			r.Key, moment(r.At), r.Actor, r.Token)
	}
	return nil
}

// A cycle is a reservation that found candidates. Records do not show which cycle a preparation belongs to, so it
// counts for the latest cycle of its process that names the candidate and has not begun it; then a late or lost answer
// causes no false alarm. A process that was paused, crashed or hit by a fault is excused for the cycles that it had
// begun.
var _ = dispatchProperties.add(Property{
	ID:             "dispatch-parallel",
	Class:          Outcome,
	Sentence:       "The reviews of a cycle are prepared in parallel: each preparation starts before the first of them ends.",
	Source:         "3.3; 8: sequential-dispatch",
	NotMistakenFor: "Preparations of different cycles one after the other, and cycles of a process that was paused, restarted or hit by a fault.",
	watches: []watching{
		on(checkDispatchParallel, PrepareStarted),
		on(checkNoneLeftOut, PrepareEnded),
	},
})

const (
	causeLeftOutOfACycle  Cause = "left-out-of-a-cycle"
	causeOneAfterTheOther Cause = "one-after-the-other"
)

// checkNoneLeftOut looks at a cycle when its first preparation ends. The process may still be working on a candidate
// from an earlier cycle, and a process that was asked to stop begins nothing.
func checkNoneLeftOut(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	cycle, candidate := p.cycles.startedIn(r.Key)
	if cycle == nil || cycle.ended || !candidate.sure || p.shutdown.asked {
		return nil
	}
	for i := range cycle.candidates {
		if other := &cycle.candidates[i]; !other.started && !slices.Contains(p.cycles.begun, other.key) {
			return violated(r, causeLeftOutOfACycle, "%s was left out of a cycle: at %s replica %s had prepared %s and had not begun to prepare this one of the same cycle",
				other.key, moment(r.At), r.Actor, r.Key)
		}
	}
	return nil
}

func checkDispatchParallel(f *facts, r *Record) *Violation {
	cycle := f.process(r.Actor).cycles.waiting(r.Key)
	if cycle != nil && cycle.ended {
		return violated(r, causeOneAfterTheOther, "%s had to wait in its cycle: at %s replica %s began to prepare it after it had prepared another review of the same cycle",
			r.Key, moment(r.At), r.Actor)
	}
	return nil
}

var _ = dispatchProperties.add(Property{
	ID:             "deferrals-used",
	Class:          Outcome,
	Sentence:       "A review that cannot be prepared fails when that is final or was tried as often as allowed, and is put off otherwise.",
	Source:         "3.3",
	NotMistakenFor: "A review that fails at its first preparation, which reported a permanent error.",
	watches: []watching{
		on(checkFailedForAReason, StoreExecuted).store(model.ReviewsFail),
		on(checkDeferredOrFailed, StoreChanged).store(model.ReviewsDefer),
		on(checkFollowedUp, PrepareStarted),
	},
})

const (
	causeNothingWasDoneAboutAFailure Cause = "nothing-was-done-about-a-failure"
	causeFailedTooEarly              Cause = "failed-too-early"
	causePutOffTooOften              Cause = "put-off-too-often"
)

// hopeless reports whether a failed preparation was the last one.
func (s *preparationFacts) hopeless(f *facts) bool {
	return s.failure.Is(engine.Permanent) || s.deferrals+1 >= f.config.MaxDeferrals
}

// checkFollowedUp: a process that prepares an attempt again has done something about the last failure. It need not know
// with what result.
func checkFollowedUp(f *facts, r *Record) *Violation {
	s := f.attempt.preparationBy(r)
	if s == nil || !s.ended || s.failure == NoFailure || s.followed {
		return nil
	}
	return violated(r, causeNothingWasDoneAboutAFailure, "%s could not be prepared (%s), and replica %s did nothing about that: at %s it prepares it again",
		r.Key, s.failure, r.Actor, moment(r.At))
}

func checkFailedForAReason(f *facts, r *Record) *Violation {
	if f.attempt == nil {
		return nil
	}
	if f.attempt.barred {
		return nil
	}
	for i := range f.attempt.preparations {
		// The write may arrive late, when its sender prepares the attempt again.
		if s := &f.attempt.preparations[i]; s.by == sender(r) && s.ended && s.failure != NoFailure && s.hopeless(f) {
			return nil
		}
	}
	return violated(r, causeFailedTooEarly, "%s was called failed too early: at %s replica %s ended it though it could still be prepared",
		r.Key, moment(r.At), r.Actor)
}

func checkDeferredOrFailed(f *facts, r *Record) *Violation {
	if r.Before == nil || r.After.Deferrals <= r.Before.Deferrals {
		return nil
	}
	s := f.attempt.preparationBy(r)
	if s == nil || !s.ended || s.failure == NoFailure || !s.hopeless(f) {
		return nil
	}
	return violated(r, causePutOffTooOften, "%s was put off too often: at %s replica %s put it off after %s, the last one %s; %d are allowed",
		r.Key, moment(r.At), r.Actor, count(s.deferrals+1, "failed preparation"), s.failure, f.config.MaxDeferrals)
}

// A released claim is taken up again after a pause; one that is kept, only when it is stale. Releasing is right when
// the worker has refused the dispatch. When the outcome is unknown, it invites a second dispatch. Keeping a refused
// claim costs the user minutes, so a dispatcher that was refused and lived on must have tried to release it. It is
// excused if a fault has hit it or the database since: the statement may have been lost.
var _ = dispatchProperties.add(Property{
	ID:             "release-when-refused",
	Class:          Protocol,
	Sentence:       "A claim is released if, and only if, the worker has refused its dispatch.",
	Source:         "3.3: the outcomes",
	NotMistakenFor: "A claim whose dispatch was not sent because the workers throttle their callers. And a refused claim that goes stale because a fault hit its holder or the database: the release may have been lost.",
	watches: []watching{
		on(checkReleasedOnRefusal, StoreExecuted).store(model.ReviewsRelease),
		on(checkReleaseTried, StoreChanged).store(model.ReviewsClaim),
	},
})

const (
	causeReleasedWithoutARefusal         Cause = "released-without-a-refusal"
	causeRefusedDispatchWasLeftToGoStale Cause = "a-refused-dispatch-was-left-to-go-stale"
)

func checkReleasedOnRefusal(f *facts, r *Record) *Violation {
	c := f.review.claim(r.Op.Token)
	if c != nil && (!c.used || c.unstartable) && f.process(r.Actor).throttle.workers.ever {
		return nil
	}
	if c == nil || !c.refused || c.actor != r.Actor || c.life != r.Life {
		return violated(r, causeReleasedWithoutARefusal, "%s lost its claim without need: at %s replica %s gave claim %d up, whose dispatch no worker had refused",
			engine.AttemptKey{Review: r.Key.Review, Attempt: r.Op.Key.Attempt}, moment(r.At), r.Actor, r.Op.Token)
	}
	return nil
}

// releaseWithin is for how long a statement that was sent may be under way.
const releaseWithin = 15 * time.Second

func checkReleaseTried(f *facts, r *Record) *Violation {
	before := r.Before
	if before == nil || before.Status != engine.Queued {
		return nil
	}
	c := f.review.claim(before.Claim)
	if c == nil || !c.refused || c.released || r.At-c.refusedAt <= releaseWithin ||
		!f.livesOn(c.actor, c.life) || f.process(c.actor).slow || f.faultsAround(c.actor) != c.faultsBefore {
		return nil
	}
	return violated(r, causeRefusedDispatchWasLeftToGoStale, "%s was left under a refused claim: %s kept it for %s after the worker had refused the dispatch, until %s claimed it anew at %s",
		engine.AttemptKey{Review: r.Key.Review, Attempt: before.Attempt}, c.actor, r.At-c.refusedAt, r.Actor, moment(r.At))
}

// A start that was refused for good would be refused again each time that the claim is stale, so the attempt has to
// end. Only a worker can know that no session exists, because an earlier dispatch may have arrived. So the worker is
// asked to record the end. An attempt that is abandoned for a lesser reason could have run.
var _ = dispatchProperties.add(Property{
	ID:             "abandoned-when-refused",
	Class:          Protocol,
	Sentence:       "An attempt is abandoned at the worker if, and only if, its start was refused for good or it cannot be prepared.",
	Source:         "3.2: permanent; engine.Worker",
	NotMistakenFor: "A start that was refused for good and goes stale because its holder crashed, was paused, is shutting down, or is throttled by the workers.",
	watches: []watching{
		on(checkAbandonedForAReason, DispatchSent),
		on(checkAbandoned, StoreChanged).store(model.ReviewsClaim),
	},
})

const (
	causeAbandonedWithoutNeed         Cause = "abandoned-without-need"
	causeRefusedStartWasLeftToGoStale Cause = "a-refused-start-was-left-to-go-stale"
)

func checkAbandonedForAReason(f *facts, r *Record) *Violation {
	if !r.Abandoned {
		return nil
	}
	if c := f.review.claim(r.Token); c != nil && c.unstartable || f.attempt.barred {
		return nil
	}
	if s := f.attempt.preparationBy(r); s != nil && s.ended && s.failure != NoFailure && s.hopeless(f) {
		return nil
	}
	return violated(r, causeAbandonedWithoutNeed, "%s was given up without need: at %s replica %s abandoned it%s though no worker has refused its start and it can be prepared",
		r.Key, moment(r.At), r.Actor, because(r.Reason))
}

func checkAbandoned(f *facts, r *Record) *Violation {
	c := f.staleClaim(r)
	if c == nil || !c.unstartable || c.abandoned {
		return nil
	}
	if f.process(c.actor).throttle.workers.ever {
		return nil // it was asked to make no call, gave the claim up, and the next start is refused again
	}
	return violated(r, causeRefusedStartWasLeftToGoStale, "%s can't be started, and nobody ended it: the worker refused it for good under claim %d of %s, and at %s %s claimed it anew",
		engine.AttemptKey{Review: r.Key.Review, Attempt: r.Before.Attempt}, c.token, c.actor, moment(r.At), r.Actor)
}

// The third fix of the pull request failed a claimed attempt when its dispatch timed out, although it may have been
// running. Only the worker can fail an attempt that was claimed; an app that gives one up has to ask the worker to
// record it. A worker that refuses for good to record even that knows nothing of the attempt, and takes no start of it:
// nobody but the app is left to end it.
var _ = dispatchProperties.add(Property{
	ID:             "fail-when-unclaimed",
	Class:          Protocol,
	Sentence:       "The app by itself fails only an attempt that was never claimed, or of which the worker can record nothing.",
	Source:         "3.3; 8: dispatch-failure-is-final",
	NotMistakenFor: "A claimed attempt that fails because the worker reports it failed, or after the worker has refused for good to record its failure.",
	watches:        []watching{on(checkFailWhenUnclaimed, StoreChanged).store(model.ReviewsFail)},
})

const causeFailedThoughClaimed Cause = "failed-though-claimed"

func checkFailWhenUnclaimed(f *facts, r *Record) *Violation {
	before := r.Before
	if before == nil || before.Status == engine.Pending || before.Status.Terminal() {
		return nil
	}
	if c := f.review.claim(r.Op.Token); c != nil && c.unrecordable && before.Status == engine.Queued {
		return nil
	}
	return violated(r, causeFailedThoughClaimed, "%s was called failed at %s by replica %s while it was %s and may have reached a worker",
		engine.AttemptKey{Review: r.Key.Review, Attempt: r.Op.Key.Attempt}, moment(r.At), r.Actor, before.Status)
}

// The store checks the token of a report that carries one, so a report that should carry one and does not passes every
// fence. Reports without a token have two origins: a callback that arrived at the replica that writes it, and an answer
// about a running review that the replica's sweep found silent. Such an answer is written only if it says that the
// attempt is over.
var _ = dispatchProperties.add(Property{
	ID:             "fence-carried",
	Class:          Protocol,
	Sentence:       "A dispatcher writes with the claim that it acted under, or that it saw; only callbacks and answers about silent reviews are written without one.",
	Source:         "3.3",
	NotMistakenFor: "A write without a token by a replica that received the callback, or whose sweep found the review silent.",
	watches:        []watching{on(checkFenceCarried, StoreExecuted).store(model.ReviewsDefer, model.ReviewsFail, model.ReviewsApply)},
})

const (
	causeWrittenUnderAForeignClaim        Cause = "written-under-a-foreign-claim"
	causeWrittenWithoutItsClaim           Cause = "written-without-its-claim"
	causeWrittenUnderAClaimThatWasNotSeen Cause = "written-under-a-claim-that-was-not-seen"
)

func checkFenceCarried(f *facts, r *Record) *Violation {
	op, a := r.Op, f.attempt
	if a == nil {
		return nil
	}
	if op.Kind != model.ReviewsApply {
		return checkClaimSeen(f, r)
	}
	if op.Token != 0 {
		if c := f.review.claim(op.Token); c == nil || c.actor != r.Actor || c.life != r.Life || c.attempt != op.Key.Attempt {
			return violated(r, causeWrittenUnderAForeignClaim, "%s was written under the claim of another: at %s replica %s asked the store to %s under claim %d, which it was never granted",
				r.Key, moment(r.At), r.Actor, toDoOn(op), op.Token)
		}
		return nil
	}
	if a.barred {
		return nil // the end of a stop could not be recorded; that of the attempt has the same effect
	}
	status := op.Report.Status
	if int(status) < len(a.arrived) {
		heard := a.arrived[status]
		if status.Terminal() {
			heard |= a.silent
		}
		if heard&f.process(r.Actor).bit() != 0 {
			return nil
		}
	}
	return violated(r, causeWrittenWithoutItsClaim, "%s was written without a claim: at %s replica %s recorded it as %s though no callback had reported that",
		r.Key, moment(r.At), r.Actor, status)
}

// checkClaimSeen: a process that puts a review off or fails it names the claim that it saw, in a reservation or with a
// review that is stopping or silent. Only in a reservation can there have been none. It fails under its own claim what
// the worker can record nothing about.
func checkClaimSeen(f *facts, r *Record) *Violation {
	op, a := r.Op, f.attempt
	for i := range a.preparations {
		if s := &a.preparations[i]; s.by == sender(r) && s.claim == op.Token {
			return nil
		}
	}
	if op.Kind == model.ReviewsDefer && op.Token != 0 && f.review.claim(op.Token) != nil {
		return nil
	}
	if c := f.review.claim(op.Token); op.Kind == model.ReviewsFail && c != nil && c.heldBy(r) && c.unrecordable {
		return nil
	}
	return violated(r, causeWrittenUnderAClaimThatWasNotSeen.Of(op.Kind.String()), "%s was written under a claim that nobody saw: at %s replica %s asked the store to %s under claim %d, which it was never shown",
		r.Key, moment(r.At), r.Actor, toDoOn(op), op.Token)
}
