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
// # Verdict
//
// The result is a [Verdict]: pass, violated or unknown. A check that gives up is unknown, never a pass.
package checker
