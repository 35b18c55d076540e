// Package campaign runs many seeds on all cores.
//
// A single run uses no goroutine, no lock and no wall clock, so that its seed decides it. Running many of them needs
// all three. They are in this package and nowhere else, so that they cannot influence a run. A worker is a goroutine
// with its own [run.World]. Worlds share nothing, so each core adds its full speed.
//
// A [Campaign] describes the seeds to run, and [Campaign.Run] returns a [Summary]. Workers take seeds one at a time
// from a counter: a run takes about a millisecond, the counter a few nanoseconds. A seed that a worker has taken is
// always finished. So the seeds of a campaign that ends early, by a time limit, by Ctrl-C or by its first failure, are
// the first N without gaps, and the summary is that of a campaign of exactly N seeds. It does not depend on the number
// of workers: counts are sums, failures are ordered by seed, and the order of the runs does not change the trace hash.
//
// [CheckDeterminism] runs one seed several times under different circumstances and reports where the runs differ.
// [Compare] does that for two worlds in which a seed should give the same run.
package campaign
