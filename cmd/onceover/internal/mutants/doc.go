// Package mutants breaks the engine on purpose, in hundreds of small ways, and counts in how many of them the
// simulation notices. A harness is worth what it finds; this makes that a number.
//
// # Mutants
//
// A [Mutant] is one change of one file. [Generate] makes all mutants of a [Scope] from its typed syntax trees, with the
// [Operators] that matter here: not wrong arithmetic, but what goes wrong in systems of this kind. A call is left out,
// an error ignored, a fence or a predicate dropped, an answer given before the write. A change is a splice, so the rest
// of the file stays as it is, byte for byte. A mutant is named by what it changes and where in the program that is,
// never by a line number, so that the list below outlives edits of other code.
//
// There are two scopes. The engine is the first. The simulated database and journal are the second, since the
// predicates and fences that the engine relies on are theirs; the SQL stores follow the same models.
//
// # Fates
//
// A [Runner] builds onceover with each mutant in it, by package
// [github.com/onceover/onceover/cmd/onceover/internal/overlay], and runs [Stages] of seeds until one of them fails.
// Only the simulation judges: no test runs. A mutant is killed by a violated property, or by a coverage goal that is
// reached dozens of times without it and never with it. One that makes the simulation hang counts as killed; one
// that leaves it without a verdict does not, and both are reported as such.
//
// # Those that are left
//
// Every survivor is a question: is nothing observable different, or does nobody look? equivalent.txt answers it for
// those of the first kind, each with its argument, and for those which are out of the simulation's reach by design. A
// [Report] holds results against it. A survivor that is not in the list, an entry that stands for no mutant any more,
// and an entry of a mutant that was killed after all are mistakes.
package mutants
