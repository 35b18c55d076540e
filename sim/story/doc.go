// Package story tells what happened in a failing run, in the few lines that it takes to understand it.
//
// A readable trace ([run.Spec].Trace) tells everything that happens to everybody. [Tell] runs a specification again
// and keeps of its trace what the violation is about. It is made for runs that package minimise has made small, whose
// misfortunes and subjects are all needed; of a larger run it tells the part of what the violation names.
//
// # What is kept
//
// The violation says what matters: the subjects that it involves, and all those of a group that it involves. Lines about
// other subjects are left out. Lines about none count if their actor does something about one of these. Of what is left,
// the lightest lines ([run.Weight]) go first until the story fits. Misfortunes are always told, the step that violates
// the property as well. What repeats itself is told once, with a count, and a fault together with its effect. A trace
// that names no subject at all is told whole.
package story
