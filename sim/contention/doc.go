// Package contention lets many connections race over a few reviews on a real store, and asks porcupine whether any
// order of their operations explains what they were answered.
//
// The sequential specification is the one that the simulator runs on (package checker/model), so a store that passes
// here is the one that was simulated, also where transactions really overlap.
//
// # Rounds
//
// [Run] plays [Scenarios] in rounds. A round begins with an empty database and a short preparation. Then each of a
// few rivals carries out operations of its own, all at once, each over a connection of its own; at the end, what there
// is is read once more. Every call and every answer gets a number from one counter, so an operation that had returned
// before another began stands before it in every order.
//
// # Gates
//
// Two statements that take a tenth of a millisecond rarely meet. So two of three rounds close a [Gate]: either the rows
// in question are locked, or each rival is held before the message that commits what it did (the connections pass
// through a proxy of package faults/pgwire). When the server says that whoever is not held waits for a lock, the gate
// opens. A claim that counts the slots of its owner without being serialised is caught that way at once, not once in a
// thousand runs. Nothing waits for a clock.
//
// # Lost answers
//
// While a gate is closed, some rivals give up: their contexts end, their connections are closed, and the server goes
// on with what it was sent. Such operations are ambiguous. They stay open in the history: they may have taken effect at
// any later time, or never.
//
// # Verdict
//
// A history that no order explains is a [*Violation], which tells it operation by operation; one that porcupine gave up
// is an error as well, never a pass. The counts of a [Report] say how much was really concurrent.
package contention
