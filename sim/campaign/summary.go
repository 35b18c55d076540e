package campaign

import (
	"cmp"
	"slices"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// A Summary is the result of a campaign. The seeds decide all fields except Interrupted, Workers and Wall.
type Summary struct {
	Profile string
	From    uint64 // first seed
	Seeds   uint64 // number of finished seeds, from From on without gaps
	// Interrupted is true if the context ended before all seeds were finished.
	Interrupted bool
	Workers     int           // number of goroutines
	Wall        time.Duration // on the wall clock

	// VirtualMicroseconds is the virtual time simulated. A [time.Duration] overflows after 292 years, and floating point
	// sums depend on the order of their terms.
	VirtualMicroseconds uint64
	Steps               uint64     // events that the kernels executed
	Operations          uint64     // as in [run.Result]
	Faults              run.Counts // injected faults
	Goals               run.Counts // reached coverage goals
	Inputs              run.Counts // classes of input values that were drawn

	Violations uint64 // runs in which a property was violated
	Unknown    uint64 // runs in which a check gave up
	// Failures are the violated runs with the lowest seeds, at most 100, in order.
	Failures []run.Result
	// Signatures are the different ways to fail, at most 100: the most frequent first, and of those that are as frequent the
	// one with the lowest seed.
	Signatures []Signature
	// Unknowns are the runs with an unknown verdict and the lowest seeds, at most 100, in order.
	Unknowns []run.Result

	// TraceHash is the combined trace hash of all runs. The order of the runs does not change it.
	TraceHash uint64

	failures, unknowns kept
	signatures         signatures
}

// A Signature is one way to fail: the violated runs with the same [run.Violation.Signature].
type Signature struct {
	First run.Result // run with the lowest seed
	Runs  uint64     // number of runs
}

// Verdict returns the worst verdict of all runs. A campaign that was interrupted, or that has finished no seed, is Unknown at
// best: the seeds that it did not run may fail.
func (s *Summary) Verdict() run.Verdict {
	verdict := run.Pass
	if s.Unknown > 0 || s.Interrupted || s.Seeds == 0 {
		verdict = verdict.Worse(run.Unknown)
	}
	if s.Violations > 0 {
		verdict = verdict.Worse(run.Violated)
	}
	return verdict
}

// VirtualSeconds returns the virtual time simulated, in seconds.
func (s *Summary) VirtualSeconds() float64 { return float64(s.VirtualMicroseconds) / 1e6 }

// StepsPerSecond returns the number of steps of all workers per second on the wall clock.
func (s *Summary) StepsPerSecond() float64 { return perSecond(s.Steps, s.Wall) }

// OperationsPerSecond returns the number of operations of all workers per second on the wall clock.
func (s *Summary) OperationsPerSecond() float64 { return perSecond(s.Operations, s.Wall) }

// SeedsPerMinute returns the number of runs of all workers per minute on the wall clock.
func (s *Summary) SeedsPerMinute() float64 { return 60 * perSecond(s.Seeds, s.Wall) }

func perSecond(n uint64, wall time.Duration) float64 {
	if wall <= 0 {
		return 0
	}
	return float64(n) / wall.Seconds()
}

// numbered is a run with its index in the campaign. The index orders runs even if seeds wrap around to 0.
type numbered struct {
	index  uint64
	result run.Result
}

// kept holds the runs with the lowest indexes.
type kept []numbered

// add keeps a run of a worker if there is room, and reports whether it did. A worker takes its seeds in ascending
// order, so the first runs are the lowest.
func (k *kept) add(one numbered) bool {
	if len(*k) == failuresMax {
		return false
	}
	*k = append(*k, one)
	return true
}

// results returns the lowest runs that any worker has kept, in order. No worker has dropped one of them, because it
// drops a run only after it has kept failuresMax lower ones.
func (k kept) results() []run.Result {
	slices.SortFunc(k, func(a, b numbered) int { return cmp.Compare(a.index, b.index) })
	results := make([]run.Result, 0, min(len(k), failuresMax))
	for _, one := range k[:min(len(k), failuresMax)] {
		results = append(results, one.result)
	}
	return results
}

// signatures counts failures by signature and keeps the first of each. There are few, because a signature has a
// property and a class of causes, but no subject and no time.
type signatures map[string]*signed

type signed struct {
	first numbered
	runs  uint64
}

// add counts runs, and reports whether they are the first of their signature.
func (s signatures) add(signature string, first numbered, runs uint64) bool {
	known := s[signature]
	if known == nil {
		s[signature] = &signed{first: first, runs: runs}
		return true
	}
	known.runs += runs
	if first.index < known.first.index {
		known.first = first
	}
	return false
}

// count adds one run and reports whether it is kept as a failure: as one of the lowest seeds, or as the first that fails in its
// way.
func (s *Summary) count(index uint64, result run.Result) bool {
	s.Seeds++
	s.Steps += result.Steps
	s.Operations += result.Operations
	s.VirtualMicroseconds += uint64(result.Virtual / time.Microsecond)
	s.Faults.Merge(result.Faults)
	s.Goals.Merge(result.Goals)
	s.Inputs.Merge(result.Inputs)

	s.TraceHash += combine(s.From+index, result.Hash)
	one := numbered{index, result}
	switch result.Verdict {
	case run.Violated:
		s.Violations++
		first := s.signatures.add(result.Violation.Signature(), one, 1)
		return s.failures.add(one) || first
	case run.Unknown:
		s.Unknown++
		s.unknowns.add(one)
	case run.Pass, run.NotDeterministic:
	}
	return false
}

// merge adds the summary of a worker.
func (s *Summary) merge(o *Summary) {
	s.Seeds += o.Seeds
	s.Steps += o.Steps
	s.Operations += o.Operations
	s.VirtualMicroseconds += o.VirtualMicroseconds
	s.Faults.Merge(o.Faults)
	s.Goals.Merge(o.Goals)
	s.Inputs.Merge(o.Inputs)

	s.Violations += o.Violations
	s.Unknown += o.Unknown
	s.TraceHash += o.TraceHash
	s.failures = append(s.failures, o.failures...)
	s.unknowns = append(s.unknowns, o.unknowns...)
	for signature, known := range o.signatures {
		s.signatures.add(signature, known.first, known.runs)
	}
}

// finish orders the runs that the workers have kept.
func (s *Summary) finish() {
	s.Failures, s.Unknowns = s.failures.results(), s.unknowns.results()
	different := make([]*signed, 0, len(s.signatures))
	for _, known := range s.signatures {
		different = append(different, known)
	}
	slices.SortFunc(different, func(a, b *signed) int {
		return cmp.Or(cmp.Compare(b.runs, a.runs), cmp.Compare(a.first.index, b.first.index))
	})
	for _, known := range different[:min(len(different), failuresMax)] {
		s.Signatures = append(s.Signatures, Signature{First: known.first.result, Runs: known.runs})
	}
	s.failures, s.unknowns, s.signatures = nil, nil, nil
}

// combine returns the contribution of one run to the trace hash of its campaign, which is the sum of all contributions
// modulo 2^64.
//
// A sum does not depend on the order or the grouping of its terms, so it does not depend on the number of workers, and
// no worker waits for another. It is as good as a hash of the runs in order:
//
//   - A contribution depends on the seed, so the sum changes when two runs swap their hashes.
//   - For a given seed the contribution is a bijection of the hash, so the sum changes when one run changes.
//   - When several runs change, the differences are unrelated 64-bit numbers, which cancel out with probability 2^-64.
//     Exclusive or would do the same, but addition also detects a seed that ran twice.
//
// It protects against mistakes and not against attacks: hashes can be chosen for a given sum.
func combine(seed, hash uint64) uint64 {
	return mix(mix(seed+0x9e3779b97f4a7c15) ^ hash)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
// 2014): a bijection in which each input bit flips each output bit with a probability of one half.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
