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
// The simulation judges two scopes. The engine is the first. The simulated database and journal are the second, since the
// predicates and fences that the engine relies on are theirs; the SQL stores follow the same models. Tests judge what
// the simulation does not run: [TestedScopes], the rim of the engine's core and the packages around it, and [SQLScope].
//
// # Fates
//
// A [Runner] builds onceover with each mutant in it, by package
// [github.com/onceover/onceover/cmd/onceover/internal/overlay], and runs [Stages] of seeds until one of them fails.
// Only the simulation judges: no test runs. A mutant is killed by a violated property, or by a coverage goal that is
// reached dozens of times without it and never with it. One that makes the simulation hang counts as killed; one
// that leaves it without a verdict does not, and both are reported as such.
//
// # Fates by tests
//
// A [TestRunner] builds mutants in the same way into test binaries, and runs [Trial]s until one of them fails. One that
// makes tests hang counts as killed only if a test fails, which takes a limit of its own.
//
// [GenerateSQL] takes away each lock, condition, arm, branch and order of the SQL of package postgres, one at a time;
// [ValidateSQL] has the server refuse what is no SQL. Their trials are those of [SQLTrials]: first the tests that compare
// a store with its model operation by operation, in the end "onceover certify", where connections race.
//
// # Those that are left
//
// Every survivor is a question: is nothing observable different, or does nobody look? equivalent.txt answers it for
// those of the first kind, each with its argument, and for those which are out of the simulation's reach by design. A
// [Report] holds results against it. A survivor that is not in the list, an entry that stands for no mutant any more,
// and an entry of a mutant that was killed after all are mistakes. Mutants that tests judge have lists of their own,
// equivalent_sql.txt and equivalent_tested.txt.
package mutants
