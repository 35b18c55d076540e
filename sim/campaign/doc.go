// Package campaign runs many seeds on all cores.
//
// A single run, package sim, is a closed world: no goroutine, no lock and no wall clock, so that its seed decides it.
// What surrounds runs needs all three, and stands here, apart, so that neither can leak into the other. A worker is a
// goroutine with a [run.World] of its own; worlds share nothing, so each core adds its full speed.
//
// [Campaign] says which seeds, and [Campaign.Run] returns the [Summary]. Seeds are handed out one at a time from a
// counter (a run takes around a millisecond, the counter a few nanoseconds), and a seed that was handed out is always
// finished. So the seeds of a campaign that was cut short, by a time limit, by Ctrl-C or by its first failure, are
// the first N without gaps: the summary is the same as if exactly N had been asked for, however many workers there
// were. What a summary says of these seeds depends on nothing else: counts are sums, failures are ordered by seed,
// and trace hashes are combined so that order does not count.
//
// [CheckDeterminism] runs one seed several times under different circumstances and tells where runs part;
// [Compare] does that for two worlds that should make no difference.
package campaign
