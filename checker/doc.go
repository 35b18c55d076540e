// Package checker decides whether a run of the system was right: whether any review
// got stuck, ran twice, or lost events.
//
// # History
//
// Whoever watches a run from outside and sees everything (the simulator) tells what
// happens as [Record]s: a row changed, a dispatch was sent, a session began. [Kind]
// is the vocabulary. Nothing in it is an opinion of the engine's; what the engine
// claims (a status, a count of tokens) is told as a claim, beside what is so.
//
// # Facts
//
// A [Monitor] takes the records in order and keeps the facts: by review,
// attempt, session and process. It judges while the run goes on, so that a run stops
// at the first thing that is wrong, and it is reused from run to run without
// allocating.
//
// # Properties
//
// A [Property] looks at the facts and the next record. [Properties] lists them:
// what a user would notice first (runs-once, no-lost-events, owner-limit, no-stuck…),
// then what each layer has to keep by itself (dispatch-under-claim,
// intent-before-effect, fence-respected…): that is its [Class]. Layers that guard
// each other hide each other's faults, and [Config].Only watches some alone, chosen
// by [Select]. What is wrong is a [Violation]; its signature stays the same while the
// run is made smaller.
//
// A [Goal] is a rare situation that a campaign must have reached for its verdict to
// mean something; [GoalCounts] counts them.
//
// # Linearizability
//
// A [History] collects operations with call and return. [History.Check] decides for
// each review whether they have an order that respects time and explains every
// answer, as clients could know it and as it really was: see [View].
//
// # Verdict
//
// All of it comes to a [Verdict]: pass, violated, unknown or not deterministic, with
// exit codes 0, 1, 3 and 4. A checker that gave up is unknown, never a pass.
package checker
