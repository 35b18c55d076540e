// Package checker decides whether a run of the system was right: whether any review got stuck, ran twice, or lost
// events.
//
// # History
//
// An observer that sees everything from outside (the simulator) records what happens as [Record]s: a row changed, a
// dispatch was sent, a session began. [Kind] is the vocabulary. A record contains no opinion of the engine's; what the
// engine claims (a status, a count of tokens) is recorded as a claim, beside what is so.
//
// # Facts
//
// A [Monitor] takes the records in order and keeps facts about the reviews, attempts, sessions, hosts and processes in
// them. It checks while the run goes on, so that a run stops at the first violation. A monitor is reused from run to
// run without allocating.
//
// # Properties
//
// A [Property] looks at the facts and the next record. [Properties] lists them, and so does docs/PROPERTIES.md: first
// what a user would notice (runs-once, no-lost-events, owner-limit, no-stuck…), then what each layer has to guarantee
// by itself (dispatch-under-claim, intent-before-effect, fence-respected…): that is the [Class] of a property. Layers
// that guard each other hide each other's faults, so [Config].Only can watch some properties alone, chosen by [Select].
// A property that does not hold is a [Violation]; its signature stays the same while the run is made smaller.
//
// A [Goal] is a rare situation that a campaign must have reached for its verdict to mean something; [GoalCounts] counts
// them.
//
// # Linearizability
//
// A [History] collects operations with call and return. [History.Check] decides for each review whether they have an
// order that respects time and explains every answer, as clients could know it and as it really was: see [View].
//
// The order is explained by a specification of its own, the clock-free one, and not by checker/model. Of a review it
// knows the status, the attempt, the latest claim, the attempt that is being stopped, and whether there is a newer head.
// This has three reasons. A client does not know the clock, the limit and the number of retries with which the store
// decided. Without slots, reviews are independent, so a search is over the few operations of one review. And the
// simulated database is checker/model, which would otherwise be judged by itself.
//
// So there are two specifications, for different questions:
//
//   - The clock-free one judges the property linearizable, in every simulated run and in the clusters of
//     engine/enginetest on real stores. It judges which operations succeeded, and two kinds of refusal: that a review is
//     not there, and that a superseded one is never retriggered.
//   - checker/model, with clocks, judges every answer of a real store, refusals too: of one that runs beside it (the
//     property store-as-model of sim/world, the lockstep tests of the stores), and of concurrent calls
//     ([model.ReviewsModel] and [model.JournalModel], in sim/certify). It is the only one for due times, limits, the
//     order of the queue, reasons, counters, and the journal.
//
// Tests hold the two together in both directions. Whatever the model does, with any clocks, the clock-free specification
// allows; whatever effect the clock-free specification allows, the model has with some clocks. It is weaker only in the
// refusals that it does not judge, and refinement_states_test.go has the exact list.
//
// # Verdict
//
// The result is a [Verdict]: pass, violated or unknown. A check that gives up is unknown, never a pass.
package checker
