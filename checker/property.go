package checker

// A Property is a sentence about every history. One that a history contradicts is
// violated, whatever else happens.
//
// Layers that guard each other hide each other's faults: a broken claim behind an
// idempotent start harms nobody today. So there is a property for each layer by
// itself, beside those about what a user sees.
type Property struct {
	ID       string // short and stable, such as runs-once
	Class    Class
	Sentence string
	Source   string // where it comes from: seed.txt, or a section of design.md

	watches []watching
	ending  check // at the end of the run; its record has nothing but the time
}

// A check looks at a record and the facts before it, and returns what is wrong.
type check func(f *facts, r *Record) *Violation

// watching is a check with the kinds of records that it has to see.
type watching struct {
	kinds []Kind
	check check
}

// holdExecuted is what a check watches that looks at a renewal as a whole: its record
// names no attempt. What it took over has records of its own, of kind
// [JournalExecuted].
const (
	holdExecuted = kindEnd + iota
	// namesNone is what a check watches that looks at records which ought to name an
	// attempt and name none.
	namesNone
	kindsWatched
)

// on makes a check see records of some kinds.
func on(check check, kinds ...Kind) watching { return watching{kinds, check} }

// properties in the order in which they are checked: where one record contradicts
// several, the first names the run. All that a user would notice comes first, the
// protocol of single layers after.
var properties = []*Property{
	&runsOnce, &oneLiveAttempt, &cancelWins,
	&statusTruthful, &terminalFinal, &validTransitions, &retryBounded, &newestHead, &reasonTold,
	&ownerLimit, &fifoClaim,
	&dispatchParallel, &deferralsUsed,
	&noLostEvents, &noDuplicateEvents, &eventsInOrder, &usageExact,
	&shownAsJournaled, &attemptsRemembered, &refusedTruly,
	&noStuck, &noStarvation,
	&cancelWasWanted, &intentBeforeEffect, &overMeansOver, &retriesUsed, &agentLeftAlone, &nothingWhenOver, &decisionBeforeInterrupt,
	&slotHeld, &reserveComplete, &refusedForAReason,
	&oneClaimant, &claimAfterPrepare, &claimUsed, &dispatchUnderClaim, &releaseWhenRefused, &abandonedWhenRefused, &failWhenUnclaimed, &fenceCarried,
	&rowBegins, &fenceRespected, &startIdempotent, &durableStart, &reportAfterDecision, &outboxUntilAnswered, &settledOnce, &callbackTaken, &rowEnds,
	&oneHolder, &leaseRespected, &suspectsNamed, &takeoverPrompt, &roundsKept, &oneLaunch, &zombieStops, &refusedStops,
	&journalBeforeAck, &bufferKept, &appendedOnce, &batched, &oneStream,
	&answerValid, &answerUsed, &answerForward,
	&callBounded, &honestNow, &dueTimes, &noMoreAtOnce, &attemptNamed, &retryPaced,
	&shutdownLosesNothing, &shutdownBeginsNothing, &shutdownRetriesNothing, &shutdownEnds, &yieldWhenLeaving,
	&nothingNeglected, &cancelPrompt,
}

// Linearizable is the identifier of the property that [History.Check] decides. It
// is no online property, because which order explains a history is known only at
// its end. Its class is [Protocol]: it is what the store owes its callers.
const Linearizable = "linearizable"

// Properties returns all properties in the order in which they are checked; the
// last is [Linearizable].
func Properties() []Property {
	list := make([]Property, 0, len(properties)+1)
	for _, p := range properties {
		list = append(list, *p)
	}
	return append(list, Property{
		ID:       Linearizable,
		Class:    Protocol,
		Sentence: "The operations on each review have an order that respects time and explains every answer.",
		Source:   "design.md 7",
	})
}
