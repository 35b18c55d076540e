// Package model has what the review store and the worker's journal do as pure step functions.
//
// The contracts of [engine.ReviewStore] and [engine.Journal] are prose. This package has the same contracts as a
// program in which every tie is broken, so that no caller can distinguish two stores that follow it. The two halves
// have the same parts under the same names:
//
//	state       Reviews                  Journal
//	operation   ReviewsOp, Submit…       JournalOp, Create…
//	answer      ReviewsResult            JournalResult
//	port        ReviewsPort              JournalPort
//	porcupine   ReviewsModel             JournalModel
//
// # Uses
//
// A model is the simulated database: [Reviews.Apply] and [Journal.Apply] execute an operation in place, in a few
// hundred nanoseconds, and the simulator puts a [ReviewsPort] and a [JournalPort] with latency and faults before them.
//
// A model is the sequential specification of concurrent histories of a real store: see [ReviewsModel] and
// [JournalModel].
//
// A model is an oracle for a real store: [ReviewsOp.Execute] and [JournalOp.Execute] carry the same operation out on
// any store, and [ReviewsResult.Equal] and [JournalResult.Equal] compare the answers.
//
// The property linearizable of simulated runs is not judged by this package but by a second specification, which has no
// clock: package checker explains why, and tests that the two agree. Here, every answer counts, and so does the clock.
//
// # Determinism
//
// Time, tokens and limits come with the operation. Every list has one order: reservations by age, sweeps by how long
// something has been due, orchestrations by their keys. Ties go to the lower identifier. Nothing iterates over a map.
package model
