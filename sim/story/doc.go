// Package story tells what happened in a failing run, in the few lines that it takes to understand it.
//
// A readable trace ([world.Spec].Trace) tells everything that happens to everybody. [Tell] runs a specification again
// and keeps of its trace what the violation is about. It is made for runs that package minimise has made small, whose
// misfortunes and reviews are all needed; of a larger run it tells the part of what the violation names.
//
// # What is kept
//
// The violation says what matters: its attempt, and whatever reviews and owners its sentence names. Lines about other
// reviews are left out. Of the others, those that change something (rows, sessions, processes) go before those that
// carry it about (calls and their answers), and these before mere looking; what is not needed for the story to fit is
// left out in the reverse order. Misfortunes are always told, the step that violates the property as well. What
// repeats itself is told once, with a count, and a fault is told together with what it does to its process.
package story
