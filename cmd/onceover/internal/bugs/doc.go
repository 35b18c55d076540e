// Package bugs proves what the simulator can find. Its catalogue holds the bugs that a pull request's nine commits
// fixed and opened, one after the other, each as a small patch to today's engine that is applied for one build and
// never stands in production sources.
//
// # Catalogue
//
// [Load] returns the [Catalogue]: a [Bug] for each file of catalogue/, which describes in words what the pull request claims
// and what goes wrong, and has a diff that breaks the engine. Where a guard that came later hides an old bug, the bug
// stands twice: alone, where the protocol property of its layer has to see it, and as ID+era, without the guards that
// its time did not have, where its outcome has to be seen. The file README.md in catalogue/ describes the format.
//
// # Trials
//
// [Trials.Run] builds each bug and runs independent campaigns against it, each from a starting seed of its own, until
// the property that is expected to catch the bug does. A [Row] counts the trials that found it and the seeds
// that they took. Then the engine as it is has to survive as many seeds as all trials together took: the [Control].
//
// [ParseBaseline] and [Baseline.Compare] keep the medians: a harness that gets worse at finding what it found before
// fails.
package bugs
