// Package nightly looks for failures with seeds that nobody has tried, every night, and keeps track of what it has
// found.
//
// A night is a run with a number, as continuous integration gives it. [Night.Simulate] takes profiles in shares ([Mix])
// and simulates as many seeds as its time allows. The seeds follow from the number of the run, the [Shard] and the
// profile ([FirstSeed]), so nights do not repeat each other, and each of them can be repeated.
//
// # Shards
//
// Machines that share a night have a [Shard] each, and never talk to each other: each leaves a [Result] in a directory,
// with the files of its failures, and [Merge] makes one [Report] of all of them. [Runs] and [Shards] are
// the variables in which GitHub, GitLab and Kubernetes give a job its number and its shard; flags serve elsewhere.
//
// # Failures
//
// Failures are the same when their signatures are (property and cause). The [Known] ones stand in a small file that
// goes from night to night. [Report.Compare] finds out whether a failure is new, still there, gone, or back again:
// one that no seed of the night shows is run again from its replay file before it counts as gone.
//
// # Verdict
//
// A night passes if nothing was violated, every check of every shard came to a verdict, every coverage goal was reached
// (by [GoalSeeds] seeds of the profiles that can), and every bug of the table, where that was asked for, is still found.
// [Report.Problems] names what is wrong; [Report.Markdown] and [Report.JUnit] render it for people and for machines.
package nightly
