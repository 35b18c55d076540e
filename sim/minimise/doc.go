// Package minimise makes a failing run small: the same failure with as few misfortunes, as little work and as ordinary
// a timing as it can be had.
//
// [Minimise] takes a specification whose run is violated and returns one whose run is violated in the same way (the
// same signature: property and cause), that differs from the first in its overrides alone. What is left is what the
// failure needs: each fault of [Result.Necessary] was taken away on its own, and then the failure was gone or another.
//
// # How
//
// Each decision of a run can be overridden by its key and leaves the others as they are, so taking something away is
// running the same seed again with one override more. Package sim lists the classes of decisions that can be made
// calm ([run.Simplification]). For each class the search makes all decisions calm with one override, and then looks
// for the smallest set of decisions that have to be kept as they were, by delta debugging: Zeller and Hildebrandt,
// "Simplifying and Isolating Failure-Inducing Input", IEEE Transactions on Software Engineering 28(2), 2002. So the
// result says what is there, not what is not, and a run that takes another way than before finds no new misfortune
// on it.
//
// A run in which something is stuck lasts until that is certain, and takes a hundred times as long as others. So the
// smallest deployment and the least work are tried first where runs are long. Then come all faults together, whatever
// their kinds, since most failures need one or two of dozens.
//
// After that it is class by class: faults, then workload, then timing; what can't be calm becomes smaller by bisection. This is repeated
// until nothing changes, since a failure with less to do may also need fewer faults. At last the overrides that make
// no difference are dropped, and each fault that is left is taken away once more from what is handed on.
//
// # Limits
//
// A run costs a millisecond and a search some hundred of them. The budget is counted in steps of the kernel and not in
// seconds, so that the result is decided by the specification; a fifth of it is kept for taking the result apart. A
// context ends the search early, with the smallest run so far.
package minimise
