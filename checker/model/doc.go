// Package model says what the review store and the worker's journal do, as pure
// step functions, and uses each of them three times.
//
// A [Store] is the state of the review store; [Step] takes a state and an operation
// to the next state and the answer. The contract of [engine.ReviewStore] is prose;
// this is the same contract as a program, with every tie broken, so that two
// stores that follow it can't be told apart.
//
// It is the simulated database: [NewReviews] puts a Store behind the port, and
// [Store.Apply] executes an operation in place, in a few hundred nanoseconds.
//
// It is the sequential specification that concurrent histories are checked
// against: [Model] and [Call] for porcupine.
//
// It is an oracle for a real store: [Execute] carries the same [Op] out on any
// [engine.ReviewStore], and [Result.Equal] compares what both answered.
//
// [Journal], [StepJournal], [NewJournals], [JournalModel] and [ExecuteJournal] are
// the same for [engine.Journal].
//
// # Determinism
//
// Time, tokens and limits come with the operation. What is listed has one order:
// reservations by age, sweeps by how long something has been due, orchestrations by
// their keys. Ties go to the lower identifier. Nothing iterates over a map.
package model
