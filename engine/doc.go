// Package engine is the production system: it takes pending code reviews,
// dispatches them in parallel under a limit per owner, runs each attempt exactly
// once against a coding agent, and keeps every event.
//
// Two programs are built from it. The app ([App] with its [Dispatcher]) owns the
// reviews: it accepts submissions, claims what may run, sends it to a worker and
// takes the worker's callbacks. The worker ([Host]) runs one orchestrator per
// attempt: it records what it is about to do, talks to the agent, journals the
// events and reports back. Both are plain sequential Go above one seam, [Runtime],
// and a few ports: [ReviewStore], [Worker], [Callback], [Preparer], [Agent] and
// [Journal].
//
// # Principles
//
// Safety never depends on a clock. Stale limits, leases and timeouts decide when
// somebody tries; fences, predicates and idempotency keys decide whether it may
// happen.
//
// Decide first, act after. A decision is a fenced write. An outside effect only
// carries a recorded decision out, and may be repeated by whoever comes next.
//
// Ambiguity is a value. A call whose effect is unknown ([Ambiguous]) is neither a
// success nor a failure until somebody who knows has been asked.
//
// Wake-ups are hints. [Dispatcher.Trigger] and every [Signal] may be lost; the
// sweep and the renewal of leases find what they missed.
//
// Identity is (review, attempt): [AttemptKey], in every message, key and row.
//
// # The life of a review
//
// A submission is pending. A cycle of its owner reserves it, prepares its payload
// and claims it (queued). The dispatch tells a worker, which makes the start
// durable, answers, and executes it (running). The terminal callback (completed,
// failed) frees the owner's slot and triggers the next cycle. A claim that comes
// to nothing goes stale, and the next cycle asks the worker what is true. A
// cancelled review is over for its user at once, but keeps its slot until its
// session is known to be over ([Review].Stopping).
package engine
