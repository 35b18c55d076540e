// Package enginetest is for those who implement a port of the engine, and for tests that need one implemented.
//
// # Contracts
//
// [TestRuntime], [TestReviewStore] and [TestJournal] are the contracts of [engine.Runtime], [engine.ReviewStore] and
// [engine.Journal] as suites of tests. A store for another database runs
//
//	func TestReviews(t *testing.T) {
//		enginetest.TestReviewStore(t, func(t testing.TB) engine.ReviewStore { return emptyStore(t) })
//	}
//
// and may then be put behind the engine. The names of the cases, read from top to bottom, are the contract in sentences;
// the files reviews_….go and journals_….go are its stories. The suites cover what each method does and what it refuses
// with which kind of error, fences, staleness, limits, order and ties, which calls may be repeated, which memory belongs
// to whom, odd names and texts, ended contexts, and what may happen when calls arrive at once. Nothing in them depends on
// the words of a reason or of an error.
//
// That the suites can fail is a test of its own: more than a hundred broken stores, each with the case that catches it,
// and no case that none of them fails.
//
// The stores in memory, the model (checker/model) and Postgres (engine/postgres) run the suites here. They are stricter
// than the suites in a few points that the contract leaves open, such as by how much tokens grow, because simulated and
// real stores have to be the same: tests hold them together, operation by operation.
//
// # Stores in memory
//
// [NewReviews] and [NewJournal] return stores that forget everything with the process: for examples, and for tests that
// are about something else. They are a second implementation beside checker/model and not the model behind a lock, for
// two reasons. The engine imports nothing of the checker, so that production code never depends on what tests it. And
// what is written twice, by other means, can be compared: the model is a step function with an index, memory to reuse
// and states that can be cloned, since a simulation spends its time there; here a method is a loop over a list, to be
// read beside the contract. The suites and a lockstep test with random operations keep the two the same.
//
// # A scripted agent
//
// An [Agent] has sessions that follow a [Script]: events, delays, failures. It is an [engine.Agent], and behind the
// handler of engine/httpapi a service.
//
// # A cluster
//
// A [Cluster] is a whole deployment in one process, on goroutines and the wall clock, over any stores. It shows that the
// engine survives what a real database does when it is killed, restarted or paused under load.
package enginetest
